"""Cohorts, customers by month of first purchase: who is still active, and what each has brought."""

from datetime import date
from functools import partial

import polars as pl

from whalecurve.engine.reporting import (
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Table,
    count,
    customers,
    gettext,
    money,
    month,
    ngettext,
    percent,
    short_money,
)
from whalecurve.engine.reporting.charts import Cell, heat_map_chart, level

MOST_COHORTS, MOST_AGE = 24, 24
"""The last cohorts, and the months after the first purchase, that are shown."""


def cohort_figures(facts: Facts, cohorts: pl.DataFrame) -> list[str | Figure]:
    """Triangles of retention and of cumulative value; nothing where no cohort was observed past its first month."""
    seen = cohorts.filter(pl.col("is_complete") & (pl.col("customers") > 0)).sort("cohort", "age")
    kept = seen["cohort"].unique().sort().tail(MOST_COHORTS)
    rows = seen.filter(pl.col("cohort").is_in(kept.implode()) & (pl.col("age") <= MOST_AGE))
    if not rows.height or not rows.filter(pl.col("age") > 0).height:
        return []
    left_out = seen["cohort"].n_unique() - kept.len()
    note = gettext("A row a month of first purchase; months that are not over are not shown.")
    if left_out:
        shown, earlier = count(MOST_COHORTS), count(left_out)
        note += gettext(" The last {n} cohorts; {earlier} earlier ones are not shown.", n=shown, earlier=earlier)
    active = gettext("Cohorts: share active, by months since the first purchase")
    brought = gettext(
        "Cohorts: cumulative {value} per customer, by months since the first purchase", value=facts.value_is
    )
    return [
        _figure(rows, "active_share", "cohorts-retention", active, _active(rows), note),
        _figure(rows, "cumulative_value_per_customer", "cohorts-value", brought, _brought(facts, rows), note),
    ]


def _active(rows: pl.DataFrame) -> str:
    second = rows.filter(pl.col("age") == 1)
    n, active = int(second["customers"].sum()), int(second["active"].sum())
    return gettext(
        "Of {customers} of {cohorts}, {share} bought in the month after that of their first purchase.",
        customers=customers(n),
        cohorts=ngettext("{n} cohort", "{n} cohorts", second.height),
        share=percent(active / n if n else None),
    )


def _brought(facts: Facts, rows: pl.DataFrame) -> str:
    oldest = rows.filter(pl.col("cohort") == pl.col("cohort").min()).row(-1, named=True)
    return gettext(
        "The customers of {month} have brought {amount} {value} each by month {age} after the first.",
        month=month(oldest["cohort"]),
        amount=money(oldest["cumulative_value_per_customer"]),
        value=facts.value_is,
        age=count(oldest["age"]),
    )


def _figure(rows: pl.DataFrame, column: str, name: str, title: str, says: str, note: str) -> Figure:
    is_share = column == "active_share"
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("cohort"), values=[month(day) for day in rows["cohort"]]),
            Column(title=gettext("months since"), kind="count", values=rows["age"].to_list()),
            Column(title=gettext("customers"), kind="count", values=rows["customers"].to_list()),
            Column(title=gettext("active") if is_share else gettext("per customer"),
                   kind="share" if is_share else "money", values=rows[column].to_list()),
        ),
    )  # fmt: skip
    drawn = partial(_drawn, rows, column, title, says)
    return Figure(chart=Chart(name=name, title=title, says=says, draw=drawn), table=table, note=note)


def _drawn(rows: pl.DataFrame, column: str, title: str, says: str, width: int) -> Markup:
    is_share = column == "active_share"
    shown = _in_percent if is_share else _in_short
    later = rows.filter(pl.col("age") > 0) if is_share else rows  # in month 0 everybody is active
    days: list[date] = later["cohort"].unique().sort().to_list()
    at = {day: i for i, day in enumerate(days)}
    most = max((value for value in later[column] if value is not None), default=0.0)
    known = sorted(set(later["age"]))
    ages = range(known[0], known[-1] + 1)
    cells = {
        (at[row["cohort"]], row["age"] - ages[0]): Cell(
            level=level(row[column] / most if most > 0 and row[column] is not None else None),
            lines=(shown(row[column]),),
            tip=gettext(
                "{cohort}, month {age}: {number} ({customers})",
                cohort=month(row["cohort"]),
                age=count(row["age"]),
                number=percent(row[column]) if is_share else money(row[column]),
                customers=customers(row["customers"]),
            ),
        )
        for row in later.iter_rows(named=True)
    }
    return heat_map_chart(
        [month(day) for day in days], [str(age) for age in ages], cells, width, title=title, says=says,
        row_title=gettext("month of first purchase"), column_title=gettext("months since"),
    )  # fmt: skip


def _in_percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}"


def _in_short(amount: float | None) -> str:
    return "" if amount is None else short_money(amount)
