"""How good a prediction was. Every measure gives equal predictions an equal place: no order of rows matters."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.models import MOST_SHOWN
from whalecurve.engine.statistics import auc, brier, brier_of_base_rate, calibration_error, tenths, wilson_interval
from whalecurve.kernels.arrays import Vector

N_DECILES, LEVEL = 10, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Predicted against actual, by customer; errors are predicted less actual.

    n_customers : those with a prediction
    error : of the total, as a share of the actual one; None where that is not positive
    mae, rmse, bias : mean absolute, root mean squared and mean error of a customer
    rank_correlation : Spearman's, with mid-ranks; None where one of the two does not vary
    gini : area under the concentration curve of the actual amounts with customers in predicted order, over that
        in their own order: 1 is the perfect order, 0 no order at all; None where actual amounts do not vary
    top_20_caught : share of the true best 20 % of customers (their number rounded up) who are among the predicted
        best 20 %, in expectation where ties are broken by lot on both sides
    top_20_catchable : the same of the perfect order: below 1 where the border runs through customers who are equal
    """

    n_customers: int
    actual: float
    predicted: float
    error: float | None
    mae: float
    rmse: float
    bias: float
    rank_correlation: float | None
    gini: float | None
    top_20_caught: float
    top_20_catchable: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def _negative(number: float | None) -> float | None:
    return None if number is None else -number


PURCHASE_LOSSES: dict[str, Callable[[Accuracy], float | None]] = {
    "total purchases": lambda a: None if a.error is None else abs(a.error),
    "rank correlation": lambda a: _negative(a.rank_correlation),
    "Gini": lambda a: _negative(a.gini),
    "top 20 %": lambda a: -a.top_20_caught,
}
"""Losses that many customers have together, None where there is none; less is better."""


