"""Values of a dimension within a group of customers and among all: bars side by side, with the table of both."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from whalecurve.engine.reporting import Chart, Column, Figure, Markup, Table, gettext, ngettext, percent, word
from whalecurve.engine.reporting.charts import Panel, bar_chart

MOST_VALUES = 20
"""Values shown of a dimension."""

LEAST_CUSTOMERS = 10
"""Customers among all who must have a value for it to be shown: none stands for a single one."""

Rows = Sequence[Mapping[str, Any]]


def values_figure(rows: Rows, *, name: str, title: str, group: str, of: str) -> Figure:
    """A row a value, in the order given: `value`, `segment` and `base` (shares), `lift` with its bounds, `marks`.

    group : what the group is called; of : the title of the column of values
    """
    marking = [named(row["value"]) for row in rows if row["marks"]]
    words = ngettext(
        "{n} value of those shown marks {group}", "{n} values of those shown mark {group}", len(marking), group=group
    )
    says = f"{words}: {', '.join(marking)}." if marking else f"{words}."
    table = Table(
        caption=title,
        columns=(
            Column(title=of, values=[named(row["value"]) for row in rows]),
            Column(title=group, kind="share", values=[row["segment"] for row in rows]),
            Column(title=gettext("of all"), kind="share", values=[row["base"] for row in rows]),
            Column(title=gettext("lift"), kind="number", values=[row["lift"] for row in rows]),
            Column(title=gettext("from"), kind="number", values=[row["lift_low"] for row in rows]),
            Column(title=gettext("to"), kind="number", values=[row["lift_high"] for row in rows]),
            Column(title=gettext("mark"), values=[row["marks"] and word(row["marks"]) for row in rows]),
        ),
    )
    drawn = partial(_drawn, rows, group, title, says)
    return Figure(chart=Chart(name=name, title=title, says=says, draw=drawn), table=table)


def _drawn(rows: Rows, group: str, title: str, says: str, width: int) -> Markup:
    panels = [
        Panel(
            title=words, values=[row[key] for row in rows], written=[percent(row[key]) for row in rows], scale="share"
        )
        for key, words in (("segment", group), ("base", gettext("of all")))
    ]
    return bar_chart([named(row["value"]) for row in rows], panels, width, title=title, says=says)


def named(value: str | None) -> str:
    """A value; lines without one have a name, too."""
    return gettext("(none)") if value is None or not value.strip() else value
