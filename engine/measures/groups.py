"""One row of measures for every group of customers: who comes back, how soon, what is returned, what it is worth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.measures.exact_sums import in_currency, ratio, whole
from whalecurve.engine.measures.gaps import gap_counts, quantile
from whalecurve.engine.measures.retention import by_slot, lifespan
from whalecurve.engine.measures.sums import MeasureSums
from whalecurve.engine.statistics import kaplan_meier, wilson_interval
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.measures import NO_COHORT, FirstPurchase, People
from whalecurve.kernels.store import YEAR

Key = tuple[str, str | None]
"""Scheme and group."""

BY_DEFINITION = (
    "repeat_rate",
    "one_and_done_rate",
    "stickiness",
    "next_p25",
    "next_p50",
    "next_p75",
    "annual_churn",
    "lifespan",
    "simple_clv",
)
"""What the groups of every scheme are told apart by: how lately and how often customers have bought up to as-of. Of a
group, these say who is in it: that no Champion of today was lost is their definition, and so is how long the gaps are
that are still open, which Kaplan and Meier take for ended by chance."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def group_table(sums: MeasureSums, model_clv: Mapping[Key, float] | None = None) -> pl.DataFrame:
    """One row per scheme and group with customers. Rates of nobody, or of days not observed, are null.

    Customers count in the group that they are in at as-of, so `BY_DEFINITION` names what follows from it.

    Parameters
    ----------
    model_clv
        Mean CLV of the models by scheme and group, to be shown beside the simple one.

    Returns
    -------
    DataFrame
        scheme, group : null for customers whom a scheme puts nowhere
        customers, buyers : all; those with a purchase day
        repeat_customers, repeat_rate : with two and more; of buyers
        year_buyers, year_repeat_customers, year_repeat_rate : the same within the last 365 days
        aged, one_and_done, one_and_done_rate : first purchase 90 days ago or longer; of those, with one purchase day
        new_observed, new_back, stickiness, stickiness_low, stickiness_high : first purchase W days ago or longer; of
            those, with a second purchase day within W days; share and its Wilson interval
        gaps, mean_gap, gap_p10 ... gap_p90 : days between purchase days, pooled
        next_p25, next_p50, next_p75 : days until so many of all customers who bought have bought again
            (Kaplan-Meier; null where it never comes to that)
        sold, returned, return_rate, sale_lines, return_lines, line_return_rate : amounts and lines; returned / sold
        purchases_a_year : purchase days of the last 365 days / year_buyers
        average_purchase_value : value of the last 365 days / purchase days
        annual_churn : share of the buyers of the 365 days before who have not bought since
        lifespan : 1 / annual_churn in years, at most 5
        simple_clv : average_purchase_value x purchases_a_year x lifespan
        model_clv : as given
    """
    people = sums.tables.people
    customers, buyers = people[:, People.CUSTOMERS], people[:, People.BUYERS]
    firsts = sums.first_purchases.sum(axis=0)
    observed, back = firsts[:, FirstPurchase.OBSERVED], firsts[:, FirstPurchase.BACK_SOON]
    low, high = _interval(back, observed, sums.settings.level)
    has_year = sums.observed.slot_of.size >= YEAR
    columns: dict[str, Any] = {
        "customers": customers,
        "buyers": buyers,
        "repeat_customers": people[:, People.REPEAT],
        "repeat_rate": ratio(people[:, People.REPEAT], buyers),
        "year_buyers": people[:, People.YEAR_BUYERS],
        "year_repeat_customers": people[:, People.YEAR_REPEAT],
        "year_repeat_rate": ratio(people[:, People.YEAR_REPEAT], people[:, People.YEAR_BUYERS], has_year),
        "aged": people[:, People.AGED],
        "one_and_done": people[:, People.ONE_AND_DONE],
        "one_and_done_rate": ratio(people[:, People.ONE_AND_DONE], people[:, People.AGED]),
        "new_observed": observed,
        "new_back": back,
        "stickiness": ratio(back, observed),
        "stickiness_low": low,
        "stickiness_high": high,
        **_gaps(sums),
        **_returns(sums),
        **_worth(sums),
        "model_clv": np.array([(model_clv or {}).get(key, np.nan) for key in sums.settings.rows], dtype=np.float64),
    }
    names = {
        "scheme": pl.Series([scheme for scheme, _ in sums.settings.rows], dtype=pl.String),
        "group": pl.Series([group for _, group in sums.settings.rows], dtype=pl.String),
    }
    table = pl.DataFrame({**names, **columns}).with_columns(pl.col(pl.Float64).fill_nan(None))
    return table.filter(pl.col("customers") > 0)


def _gaps(sums: MeasureSums) -> dict[str, pl.Series]:
    """The time between purchases, one row each."""
    rows = [_gaps_of(sums, row) for row in range(len(sums.settings.rows))]
    dtypes = {name: pl.Float64() if name.startswith(("gap_", "mean")) else pl.Int64() for name in rows[0]}
    return {name: pl.Series([row[name] for row in rows], dtype=dtype) for name, dtype in dtypes.items()}


