"""Segment migration: customers by segment in an earlier result and in this one."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    customers,
    day,
    days,
    gettext,
    money,
    ngettext,
    percent,
    pgettext,
    word,
)
from whalecurve.engine.reporting.charts import Cell, heat_map_chart, level
from whalecurve.engine.titles import UNLABELLED

TITLES = {"rfm": N_("Moves between RFM segments"), "matrix": N_("Moves between cells of risk and value")}
"""Schemes whose moves are shown."""

ENDS = (N_("(new)"), N_("(lost)"))
"""Where customers come from who were not there before, and where those are who are not there now."""


def moves_section(facts: Facts) -> Section | None:
    """Sentences, and a map of moves for segments and cells; None where nothing was compared."""
    movement = facts.movement
    if movement is None:
        return None
    section = Section(name="moves", title=gettext("Segment migration"), blocks=[_said(movement)])
    for scheme in movement["schemes"]:
        if scheme["scheme"] in TITLES and scheme["moves"]:
            section.blocks.extend(_of_scheme(movement, scheme))
    return section


def _said(movement: dict[str, Any]) -> str:
    n = {name: group["customers"] for name, group in movement["customers"].items()}
    words = gettext(
        "From {old} to {new} ({days}), the number of customers went from {in_old} to {in_new}: {joined} new and {lost} "
        "gone from the log. Of the {kept} in both, {bought} have bought since.",
        old=day(movement["old"]["as_of"]),
        new=day(movement["new"]["as_of"]),
        days=days(movement["days"]),
        in_old=count(n["in_old"]),
        in_new=count(n["in_new"]),
        joined=count(n["new"]),
        lost=count(n["lost"]),
        kept=count(n["kept"]),
        bought=count(n["bought_since"]),
    )
    back = ngettext(
        "{n} customer came back from high risk{amount}, and {at_risk} went from low risk to high{amount_at_risk}.",
        "{n} customers came back from high risk{amount}, and {at_risk} went from low risk to high{amount_at_risk}.",
        n["came_back"],
        amount=_brought(movement, "came_back"),
        at_risk=count(n["put_at_risk"]),
        amount_at_risk=_brought(movement, "put_at_risk"),
    )
    return f"{words} {back}"


def _brought(movement: dict[str, Any], group: str) -> str:
    amount = movement["customers"][group]["value_new"]
    if amount is None:
        return ""
    return gettext(" ({amount} {value} so far)", amount=money(amount), value=word(movement["value_is"]))


def _of_scheme(movement: dict[str, Any], scheme: dict[str, Any]) -> list[str | Figure]:
    title = gettext(TITLES[scheme["scheme"]])
    says = gettext(
        "{share} of the earlier customers are still where they were", share=percent(scheme["retained_share"])
    )
    moved = [
        move for move in scheme["moves"] if move["from"] != move["to"] and not {*ENDS} & {move["from"], move["to"]}
    ]
    if moved:
        largest = max(moved, key=lambda move: move["customers"])
        says += gettext(
            "; the largest move is from {start} to {end}, {customers}",
            start=_name(scheme, largest["from"]),
            end=_name(scheme, largest["to"]),
            customers=customers(largest["customers"]),
        )
    says += "."
    value_now = gettext("{value} now", value=word(movement["value_is"]))
    amounts = (("value_new", value_now), ("clv_total_new", gettext("value and CLV now")))
    rows = scheme["moves"]
    shares = [row["share_of_from"] for row in rows]
    table = Table(
        caption=title,
        columns=(
            Column(title=pgettext("move", "from"), values=[_name(scheme, row["from"]) for row in rows]),
            Column(title=pgettext("move", "to"), values=[_name(scheme, row["to"]) for row in rows]),
            Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in rows]),
            Column(title=gettext("share of the earlier group"), kind="share", values=shares),
            *(Column(title=words, kind="money", values=[row[name] for row in rows]) for name, words in amounts),
        ),
    )
    drawn = partial(_drawn, scheme, title, says)
    chart = Chart(name=f"moves-{scheme['scheme']}", title=title, says=says, draw=drawn)
    note = gettext("A row is where customers were, a column where they are now; the shade is the share of the row.")
    return [says, Figure(chart=chart, table=table, note=note)]


def _name(scheme: dict[str, Any], state: str | None) -> str:
    if state is None:
        return word(UNLABELLED[scheme["scheme"]])
    return gettext(state) if state in ENDS else state


def _drawn(scheme: dict[str, Any], title: str, says: str, width: int) -> Markup:
    starts, ends = (_states(scheme, end) for end in ("from", "to"))
    order = _states(scheme, "from", "to")
    number = {state: i for i, state in enumerate(order, start=1)}
    cells = {
        (starts.index(move["from"]), ends.index(move["to"])): Cell(
            level=level(move["share_of_from"]),
            lines=(count(move["customers"]),),
            tip=gettext(
                "{start} to {end}: {customers}",
                start=_name(scheme, move["from"]),
                end=_name(scheme, move["to"]),
                customers=customers(move["customers"]),
            ),
        )
        for move in scheme["moves"]
    }
    return heat_map_chart(
        [f"{number[state]} {_name(scheme, state)}" for state in starts], [str(number[state]) for state in ends], cells,
        width, title=title, says=says, row_title=gettext("before"), column_title=gettext("now"), height=28.0,
    )  # fmt: skip


def _states(scheme: dict[str, Any], *ends: str) -> list[str | None]:
    """Labels in the scheme's order, then what else there is at these ends of moves."""
    present = {move[end] for move in scheme["moves"] for end in ends}
    labels: Sequence[str | None] = [row["segment"] for row in scheme["segments"] if row["segment"] is not None]
    return [state for state in [*labels, None, *ENDS] if state in present]