def accuracy_of(predicted: Vector, actual: Vector) -> Accuracy:
    """Compare predictions with what happened; customers without a prediction (NaN) are left out.

    Parameters
    ----------
    predicted, actual : float64[n]
        One of each per customer, at least one of them known.
    """
    known = ~np.isnan(predicted)
    guess, truth = predicted[known] + 0.0, actual[known] + 0.0  # -0.0 and 0.0 are one value
    wrong = guess - truth
    total = float(truth.sum())
    guess_ranks, true_ranks = _centred_ranks(guess), _centred_ranks(truth)
    spread = float(np.sqrt((guess_ranks**2).sum() * (true_ranks**2).sum()))
    order, best_order = float((guess_ranks * truth).sum()), float((true_ranks * truth).sum())
    in_true_top = _chance_in_top(truth)
    n_top = n_in_top(truth.size)
    return Accuracy(
        n_customers=truth.size,
        actual=total,
        predicted=float(guess.sum()),
        error=float(guess.sum()) / total - 1.0 if total > 0.0 else None,
        mae=float(np.abs(wrong).mean()),
        rmse=float(np.sqrt((wrong**2).mean())),
        bias=float(wrong.mean()),
        rank_correlation=float((guess_ranks * true_ranks).sum()) / spread if spread > 0.0 else None,
        gini=order / best_order if true_ranks.any() else None,
        top_20_caught=float((_chance_in_top(guess) * in_true_top).sum()) / n_top,
        top_20_catchable=float((in_true_top**2).sum()) / n_top,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityAccuracy:
    """Probabilities of a purchase within the risk horizon against who bought.

    n_customers, n_bought : those with a probability, and those of them who bought
    brier : mean squared distance from what happened, 1 or 0
    brier_of_base_rate : the same of the best that one probability for all can do, the share who bought
    auc : the chance that somebody who bought has a higher one than somebody who did not; 0.5 is no better than chance;
        None where all bought, or nobody
    calibration_error : mean distance of a probability from the share who bought, over tenths of the customers
    """

    n_customers: int
    n_bought: int
    brier: float
    brier_of_base_rate: float
    auc: float | None
    calibration_error: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def probability_accuracy_of(probability: Vector, happened: NDArray[np.bool_]) -> ProbabilityAccuracy:
    """Compare probabilities with what happened; NaN ones are left out, at least one is known."""
    known = ~np.isnan(probability)
    p, befell = probability[known], happened[known]
    return ProbabilityAccuracy(
        n_customers=p.size,
        n_bought=int(np.count_nonzero(befell)),
        brier=brier(p, befell),
        brier_of_base_rate=brier_of_base_rate(befell),
        auc=auc(p, befell),
        calibration_error=calibration_error(p, befell),
    )


def percentage_error(expected: Vector, actual: Vector) -> float | None:
    """Mean of |expected - actual| / actual over the weeks with purchases; None without such a week or a forecast."""
    counted = actual > 0.0
    if not counted.any() or np.isnan(expected).any():
        return None
    return float((np.abs(expected - actual)[counted] / actual[counted]).mean())


def frequency_table(frequency: Vector, columns: dict[str, Vector]) -> pl.DataFrame:
    """Means by number of repeat purchases before the split: frequency 0 .. 7 (or more), customers, the columns."""
    groups = np.minimum(frequency, MOST_SHOWN).astype(np.int64)
    return _means("frequency", groups, 0, MOST_SHOWN, columns)


def decile_table(probability: Vector, happened: NDArray[np.bool_]) -> pl.DataFrame:
    """Reliability: decile (1 has the lowest probabilities), customers, their mean probability, the share it befell.

    The share has its Wilson interval, share_low and share_high, at a level of 95 %. With mid-rank ρ among n customers
    the decile is 1 + ⌊10 (ρ - ½) / n⌋: equal probabilities share a decile, so deciles may be of unequal size, or empty.
    """
    known = ~np.isnan(probability)
    p, befell = probability[known], happened[known].astype(np.float64)
    deciles = 1 + tenths(p, N_DECILES)
    table = _means("decile", deciles, 1, N_DECILES, {"p_purchase": p, "share_bought": befell})
    counts = table["customers"].cast(pl.Float64).to_numpy()
    n_bought = np.bincount(deciles, weights=befell, minlength=N_DECILES + 1)[1:].astype(np.float64)
    low, high = wilson_interval(n_bought, counts, LEVEL)
    return table.with_columns(share_low=low, share_high=high).with_columns(pl.selectors.float().fill_nan(None))


def _means(name: str, groups: NDArray[np.int64], first: int, last: int, columns: dict[str, Vector]) -> pl.DataFrame:
    """Customers and column means of groups numbered from `first` to `last`; null where a group has no one."""
    counts = np.bincount(groups, minlength=last + 1)[first:]
    sums = {key: np.bincount(groups, weights=values, minlength=last + 1)[first:] for key, values in columns.items()}
    means = {key: pl.Series(total / np.maximum(counts, 1)) for key, total in sums.items()}
    table = pl.DataFrame({name: np.arange(first, last + 1), "customers": counts, **means})
    return table.with_columns(pl.when(pl.col("customers") > 0).then(pl.col(key)) for key in columns)


def _centred_ranks(values: Vector) -> Vector:
    """Mid-ranks, ascending, less their mean."""
    ranks: Vector = (pl.Series(values).rank("average") - (values.size + 1) / 2.0).to_numpy()
    return ranks


def n_in_top(n: int) -> int:
    """Customers that make up the best 20 % of n, rounded up."""
    return -(-n // 5)


def _chance_in_top(values: Vector) -> Vector:
    """Probability of each of n values of being among the largest 20 % of n, rounded up, ties broken by lot."""
    n_top = n_in_top(values.size)
    border = np.partition(values, values.size - n_top)[values.size - n_top]
    above, tied = values > border, values == border
    chance: Vector = np.where(tied, (n_top - above.sum()) / tied.sum(), above)
    return chance
