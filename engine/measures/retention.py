"""Measures by calendar month, quarter and year: who stayed, who left, who came back, what a purchase brought."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.measures.exact_sums import Whole, in_currency, ratio, whole
from whalecurve.engine.measures.settings import month_start
from whalecurve.engine.measures.sums import MeasureSums
from whalecurve.engine.settings import MONTHS_PER_PERIOD
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.measures import KINDS, NO_COHORT, FirstPurchase, Lapse, People
from whalecurve.kernels.store import YEAR

MAY_BE_UNKNOWN = ("previous", "retained", "reactivated", "at_start", "lost")
"""Counts that compare with days before the period, -1 until they are laid out where those were not observed."""

MOST_YEARS = 5.0
"""The lifespan of a customer of whom no end is in sight."""


def period_table(sums: MeasureSums) -> pl.DataFrame:
    """One row per scheme, group with customers, and calendar month, quarter and year.

    Customers belong to the segments that they are in at as-of, whenever they bought. Counts are of the days observed; a
    rate is null where a period that it compares was not observed in full, or nobody was there.

    Who is reactivated was away for the period before, whole, and had bought before that. The least that shows it is
    two whole periods: `reactivated` and `reactivation` are null unless the period before, and the one before that,
    were observed in full. In a log that begins on 15 March that is so from June on, and from the third year after. A
    purchase further back than the log is not counted: a customer is `new` at the first one observed.

    Returns
    -------
    DataFrame
        scheme, group : null for customers whom a scheme puts nowhere
        period : "month", "quarter" or "year"
        start, end : Date, both included
        is_complete : whether every day of it is observed
        active : customers with a purchase day in it
        new : with their first one
        previous, retained : active in the period before; of those, active in this one. Null in the first period
        reactivated : active, not in the period before, but earlier. Null as said above
        retention, churn : retained / previous, and 1 less that
        reactivation : reactivated / active
        at_start, lost, lost_share : customers with a purchase in the 365 days before the period; of those, with none in
            the 365 days up to its end; lost / at_start. Of a year: previous, previous less retained, churn. Null
            where the 365 days before are not observed
        purchases, revenue, margin, value : purchase days, net amounts; margin null where days carry none
        purchase_frequency : purchases / active
        average_purchase_value : value / purchases
        lifespan : of years alone: 1 / churn, at most 5 years
        simple_clv : average_purchase_value x purchase_frequency x lifespan
    """
    months = _by_month(sums)
    table = pl.concat([_of_period(sums, months, period) for period in MONTHS_PER_PERIOD])
    return without_margin(table.with_columns(pl.col(pl.Float64).fill_nan(None)), sums)


def without_margin(table: pl.DataFrame, sums: MeasureSums) -> pl.DataFrame:
    """The table, with nulls for margins where days carry none."""
    names = [] if sums.settings.has_margin else [name for name in table.columns if name.endswith("margin")]
    return table.with_columns(pl.lit(None, pl.Float64).alias(name) for name in names)


def by_slot(sums: MeasureSums) -> tuple[Int64, Whole, Whole]:
    """Purchases by kind, revenue and margin of each row and slot: [n_slots, n_rows, kinds], [n_slots, n_rows] twice."""
    tables, observed = sums.tables, sums.observed
    n_rows, n_slots = tables.people.shape[0], observed.month_of.size
    kinds = tables.kinds.reshape(n_slots, n_rows, -1)[:, :, : len(KINDS)]
    stray = whole(tables.stray, tables.stray_carry).reshape(n_slots, n_rows, 2)
    cells = sums.money
    dtype = object if object in (stray.dtype, cells.dtype) else np.int64
    money = stray.astype(dtype)
    for slot in range(n_slots):
        own = cells[n_rows * observed.start[slot] : n_rows * observed.start[slot + 1]]
        money[slot] += own.reshape(n_rows, -1, 2).sum(axis=1)
    return kinds, money[:, :, 0], money[:, :, 1]


def _by_month(sums: MeasureSums) -> dict[str, Whole]:
    """What is counted by month: arrays whose first axis is the month, the second the row."""
    tables, observed = sums.tables, sums.observed
    n_rows, n_months = tables.people.shape[0], observed.cohort_of.size
    kinds, revenue, margin = (_added(array, observed.month_of, n_months) for array in by_slot(sums))
    new = np.zeros((n_months, n_rows), dtype=np.int64)
    new[np.flatnonzero(observed.cohort_of != NO_COHORT)] = sums.first_purchases[:, :, FirstPurchase.CUSTOMERS]
    lapses = tables.lapses.reshape(n_months, n_rows, -1)
    return {"kinds": kinds, "revenue": revenue, "margin": margin, "new": new, "lapses": lapses}


def _added(array: Whole, places: NDArray[np.int32], n: int) -> Whole:
    """Sums of the entries along the first axis that have the same place."""
    added = np.zeros((n, *array.shape[1:]), dtype=array.dtype)
    for at, place in enumerate(places):
        added[place] += array[at]
    return added


def _of_period(sums: MeasureSums, months: dict[str, Whole], period: str) -> pl.DataFrame:
    length, first_month = MONTHS_PER_PERIOD[period], sums.settings.first_month
    numbers = (first_month + np.arange(sums.settings.n_months)) // length
    places = (numbers - numbers[0]).astype(np.int32)
    n = int(places[-1]) + 1
    sums_of = {name: _added(array, places, n) for name, array in months.items()}
    firsts = [int(numbers[0] + at) * length for at in range(n)]
    starts = np.array([month_start(first) for first in firsts])
    ends = np.array([month_start(first + length) - 1 for first in firsts])
    is_seen = np.array([sums.settings.is_complete(first, length) for first in firsts])
    counts = _counts_of(sums_of["kinds"], sums_of["new"], period)
    both_seen = (is_seen & np.concatenate([[False], is_seen[:-1]]))[:, None]
    has_previous = (np.arange(n) > 0)[:, None]
    can_be_back = np.concatenate([[False, False], starts[:-2] >= sums.settings.first_day])[:n, None]
    retention = ratio(counts["retained"], counts["previous"], both_seen)
    at_start, lost, is_known = _base(sums, sums_of["lapses"], counts, period, starts)
    value = sums_of[sums.settings.value]
    frequency = ratio(counts["purchases"], counts["active"], is_seen[:, None])
    average = ratio(in_currency(value), counts["purchases"])
    span = lifespan(1.0 - retention) if period == "year" else np.full(retention.shape, np.nan)
    columns: dict[str, Any] = {
        **{name: counts[name] for name in ("active", "new")},
        **{name: np.where(has_previous, counts[name], -1) for name in ("previous", "retained")},
        "reactivated": np.where(can_be_back, counts["reactivated"], -1),
        "retention": retention,
        "churn": 1.0 - retention,
        "reactivation": ratio(counts["reactivated"], counts["active"], can_be_back & is_seen[:, None]),
        "at_start": np.where(is_known, at_start, -1),
        "lost": np.where(is_known & is_seen[:, None], lost, -1),
        "lost_share": ratio(lost, at_start, is_known & is_seen[:, None]),
        "purchases": counts["purchases"],
        **{name: in_currency(sums_of[name]) for name in ("revenue", "margin")},
        "value": in_currency(value),
        "purchase_frequency": frequency,
        "average_purchase_value": average,
        "lifespan": span,
        "simple_clv": average * frequency * span,
    }
    return _laid_out(sums, period, starts, ends, is_seen, columns)


def _counts_of(kinds: Int64, new: Int64, period: str) -> dict[str, Int64]:
    """Customers and purchases of each period and row, from purchases by kind, and the new customers."""
    axis = list(MONTHS_PER_PERIOD).index(period)
    later = np.array([kind[axis] for kind in KINDS])
    active, retained = (kinds[:, :, is_counted].sum(axis=2) for is_counted in (later > 0, later == 1))
    return {
        "active": active,
        "new": new,
        "retained": retained,
        "purchases": kinds.sum(axis=2),
        "previous": _before(active),
        "reactivated": active - retained - new,
    }


def lifespan(churn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Years that a customer stays: 1 / annual churn, at most 5; NaN where churn is."""
    years: NDArray[np.float64] = 1.0 / np.maximum(churn, 1.0 / MOST_YEARS)
    return years


