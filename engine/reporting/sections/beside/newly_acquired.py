"""What new customers cost by where they came from, and when that is back."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    money,
    number,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart

Row = dict[str, Any]


def acquisition_section(facts: Facts) -> Section | None:
    """Sentences, costs and returns of campaigns or channels, what is unmatched; None without such costs."""
    found = facts.beside.acquisition
    if found is None:
        return None
    rows = [row for row in found["values"] if row["scope"] == "value"]
    blocks: list[Block] = [_said(found), _values(found, rows)]
    if found["unmatched"]:
        blocks.append(_unmatched(found["unmatched"]))
    return Section(name="acquisition", title="What new customers cost", blocks=blocks)


def _said(found: Row) -> str:
    by_scope = {row["scope"]: row for row in found["values"]}
    matched, blended = by_scope["matched"], by_scope["blended"]
    return (
        f"From {found['first_month']} to {found['last_month']}, {money(matched['spend'])} went with "
        f"{count(matched['customers'], 'new customer')} by {found['by']} of the first order: {money(matched['cac'])} "
        f"each. What they earned and are expected to bring is {number(matched['clv_cac'])} times "
        f"that{_payback(matched)}. All spend over all new customers is {money(blended['cac'])} each."
    )


def _payback(row: Row) -> str:
    if row["payback_month"] is None:
        return f", and it was not back within the {count(row['months_observed'], 'month')} observed"
    return f", and it was back by the end of month {row['payback_month']}"


def _values(found: Row, rows: Sequence[Row]) -> Figure:
    title = f"Cost and return by {found['by']}"
    best = max(rows, key=lambda row: row["clv_cac"] or 0.0)
    says = f"{best['value']} returns most for its cost: {number(best['clv_cac'])} times."
    columns = (
        Column(title=found["by"], values=[row["value"] for row in rows]),
        Column(title="spend", kind="money", values=[row["spend"] for row in rows]),
        Column(title="customers", kind="count", values=[row["customers"] for row in rows]),
        Column(title="CAC", kind="money", values=[row["cac"] for row in rows]),
        Column(title="CLV:CAC", kind="number", values=[row["clv_cac"] for row in rows]),
        Column(title="low", kind="number", values=[row["clv_cac_low"] for row in rows]),
        Column(title="high", kind="number", values=[row["clv_cac_high"] for row in rows]),
        Column(title="payback month", kind="count", values=[row["payback_month"] for row in rows]),
        Column(title="one more costs", kind="money", values=[row["marginal_cac"] for row in rows]),
    )
    chart = Chart(name="acquisition", title=title, says=says, draw=partial(_drawn, rows, title, says))
    return Figure(
        chart=chart,
        table=Table(caption=title, columns=columns),
        note="Payback is the month from the first purchase by whose end customers have earned their cost.",
    )


def _drawn(rows: Sequence[Row], title: str, says: str, width: int) -> Markup:
    panels = [
        Panel(title="CAC", values=[row["cac"] for row in rows], written=[money(row["cac"]) for row in rows]),
        Panel(
            title="CLV:CAC",
            values=[row["clv_cac"] for row in rows],
            written=[number(row["clv_cac"]) for row in rows],
        ),
    ]
    return bar_chart([row["value"] for row in rows], panels, width, title=title, says=says)


def _unmatched(rows: Sequence[Row]) -> Table:
    return Table(
        caption="Spend and customers in none of them",
        columns=(
            Column(title="what", values=[_named(row) for row in rows]),
            Column(title="spend", kind="money", values=[row["spend"] or None for row in rows]),
            Column(title="customers", kind="count", values=[row["customers"] or None for row in rows]),
        ),
    )


def _named(row: Row) -> str:
    return str(row["what"]) if row["value"] is None else f"{row['what']}: {row['value']}"
