"""Budget allocation: contacts by segment and offer, what they are expected to bring, other ways to spend it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    gettext,
    money,
    ngettext,
    percent,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart

WAYS = {"even": N_("evenly over customers"), "by_value": N_("in proportion to value at stake")}
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
    return Section(name="budget", title=gettext("Budget allocation"), blocks=blocks)


def _said(found: Row) -> str:
    total = found["total"]
    sure = (
        ""
        if total["net_low"] is None
        else gettext(
            " ({low} to {high}; the chance of a loss is {chance})",
            low=money(total["net_low"]),
            high=money(total["net_high"]),
            chance=percent(total["chance_of_loss"]),
        )
    )
    more = (
        gettext("each further unit of money would bring {amount}", amount=money(found["shadow_price"]))
        if found["shadow_price"] > 0.0
        else gettext("more money would bring nothing")
    )
    return gettext(
        "Of {budget}, {spend} are spent on {contacts}, which are expected to bring {net} after their cost{sure}; "
        "{more}.",
        budget=money(found["settings"]["amount"]),
        spend=money(total["spend"]),
        contacts=ngettext("{n} contact", "{n} contacts", total["customers"]),
        net=money(total["net"]),
        sure=sure,
        more=more,
    )


def _allocation(rows: Sequence[Row]) -> Figure:
    title = gettext("Contacts by segment and offer")
    best = max(rows, key=lambda row: row["net"])
    says = gettext(
        "{contacts} bring most: {net} for {spend}.",
        contacts=_named(best),
        net=money(best["net"]),
        spend=money(best["spend"]),
    )
    columns = (
        Column(title=gettext("contacts"), values=[_named(row) for row in rows]),
        Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in rows]),
        Column(title=gettext("share"), kind="share", values=[row["share"] for row in rows]),
        Column(title=gettext("spend"), kind="money", values=[row["spend"] for row in rows]),
        Column(title=gettext("brings"), kind="money", values=[row["net"] for row in rows]),
        Column(title=gettext("low"), kind="money", values=[row["net_low"] for row in rows]),
        Column(title=gettext("high"), kind="money", values=[row["net_high"] for row in rows]),
        Column(title=gettext("chance of a loss"), kind="share", values=[row["chance_of_loss"] for row in rows]),
    )
    chart = Chart(name="budget", title=title, says=says, draw=partial(_drawn, rows, title, says))
    note = gettext("What is brought is after costs.")
    return Figure(chart=chart, table=Table(caption=title, columns=columns), note=note)


def _drawn(rows: Sequence[Row], title: str, says: str, width: int) -> Markup:
    panels = [
        Panel(title=words, values=[row[key] for row in rows], written=[money(row[key]) for row in rows], scale="money")
        for words, key in ((gettext("spend"), "spend"), (gettext("brings"), "net"))
    ]
    return bar_chart([_named(row) for row in rows], panels, width, title=title, says=says)


def _named(row: Row) -> str:
    return gettext("{offer} to {segment}", offer=row["offer"], segment=row["segment"])


def _ways(found: Row) -> Table:
    ways = {gettext("as above"): found["total"]}
    ways |= {gettext(words): found["comparisons"][name] for name, words in WAYS.items()}
    return Table(
        caption=gettext("Other ways to spend the same budget"),
        columns=(
            Column(title=gettext("how"), values=list(ways)),
            Column(title=gettext("contacts"), kind="count", values=[told["customers"] for told in ways.values()]),
            Column(title=gettext("spend"), kind="money", values=[told["spend"] for told in ways.values()]),
            Column(title=gettext("brings"), kind="money", values=[told["net"] for told in ways.values()]),
        ),
    )


def _never(options: Sequence[Row]) -> list[str]:
    told = ", ".join(_named(row) for row in options if row["verdict"] == NEVER)
    if not told:
        return []
    return [gettext("Not worth a contact, as it costs more than it is expected to bring: {contacts}.", contacts=told)]
