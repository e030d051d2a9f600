"""The same work by other libraries: lifetimes, as its documentation does it."""

import functools
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

MONTHS = 12
MONTHLY_DISCOUNT = 0.01


def _quiet(work: Callable[..., Any]) -> Callable[..., Any]:
    """Without pandas' and NumPy's notices about the style of lifetimes, whose last release is older than theirs."""

    @functools.wraps(work)
    def quietly(*args: Any, **kwargs: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work(*args, **kwargs)

    return quietly


@_quiet
def summary(orders: Path, as_of: date) -> pd.DataFrame:
    """Frequency, recency, T and monetary value by lifetimes, from order lines in memory."""
    from lifetimes.utils import summary_data_from_transaction_data

    lines = pl.scan_parquet(orders).filter(pl.col("amount") > 0).select("customer_id", "order_ts", "margin").collect()
    frame = pd.DataFrame({name: lines[name].to_numpy() for name in lines.columns})
    return summary_data_from_transaction_data(
        frame, "customer_id", "order_ts", monetary_value_col="margin", observation_period_end=str(as_of)
    )


@_quiet
def fit(histories: pl.DataFrame) -> Any:
    """A fitted lifetimes BetaGeoFitter."""
    from lifetimes import BetaGeoFitter

    x, t_x, T = (pd.Series(histories[name].to_numpy(), dtype=float) for name in ("x", "t_x", "T"))
    return BetaGeoFitter().fit(x, t_x, T)


@_quiet
def fit_pareto(histories: pl.DataFrame) -> Any:
    """A fitted lifetimes ParetoNBDFitter."""
    from lifetimes import ParetoNBDFitter

    x, t_x, T = (pd.Series(histories[name].to_numpy(), dtype=float) for name in ("x", "t_x", "T"))
    return ParetoNBDFitter().fit(x, t_x, T)


@_quiet
def fit_spend(histories: pl.DataFrame) -> Any:
    """A fitted lifetimes GammaGammaFitter."""
    from lifetimes import GammaGammaFitter

    repeat = histories.filter((pl.col("x") > 0) & (pl.col("m") > 0))
    return GammaGammaFitter().fit(pd.Series(repeat["x"].to_numpy()), pd.Series(repeat["m"].to_numpy()))


@_quiet
def clv(fitted: Any, spend: Any, histories: pl.DataFrame) -> np.ndarray:
    """Twelve-month CLV of every customer by lifetimes: months of 30 days, one per cent a month."""
    x, t_x, T, m = (pd.Series(histories[name].to_numpy(), dtype=float) for name in ("x", "t_x", "T", "m"))
    value = spend.customer_lifetime_value(fitted, x, t_x, T, m, time=MONTHS, freq="D", discount_rate=MONTHLY_DISCOUNT)
    return value.to_numpy()
