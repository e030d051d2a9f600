"""Means of arms adjusted by what was known before: a regression in each stratum and arm, robust standard errors.

Lin (2013), Annals of Applied Statistics 7(1), 295-318: with covariates centred at the mean of all arms, and slopes of
each arm, the adjusted difference is never less precise than the plain one where there are many customers, whatever
the true relation is. Regressions of the arms are separate ones, so the mean of an arm is that of its regression at the
common mean of the covariates. Variances are HC2 (MacKinnon & White 1985, Journal of Econometrics 29, 305-325): without
covariates that of Welch's test, s²/n. Without them the adjustment is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.effects.means import ArmMean
from whalecurve.engine.effects.moments import Cell, Key, Moments, exact_sums, moments_of
from whalecurve.kernels.arrays import Matrix, Vector

LEAST_A_COVARIATE = 10
"""Customers of a stratum in each arm for each coefficient of its regression; with fewer, it goes without covariates."""

FULL_LEVERAGE = 1.0 - 1e-9
"""From here on a customer decides a slope alone: the residual is none, and tells nothing of how far off it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The regression of a stratum in an arm: y = mean + slopes·(x − centre), asked for at `at`.

    spread : inverse of the sums of products of the centred covariates; empty without covariates
    """

    n: int
    mean: float
    centre: Vector
    slopes: Vector
    spread: Matrix
    at: Vector

    @property
    def value(self) -> float:
        return float(self.mean + self.slopes @ (self.at - self.centre))

    @property
    def pull(self) -> Vector:
        """The weight of a customer in `value` is 1/n + pull·(x − centre)."""
        return self.spread @ (self.at - self.centre)


def arm_means(
    customers: pl.DataFrame, outcome: str, covariates: Sequence[str] = (), moments: Moments | None = None
) -> dict[Key, ArmMean]:
    """The mean outcome of each stratum in each arm, adjusted to the covariates of the whole stratum.

    Parameters
    ----------
    customers
        A row each: `stratum` and `arm` as whole numbers from 0, outcome and covariates as Int64 without nulls.
    covariates
        What was known before the experiment. One that does not vary in some arm of a stratum is not used there.
    moments
        Of outcome and covariates, if they are known.

    Notes
    -----
    The same bits in whatever order the customers are.
    """
    sums = moments if moments is not None else moments_of(customers, [outcome, *covariates])
    lines = {key: _line(sums, key) for key in sums.cells}
    squares = _meat(customers, outcome, covariates, lines)
    return {
        key: ArmMean(
            mean=line.value,
            variance=squares.get(key, 0.0),
            degrees=max(float(line.n - 1 - np.count_nonzero(np.diag(line.spread))), 1.0),
            n=line.n,
        )
        for key, line in lines.items()
    }


def _line(sums: Moments, key: Key) -> _Line:
    stratum, cells = key[0], sums.cells
    own = cells[key]
    k = len(sums.names) - 1
    whole = sums.of_stratum(stratum)
    used = _used(k, [cell for (other, _), cell in cells.items() if other == stratum])
    centre, at = (np.array([cell.mean(1 + j) for j in range(k)]) for cell in (own, whole))
    spread, slopes = np.zeros((k, k)), np.zeros(k)
    if used:
        xx = np.array([[own.covariance(1 + i, 1 + j) for j in used] for i in used])
        xy = np.array([own.covariance(1 + i, 0) for i in used])
        scale = np.sqrt(np.diag(xx))  # covariates of any unit, so that none is lost beside the others
        inverse = np.linalg.pinv(xx / np.outer(scale, scale), rcond=1e-10, hermitian=True) / np.outer(scale, scale)
        slopes[used] = inverse @ xy
        spread[np.ix_(used, used)] = inverse / (own.n - 1)
    return _Line(n=own.n, mean=own.mean(0), centre=centre, slopes=slopes, spread=spread, at=at)


def _used(k: int, cells: Sequence[Cell]) -> list[int]:
    """The covariates that vary in all arms of a stratum; none where an arm has few customers."""
    if min(cell.n for cell in cells) < LEAST_A_COVARIATE * (k + 1):
        return []
    return [j for j in range(k) if all(cell.covariance(1 + j, 1 + j) > 0.0 for cell in cells)]


def _meat(
    customers: pl.DataFrame, outcome: str, covariates: Sequence[str], lines: dict[Key, _Line]
) -> dict[Key, float]:
    """Σ (w·e)² / (1 − h) of each stratum in each arm: weights w, residuals e, leverages h."""
    keys, all_lines = list(lines), list(lines.values())
    n_arms = 1 + max(arm for _, arm in keys)
    place = np.full((1 + max(stratum for stratum, _ in keys)) * n_arms, -1)
    place[[stratum * n_arms + arm for stratum, arm in keys]] = np.arange(len(keys))
    of = place[customers["stratum"].to_numpy().astype(np.int64) * n_arms + customers["arm"].to_numpy()]
    centre, slopes, pull, spread = (
        np.array([getattr(line, name) for line in all_lines]) for name in ("centre", "slopes", "pull", "spread")
    )
    residual = customers[outcome].to_numpy() - np.array([line.mean for line in all_lines])[of]
    weight = (1.0 / np.array([line.n for line in all_lines]))[of]
    leverage = weight.copy()
    apart = [customers[name].to_numpy() - centre[of, j] for j, name in enumerate(covariates)]
    for j, x in enumerate(apart):
        residual -= slopes[of, j] * x
        weight += pull[of, j] * x
        for i, other in enumerate(apart):
            leverage += spread[of, i, j] * x * other
    is_told = leverage < FULL_LEVERAGE
    terms = np.where(is_told, (weight * residual) ** 2 / np.where(is_told, 1.0 - leverage, 1.0), 0.0)
    totals = exact_sums(pl.Series(of), pl.Series(terms))
    return {keys[cell]: total for cell, total in totals.iter_rows()}
