"""Who moved: customers by segment in an earlier result and in this one."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from whalecurve.engine.reporting import Chart, Column, Facts, Figure, Markup, Section, Table, count, money, percent
from whalecurve.engine.reporting.charts import Cell, heat_map_chart, level
from whalecurve.engine.titles import UNLABELLED

TITLES = {"rfm": "RFM segments", "matrix": "cells of risk and value"}
"""Schemes whose moves are shown."""


def moves_section(facts: Facts) -> Section | None:
    """Sentences, and a map of moves for segments and cells; None where nothing was compared."""
    movement = facts.movement
    if movement is None:
        return None
    section = Section(name="moves", title="Who moved", blocks=[_said(movement)])
    for scheme in movement["schemes"]:
        if scheme["scheme"] in TITLES and scheme["moves"]:
            section.blocks.extend(_of_scheme(movement, scheme))
    return section


def _said(movement: dict[str, Any]) -> str:
    groups = movement["customers"]
    n = {name: group["customers"] for name, group in groups.items()}
    words = (
        f"From {movement['old']['as_of']} to {movement['new']['as_of']} ({count(movement['days'], 'day')}), the number "
        f"of customers went from {count(n['in_old'])} to {count(n['in_new'])}: {count(n['new'])} new and "
        f"{count(n['lost'])} gone from the log. Of the {count(n['kept'])} in both, {count(n['bought_since'])} have "
        f"bought since. {count(n['came_back'], 'customer')} came back from high risk"
    )
    words += _brought(movement, "came_back")
    words += f", and {count(n['put_at_risk'])} went from low risk to high"
    return words + _brought(movement, "put_at_risk") + "."


def _brought(movement: dict[str, Any], group: str) -> str:
    amount = movement["customers"][group]["value_new"]
    return "" if amount is None else f" ({money(amount)} {movement['value_is']} so far)"


def _of_scheme(movement: dict[str, Any], scheme: dict[str, Any]) -> list[str | Figure]:
    title = f"Moves between {TITLES[scheme['scheme']]}"
    says = f"{percent(scheme['retained_share'])} of the earlier customers are still where they were"
    ends = {"(new)", "(lost)"}
    moved = [move for move in scheme["moves"] if move["from"] != move["to"] and not ends & {move["from"], move["to"]}]
    if moved:
        largest = max(moved, key=lambda move: move["customers"])
        says += (
            f"; the largest move is from {_name(scheme, largest['from'])} to {_name(scheme, largest['to'])}, "
            f"{count(largest['customers'], 'customer')}"
        )
    says += "."
    amounts = (("value_new", f"{movement['value_is']} now"), ("clv_total_new", "value and CLV now"))
    rows = scheme["moves"]
    table = Table(
        caption=title,
        columns=(
            Column(title="from", values=[_name(scheme, row["from"]) for row in rows]),
            Column(title="to", values=[_name(scheme, row["to"]) for row in rows]),
            Column(title="customers", kind="count", values=[row["customers"] for row in rows]),
            Column(title="share of those from there", kind="share", values=[row["share_of_from"] for row in rows]),
            *(Column(title=words, kind="money", values=[row[name] for row in rows]) for name, words in amounts),
        ),
    )
    drawn = partial(_drawn, scheme, title, says)
    chart = Chart(name=f"moves-{scheme['scheme']}", title=title, says=says, draw=drawn)
    note = "A row is where customers were, a column where they are now; the shade is the share of the row."
    return [says, Figure(chart=chart, table=table, note=note)]


def _name(scheme: dict[str, Any], state: str | None) -> str:
    return UNLABELLED[scheme["scheme"]] if state is None else state


def _drawn(scheme: dict[str, Any], title: str, says: str, width: int) -> Markup:
    starts, ends = (_states(scheme, end) for end in ("from", "to"))
    order = _states(scheme, "from", "to")
    number = {state: i for i, state in enumerate(order, start=1)}
    cells = {
        (starts.index(move["from"]), ends.index(move["to"])): Cell(
            level=level(move["share_of_from"]),
            lines=(f"{move['customers']:,}",),
            tip=f"{_name(scheme, move['from'])} to {_name(scheme, move['to'])}: {count(move['customers'], 'customer')}",
        )
        for move in scheme["moves"]
    }
    return heat_map_chart(
        [f"{number[state]} {_name(scheme, state)}" for state in starts], [str(number[state]) for state in ends], cells,
        width, title=title, says=says, row_title="before", column_title="now", height=28.0,
    )  # fmt: skip


def _states(scheme: dict[str, Any], *ends: str) -> list[str | None]:
    """Labels in the scheme's order, then what else there is at these ends of moves."""
    present = {move[end] for move in scheme["moves"] for end in ends}
    labels: Sequence[str | None] = [row["segment"] for row in scheme["segments"] if row["segment"] is not None]
    return [state for state in [*labels, None, "(new)", "(lost)"] if state in present]
