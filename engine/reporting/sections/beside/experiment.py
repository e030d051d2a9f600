"""What an experiment showed: the verdict on each arm, effects with their intervals, arms, money."""

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
    days,
    money,
    number,
    percent,
)
from whalecurve.engine.reporting.charts import Axis, Interval, interval_chart, ticks

VERDICTS = {
    "works": "it works",
    "harms": "it does harm",
    "inconclusive": "no effect was seen",
    "go on": "there is no decision yet",
}

Row = dict[str, Any]


def experiment_section(facts: Facts) -> Section | None:
    """Sentences, effects with intervals, arms; None without an experiment."""
    found = facts.beside.experiment
    if found is None:
        return None
    plan = found["plan"]
    blocks: list[Block] = [_said(found), *map(partial(_verdict, found), found["verdicts"])]
    shown = _shown(found)
    if shown:
        blocks.append(_effects(found, shown))
    blocks += [_arms(found["arms"]), *_worth(found)]
    return Section(name="experiment", title=f"Experiment {plan['name']}", blocks=blocks)


def _said(found: Row) -> str:
    plan, looking, checks = found["plan"], found["looking"], found["checks"]
    treated = [arm for arm in plan["arms"] if arm != plan["control"]]
    words = (
        f"{' and '.join(treated)} against {plan['control']}, by {plan['metric']} of {days(plan['days'])} from "
        f"{plan['start']}; {looking['words']}."
    )
    if not checks["is_sound"]:
        return (
            f"{words} The arms do not have the sizes that they were to have (p {_p(checks['sample_ratio_p'])}): "
            f"nothing is concluded."
        )
    if not looking["is_read"]:
        return f"{words} It is read with the orders up to {looking['next_day']}, not before."
    return f"{words} The arms have the sizes that they were to have (p {_p(checks['sample_ratio_p'])})."


def _verdict(found: Row, verdict: Row) -> str:
    row = next(one for one in found["effects"] if one["is_decisive"] and one["arm"] == verdict["arm"])
    words = (
        f"{verdict['arm']}: {VERDICTS[verdict['kind']]}; {found['plan']['metric']} of a customer "
        f"{_signed(row, 'effect')} ({_signed(row, 'low')} to {_signed(row, 'high')}), {_relative(row)}."
    )
    if verdict["kind"] in ("works", "harms") or verdict["detectable"] is None:
        return words
    more = "" if verdict["more_days"] is None else f"; for the planned one it takes {days(verdict['more_days'])} more"
    return f"{words} An effect of {percent(verdict['detectable'])} would have been seen{more}."


def _shown(found: Row) -> list[Row]:
    """The effects on the metric that decides whose relative size is known: of all, and by segment."""
    metric = found["plan"]["metric"]
    return [row for row in found["effects"] if row["metric"] == metric and row["relative_low"] is not None]


def _effects(found: Row, rows: Sequence[Row]) -> Figure:
    title = f"Effect on {found['plan']['metric']}, relative to {found['plan']['control']}"
    first = rows[0]
    says = f"{_name(found, first)}: {_relative(first)}."
    table = Table(
        caption=title,
        columns=(
            Column(title="of", values=[_name(found, row) for row in rows]),
            Column(title="customers", kind="count", values=[_n(row) for row in rows]),
            Column(title="effect", kind="precise", values=[row["effect"] for row in rows]),
            Column(title="low", kind="precise", values=[row["low"] for row in rows]),
            Column(title="high", kind="precise", values=[row["high"] for row in rows]),
            Column(title="relative", kind="share", values=[row["relative"] for row in rows]),
            Column(title="q", kind="precise", values=[row["q"] for row in rows]),
        ),
    )
    drawn = partial(_drawn, found, rows, title, says)
    chart = Chart(name="experiment", title=title, says=says, draw=drawn)
    return Figure(chart=chart, table=table, note="Points are effects, lines their intervals; at 0 there is no effect.")


def _drawn(found: Row, rows: Sequence[Row], title: str, says: str, width: int) -> Markup:
    low = min([0.0, *(row["relative_low"] for row in rows)])
    high = max([0.0, *(row["relative_high"] for row in rows)])
    low, high = (low, high) if high > low else (-0.01, 0.01)
    decimals = 1 if max(-low, high) < 0.05 else 0
    axis = Axis(
        low=low, high=high, ticks=ticks(low, high, 6), label=lambda x: f"{x:+.{decimals}%}" if x else "0%",
        title="relative effect",
    )  # fmt: skip
    intervals = [
        Interval(
            name=_name(found, row),
            value=row["relative"],
            low=row["relative_low"],
            high=row["relative_high"],
            written=_relative(row),
        )
        for row in rows
    ]
    return interval_chart(intervals, axis, width, title=title, says=says)


def _name(found: Row, row: Row) -> str:
    """Whose effect it is; arms are named where there are several."""
    of = "all" if row["segment"] is None else row["segment"]
    return of if len(found["verdicts"]) < 2 else f"{row['arm']}, {of}"


def _n(row: Row) -> int:
    return int(row["customers_control"] + row["customers_treated"])


def _arms(arms: Sequence[Row]) -> Table:
    whole = [row for row in arms if row["segment"] is None]
    sums = [name for name in ("revenue", "margin") if name in whole[0]]
    return Table(
        caption="Arms",
        columns=(
            Column(title="arm", values=[row["arm"] for row in whole]),
            Column(title="customers", kind="count", values=[row["customers"] for row in whole]),
            Column(title="bought", kind="share", values=[row["bought"] / row["customers"] for row in whole]),
            Column(title="orders", kind="count", values=[row["orders"] for row in whole]),
            *(Column(title=name, kind="money", values=[row[name] for row in whole]) for name in sums),
        ),
    )


def _worth(found: Row) -> list[str]:
    """What it brought, a sentence an arm."""
    return [
        f"{row['arm']}: {row['value']} {money(row['total'])} more than without it, of "
        f"{count(row['customers'], 'customer')}; after a cost of {money(row['spent'])} it is {money(row['net'])} "
        f"({money(row['net_low'])} to {money(row['net_high'])})."
        for row in found.get("worth", [])
    ]


def _relative(row: Row) -> str:
    if row["relative"] is None or row["relative_low"] is None:
        return "relative to a mean that is not surely above 0"
    return f"{row['relative']:+.1%} ({row['relative_low']:+.1%} to {row['relative_high']:+.1%})"


def _signed(row: Row, name: str) -> str:
    value = row[name]
    sign = "+" if value is not None and value > 0 else ""
    return f"{sign}{percent(value) if row['metric'] == 'conversion' else number(value)}"


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"
