"""The whale curve: how concentrated value is among the customers, and what loss-making ones take away again."""

from functools import partial

import polars as pl

from whalecurve.engine.reporting import (
    N_,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    customers,
    gettext,
    money,
    ngettext,
    number,
    percent,
    plainly,
)
from whalecurve.engine.reporting import short_money as short
from whalecurve.engine.reporting.charts import Axis, Line, Mark, line_chart, ticks

HALF = 0.5
POPULATIONS = {"all": N_("all customers"), "repeat": N_("repeat customers")}


def whale_curve_section(facts: Facts) -> Section:
    """Sentences with the shares, the curve, and its points."""
    measured = facts.manifest["concentration"]["all"]
    curves = facts.concentration.filter((pl.col("curve") == "whale") & pl.col("population").is_in([*POPULATIONS]))
    title = gettext("The whale curve of {value}", value=facts.value_is)
    section = Section(name="whale-curve", title=title, blocks=[_spread(facts)])
    section.blocks.extend(_peak(facts))
    if curves.height:
        has_shares = measured["peak_share"] is not None
        section.blocks.append(_figure(facts, curves, "cumulative_share" if has_shares else "cumulative_value"))
    return section


def _spread(facts: Facts) -> str:
    measured, repeat = facts.manifest["concentration"]["all"], facts.manifest["concentration"]["repeat"]
    if measured["top_20_share"] is None:
        return gettext(
            "The total {value} of {customers} is {total}, which is not positive: shares of it are not defined, and the "
            "curve is in amounts.",
            value=facts.value_is,
            customers=customers(measured["n_customers"]),
            total=money(measured["total"]),
        )
    tops = [
        gettext(
            "the top {top} account for {share}", top=plainly(top / 100), share=percent(measured[f"top_{top}_share"])
        )
        for top in (1, 5, 10, 20)
    ]
    parts = [
        gettext(
            "Of {total} {value}, {tops}.", total=money(measured["total"]), value=facts.value_is, tops=", ".join(tops)
        ),
        ngettext(
            "{n} customer ({share}) is enough for 80%.",
            "{n} customers ({share}) are enough for 80%.",
            measured["n_for_80"],
            share=percent(measured["for_80_customers_share"]),
        ),
    ]
    if repeat["top_20_share"] is not None:
        share = percent(repeat["top_20_share"])
        parts.append(gettext("Among repeat customers, the top 20% account for {share}.", share=share))
    gini = number(measured["gini"], 3)
    parts.append(
        gettext("The Gini coefficient is {gini} (normalised, as some values are negative).", gini=gini)
        if measured["gini_kind"] == "normalised"
        else gettext("The Gini coefficient is {gini} (0 is equality).", gini=gini)
    )
    return " ".join(parts)


def _peak(facts: Facts) -> list[str]:
    measured = facts.manifest["concentration"]["all"]
    losses = measured["n_loss_makers"]
    if not losses:
        return [gettext("No customer has a negative value, so the curve never falls.")]
    lost = ngettext(
        "{n} customer lost money ({total} in total)",
        "{n} customers lost money ({total} in total)",
        losses,
        total=money(measured["total_negative"]),
    )
    if measured["peak_share"] is None:
        others = measured["total_positive"]
        if others > 0:
            return [gettext("{lost}; the others brought {amount}.", lost=lost, amount=money(others))]
        return [gettext("{lost}, and nobody brought any.", lost=lost)]
    return [
        gettext(
            "The curve peaks at {peak}, reached by {customers} of customers. {lost} and drag it down again by {drag} "
            "of the total.",
            peak=percent(measured["peak_share"]),
            customers=percent(measured["peak_customers_share"]),
            lost=lost,
            drag=percent(measured["drag_share"]),
        )
    ]


def _thinned(curves: pl.DataFrame) -> pl.DataFrame:
    """Every second point, with both ends and the turning point: what a table can show, and a cursor read."""
    tops = pl.col("cumulative_value") == pl.col("cumulative_value").max().over("population")
    place = pl.int_range(pl.len()).over("population")
    return curves.filter((place % 2 == 0) | tops | (pl.col("share_of_customers") == 1.0))


def _figure(facts: Facts, curves: pl.DataFrame, column: str) -> Figure:
    value = facts.value_is
    title = gettext("Cumulative {value} by share of customers, best first", value=value)
    says = " ".join([_spread(facts), *_peak(facts)])
    points = _thinned(curves)
    names = [gettext(POPULATIONS[name]) for name in points["population"]]
    shares, cumulative = points["share_of_customers"].to_list(), points["cumulative_share"].to_list()
    amounts = points["cumulative_value"].to_list()
    return Figure(
        chart=Chart(
            name="whale-curve", title=title, says=says, draw=partial(_drawn, facts, curves, column, title, says)
        ),
        table=Table(
            caption=title,
            columns=(
                Column(title=gettext("population"), values=names),
                Column(title=gettext("share of customers"), kind="share", values=shares),
                Column(title=gettext("cumulative share of {value}", value=value), kind="share", values=cumulative),
                Column(title=gettext("cumulative {value}", value=value), kind="money", values=amounts),
            ),
        ),
        note=gettext("Customers are in order of their value, the best first. Where the curve falls, there are losses."),
        cursor=gettext(POPULATIONS["all"]),
    )


def _drawn(facts: Facts, curves: pl.DataFrame, column: str, title: str, says: str, width: int) -> Markup:
    measured = facts.manifest["concentration"]["all"]
    lines = [
        Line(name=gettext(words), points=points)
        for name, words in POPULATIONS.items()
        if (points := curves.filter(pl.col("population") == name).select("share_of_customers", column).rows())
    ]
    heights = [y for line in lines for _, y in line.points]
    is_share = column == "cumulative_share"
    low, high = min(0.0, *heights), max(1.0 if is_share else 0.0, *heights)
    y = Axis(
        low=low, high=high, ticks=ticks(low, high, 8), label=percent if is_share else short,
        title=gettext("share of {value}", value=facts.value_is),
    )  # fmt: skip
    x_title = gettext("share of customers, best first")
    x = Axis(low=0.0, high=1.0, ticks=ticks(0.0, 1.0, 6), label=percent, title=x_title)
    return line_chart(lines, x, y, width, title=title, says=says, marks=_marks(measured) if is_share else ())


def _marks(measured: dict[str, float]) -> list[Mark]:
    top = gettext("top 20%: {share}", share=percent(measured["top_20_share"]))
    marks = [Mark(x=0.2, y=measured["top_20_share"], words=top)]
    if measured["n_loss_makers"]:
        peak = gettext("peak: {share}", share=percent(measured["peak_share"]))
        x, y = measured["peak_customers_share"], measured["peak_share"]
        marks.append(Mark(x=x, y=y, words=peak, is_left=x > HALF))
    return marks