def _base(
    sums: MeasureSums, lapses: Int64, counts: dict[str, Int64], period: str, starts: Int64
) -> tuple[Int64, Int64, NDArray[np.bool_]]:
    """Customers at the start, those lost of them, and where both are known."""
    first_day = sums.settings.first_day
    if period == "year":
        is_known = np.concatenate([[False], starts[:-1] >= first_day])
        return counts["previous"], counts["previous"] - counts["retained"], _each(is_known, counts["previous"])
    of_month, of_quarter = (Lapse.LAPSED_MONTH, Lapse.WON_BACK_MONTH), (Lapse.LAPSED_QUARTER, Lapse.WON_BACK_QUARTER)
    lapsed, back = of_month if period == "month" else of_quarter
    at_end = np.cumsum(counts["new"] + lapses[:, :, back] - lapses[:, :, lapsed], axis=0)
    return _before(at_end), lapses[:, :, lapsed], _each(starts - YEAR >= first_day, at_end)


def _each(is_known: NDArray[np.bool_], like: Int64) -> NDArray[np.bool_]:
    return np.broadcast_to(is_known[:, None], like.shape)


def _before(counts: Int64) -> Int64:
    """Counts of the period before; 0 for the first."""
    return np.concatenate([np.zeros_like(counts[:1]), counts[:-1]])


def _laid_out(
    sums: MeasureSums, period: str, starts: Int64, ends: Int64, is_seen: NDArray[np.bool_], columns: dict[str, Any]
) -> pl.DataFrame:
    """A row for each group with customers and each period."""
    rows = np.flatnonzero(sums.tables.people[:, People.CUSTOMERS])
    n = len(starts)
    names = [sums.settings.rows[row] for row in rows]
    table = pl.DataFrame(
        {
            "scheme": [scheme for scheme, _ in names for _ in range(n)],
            "group": [group for _, group in names for _ in range(n)],
            "period": [period] * (n * rows.size),
            "start": np.tile(starts, rows.size),
            "end": np.tile(ends, rows.size),
            "is_complete": np.tile(is_seen, rows.size),
            **{name: array[:, rows].T.ravel() for name, array in columns.items()},
        },
        schema_overrides={"group": pl.String, "scheme": pl.String, "period": pl.String},
    )
    return table.with_columns(
        pl.col("start", "end").cast(pl.Int32).cast(pl.Date),
        *(pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in MAY_BE_UNKNOWN),
    )
