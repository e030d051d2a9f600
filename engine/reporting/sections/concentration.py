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
    gettext,
    money,
    ngettext,
    percent,
    word,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart


def concentration_section(facts: Facts) -> Section | None:
    """Sentences and the first members of each dimension; None where there are no breakdowns."""
    if not facts.beside.breakdowns:
        return None
    section = Section(name="concentration", title=gettext("Concentration by dimension"))
    for i, breakdown in enumerate(facts.beside.breakdowns, start=1):
        section.blocks.extend([Heading(title=gettext("By {dimension}", dimension=breakdown.by)), _said(breakdown)])
        if breakdown.top is None:
            section.blocks.append(gettext("Its values may stand for single customers, so they are not named here."))
        elif breakdown.top.height:
            section.blocks.append(_figure(breakdown, breakdown.top, f"concentration-{i}"))
    return section


def _said(breakdown: Breakdown) -> str:
    found = breakdown.measured
    words = ngettext(
        "{dimension} has {n} value, with {total} {value} in all",
        "{dimension} has {n} values, with {total} {value} in all",
        found["n_members"],
        dimension=breakdown.by,
        total=money(found["total"]),
        value=word(breakdown.value_is),
    )
    if found["top_20_share"] is None:
        return words + "."
    top = gettext("The top 20% of them account for {share}", share=percent(found["top_20_share"]))
    enough = ngettext(
        "{n} ({share}) is enough for 80%",
        "{n} ({share}) are enough for 80%",
        found["n_for_80"],
        share=percent(found["for_80_members_share"]),
    )
    return f"{words}. {top}; {enough}."


def _figure(breakdown: Breakdown, top: pl.DataFrame, name: str) -> Figure:
    value = word(breakdown.value_is)
    title = gettext(
        "{value} by {dimension}, the first {n}", value=value.capitalize(), dimension=breakdown.by, n=count(top.height)
    )
    best = top.row(0, named=True)
    share = "" if best["value_share"] is None else f" ({percent(best['value_share'])})"
    says = gettext(
        "{member} is first with {amount}{share}.",
        member=_named(best["member"]),
        amount=money(best["value"]),
        share=share,
    )
    columns = (
        Column(title=breakdown.by, values=[_named(member) for member in top["member"]]),
        Column(title=value, kind="money", values=top["value"].to_list()),
        Column(title=gettext("share"), kind="share", values=top["value_share"].to_list()),
        Column(title=gettext("cumulative share"), kind="share", values=top["cumulative_value_share"].to_list()),
        Column(title=gettext("Pareto class"), values=top["pareto_class"].to_list()),
        Column(title=gettext("customers"), kind="count", values=top["n_customers"].to_list()),
    )
    chart = Chart(name=name, title=title, says=says, draw=partial(_drawn, breakdown, top, title, says))
    return Figure(chart=chart, table=Table(caption=title, columns=columns))


def _drawn(breakdown: Breakdown, top: pl.DataFrame, title: str, says: str, width: int) -> Markup:
    names = [_named(member) for member in top["member"]]
    values = Panel(
        title=word(breakdown.value_is), values=top["value"].to_list(), written=[money(v) for v in top["value"]]
    )
    cumulative = Panel(
        title=gettext("cumulative share"),
        values=top["cumulative_value_share"].to_list(),
        written=[percent(share) for share in top["cumulative_value_share"]],
    )
    return bar_chart(names, [values, cumulative], width, title=title, says=says)


def _named(member: str | None) -> str:
    """A member; lines without a value of the dimension have a name, too."""
    return gettext("(none)") if member is None or not member.strip() else member
