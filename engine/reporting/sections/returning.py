"""Retention and repeat purchases: repeat purchases, retention by month, the time between purchases."""

import math
from functools import partial
from typing import Any

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
    customers,
    days,
    gettext,
    month,
    months,
    ngettext,
    percent,
)
from whalecurve.engine.reporting.charts import Axis, Line, Mark, line_chart, ticks
from whalecurve.engine.reporting.sections.cohorts import cohort_figures
from whalecurve.engine.segments import SOON_DAYS

MOST_MONTHS, MOST_POINTS = 36, 120


def returning_section(facts: Facts) -> Section:
    """Sentences, retention by month, the curve of gaps, cohorts; where there are no measures, the fact alone."""
    section = Section(name="returning", title=gettext("Retention and repeat purchases"))
    everybody = facts.of_all()
    if everybody is None:
        words = gettext("This result has no measures over time (they were left out, or not possible).")
        section.blocks.append(words)
        return section
    section.blocks.append(_said(facts, everybody) + _due(facts))
    if facts.periods is not None:
        section.blocks.extend(_retention(facts.periods))
    if facts.gaps is not None and facts.gaps["gaps"].sum():
        section.blocks.append(_gaps(facts.gaps, everybody))
    if facts.cohorts is not None:
        section.blocks.extend(cohort_figures(facts, facts.cohorts))
    return section


def _said(facts: Facts, everybody: dict[str, Any]) -> str:
    measures = facts.measures or {}
    repeat, once, sticky, returned = (
        None if everybody[name] is None else percent(everybody[name])
        for name in ("repeat_rate", "one_and_done_rate", "stickiness", "return_rate")
    )
    parts = [
        repeat and gettext("{share} of buyers have bought on more than one day", share=repeat),
        once
        and gettext(
            "{share} of those who first bought at least {days} ago have not come back yet",
            share=once,
            days=days(measures["aged_days"]),
        ),
        sticky
        and gettext("{share} of new customers came back within {days}", share=sticky, days=days(measures["soon_days"])),
        returned and gettext("{share} of the amounts sold were returned", share=returned),
    ]
    words = "; ".join(part for part in parts if part)
    words = words or gettext("Nothing can be said of repeat purchases yet")
    if everybody["next_p50"] is not None:
        half = days(everybody["next_p50"])
        words += ". " + gettext("Half of all purchases have been followed by another within {days}", days=half)
    return words + "."


def _due(facts: Facts) -> str:
    """Who is due, in a sentence; nothing where the result does not tell it."""
    told, due = facts.model.get("next_purchase"), facts.manifest["customers"].get("due")
    if not told or not due:
        return ""
    by = gettext("the purchase model") if told["basis"] == "model" else gettext("each customer's own rhythm")
    soon = ngettext(
        "{n} customer is due to buy within {days}",
        "{n} customers are due to buy within {days}",
        due["soon"],
        days=days(SOON_DAYS),
    )
    overdue = ngettext("{n} customer is overdue", "{n} customers are overdue", due["overdue"])
    return " " + gettext(
        "By {basis}, {soon}; {overdue}, silent beyond 90 % of their gaps.", basis=by, soon=soon, overdue=overdue
    )


def _retention(periods: pl.DataFrame) -> list[str | Figure]:
    """Retention of the months that were observed in full; nothing where there are fewer than two of them."""
    rows = periods.filter((pl.col("period") == "month") & pl.col("retention").is_not_null()).sort("start")
    if rows.height < 2:
        return []
    shown = rows.tail(MOST_MONTHS)
    title, last = gettext("Retention by month"), shown.row(-1, named=True)
    mean = math.fsum(shown["retention"]) / shown.height
    says = gettext(
        "In {month}, {share} of the {customers} of the month before bought again; on average over {months} it is "
        "{mean}.",
        month=month(last["start"]),
        share=percent(last["retention"]),
        customers=customers(last["previous"]),
        months=months(shown.height),
        mean=percent(mean),
    )
    names = {
        "previous": gettext("active the month before"),
        "retained": gettext("of them active again"),
        "active": gettext("active"),
        "new": gettext("new"),
    }
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("month"), values=[month(day) for day in shown["start"]]),
            Column(title=gettext("retention"), kind="share", values=shown["retention"].to_list()),
            *(Column(title=words, kind="count", values=shown[name].to_list()) for name, words in names.items()),
        ),
    )
    left_out = rows.height - shown.height
    note = gettext("Of the customers with a purchase in the month before, the share with one in the month.")
    if left_out:
        note += gettext(
            " The last {n} months; {earlier} earlier ones are not shown.", n=MOST_MONTHS, earlier=count(left_out)
        )
    drawn = partial(_drawn_retention, shown, title, says)
    return [says, Figure(chart=Chart(name="retention", title=title, says=says, draw=drawn), table=table, note=note)]


def _drawn_retention(rows: pl.DataFrame, title: str, says: str, width: int) -> Markup:
    names = [month(day) for day in rows["start"]]
    points = [(float(i), share) for i, share in enumerate(rows["retention"])]
    high = max(0.1, *(share for _, share in points))
    y = Axis(low=0.0, high=high, ticks=ticks(0.0, high, 6), label=percent, title=gettext("retention"))
    x = Axis(
        low=0.0, high=float(len(names) - 1), ticks=[float(i) for i in range(len(names))],
        label=lambda at: names[int(at)], title=gettext("month"),
    )  # fmt: skip
    return line_chart([Line(name=title, points=points)], x, y, width, title=title, says=says)


def _gaps(gaps: pl.DataFrame, everybody: dict[str, Any]) -> Figure:
    """The share of purchases followed by another, by days since; with the days by which half of them are."""
    back = gaps.select("days", back=1.0 - pl.col("not_back")).sort("days")
    every = -(-back.height // MOST_POINTS)
    shown = back.gather_every(every)
    half = everybody["next_p50"]
    title = gettext("Purchases followed by another, by days since")
    last = back.row(-1, named=True)
    says = gettext(
        "After {days}, {share} of purchases have been followed by another",
        days=days(last["days"]),
        share=percent(last["back"]),
    )
    says += "." if half is None else gettext("; half of them within {days}.", days=days(half))
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("days since a purchase"), kind="count", values=shown["days"].to_list()),
            Column(title=gettext("followed by another"), kind="share", values=shown["back"].to_list()),
        ),
    )
    drawn = partial(_drawn_gaps, shown, back, half, title, says)
    note = gettext(
        "By Kaplan & Meier: customers who have not bought again yet count for as long as they have been silent."
    )
    return Figure(chart=Chart(name="gaps", title=title, says=says, draw=drawn), table=table, note=note)


def _drawn_gaps(shown: pl.DataFrame, back: pl.DataFrame, half: int | None, title: str, says: str, width: int) -> Markup:
    most = float(max(*shown["days"], 1))
    since, followed = gettext("days since a purchase"), gettext("followed by another")
    x = Axis(low=0.0, high=most, ticks=ticks(0.0, most, 7), label=count, title=since)
    y = Axis(low=0.0, high=1.0, ticks=ticks(0.0, 1.0, 6), label=percent, title=followed)
    marks = []
    if half is not None:
        share = back.filter(pl.col("days") <= half)["back"].to_list()[-1]
        marks.append(Mark(x=float(half), y=share, words=gettext("half within {days}", days=days(half))))
    line = Line(name=title, points=[(float(a), b) for a, b in shown.rows()])
    return line_chart([line], x, y, width, title=title, says=says, marks=marks)
