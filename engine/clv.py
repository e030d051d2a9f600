"""Stage: summary + models -> P(alive), expected purchases, expected value, CLV."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.bridge import kernel_expr
from whalecurve.engine.config import Scoring, Window
from whalecurve.engine.models import purchase_model
from whalecurve.engine.results import Fit
from whalecurve.kernels import gamma_gamma

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
PURCHASE_COLUMNS = ("p_alive", "expected_purchases", "p_purchase")
VALUE_COLUMNS = ("expected_value", "clv", "clv_total")
KEY = ["frequency", "T"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The steps that CLV is summed over: their ends in model units, and the factor that discounts each.

    risk : the risk horizon in model units
    """

    ends: NDArray[np.float64]
    discounts: NDArray[np.float64]
    risk: float


def schedule(scoring: Scoring, window: Window) -> Schedule:
    """Months of 365.25/12 days up to the horizon, the last one cut there, discounted at their ends.

    Where time is counted in periods, the steps are whole periods, as many as come nearest to each horizon, at
    least one.
    """
    per_unit = window.days_per_unit
    if window.period is not None:
        days = per_unit * np.arange(1, max(1, round(scoring.horizon_days / per_unit)) + 1)
        risk = float(max(1, round(scoring.risk_days / per_unit)))
        ends = days / per_unit
    else:
        n_whole = int(np.floor(scoring.horizon_days / DAYS_PER_MONTH * (1.0 + 1e-12)))
        days = DAYS_PER_MONTH * np.arange(1, n_whole + 1)
        if n_whole == 0 or scoring.horizon_days - days[-1] > 1e-6:
            days = np.append(days, float(scoring.horizon_days))
        risk = scoring.risk_days / per_unit
        ends = days / per_unit
    return Schedule(ends=ends, discounts=(1.0 + scoring.annual_discount) ** (-days / DAYS_PER_YEAR), risk=risk)


def prospects(histories: pl.DataFrame, fit: Fit, window: Window, scoring: Scoring) -> pl.DataFrame:
    """What a customer who is still active is expected to do, for each distinct (x, T).

    Whether a customer is active depends on the last purchase; what an active one does, on x and T alone. There
    are few of those, so the sums over months are worked out once for each.

    Parameters
    ----------
    histories
        Rows with frequency and T.

    Returns
    -------
    frequency, T; purchases_if_alive : in the horizon; discounted_if_alive : the same, each step's discounted to
    now; no_purchase_if_alive : probability of none in the risk horizon
    """
    model = purchase_model(fit.model)
    pairs = histories.select(KEY).unique().sort(KEY)
    x, T = (pairs[name].cast(pl.Float64).to_numpy() for name in KEY)
    steps = schedule(scoring, window)
    discounted, before = np.zeros_like(x), np.zeros_like(x)
    for end, discount in zip(steps.ends, steps.discounts, strict=True):
        purchases = model.expected_if_alive(end, x, T, *fit.values)
        discounted += (purchases - before) * discount
        before = purchases
    return pairs.with_columns(
        purchases_if_alive=before,
        discounted_if_alive=discounted,
        no_purchase_if_alive=model.no_purchase_if_alive(steps.risk, x, T, *fit.values),
    )


def with_purchases(summary: pl.LazyFrame, fit: Fit | None, table: pl.DataFrame | None) -> pl.LazyFrame:
    """Add `p_alive`, `expected_purchases`, `p_purchase` and `discounted_purchases` (dropped again by `with_clv`).

    Without a fit they are null. `table` comes from `prospects`.
    """
    if fit is None or table is None:
        nulls = (*PURCHASE_COLUMNS, "discounted_purchases")
        return summary.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in nulls)
    model = purchase_model(fit.model)
    alive = kernel_expr(model.p_alive, "frequency", "recency", "T", params=fit.values)
    joined = summary.with_columns(p_alive=alive).join(table.lazy(), on=KEY, how="left", maintain_order="left")
    alive = pl.col("p_alive")
    return joined.with_columns(
        expected_purchases=alive * pl.col("purchases_if_alive"),
        p_purchase=alive * (1.0 - pl.col("no_purchase_if_alive")),
        discounted_purchases=alive * pl.col("discounted_if_alive"),
    ).drop("purchases_if_alive", "discounted_if_alive", "no_purchase_if_alive")


def with_clv(customers: pl.LazyFrame, spend: Fit | None) -> pl.LazyFrame:
    """Add `expected_value` of one purchase, `clv` over the horizon, and `clv_total` = value + clv.

    A customer who made losses keeps them: the expectation is linear in the customer's own mean. Without a fit
    all three are null.
    """
    if spend is None:
        customers = customers.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in VALUE_COLUMNS)
        return customers.drop("discounted_purchases")
    expected = kernel_expr(gamma_gamma.expected_value, "frequency", "monetary_value", params=spend.values)
    clv = pl.col("discounted_purchases") * pl.col("expected_value")
    return (
        customers.with_columns(expected_value=expected)
        .with_columns(clv=clv)
        .with_columns(clv_total=pl.col("value") + pl.col("clv"))
        .drop("discounted_purchases")
    )
