"""What an experiment showed: the verdict on each arm, effects with their intervals, arms, money."""

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
    customers,
    day,
    days,
    gettext,
    money,
    number,
    percent,
    recorded,
    signed_percent,
    word,
)
from whalecurve.engine.reporting.charts import Axis, Interval, interval_chart, ticks

VERDICTS = {
    "works": N_("it works"),
    "harms": N_("it harms"),
    "inconclusive": N_("no effect was seen"),
    "go on": N_("there is no decision yet"),
}
METRICS = (N_("margin"), N_("revenue"), N_("orders"), N_("conversion"))
"""What an experiment may be decided by."""

Row = dict[str, Any]


def experiment_section(facts: Facts) -> Section | None:
    """Sentences, effects with intervals, arms; None without an experiment."""
    found = facts.beside.experiment
    if found is None:
        return None
    title = gettext("Experiment {name}", name=found["plan"]["name"])
    blocks: list[Block] = [_said(found), *map(partial(_verdict, found), found["verdicts"])]
    shown = _shown(found)
    if shown:
        blocks.append(_effects(found, shown))
    blocks += [_arms(found["arms"]), *_worth(found)]
    return Section(name="experiment", title=title, blocks=blocks)


def _said(found: Row) -> str:
    plan, looking, checks = found["plan"], found["looking"], found["checks"]
    words = gettext(
        "{arms} against {control}, by {metric} of {days} from {start}; {looks}.",
        arms=gettext(" and ").join(arm for arm in plan["arms"] if arm != plan["control"]),
        control=plan["control"],
        metric=word(plan["metric"]),
        days=days(plan["days"]),
        start=day(plan["start"]),
        looks=recorded(looking["words"]),
    )
    p = _p(checks["sample_ratio_p"])
    if not checks["is_sound"]:
        unsound = gettext("The arms do not have the planned sizes (p {p}): no conclusion can be drawn.", p=p)
        return f"{words} {unsound}"
    if not looking["is_read"]:
        early = gettext("It is read with the orders up to {day}, not before.", day=day(looking["next_day"]))
        return f"{words} {early}"
    sound = gettext("The arms have the planned sizes (p {p}).", p=p)
    return f"{words} {sound}"


def _verdict(found: Row, verdict: Row) -> str:
    row = next(one for one in found["effects"] if one["is_decisive"] and one["arm"] == verdict["arm"])
    words = gettext(
        "{arm}: {verdict}; {metric} of a customer {effect} ({low} to {high}), {relative}.",
        arm=verdict["arm"],
        verdict=gettext(VERDICTS[verdict["kind"]]),
        metric=word(found["plan"]["metric"]),
        effect=_signed(row, "effect"),
        low=_signed(row, "low"),
        high=_signed(row, "high"),
        relative=_relative(row),
    )
    if verdict["kind"] in ("works", "harms") or verdict["detectable"] is None:
        return words
    detectable = percent(verdict["detectable"])
    if verdict["more_days"] is None:
        seen = gettext("An effect of {effect} would have been seen.", effect=detectable)
        return f"{words} {seen}"
    more = gettext(
        "An effect of {effect} would have been seen; for the planned one it takes {days} more.",
        effect=detectable,
        days=days(verdict["more_days"]),
    )
    return f"{words} {more}"


def _shown(found: Row) -> list[Row]:
    """The effects on the metric that decides whose relative size is known: of all, and by segment."""
    metric = found["plan"]["metric"]
    return [row for row in found["effects"] if row["metric"] == metric and row["relative_low"] is not None]


def _effects(found: Row, rows: Sequence[Row]) -> Figure:
    title = gettext(
        "Effect on {metric}, relative to {control}",
        metric=word(found["plan"]["metric"]),
        control=found["plan"]["control"],
    )
    first = rows[0]
    says = f"{_name(found, first)}: {_relative(first)}."
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("of"), values=[_name(found, row) for row in rows]),
            Column(title=gettext("customers"), kind="count", values=[_n(row) for row in rows]),
            Column(title=gettext("effect"), kind="precise", values=[row["effect"] for row in rows]),
            Column(title=gettext("low"), kind="precise", values=[row["low"] for row in rows]),
            Column(title=gettext("high"), kind="precise", values=[row["high"] for row in rows]),
            Column(title=gettext("relative"), kind="share", values=[row["relative"] for row in rows]),
            Column(title=gettext("q"), kind="precise", values=[row["q"] for row in rows]),
        ),
    )
    drawn = partial(_drawn, found, rows, title, says)
    chart = Chart(name="experiment", title=title, says=says, draw=drawn)
    note = gettext("Points are effects, lines their intervals; at 0 there is no effect.")
    return Figure(chart=chart, table=table, note=note)


def _drawn(found: Row, rows: Sequence[Row], title: str, says: str, width: int) -> Markup:
    low = min([0.0, *(row["relative_low"] for row in rows)])
    high = max([0.0, *(row["relative_high"] for row in rows)])
    low, high = (low, high) if high > low else (-0.01, 0.01)
    decimals = 1 if max(-low, high) < 0.05 else 0
    axis = Axis(
        low=low, high=high, ticks=ticks(low, high, 6),
        label=lambda x: signed_percent(x, decimals) if x else percent(x, 0), title=gettext("relative effect"),
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
    of = gettext("all") if row["segment"] is None else row["segment"]
    return of if len(found["verdicts"]) < 2 else f"{row['arm']}, {of}"


def _n(row: Row) -> int:
    return int(row["customers_control"] + row["customers_treated"])


def _arms(arms: Sequence[Row]) -> Table:
    whole = [row for row in arms if row["segment"] is None]
    sums = [name for name in ("revenue", "margin") if name in whole[0]]
    return Table(
        caption=gettext("Arms"),
        columns=(
            Column(title=gettext("arm"), values=[row["arm"] for row in whole]),
            Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in whole]),
            Column(title=gettext("bought"), kind="share", values=[row["bought"] / row["customers"] for row in whole]),
            Column(title=gettext("orders"), kind="count", values=[row["orders"] for row in whole]),
            *(Column(title=word(name), kind="money", values=[row[name] for row in whole]) for name in sums),
        ),
    )


def _worth(found: Row) -> list[str]:
    """What it brought, a sentence an arm."""
    return [
        gettext(
            "{arm}: {value} {total} more than without it, of {customers}; after a cost of {cost} it is {net} ({low} to "
            "{high}).",
            arm=row["arm"],
            value=word(row["value"]),
            total=money(row["total"]),
            customers=customers(row["customers"]),
            cost=money(row["spent"]),
            net=money(row["net"]),
            low=money(row["net_low"]),
            high=money(row["net_high"]),
        )
        for row in found.get("worth", [])
    ]


def _relative(row: Row) -> str:
    if row["relative"] is None or row["relative_low"] is None:
        return gettext("no relative effect, as the mean may be 0 or below")
    effect, low, high = (signed_percent(row[name]) for name in ("relative", "relative_low", "relative_high"))
    return gettext("{value} ({low} to {high})", value=effect, low=low, high=high)


def _signed(row: Row, name: str) -> str:
    value = row[name]
    sign = "+" if value is not None and value > 0 else ""
    return f"{sign}{percent(value) if row['metric'] == 'conversion' else number(value)}"


def _p(p: float) -> str:
    return gettext("below {p}", p=number(0.001, 3)) if p < 0.001 else number(p, 3)
