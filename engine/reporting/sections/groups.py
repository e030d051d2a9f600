"""What the sections of segments, cells and tiers share: a table of groups, and bars of their numbers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Table,
    gettext,
    listed,
    money,
    percent,
    pgettext,
    word,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart
from whalecurve.engine.titles import UNLABELLED

Rows = Sequence[dict[str, Any]]


def name_of(row: dict[str, Any]) -> str:
    """What a row of `segments.parquet` is called."""
    return word(UNLABELLED[row["scheme"]]) if row["segment"] is None else str(row["segment"])


def title_of(what: str, rows: Rows) -> str:
    """The title of bars of groups, with what they are of: a number that no group has is left out."""
    numbers = [gettext("customers"), gettext("value")]
    others = (("clv", gettext("CLV")), ("mean_churn_risk", gettext("churn risk")))
    numbers += [words for name, words in others if _is_known(rows, name)]
    return gettext("{groups} by share of {numbers}", groups=what, numbers=listed(numbers))


def _is_known(rows: Rows, name: str) -> bool:
    return any(row.get(name) is not None for row in rows)


def groups_table(facts: Facts, rows: Rows, caption: str, title: str) -> Table:
    """The numbers of groups as `segments.parquet` has them; a number that no group has is left out."""
    numbers = (
        ("customers", gettext("customers"), "count"),
        ("customer_share", gettext("share of customers"), "share"),
        ("value", facts.value_is, "money"),
        ("value_share", gettext("share of {value}", value=facts.value_is), "share"),
        ("clv", gettext("CLV"), "money"),
        ("clv_share", gettext("share of CLV"), "share"),
        ("value_at_stake", gettext("value at stake"), "money"),
        ("mean_churn_risk", gettext("churn risk"), "share"),
    )
    columns = [Column(title=title, values=[name_of(row) for row in rows])]
    columns += [
        Column(title=words, kind=kind, values=[row.get(name) for row in rows])  # type: ignore[arg-type]
        for name, words, kind in numbers
        if _is_known(rows, name)
    ]
    return Table(caption=caption, columns=tuple(columns))


def groups_figure(facts: Facts, rows: Rows, *, name: str, title: str, says: str, of: str, note: str = "") -> Figure:
    """Bars of the share of customers, of value and of CLV, and of churn risk, with the table of all numbers.

    of : what a group is, the title of the column of names
    """
    drawn = partial(_drawn, facts, rows, title, says)
    chart = Chart(name=name, title=title, says=says, draw=drawn)
    return Figure(chart=chart, table=groups_table(facts, rows, title, of), note=note)


def _drawn(facts: Facts, rows: Rows, title: str, says: str, width: int) -> Markup:
    has_shares = any(row["value_share"] is not None for row in rows)
    value = "value_share" if has_shares else "value"
    numbers = (
        ("customer_share", gettext("customers"), percent, "share"),
        (value, facts.value_is, percent if has_shares else money, "share" if has_shares else ""),
        ("clv_share", gettext("CLV"), percent, "share"),
        ("mean_churn_risk", pgettext("short", "churn risk"), percent, ""),
    )
    panels = [
        Panel(title=words, values=[row[key] for row in rows], written=[show(row[key]) for row in rows], scale=scale)
        for key, words, show, scale in numbers
        if _is_known(rows, key)
    ]
    return bar_chart([name_of(row) for row in rows], panels, width, title=title, says=says)
