"""Acquisition cost by where they came from, and when that is back."""

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
    gettext,
    money,
    month,
    months,
    ngettext,
    number,
    recorded,
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
    return Section(name="acquisition", title=gettext("Acquisition cost"), blocks=blocks)


def _said(found: Row) -> str:
    by_scope = {row["scope"]: row for row in found["values"]}
    matched, blended = by_scope["matched"], by_scope["blended"]
    return gettext(
        "From {first} to {last}, {spend} went with {customers} by {by} of the first order: {cac} each. What they "
        "earned and are expected to bring is {ratio} times that{payback}. All spend over all new customers is "
        "{blended} each.",
        first=month(found["first_month"]),
        last=month(found["last_month"]),
        spend=money(matched["spend"]),
        customers=ngettext("{n} new customer", "{n} new customers", matched["customers"]),
        by=found["by"],
        cac=money(matched["cac"]),
        ratio=number(matched["clv_cac"]),
        payback=_payback(matched),
        blended=money(blended["cac"]),
    )


def _payback(row: Row) -> str:
    if row["payback_month"] is None:
        return gettext(", and it was not back within the {months} observed", months=months(row["months_observed"]))
    return gettext(", and it was back by the end of month {n}", n=count(row["payback_month"]))


def _values(found: Row, rows: Sequence[Row]) -> Figure:
    title = gettext("Acquisition cost and return by {by}", by=found["by"])
    best = max(rows, key=lambda row: row["clv_cac"] or 0.0)
    says = gettext(
        "{value} returns most for its cost: {ratio} times.", value=best["value"], ratio=number(best["clv_cac"])
    )
    columns = (
        Column(title=found["by"], values=[row["value"] for row in rows]),
        Column(title=gettext("spend"), kind="money", values=[row["spend"] for row in rows]),
        Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in rows]),
        Column(title=gettext("CAC"), kind="money", values=[row["cac"] for row in rows]),
        Column(title=gettext("CLV:CAC"), kind="number", values=[row["clv_cac"] for row in rows]),
        Column(title=gettext("low"), kind="number", values=[row["clv_cac_low"] for row in rows]),
        Column(title=gettext("high"), kind="number", values=[row["clv_cac_high"] for row in rows]),
        Column(title=gettext("payback month"), kind="count", values=[row["payback_month"] for row in rows]),
        Column(title=gettext("marginal CAC"), kind="money", values=[row["marginal_cac"] for row in rows]),
    )
    chart = Chart(name="acquisition", title=title, says=says, draw=partial(_drawn, rows, title, says))
    note = gettext("Payback is the month from the first purchase by whose end customers have earned their cost.")
    return Figure(chart=chart, table=Table(caption=title, columns=columns), note=note)


def _drawn(rows: Sequence[Row], title: str, says: str, width: int) -> Markup:
    shown = ((gettext("CAC"), "cac", money), (gettext("CLV:CAC"), "clv_cac", number))
    panels = [
        Panel(title=words, values=[row[key] for row in rows], written=[show(row[key]) for row in rows])
        for words, key, show in shown
    ]
    return bar_chart([row["value"] for row in rows], panels, width, title=title, says=says)


def _unmatched(rows: Sequence[Row]) -> Table:
    return Table(
        caption=gettext("Spend and customers that could not be matched"),
        columns=(
            Column(title=gettext("what"), values=[_named(row) for row in rows]),
            Column(title=gettext("spend"), kind="money", values=[row["spend"] or None for row in rows]),
            Column(title=gettext("customers"), kind="count", values=[row["customers"] or None for row in rows]),
        ),
    )


def _named(row: Row) -> str:
    what = recorded(str(row["what"]))
    return what if row["value"] is None else f"{what}: {row['value']}"
