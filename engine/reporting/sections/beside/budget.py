"""Where a budget goes: contacts by segment and offer, what they are expected to bring, other ways to spend it."""

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
    percent,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart

WAYS = {"even": "evenly over customers", "by_value": "in proportion to value at stake"}
NEVER = "not worth a contact"

Row = dict[str, Any]


def budget_section(facts: Facts) -> Section | None:
    """Sentences, contacts, other ways to spend the same; None without a budget."""
    found = facts.beside.budget
    if found is None:
        return None
    blocks: list[Block] = [_said(found)]
    if found["allocation"]:
        blocks.append(_allocation(found["allocation"]))
    blocks += [_ways(found), *_never(found["options"])]
    return Section(name="budget", title="Where a budget goes", blocks=blocks)


def _said(found: Row) -> str:
    total = found["total"]
    sure = (
        ""
        if total["net_low"] is None
        else f" ({money(total['net_low'])} to {money(total['net_high'])}; the chance of a loss is "
        f"{percent(total['chance_of_loss'])})"
    )
    more = (
        f"one more unit of money would bring {money(found['shadow_price'])}"
        if found["shadow_price"] > 0.0
        else "more money would bring nothing"
    )
    return (
        f"Of {money(found['settings']['amount'])}, {money(total['spend'])} are spent on "
        f"{count(total['customers'], 'contact')}, which are expected to bring {money(total['net'])} after their cost"
        f"{sure}; {more}."
    )


def _allocation(rows: Sequence[Row]) -> Figure:
    title = "Contacts by segment and offer"
    best = max(rows, key=lambda row: row["net"])
    says = f"{_named(best)} bring most: {money(best['net'])} for {money(best['spend'])}."
    columns = (
        Column(title="contacts", values=[_named(row) for row in rows]),
        Column(title="customers", kind="count", values=[row["customers"] for row in rows]),
        Column(title="share", kind="share", values=[row["share"] for row in rows]),
        Column(title="spend", kind="money", values=[row["spend"] for row in rows]),
        Column(title="brings", kind="money", values=[row["net"] for row in rows]),
        Column(title="low", kind="money", values=[row["net_low"] for row in rows]),
        Column(title="high", kind="money", values=[row["net_high"] for row in rows]),
        Column(title="chance of a loss", kind="share", values=[row["chance_of_loss"] for row in rows]),
    )
    chart = Chart(name="budget", title=title, says=says, draw=partial(_drawn, rows, title, says))
    return Figure(chart=chart, table=Table(caption=title, columns=columns), note="What is brought is after costs.")


def _drawn(rows: Sequence[Row], title: str, says: str, width: int) -> Markup:
    panels = [
        Panel(title=words, values=[row[key] for row in rows], written=[money(row[key]) for row in rows], scale="money")
        for words, key in (("spend", "spend"), ("brings", "net"))
    ]
    return bar_chart([_named(row) for row in rows], panels, width, title=title, says=says)


def _named(row: Row) -> str:
    return f"{row['offer']} to {row['segment']}"


def _ways(found: Row) -> Table:
    ways = {"as above": found["total"]} | {words: found["comparisons"][name] for name, words in WAYS.items()}
    return Table(
        caption="The same budget, spent otherwise",
        columns=(
            Column(title="how", values=list(ways)),
            Column(title="contacts", kind="count", values=[told["customers"] for told in ways.values()]),
            Column(title="spend", kind="money", values=[told["spend"] for told in ways.values()]),
            Column(title="brings", kind="money", values=[told["net"] for told in ways.values()]),
        ),
    )


def _never(options: Sequence[Row]) -> list[str]:
    told = [_named(row) for row in options if row["verdict"] == NEVER]
    return [f"Not worth a contact, as it costs more than it is expected to bring: {', '.join(told)}."] if told else []
