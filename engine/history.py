"""Stage: summary -> counts of equal histories, all that the purchase models need to know of the customers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from whalecurve.engine.errors import InputError

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Distinct (x, t_x, T), ascending, with the number of customers that share each; float64[n] all."""

    x: Vector
    t_x: Vector
    T: Vector
    counts: Vector

    @property
    def n(self) -> float:
        """Customers in all."""
        return float(self.counts.sum())

    @property
    def n_repeats(self) -> float:
        """Repeat purchases in all."""
        return float((self.x * self.counts).sum())

    def n_above(self) -> Vector:
        """Customers with more than i repeat purchases, for i = 0, 1, ... below the largest x."""
        by_x = np.bincount(self.x.astype(np.int64), weights=self.counts)
        return np.ascontiguousarray(by_x[::-1].cumsum()[::-1][1:])


def history_counts(summary: pl.LazyFrame) -> pl.LazyFrame:
    """Customers with a purchase, counted by (frequency, recency, T), in ascending order."""
    return (
        summary.filter(pl.col("frequency").is_not_null())
        .group_by("frequency", "recency", "T")
        .agg(customers=pl.len())
        .sort("frequency", "recency", "T")
    )


def histories_of(counts: pl.DataFrame) -> Histories:
    """The arrays of a frame made by `history_counts`."""
    x, t_x, T, n = (
        counts[name].cast(pl.Float64).to_numpy(writable=True) for name in ("frequency", "recency", "T", "customers")
    )
    return Histories(x=x, t_x=t_x, T=T, counts=n)


def collapsed(x: ArrayLike, t_x: ArrayLike, T: ArrayLike, counts: ArrayLike | None = None) -> Histories:
    """Check histories given as arrays, and count equal ones.

    Parameters
    ----------
    x, t_x, T : array_like[n]
        Repeat purchases (whole numbers), time of the last one and age, 0 <= t_x <= T, in one unit.
    counts : array_like[n], optional
        Customers behind each history; one each by default.

    Raises
    ------
    InputError
        Arrays of different lengths, or a history that no customer can have.
    """
    columns = [np.asarray(column, dtype=np.float64).ravel() for column in (x, t_x, T)]
    n = np.ones_like(columns[0]) if counts is None else np.asarray(counts, dtype=np.float64).ravel()
    lengths = {column.shape[0] for column in (*columns, n)}
    if len(lengths) != 1:
        raise InputError(f"histories: x, t_x, T and counts have {sorted(lengths)} values; give one of each per history")
    _check(*columns, n)
    frame = pl.DataFrame({"frequency": columns[0], "recency": columns[1], "T": columns[2], "customers": n})
    keys = ["frequency", "recency", "T"]
    return histories_of(frame.filter(pl.col("customers") > 0).group_by(keys).agg(pl.col("customers").sum()).sort(keys))


def _check(x: Vector, t_x: Vector, T: Vector, counts: Vector) -> None:
    is_wrong = ~(
        np.isfinite(x) & (x >= 0) & (x == np.floor(x)) & (t_x >= 0) & (t_x <= T) & np.isfinite(T) & (counts >= 0)
    ) | ((x == 0) != (t_x == 0)) & (x == 0)
    if is_wrong.any():
        i = int(np.argmax(is_wrong))
        raise InputError(
            f"histories: row {i} has x={x[i]:g}, t_x={t_x[i]:g}, T={T[i]:g}, count={counts[i]:g}; "
            f"x is a whole number, 0 <= t_x <= T, and t_x is 0 where x is 0"
        )
