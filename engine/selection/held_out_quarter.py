"""The last quarter of the days observed, held out to choose models by: what was known before it, and what came then."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from whalecurve.engine.errors import NothingObservedError
from whalecurve.engine.models import FitData, fit_data_of
from whalecurve.engine.orders import Orders
from whalecurve.engine.runtime import Budget
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import HELPERS, read_totals, summary_of
from whalecurve.kernels.arrays import Int64, Vector

HELD_OUT = 4  # the last quarter of the days observed is predicted
LEAST_DAYS = 28  # and no less than this
LEAST_REPEAT_CUSTOMERS = 100
HISTORY = ("customer_id", "frequency", "monetary_value")
"""What of the whole window is needed, of customers with a purchase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastQuarter:
    """What was known before the last quarter, and what each customer then did.

    window : the days before; horizon_days : the days held out
    customers : those with a purchase before, as the summary has them then; fit_data : what models are fitted to
    purchases : float64[customers], purchase days in the quarter
    worth : float64[customers], what one of them brought on average; NaN for those without
    """

    window: ObservedWindow
    horizon_days: int
    customers: pl.DataFrame
    fit_data: FitData
    purchases: Vector
    worth: Vector


def last_quarter(
    orders: Orders, value: str, window: ObservedWindow, first_day: date, whole: pl.LazyFrame, budget: Budget
) -> LastQuarter | None:
    """Cut the window before its last quarter; None where that leaves too little to learn from, or time has periods.

    Too little are fewer than `LEAST_DAYS` days, or `LEAST_REPEAT_CUSTOMERS` repeat customers before them. Purchase days
    are counted day by day, so those of the quarter are those of the whole window, of which `whole` has `HISTORY`, less
    those before. A return after the split is taken off what the purchases of the quarter brought, whichever it belongs
    to.
    """
    horizon = ((window.as_of - (window.since or first_day)).days + 1) // HELD_OUT
    if horizon < LEAST_DAYS or window.period is not None:
        return None
    cut = replace(window, as_of=window.as_of - timedelta(days=horizon))
    known = _known(orders, cut, value, budget)
    if known is None:
        return None
    before, gaps = known
    if before.filter(pl.col("frequency") > 0).height < LEAST_REPEAT_CUSTOMERS:
        return None
    after = whole.select(*HISTORY).rename({"frequency": "x_in_all", "monetary_value": "m_in_all"})
    both = before.join(after.collect(engine="streaming"), on="customer_id", how="left", maintain_order="left")
    x, m, x_in_all, m_in_all = (
        both[name].cast(pl.Float64).to_numpy() for name in ("frequency", "monetary_value", "x_in_all", "m_in_all")
    )
    purchases = x_in_all - x
    worth = (x_in_all * m_in_all - x * m) / np.where(purchases > 0.0, purchases, np.nan)
    return LastQuarter(
        window=cut,
        horizon_days=horizon,
        customers=before,
        fit_data=fit_data_of(before, cut).with_gaps(gaps, cut),
        purchases=purchases,
        worth=worth,
    )


def _known(orders: Orders, cut: ObservedWindow, value: str, budget: Budget) -> tuple[pl.DataFrame, Int64] | None:
    """The summary of those with a purchase by the cut, and the gaps between purchases; None without anybody."""
    try:
        totals = read_totals(orders, cut, budget, value=value)
    except NothingObservedError:
        return None
    try:
        summary = summary_of(totals, value).filter(pl.col("frequency").is_not_null())
        return summary.collect(engine="streaming").drop(HELPERS), totals.gaps
    finally:
        totals.close()
