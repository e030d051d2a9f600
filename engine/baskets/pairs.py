r"""Pairs of items: how often they go together, how often by chance, and whether that is more than chance.

Times are y_c of customer c, who has g_c places for pairs. By chance a pair comes E times (`independence`), in the share
ε = E / Σg of all places. The customer is the unit: somebody who buys the same two things every week is one witness.
So the difference Σy − E is held against

.. math:: \sqrt{\max\left(\frac{n}{n-1} \sum_c (y_c - \varepsilon g_c)^2,\; E\right)}

by Student's t, n being the customers whom the pair rests on, by weight, (Σy)² / Σy² where there are more than by
chance, and (Σg)² / Σg² where there are fewer. The first term is the variance by linearisation (as that of
`statistics.RatioSums`), the second what independent purchases have at least: of a pair that nobody has bought, the
first knows nothing. The family of tests is every pair of the items, those included that come to nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.baskets.coded_share import CodedShare, Groups
from whalecurve.engine.baskets.independence import independent
from whalecurve.engine.baskets.items import Level
from whalecurve.engine.baskets.relations import Marginal, Margins, Relation, count, sum_up
from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.statistics import RatioSums, columns_of, marks_of, ratios, student_below, student_quantile
from whalecurve.kernels.arrays import Int64, Vector

ROWS_AT_ONCE = 256
"""Rows of counts that are looked through at once."""

Source = Callable[[CodedShare, Level], Groups]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """The pairs that were in `min_customers` chances or more, or would be by chance, in order of first and then.

    first, then : int32, places of the items in the level
    times, expected : float64
    customers, squares, products : float64, who has one, Σy², Σyg
    margins : what they are held against
    strength : of the prior of how many times as often as by chance pairs are, see `shrunken`; infinite where chance
        explains all that differs
    n_possible : pairs that there can be
    """

    first: Int64
    then: Int64
    times: Vector
    expected: Vector
    customers: Vector
    squares: Vector
    products: Vector
    margins: Margins
    strength: float
    n_possible: int

    @property
    def shrunken(self) -> Vector:
        """How many times as often as by chance, drawn towards 1 as far as chance explains it: (y + M) / (E + M).

        The prior is a gamma distribution with mean 1 (DuMouchel 1999, The American Statistician 53, with one
        component).
        """
        if np.isinf(self.strength):
            return np.ones(self.times.size)
        return (self.times + self.strength) / (self.expected + self.strength)


def pairs_of(
    shares: tuple[CodedShare, ...],
    level: Level,
    relation: Relation,
    least: int,
    room: int,
    groups: Source | None = None,
) -> Pairs:
    """Count the pairs of a level, a range of items at a time, in the bytes that there are for it.

    Parameters
    ----------
    least
        Times that a pair needs, or would have by chance, to be told.
    groups
        What items are together in; None: what the relation has.
    """
    source = groups or relation.groups
    marginal = Marginal(level.n)
    for share in shares:
        marginal.add(source(share, level), relation)
    margins = marginal.margins()
    a, b = independent(margins.first_slots, margins.then_slots)
    n_rows = max(1, min(level.n, room // (4 * level.n)))
    parts, moments = [], []
    for low in range(0, level.n, n_rows):
        counts = np.zeros((min(n_rows, level.n - low), level.n), dtype=np.int32)
        for share in shares:
            count(source(share, level), relation, low, counts)
        kept, own = _kept(counts, low, a, b, least, is_ordered=relation.is_ordered)
        moments.append(own)
        sums = np.zeros((kept.shape[0], 3), dtype=np.int64)
        for share in shares if kept.shape[0] else ():
            sum_up(source(share, level), relation, low, counts, sums)
        parts.append((kept, sums))
    rows, sums = (np.concatenate(part) for part in zip(*parts, strict=True))
    first, then = rows[:, 0], rows[:, 1]
    customers, squares, products = sums.astype(np.float64).T
    n, (excess, square) = level.n * (level.n - 1), map(math.fsum, np.concatenate(moments, axis=1))
    return Pairs(
        first=first, then=then, times=rows[:, 2].astype(np.float64), expected=a[first] * b[then],
        customers=customers, squares=squares, products=products, margins=margins,
        strength=square / excess if excess > 0.0 else np.inf,
        n_possible=n if relation.is_ordered else n // 2,
    )  # fmt: skip


def _kept(counts: np.ndarray, low: int, a: Vector, b: Vector, least: int, *, is_ordered: bool) -> tuple[Int64, Vector]:
    """The pairs to tell, as rows of first, then and times; in the place of counts come their numbers, -1 elsewhere.

    And, row by row, the sums over all pairs of (y - E)² - E and E²: their quotient is the variance of y / E beyond
    chance.
    """
    found, moments, n = [], [], 0
    others = np.arange(counts.shape[1])
    for start in range(0, counts.shape[0], ROWS_AT_ONCE):
        part = counts[start : start + ROWS_AT_ONCE]
        firsts = np.arange(low + start, low + start + part.shape[0])[:, np.newaxis]
        is_pair = others != firsts if is_ordered else others > firsts
        expected = np.where(is_pair, a[firsts] * b, 0.0)
        times = np.where(is_pair, part, 0)
        moments.append(np.array([((times - expected) ** 2 - expected).sum(axis=1), (expected**2).sum(axis=1)]))
        row, column = np.nonzero((times >= least) | (expected >= least))
        found.append(np.column_stack([row + low + start, column, times[row, column]]).astype(np.int64))
        part[:] = -1
        part[row, column] = np.arange(n, n + row.size, dtype=np.int32)
        n += row.size
    return np.concatenate(found), np.concatenate(moments, axis=1)


def table_of(pairs: Pairs, level: Level, relation: Relation, asked: Basketing) -> pl.DataFrame:
    """One row per pair, tested; the columns are those of `pairs.parquet`."""
    margins, times, expected = pairs.margins, pairs.times, pairs.expected
    n_first, n_then, n = margins.first[pairs.first], margins.then[pairs.then], float(margins.n)
    affinity = ratios(times, expected)
    p = _p_values(pairs)
    width = _widths(pairs, asked.level)
    least = asked.min_lift
    is_tested = (expected > 0.0) & (np.maximum(pairs.customers, expected) >= asked.min_customers)
    q, marks = marks_of(p, is_tested, affinity >= least, affinity <= 1.0 / least, asked.fdr, n_tests=pairs.n_possible)
    lift = ratios(times * n, n_first * n_then)
    low, high = affinity / width, np.where(times > 0.0, affinity * width, ratios(_most_unseen(asked.level), expected))
    columns: dict[str, Vector] = {
        "support": ratios(times, np.full(times.size, n)),
        "confidence": ratios(times, n_first),
        "confidence_back": ratios(times, n_then),
        "lift": lift,
        "lift_low": lift / width,
        "lift_high": np.where(times > 0.0, lift * width, high * ratios(expected * n, n_first * n_then)),
        "expected": expected,
        "affinity": affinity,
        "affinity_low": low,
        "affinity_high": high,
        "p_value": np.where(is_tested, p, np.nan),
        "q_value": q,
    }
    names = level.names
    return pl.DataFrame(
        {
            "of": pl.repeat(level.of, times.size, eager=True, dtype=pl.String),
            "relation": pl.repeat(relation.name, times.size, eager=True, dtype=pl.String),
            "first": names.gather(pairs.first),
            "then": names.gather(pairs.then),
            "times": times.astype(np.int64),
            "customers": pairs.customers.astype(np.int64),
            **columns_of(columns),
            "marks": marks,
        }
    )


def _sums(pairs: Pairs) -> RatioSums:
    whole = np.ones(pairs.times.size)
    return RatioSums(
        y=pairs.times, x=whole * pairs.margins.slots, yy=pairs.squares, yx=pairs.products,
        xx=whole * pairs.margins.squares,
    )  # fmt: skip


def _p_values(pairs: Pairs) -> Vector:
    """Two-sided; 1 where a pair rests on one customer."""
    sums, margins = _sums(pairs), pairs.margins
    n = max(margins.n_effective, 1.0)
    share = ratios(pairs.expected, sums.x)
    variance = np.maximum(sums.squares(share) * n / max(n - 1.0, 1e-9), pairs.expected)
    rests_on = np.where(pairs.times >= pairs.expected, ratios(pairs.times**2, pairs.squares), n)
    degrees = np.nan_to_num(rests_on) - 1.0
    is_tested = (degrees > 0.0) & (variance > 0.0)
    t = np.divide(pairs.times - pairs.expected, np.sqrt(variance), out=np.zeros(variance.size), where=is_tested)
    p = 2.0 * student_below(np.where(is_tested, degrees, 1.0), -np.abs(t))
    return np.where(is_tested, p, 1.0)


def _widths(pairs: Pairs, level: float) -> Vector:
    """The factor from a ratio to either end of its interval, normal on the log scale; NaN where there is none."""
    sums = _sums(pairs)
    rests_on = ratios(pairs.times**2, pairs.squares)
    degrees = np.where(rests_on > 1.0, rests_on - 1.0, np.nan)
    spread = np.sqrt(sums.squares(sums.ratio) * (degrees + 1.0) / degrees)
    half = student_quantile(degrees, 0.5 + level / 2.0) * ratios(spread, pairs.times)
    widths: Vector = np.exp(np.minimum(half, 700.0))
    return widths


def _most_unseen(level: float) -> Vector:
    """The most that is to be expected of what was not seen once: P(0) = (1 - level) / 2."""
    return np.array([-np.log((1.0 - level) / 2.0)])
