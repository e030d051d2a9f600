"""The whale curve: how concentrated value is among the customers, and what loss-making ones take away again."""

from functools import partial

import polars as pl

from whalecurve.engine.reporting import (
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    money,
    number,
    percent,
)
from whalecurve.engine.reporting import short_money as short
from whalecurve.engine.reporting.charts import Axis, Line, Mark, line_chart, ticks

HALF = 0.5
POPULATIONS = {"all": "all customers", "repeat": "repeat customers"}


def whale_curve_section(facts: Facts) -> Section:
    """Sentences with the shares, the curve, and its points."""
    measured = facts.manifest["concentration"]["all"]
    curves = facts.concentration.filter((pl.col("curve") == "whale") & pl.col("population").is_in([*POPULATIONS]))
    section = Section(name="whale-curve", title=f"The whale curve of {facts.value_is}", blocks=[_spread(facts)])
    section.blocks.extend(_peak(facts))
    if curves.height:
        has_shares = measured["peak_share"] is not None
        section.blocks.append(_figure(facts, curves, "cumulative_share" if has_shares else "cumulative_value"))
    return section


def _spread(facts: Facts) -> str:
    measured, repeat = facts.manifest["concentration"]["all"], facts.manifest["concentration"]["repeat"]
    if measured["top_20_share"] is None:
        return (
            f"The total {facts.value_is} of {count(measured['n_customers'], 'customer')} is "
            f"{money(measured['total'])}, which is not positive: shares of it are not defined, and the curve is in "
            f"amounts."
        )
    tops = ", ".join(f"the top {top}% account for {percent(measured[f'top_{top}_share'])}" for top in (1, 5, 10, 20))
    words = (
        f"Of {money(measured['total'])} {facts.value_is}, {tops}. "
        f"{count(measured['n_for_80'], 'customer')} ({percent(measured['for_80_customers_share'])}) "
        f"{'is' if measured['n_for_80'] == 1 else 'are'} enough for 80%."
    )
    if repeat["top_20_share"] is not None:
        words += f" Among repeat customers, the top 20% account for {percent(repeat['top_20_share'])}."
    kind = "normalised, as some values are negative" if measured["gini_kind"] == "normalised" else "0 is equality"
    return words + f" The Gini coefficient is {number(measured['gini'], 3)} ({kind})."


def _peak(facts: Facts) -> list[str]:
    measured = facts.manifest["concentration"]["all"]
    losses = measured["n_loss_makers"]
    if not losses:
        return ["No customer has a negative value, so the curve never falls."]
    lost = f"{count(losses, 'customer')} lost money ({money(measured['total_negative'])} in total)"
    if measured["peak_share"] is None:
        others = measured["total_positive"]
        return [f"{lost}; the others brought {money(others)}." if others > 0 else f"{lost}, and nobody brought any."]
    return [
        f"The curve peaks at {percent(measured['peak_share'])}, reached by {percent(measured['peak_customers_share'])} "
        f"of customers. {lost} and drag it down again by {percent(measured['drag_share'])} of the total."
    ]


def _thinned(curves: pl.DataFrame) -> pl.DataFrame:
    """Every second point, with both ends and the turning point: what a table can show, and a cursor read."""
    tops = pl.col("cumulative_value") == pl.col("cumulative_value").max().over("population")
    place = pl.int_range(pl.len()).over("population")
    return curves.filter((place % 2 == 0) | tops | (pl.col("share_of_customers") == 1.0))


def _figure(facts: Facts, curves: pl.DataFrame, column: str) -> Figure:
    title = f"Cumulative {facts.value_is} by share of customers, best first"
    says = " ".join([_spread(facts), *_peak(facts)])
    points = _thinned(curves)
    return Figure(
        chart=Chart(
            name="whale-curve", title=title, says=says, draw=partial(_drawn, facts, curves, column, title, says)
        ),
        table=Table(
            caption=title,
            columns=(
                Column(title="population", values=[POPULATIONS[name] for name in points["population"]]),
                Column(title="share of customers", kind="share", values=points["share_of_customers"].to_list()),
                Column(
                    title=f"cumulative share of {facts.value_is}",
                    kind="share",
                    values=points["cumulative_share"].to_list(),
                ),
                Column(title=f"cumulative {facts.value_is}", kind="money", values=points["cumulative_value"].to_list()),
            ),
        ),
        note="Customers are in order of their value, the best first. Where the curve falls, there are losses.",
        cursor=POPULATIONS["all"],
    )


def _drawn(facts: Facts, curves: pl.DataFrame, column: str, title: str, says: str, width: int) -> Markup:
    measured = facts.manifest["concentration"]["all"]
    lines = [
        Line(name=words, points=points)
        for name, words in POPULATIONS.items()
        if (points := curves.filter(pl.col("population") == name).select("share_of_customers", column).rows())
    ]
    heights = [y for line in lines for _, y in line.points]
    is_share = column == "cumulative_share"
    low, high = min(0.0, *heights), max(1.0 if is_share else 0.0, *heights)
    y = Axis(
        low=low, high=high, ticks=ticks(low, high, 8), label=percent if is_share else short,
        title=f"share of {facts.value_is}",
    )  # fmt: skip
    x = Axis(low=0.0, high=1.0, ticks=ticks(0.0, 1.0, 6), label=percent, title="share of customers, best first")
    return line_chart(lines, x, y, width, title=title, says=says, marks=_marks(measured) if is_share else ())


def _marks(measured: dict[str, float]) -> list[Mark]:
    marks = [Mark(x=0.2, y=measured["top_20_share"], words=f"top 20%: {percent(measured['top_20_share'])}")]
    if measured["n_loss_makers"]:
        peak = percent(measured["peak_share"])
        x, y = measured["peak_customers_share"], measured["peak_share"]
        marks.append(Mark(x=x, y=y, words=f"peak: {peak}", is_left=x > HALF))
    return marks