def _gaps_of(sums: MeasureSums, row: int) -> dict[str, float | None]:
    gaps, censored = gap_counts(sums, row)
    curve, n = kaplan_meier(gaps, censored), int(gaps.sum())
    return {
        "gaps": n,
        "mean_gap": int(gaps @ np.arange(gaps.size)) / n if n else None,
        **{f"gap_p{100 * share:.0f}": quantile(gaps, share) for share in QUANTILES},
        **{f"next_p{100 * share:.0f}": curve.quantile(share) for share in QUANTILES[1:-1]},
    }


def _returns(sums: MeasureSums) -> dict[str, Any]:
    """What was sold and returned: amounts and lines."""
    people, amounts = sums.tables.people, [People.SOLD, People.RETURNED]
    sold, returned = (in_currency(units) for units in whole(people[:, amounts], sums.tables.people_carry[:, amounts]).T)
    sale_lines = people[:, People.LINES] - people[:, People.RETURN_LINES]
    return {
        "sold": sold,
        "returned": returned,
        "return_rate": ratio(returned, sold),
        "sale_lines": sale_lines,
        "return_lines": people[:, People.RETURN_LINES],
        "line_return_rate": ratio(people[:, People.RETURN_LINES], sale_lines),
    }


def _worth(sums: MeasureSums) -> dict[str, Any]:
    """The simple CLV and its parts, from the last 365 days and those before."""
    people, slots = sums.tables.people, sums.observed.month_of
    n_days = sums.observed.slot_of.size
    first = int(sums.observed.slot_of[max(n_days - YEAR, 0)])
    kinds, revenue, margin = by_slot(sums)
    value = (margin if sums.settings.value == "margin" else revenue)[first : slots.size].sum(axis=0)
    purchases = kinds[first:].sum(axis=(0, 2))
    frequency = ratio(purchases, people[:, People.YEAR_BUYERS], n_days >= YEAR)
    average = ratio(in_currency(value), purchases, n_days >= YEAR)
    churn = 1.0 - ratio(people[:, People.KEPT], people[:, People.BUYERS_BEFORE], n_days >= 2 * YEAR)
    return {
        "purchases_a_year": frequency,
        "average_purchase_value": average,
        "annual_churn": churn,
        "lifespan": lifespan(churn),
        "simple_clv": average * frequency * lifespan(churn),
    }


def stickiness_table(sums: MeasureSums) -> pl.DataFrame:
    """New customers who came back, by month of first purchase: one row per scheme, group and month that has some.

    Returns
    -------
    DataFrame
        scheme, group
        by : "first_month"
        value : the month, as 2025-03
        new : customers who bought first in it
        observed : those of them whose first purchase is W days ago or longer
        back : those of them with a second purchase day within W days
        stickiness, low, high : back / observed and its Wilson interval; null where nobody is observed
    """
    n_rows = sums.tables.people.shape[0]
    months = sums.settings.first_month + np.flatnonzero(sums.observed.cohort_of != NO_COHORT)
    keys = [key for key in sums.settings.rows for _ in months]
    words = [str(np.datetime64(int(month), "M")) for month in months]
    counts = sums.first_purchases.transpose(1, 0, 2).reshape(-1, sums.tables.firsts.shape[1])
    table = pl.DataFrame(
        {
            "scheme": pl.Series([scheme for scheme, _ in keys], dtype=pl.String),
            "group": pl.Series([group for _, group in keys], dtype=pl.String),
            "by": pl.Series(["first_month"] * len(keys), dtype=pl.String),
            "value": pl.Series(words * n_rows, dtype=pl.String),
            "new": counts[:, FirstPurchase.CUSTOMERS],
            "observed": counts[:, FirstPurchase.OBSERVED],
            "back": counts[:, FirstPurchase.BACK_SOON],
        }
    )
    return with_shares(table.filter(pl.col("new") > 0), sums.settings.level)


def with_shares(table: pl.DataFrame, level: float) -> pl.DataFrame:
    """Add stickiness, low and high to counts of those observed and those back."""
    observed, back = (table[name].to_numpy() for name in ("observed", "back"))
    low, high = _interval(back, observed, level)
    return table.with_columns(
        stickiness=pl.Series(ratio(back, observed)).fill_nan(None),
        low=pl.Series(np.asarray(low)).fill_nan(None),
        high=pl.Series(np.asarray(high)).fill_nan(None),
    )


def _interval(k: NDArray[Any], n: NDArray[Any], level: float) -> tuple[Vector, Vector]:
    """Wilson's interval for k of n, which holds the share itself whatever the roundings; NaN where there is nobody."""
    low, high = wilson_interval(k.astype(np.float64), n.astype(np.float64), level)
    share = ratio(k, n)
    return np.minimum(low, share), np.maximum(high, share)
