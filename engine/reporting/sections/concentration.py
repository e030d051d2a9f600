"""Concentration by dimension: which products, countries or channels the value comes from."""

from functools import partial

import polars as pl

from whalecurve.engine.reporting import (
    Breakdown,
    Chart,
    Column,
    Facts,
    Figure,
    Heading,
    Markup,
    Section,
    Table,
    count,
    is_are,
    money,
    percent,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart

NAMELESS = "(none)"
"""What lines without a value of the dimension are called."""


def concentration_section(facts: Facts) -> Section | None:
    """Sentences and the first members of each dimension; None where there are no breakdowns."""
    if not facts.beside.breakdowns:
        return None
    section = Section(name="concentration", title="Where the value comes from")
    for i, breakdown in enumerate(facts.beside.breakdowns, start=1):
        section.blocks.extend([Heading(title=f"By {breakdown.by}"), _said(breakdown)])
        if breakdown.top is None:
            section.blocks.append("Its values may stand for single customers, so they are not named here.")
        elif breakdown.top.height:
            section.blocks.append(_figure(breakdown, breakdown.top, f"concentration-{i}"))
    return section


def _said(breakdown: Breakdown) -> str:
    found, n = breakdown.measured, breakdown.measured["n_members"]
    words = f"{breakdown.by} has {count(n, 'value')}, with {money(found['total'])} {breakdown.value_is} in all"
    if found["top_20_share"] is None:
        return words + "."
    return (
        f"{words}. The top 20% of them account for {percent(found['top_20_share'])}; "
        f"{count(found['n_for_80'])} ({percent(found['for_80_members_share'])}) "
        f"{is_are(found['n_for_80'])} enough for 80%."
    )


def _figure(breakdown: Breakdown, top: pl.DataFrame, name: str) -> Figure:
    title = f"{breakdown.value_is.capitalize()} by {breakdown.by}, the first {count(top.height)}"
    best = top.row(0, named=True)
    share = "" if best["value_share"] is None else f" ({percent(best['value_share'])})"
    says = f"{_named(best['member'])} is first with {money(best['value'])}{share}."
    columns = (
        Column(title=breakdown.by, values=[_named(member) for member in top["member"]]),
        Column(title=breakdown.value_is, kind="money", values=top["value"].to_list()),
        Column(title="share", kind="share", values=top["value_share"].to_list()),
        Column(title="cumulative share", kind="share", values=top["cumulative_value_share"].to_list()),
        Column(title="Pareto class", values=top["pareto_class"].to_list()),
        Column(title="customers", kind="count", values=top["n_customers"].to_list()),
    )
    chart = Chart(name=name, title=title, says=says, draw=partial(_drawn, breakdown, top, title, says))
    return Figure(chart=chart, table=Table(caption=title, columns=columns))


def _drawn(breakdown: Breakdown, top: pl.DataFrame, title: str, says: str, width: int) -> Markup:
    names = [_named(member) for member in top["member"]]
    values = Panel(title=breakdown.value_is, values=top["value"].to_list(), written=[money(v) for v in top["value"]])
    cumulative = Panel(
        title="cumulative share",
        values=top["cumulative_value_share"].to_list(),
        written=[percent(share) for share in top["cumulative_value_share"]],
    )
    return bar_chart(names, [values, cumulative], width, title=title, says=says)


def _named(member: str | None) -> str:
    return NAMELESS if member is None or not member.strip() else member
