"""Planned looks: the boundary of each, by information, and what the estimates were at each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from whalecurve.engine.effects import Cell, Difference, Moments, boundaries, information_of, spent
from whalecurve.engine.readouts.adjustment import Adjusted
from whalecurve.engine.trials import PRE, Planned
from whalecurve.kernels.arrays import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at an arm: days of the outcome, effect per customer, z, the boundary of |z|, whether it was crossed."""

    arm: str
    day: int
    information: float
    effect: float
    z: float
    critical: float
    is_crossed: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def looks_of(plan: Planned, adjusted: Adjusted, taken: Sequence[int], alpha: float) -> list[Look]:
    """All looks up to now, by arm and day.

    What may be spent at a look goes by the information that as many days had in the days before the start, which no
    outcome can change: the square of the correlation of the metric so far with that of all the days. Boundaries go by
    the correlation that the outcomes themselves have from look to look, after adjustment.
    """
    cohort = adjusted.cohort
    columns = [f"look_{look}" for look in taken[:-1]] + [adjusted.metric]
    times = [_information(plan, adjusted, look) for look in taken]
    times = np.maximum.accumulate(times).tolist()
    sums = cohort.moments([*columns, *adjusted.covariates])
    correlations = _correlations(sums, len(columns))
    steps = information_of([float(correlations[k, k + 1]) for k in range(len(columns) - 1)])
    bounds = boundaries(steps, [spent(time, alpha) for time in times])
    found = []
    for k, column in enumerate(columns):
        means = cohort.compared(column, adjusted.covariates, unit_of=adjusted.metric)
        for arm, label in enumerate(cohort.arms[1:], 1):
            difference: Difference = means.difference(arm)
            crossed = bool(abs(difference.z) > bounds[k])
            found.append(
                Look(
                    arm=label,
                    day=taken[k],
                    information=times[k],
                    effect=difference.estimate,
                    z=difference.z if np.isfinite(difference.z) else 0.0,
                    critical=bounds[k],
                    is_crossed=crossed,
                )
            )
    return found


def _information(plan: Planned, adjusted: Adjusted, look: int) -> float:
    """Of a look, 1 at the end: from the days before."""
    if look == plan.days:
        return 1.0
    sums = adjusted.cohort.moments([f"{PRE}look_{look}", adjusted.before])
    correlation = _correlations(sums, 2)[0, 1]
    return float(np.clip(correlation, 0.0, 1.0)) ** 2


def _correlations(sums: Moments, n: int) -> Matrix:
    """Of the first n numbers within strata and arms, what the others explain taken away; 1 where one does not vary."""
    size = len(sums.names)
    covariance = np.zeros((size, size))
    for (stratum, _), cell in sums.cells.items():
        covariance += _covariance(cell, size) * (sums.of_stratum(stratum).n ** 2 / cell.n)
    ys, xs = covariance[:n, :n], covariance[n:, n:]
    if xs.size:
        yx = covariance[:n, n:]
        ys = ys - yx @ np.linalg.pinv(xs, hermitian=True) @ yx.T
    spread = np.sqrt(np.maximum(np.diag(ys), 0.0))
    pairs = np.outer(spread, spread)
    correlations: Matrix = np.divide(ys, pairs, out=np.ones((n, n)), where=pairs > 0.0)
    return correlations


def _covariance(cell: Cell, size: int) -> Matrix:
    return np.array([[cell.covariance(i, j) for j in range(size)] for i in range(size)])
