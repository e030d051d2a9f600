"""Who comes back: repeat purchases, retention by month, the time between purchases."""

import math
from functools import partial
from typing import Any

import polars as pl

from whalecurve.engine.reporting import Chart, Column, Facts, Figure, Markup, Section, Table, count, days, percent
from whalecurve.engine.reporting.charts import Axis, Line, Mark, line_chart, ticks
from whalecurve.engine.reporting.sections.cohorts import cohort_figures
from whalecurve.engine.segments import SOON_DAYS

MOST_MONTHS, MOST_POINTS = 36, 120


def returning_section(facts: Facts) -> Section:
    """Sentences, retention by month, the curve of gaps, cohorts; where there are no measures, the fact alone."""
    section = Section(name="returning", title="Who comes back")
    everybody = facts.of_all()
    if everybody is None:
        section.blocks.append("This result has no measures over time (they were left out, or not possible).")
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
    parts = [
        (everybody["repeat_rate"], "of buyers have bought on more than one day"),
        (
            everybody["one_and_done_rate"],
            f"of those who first bought at least {measures['aged_days']} days ago have not come back yet",
        ),
        (everybody["stickiness"], f"of new customers came back within {measures['soon_days']} days"),
        (everybody["return_rate"], "of the amounts sold were returned"),
    ]
    words = "; ".join(f"{percent(share)} {said}" for share, said in parts if share is not None)
    if everybody["next_p50"] is not None:
        words += f". Half of all purchases have been followed by another within {days(everybody['next_p50'])}"
    return (words or "Nothing can be said of repeat purchases yet") + "."


def _due(facts: Facts) -> str:
    """Who is due, in a sentence; nothing where the result does not tell it."""
    told, due = facts.model.get("next_purchase"), facts.manifest["customers"].get("due")
    if not told or not due:
        return ""
    by = "the purchase model" if told["basis"] == "model" else "each customer's own rhythm"
    soon, overdue = (f"{count(n, 'customer')} {'is' if n == 1 else 'are'}" for n in (due["soon"], due["overdue"]))
    return f" By {by}, {soon} due to buy within {SOON_DAYS} days; {overdue} overdue, silent beyond 90 % of their gaps."


def _retention(periods: pl.DataFrame) -> list[str | Figure]:
    """Retention of the months that were observed in full; nothing where there are fewer than two of them."""
    rows = periods.filter((pl.col("period") == "month") & pl.col("retention").is_not_null()).sort("start")
    if rows.height < 2:
        return []
    shown = rows.tail(MOST_MONTHS)
    title, last = "Retention by month", shown.row(-1, named=True)
    mean = math.fsum(shown["retention"]) / shown.height
    says = (
        f"In {last['start']:%Y-%m}, {percent(last['retention'])} of the {count(last['previous'], 'customer')} of the "
        f"month before bought again; on average over {count(shown.height, 'month')} it is {percent(mean)}."
    )
    names = {
        "previous": "active the month before",
        "retained": "of them active again",
        "active": "active",
        "new": "new",
    }
    table = Table(
        caption=title,
        columns=(
            Column(title="month", values=[f"{day:%Y-%m}" for day in shown["start"]]),
            Column(title="retention", kind="share", values=shown["retention"].to_list()),
            *(Column(title=words, kind="count", values=shown[name].to_list()) for name, words in names.items()),
        ),
    )
    left_out = rows.height - shown.height
    note = "Of the customers with a purchase in the month before, the share with one in the month."
    note += f" The last {MOST_MONTHS} months; {count(left_out)} earlier ones are not shown." if left_out else ""
    drawn = partial(_drawn_retention, shown, title, says)
    return [says, Figure(chart=Chart(name="retention", title=title, says=says, draw=drawn), table=table, note=note)]


def _drawn_retention(rows: pl.DataFrame, title: str, says: str, width: int) -> Markup:
    months = [f"{day:%Y-%m}" for day in rows["start"]]
    points = [(float(i), share) for i, share in enumerate(rows["retention"])]
    high = max(0.1, *(share for _, share in points))
    y = Axis(low=0.0, high=high, ticks=ticks(0.0, high, 6), label=percent, title="retention")
    x = Axis(
        low=0.0, high=float(len(months) - 1), ticks=[float(i) for i in range(len(months))],
        label=lambda at: months[int(at)], title="month",
    )  # fmt: skip
    return line_chart([Line(name=title, points=points)], x, y, width, title=title, says=says)


def _gaps(gaps: pl.DataFrame, everybody: dict[str, Any]) -> Figure:
    """The share of purchases followed by another, by days since; with the days by which half of them are."""
    back = gaps.select("days", back=1.0 - pl.col("not_back")).sort("days")
    every = -(-back.height // MOST_POINTS)
    shown = back.gather_every(every)
    half = everybody["next_p50"]
    title = "Purchases followed by another, by days since"
    last = back.row(-1, named=True)
    says = f"After {days(last['days'])}, {percent(last['back'])} of purchases have been followed by another"
    says += "." if half is None else f"; half of them within {days(half)}."
    table = Table(
        caption=title,
        columns=(
            Column(title="days since a purchase", kind="count", values=shown["days"].to_list()),
            Column(title="followed by another", kind="share", values=shown["back"].to_list()),
        ),
    )
    drawn = partial(_drawn_gaps, shown, back, half, title, says)
    note = "By Kaplan & Meier: customers who have not bought again yet count for as long as they have been silent."
    return Figure(chart=Chart(name="gaps", title=title, says=says, draw=drawn), table=table, note=note)


def _drawn_gaps(shown: pl.DataFrame, back: pl.DataFrame, half: int | None, title: str, says: str, width: int) -> Markup:
    most = float(max(*shown["days"], 1))
    x = Axis(low=0.0, high=most, ticks=ticks(0.0, most, 7), label=lambda n: f"{n:,.0f}", title="days since a purchase")
    y = Axis(low=0.0, high=1.0, ticks=ticks(0.0, 1.0, 6), label=percent, title="followed by another")
    marks = []
    if half is not None:
        share = back.filter(pl.col("days") <= half)["back"].to_list()[-1]
        marks.append(Mark(x=float(half), y=share, words=f"half within {days(half)}"))
    line = Line(name=title, points=[(float(a), b) for a, b in shown.rows()])
    return line_chart([line], x, y, width, title=title, says=says, marks=marks)
