"""The same work by other libraries: Polars, DuckDB, pandas, and lifetimes as its documentation does it.

What a user would write as a script is a script here, too, which imports what it uses: `scripts/` has one a file.
"""

import functools
import sys
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:  # imported by those alone who use it: a process of its own pays for its imports
    import pandas as pd

MONTHS = 12
MONTHLY_DISCOUNT = 0.01
SCRIPTS = Path(__file__).with_name("scripts")


def script(name: str, *arguments: str | Path) -> list[str]:
    """The command that runs one of the scripts."""
    return [sys.executable, str(SCRIPTS / f"{name}.py"), *map(str, arguments)]


def _quiet(work: Callable[..., Any]) -> Callable[..., Any]:
    """Without pandas' and NumPy's notices about the style of lifetimes, whose last release is older than theirs."""

    @functools.wraps(work)
    def quietly(*args: Any, **kwargs: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work(*args, **kwargs)

    return quietly


def polars_summary(orders: Path) -> pl.DataFrame:
    """Sums by customer and day, then by customer, on Polars' streaming engine: no orders counted, no returns told."""
    day = pl.col("order_ts").dt.date()
    days = (
        pl.scan_parquet(orders).group_by("customer_id", day=day).agg(pl.col("margin", "amount").sum(), n_lines=pl.len())
    )
    first, last = pl.col("day").min(), pl.col("day").max()
    return (
        days.group_by("customer_id")
        .agg(
            first=first,
            last=last,
            n_days=pl.len(),
            margin=pl.col("margin").sum(),
            revenue=pl.col("amount").sum(),
            first_margin=pl.col("margin").filter(pl.col("day") == first).sum(),
            n_lines=pl.col("n_lines").sum(),
        )
        .collect(engine="streaming")
    )


def duckdb_summary(orders: Path) -> Any:
    """The same two levels in DuckDB, as an Arrow table."""
    import duckdb

    return duckdb.sql(
        f"""
        with days as (
            select customer_id, order_ts::date as day, sum(margin) as margin, sum(amount) as amount,
                   count(*) as n_lines
            from read_parquet('{orders}/*.parquet') group by customer_id, day)
        select customer_id, min(day) as first, max(day) as last, count(*) as n_days, sum(margin) as margin,
               sum(amount) as revenue, arg_min(margin, day) as first_margin,
               sum(n_lines) as n_lines
        from days group by customer_id
        """
    ).to_arrow_table()


def pandas_summary(orders: Path) -> "pd.DataFrame":
    """The same two levels in pandas, all lines in memory."""
    import pandas as pd

    lines = pd.read_parquet(orders, columns=["customer_id", "order_ts", "amount", "margin"])
    lines["day"] = lines["order_ts"].dt.normalize()
    days = lines.groupby(["customer_id", "day"], sort=False).agg(
        margin=("margin", "sum"), amount=("amount", "sum"), n_lines=("amount", "size")
    )
    return (
        days.reset_index()
        .groupby("customer_id", sort=False)
        .agg(
            first=("day", "min"),
            last=("day", "max"),
            n_days=("day", "size"),
            margin=("margin", "sum"),
            revenue=("amount", "sum"),
            n_lines=("n_lines", "sum"),
        )
    )


@_quiet
def summary(orders: Path, as_of: date) -> "pd.DataFrame":
    """Frequency, recency, T and monetary value by lifetimes, from order lines in memory."""
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    lines = pl.scan_parquet(orders).filter(pl.col("amount") > 0).select("customer_id", "order_ts", "margin").collect()
    frame = pd.DataFrame({name: lines[name].to_numpy() for name in lines.columns})
    return summary_data_from_transaction_data(
        frame, "customer_id", "order_ts", monetary_value_col="margin", observation_period_end=str(as_of)
    )


@_quiet
def fit(histories: pl.DataFrame) -> Any:
    """A fitted lifetimes BetaGeoFitter."""
    import pandas as pd
    from lifetimes import BetaGeoFitter

    x, t_x, T = (pd.Series(histories[name].to_numpy(), dtype=float) for name in ("x", "t_x", "T"))
    return BetaGeoFitter().fit(x, t_x, T)


@_quiet
def fit_pareto(histories: pl.DataFrame) -> Any:
    """A fitted lifetimes ParetoNBDFitter."""
    import pandas as pd
    from lifetimes import ParetoNBDFitter

    x, t_x, T = (pd.Series(histories[name].to_numpy(), dtype=float) for name in ("x", "t_x", "T"))
    return ParetoNBDFitter().fit(x, t_x, T)


@_quiet
def fit_spend(histories: pl.DataFrame) -> Any:
    """A fitted lifetimes GammaGammaFitter."""
    import pandas as pd
    from lifetimes import GammaGammaFitter

    repeat = histories.filter((pl.col("x") > 0) & (pl.col("m") > 0))
    return GammaGammaFitter().fit(pd.Series(repeat["x"].to_numpy()), pd.Series(repeat["m"].to_numpy()))


@_quiet
def clv(fitted: Any, spend: Any, histories: pl.DataFrame) -> np.ndarray:
    """Twelve-month CLV of every customer by lifetimes: months of 30 days, one per cent a month."""
    import pandas as pd

    x, t_x, T, m = (pd.Series(histories[name].to_numpy(), dtype=float) for name in ("x", "t_x", "T", "m"))
    value = spend.customer_lifetime_value(fitted, x, t_x, T, m, time=MONTHS, freq="D", discount_rate=MONTHLY_DISCOUNT)
    return value.to_numpy()
