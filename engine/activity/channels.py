"""The channel that customers prefer, by how many days tell it.

A customer is active on n days by channel, k of them by one, and p of all days of all customers are by it. The share
that is expected of their next day is (k + M·p) / (n + M): a Dirichlet prior with the shares of all, worth M days. M is
found by moments, from how much more customers differ than they would by chance.
"""

import numpy as np
import polars as pl

from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.statistics import prior_strength

CELL = ["channel", "n", "k"]


def channel_days(slots: pl.DataFrame) -> pl.DataFrame:
    """Days on which a customer was active by a channel: customer_id, channel, k."""
    told = slots.filter((pl.col("acts") > 0) & pl.col("channel").is_not_null())
    days = told.select(CUSTOMER, "day", "channel").unique()
    counts = days.group_by(CUSTOMER, "channel").agg(k=pl.len().cast(pl.Int64))
    return counts.with_columns(pl.col("channel").cast(pl.String))


def preferred_channels(days: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, float], float]:
    """Of the channels that each customer has come by, the one with the largest share after shrinkage.

    Of equal ones it is that which is commoner among all, then the first by name.

    Parameters
    ----------
    days
        As `channel_days` has them, of all customers.

    Returns
    -------
    polars.DataFrame
        customer_id, preferred_channel, preferred_channel_share
    dict
        The share of each channel in all days, most first.
    float
        M; infinite where customers differ by no more than chance.
    """
    totals = (
        days.group_by("channel").agg(total=pl.col("k").sum()).sort(pl.col("total"), "channel", descending=[True, False])
    )
    whole = int(totals["total"].sum())
    shares = {channel: total / whole for channel, total in totals.iter_rows()}
    known = days.with_columns(n=pl.col("k").sum().over(CUSTOMER)).join(totals, on="channel")
    strength = _strength(known, shares)
    p = pl.col("total") / whole
    share = p if strength == np.inf else (pl.col("k") + strength * p) / (pl.col("n") + strength)
    best = (
        known.select(CUSTOMER, "channel", "total", share=share)
        .sort(CUSTOMER, "share", "total", "channel", descending=[False, True, True, False])
        .group_by(CUSTOMER, maintain_order=True)
        .agg(preferred_channel=pl.col("channel").first(), preferred_channel_share=pl.col("share").first())
    )
    return best, shares, strength


def _strength(known: pl.DataFrame, shares: dict[str, float]) -> float:
    """M, from customers with as many days by a channel, of as many, counted together; also those with none by it."""
    if len(shares) < 2:
        return np.inf
    seen = known.group_by(CELL).agg(times=pl.len().cast(pl.Int64))
    of_size = known.select(CUSTOMER, "n").unique().group_by("n").agg(customers=pl.len().cast(pl.Int64))
    every = of_size.join(pl.DataFrame({"channel": list(shares)}), how="cross")
    without = (
        every.join(seen.group_by("channel", "n").agg(pl.col("times").sum()), on=["channel", "n"], how="left")
        .select("channel", "n", k=pl.lit(0, dtype=pl.Int64), times=pl.col("customers") - pl.col("times").fill_null(0))
        .filter(pl.col("times") > 0)
    )
    cells = pl.concat([seen.select(*CELL, "times"), without]).sort(CELL)
    k, n, times = (cells[name].cast(pl.Float64).to_numpy() for name in ("k", "n", "times"))
    expected = np.array([shares[name] for name in cells["channel"]])
    return prior_strength(k, n, expected, times)
