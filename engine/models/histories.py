"""Stage: summary -> counts of equal histories, all that the purchase models need to know of the customers."""

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from whalecurve.engine.errors import InputError
from whalecurve.kernels.arrays import Vector

FEW_TIMES = 8
"""Histories for each distinct time from which on a table of logs by time pays."""

HISTORY = ("frequency", "recency", "T")
"""Columns of a summary that hold a history; null without a purchase."""

X_BITS, T_BITS = 22, 21
"""Bits for x and for each of t_x and T where a history is counted as one integer: 5,700 years of days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedTimes:
    """A table of times, ascending, and the positions of every t_x and T in it."""

    times: Vector
    codes: tuple[NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Distinct (x, t_x, T), ascending, with the number of customers that share each; float64[n] all.

    coded : the times as positions in a short table, where they are whole numbers and few enough for it to pay
    log_gaps : the sum of the logs of all gaps between the purchases of a customer, in their unit: a number of stages is
        chosen by it; None where the gaps are not known
    """

    x: Vector
    t_x: Vector
    T: Vector
    counts: Vector
    coded: CodedTimes | None = None
    log_gaps: float | None = None

    @property
    def n(self) -> float:
        """Customers in all."""
        return float(self.counts.sum())

    @property
    def total_age(self) -> float:
        """Ages T added up over the customers."""
        return float((self.T * self.counts).sum())

    @property
    def mean_age(self) -> float:
        """Mean age T of a customer, of whom there is one at least."""
        return self.total_age / self.n

    @property
    def n_repeats(self) -> float:
        """Repeat purchases in all."""
        return float((self.x * self.counts).sum())

    def scaled(self, factor: float) -> "Histories":
        """The same histories with times divided by a factor."""
        if factor == 1.0:
            return self
        coded = self.coded and CodedTimes(times=self.coded.times / factor, codes=self.coded.codes)
        log_gaps = None if self.log_gaps is None else self.log_gaps - self.n_repeats * math.log(factor)
        return replace(self, t_x=self.t_x / factor, T=self.T / factor, coded=coded, log_gaps=log_gaps)

    def with_gaps(self, n_of_days: NDArray[np.int64], days_per_unit: float) -> "Histories":
        """The same histories, with what the gaps between purchases add up to.

        Parameters
        ----------
        n_of_days : int64[any], how many gaps of 0, 1, 2 ... days there are; none of 0
        days_per_unit : days in a unit of the times
        """
        days = np.arange(1, n_of_days.size)
        return replace(self, log_gaps=float((n_of_days[1:] * np.log(days / days_per_unit)).sum()))

    def n_above(self) -> Vector:
        """Customers with more than i repeat purchases, for i = 0, 1, ... below the largest x."""
        by_x = np.bincount(self.x.astype(np.int64), weights=self.counts)
        return np.ascontiguousarray(by_x[::-1].cumsum()[::-1][1:])


def history_arrays(buyers: pl.DataFrame) -> tuple[Vector, Vector, Vector]:
    """Frequency, recency and T of customers with a purchase: float64[n] each."""
    x, t_x, T = (buyers[name].cast(pl.Float64).to_numpy() for name in HISTORY)
    return x, t_x, T


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
    x, t_x, T = (np.asarray(column, dtype=np.float64).ravel() for column in (x, t_x, T))
    n = np.ones_like(x) if counts is None else np.asarray(counts, dtype=np.float64).ravel()
    lengths = {column.shape[0] for column in (x, t_x, T, n)}
    if len(lengths) != 1:
        raise InputError(f"histories: x, t_x, T and counts have {sorted(lengths)} values; give one of each per history")
    _check(x, t_x, T, n)
    if not (n > 0).all():
        kept = n > 0
        x, t_x, T, n = x[kept], t_x[kept], T[kept], n[kept]
    if fits_a_word(x, t_x, T):
        return counted_histories(words_of(x, t_x, T), None if (n == 1.0).all() else n)
    keys = ["x", "t_x", "T"]
    cells = pl.DataFrame({"x": x, "t_x": t_x, "T": T, "n": n}).group_by(keys).agg(pl.col("n").sum()).sort(keys)
    x, t_x, T, n = (cells[name].to_numpy(writable=True) for name in (*keys, "n"))
    return Histories(x=x, t_x=t_x, T=T, counts=n)


def fits_a_word(x: Vector, t_x: Vector, T: Vector) -> bool:
    """Whether all numbers are whole and small enough for three of them to share 64 bits."""
    whole = bool((t_x == np.floor(t_x)).all() and (np.floor(T) == T).all())
    return whole and x.size > 0 and float(x.max()) < 2.0**X_BITS and float(T.max()) < 2.0**T_BITS


def words_of(x: Vector, t_x: Vector, T: Vector) -> NDArray[np.uint64]:
    """Histories in whole units as single integers that sort as x, then t_x, then T."""
    words: NDArray[np.uint64] = x.astype(np.uint64) << np.uint64(2 * T_BITS)
    words |= t_x.astype(np.uint64) << np.uint64(T_BITS)
    words |= T.astype(np.uint64)
    return words


def counted_histories(words: NDArray[np.uint64], n: Vector | None = None) -> Histories:
    """Count equal histories, given as words; `n` customers behind each, one by default."""
    return of_words(*distinct(words, n))


def distinct(words: NDArray[np.uint64], n: Vector | None = None) -> tuple[NDArray[np.uint64], Vector]:
    """The words that occur, ascending, and how many customers have each: uint64[m], float64[m]."""
    if n is None:
        ordered = pl.Series(words).sort().to_numpy()
        starts = _starts(ordered)
        return ordered[starts], np.diff(np.append(starts, ordered.size)).astype(np.float64)
    order = np.argsort(words, kind="stable")
    ordered = words[order]
    starts = _starts(ordered)
    return ordered[starts], np.add.reduceat(n[order], starts) if words.size else np.empty(0)


def of_words(words: NDArray[np.uint64], counts: Vector) -> Histories:
    """The histories of distinct words, ascending."""
    mask = np.uint64(2**T_BITS - 1)
    t_x_day, T_day = (words >> np.uint64(T_BITS)) & mask, words & mask
    n_times = int(T_day.max()) + 1 if T_day.size else 1
    coded = None
    if n_times * FEW_TIMES <= words.size:
        codes = (t_x_day.astype(np.int32), T_day.astype(np.int32))
        coded = CodedTimes(times=np.arange(n_times, dtype=np.float64), codes=codes)
    return Histories(
        x=(words >> np.uint64(2 * T_BITS)).astype(np.float64),
        t_x=t_x_day.astype(np.float64),
        T=T_day.astype(np.float64),
        counts=counts,
        coded=coded,
    )


def _starts(ordered: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each run of equal words begins."""
    is_first = np.ones(ordered.size, dtype=np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_first)


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
