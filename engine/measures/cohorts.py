"""Cohort tables: customers by the month of their first purchase, followed month by month."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.measures.exact_sums import Whole, in_currency, ratio
from whalecurve.engine.measures.retention import without_margin
from whalecurve.engine.measures.settings import month_start
from whalecurve.engine.measures.sums import MeasureSums
from whalecurve.kernels.measures import NO_COHORT, Cell, FirstPurchase

SCHEMA = {
    "scheme": pl.String(),
    "group": pl.String(),
    "cohort": pl.Date(),
    "age": pl.Int32(),
    "is_complete": pl.Boolean(),
    "customers": pl.Int64(),
    "active": pl.Int64(),
    "active_share": pl.Float64(),
    "unbounded": pl.Int64(),
    "unbounded_share": pl.Float64(),
    "revenue": pl.Float64(),
    "margin": pl.Float64(),
    "cumulative_revenue": pl.Float64(),
    "cumulative_margin": pl.Float64(),
    "cumulative_value_per_customer": pl.Float64(),
}

KEYS = ("scheme", "group", "place", "cohort", "age", "customers")


def cohort_table(sums: MeasureSums) -> pl.DataFrame:
    """One row per scheme, group, month of first purchase in which the group has customers, and age.

    All cohorts have ages up to that of the oldest; what has not been observed by as-of is null, never 0. Money from
    before the month of the first purchase (returns of what was bought before the days observed) is in age 0, so that a
    cohort's money is that of its customers; customers without any purchase day are in no cohort.

    Returns
    -------
    DataFrame
        scheme, group
        cohort : Date, first day of the month of the first purchase
        age : months since that month
        is_complete : whether the month of that age is observed in full; null where it is not observed at all
        customers : size of the cohort
        active, active_share : with a purchase day in the month of that age; the share null where it is incomplete
        unbounded, unbounded_share : with one in that month or a later one
        revenue, margin : of the month, net
        cumulative_revenue, cumulative_margin : up to the end of the month
        cumulative_value_per_customer : value up to the end of the month / customers
    """
    observed, settings = sums.observed, sums.settings
    n_months = observed.cohort_of.size
    money, sizes = sums.money, sums.first_purchases[:, :, FirstPurchase.CUSTOMERS]
    is_seen = np.array([settings.is_complete(settings.first_month + month) for month in range(n_months)])
    months = np.flatnonzero(observed.cohort_of != NO_COHORT)
    oldest = int(months[0]) if months.size else 0
    n_ages = n_months - oldest
    parts = []
    for cohort, month in enumerate(months):
        counts, amounts = _followed(sums, money, cohort, int(month))
        rows = np.flatnonzero(sizes[cohort])
        parts.append(_cohort(sums, rows, int(month), sizes[cohort][rows], counts[rows], amounts[rows], is_seen, n_ages))
    table = _table(sums, parts) if parts else pl.DataFrame(schema=SCHEMA)
    return without_margin(table, sums)


def _followed(sums: MeasureSums, money: Whole, cohort: int, month: int) -> tuple[NDArray[np.int64], Whole]:
    """Active and last active customers, revenue and margin of a cohort by row and age: [n_rows, ages, 2] twice."""
    observed, tables = sums.observed, sums.tables
    n_rows, n_months = tables.people.shape[0], observed.cohort_of.size
    counts = np.zeros((n_rows, n_months - month, 2), dtype=np.int64)
    amounts = np.zeros((n_rows, n_months - month, 2), dtype=money.dtype)
    for slot in np.flatnonzero(observed.month_of >= month):
        width, start = int(observed.n_cohorts[slot]), n_rows * int(observed.start[slot])
        cells, age = start + width * np.arange(n_rows) + cohort, int(observed.month_of[slot]) - month
        counts[:, age] += tables.cells[cells][:, [Cell.ACTIVE, Cell.LAST_ACTIVE]]
        amounts[:, age] += money[cells]
    return counts, amounts


def _cohort(
    sums: MeasureSums,
    rows: NDArray[np.intp],
    month: int,
    customers: NDArray[np.int64],
    counts: NDArray[np.int64],
    amounts: Whole,
    is_seen: NDArray[np.bool_],
    n_ages: int,
) -> dict[str, NDArray[Any]]:
    """The columns of one cohort, for the groups at `rows`, each with all ages; `is_known` up to those observed."""
    seen = counts.shape[1]
    size = customers[:, None]
    unbounded = counts[:, ::-1, 1].cumsum(axis=1)[:, ::-1]
    cumulative = amounts.cumsum(axis=1)
    own = 1 if sums.settings.value == "margin" else 0
    observed = {
        "is_complete": np.broadcast_to(is_seen[month:], unbounded.shape),
        "active": counts[:, :, 0],
        "active_share": ratio(counts[:, :, 0], size, is_seen[month:]),
        "unbounded": unbounded,
        "unbounded_share": ratio(unbounded, size, is_seen[month:]),
        "revenue": in_currency(amounts[:, :, 0]),
        "margin": in_currency(amounts[:, :, 1]),
        "cumulative_revenue": in_currency(cumulative[:, :, 0]),
        "cumulative_margin": in_currency(cumulative[:, :, 1]),
        "cumulative_value_per_customer": ratio(in_currency(cumulative[:, :, own]), size),
        "is_known": np.ones(unbounded.shape, np.bool_),
    }
    later = ((0, 0), (0, n_ages - seen))
    return {name: np.pad(column, later).ravel() for name, column in observed.items()} | {
        "row": np.repeat(rows, n_ages),
        "cohort": np.full(rows.size * n_ages, month_start(sums.settings.first_month + month), np.int32),
        "age": np.tile(np.arange(n_ages, dtype=np.int32), rows.size),
        "customers": np.repeat(customers, n_ages),
    }


def _table(sums: MeasureSums, parts: list[dict[str, NDArray[Any]]]) -> pl.DataFrame:
    """The columns of all cohorts as one table, group by group; what was not observed is null."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    row, rows = pl.Series(columns.pop("row")), sums.settings.rows
    places = {key: place for place, key in enumerate(dict.fromkeys(rows))}
    of_rows = {
        "scheme": pl.Series([scheme for scheme, _ in rows], dtype=pl.String),
        "group": pl.Series([group for _, group in rows], dtype=pl.String),
        "place": pl.Series([places[key] for key in rows], dtype=pl.Int32),
    }
    return (
        pl.DataFrame({name: values.gather(row) for name, values in of_rows.items()} | columns)
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .with_columns(pl.when("is_known").then(pl.exclude(*KEYS)), pl.col("cohort").cast(pl.Date))
        .sort("place", "cohort", "age")
        .select(SCHEMA.keys())
    )
