"""What the decisive metric is capped at and adjusted by, both from what was known before; and how much that helps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from whalecurve.engine.effects import Cell, Moments
from whalecurve.engine.money import UNITS
from whalecurve.engine.readouts.cohort import CLV, Cohort, is_money
from whalecurve.engine.readouts.outcomes import PRE
from whalecurve.engine.readouts.planned import Planned

CAPPED = "capped_"

NEVER_CAPPED = ("bought",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adjusted:
    """The cohort with the capped metric, and what it is adjusted by.

    metric, before : columns of the metric in the outcome's days and before
    cap : in fixed-point units, or a count; None: nothing is capped
    covariates : columns that the test adjusts by
    variance_left : share of the variance of the effect that is left, by what it is adjusted by
    """

    cohort: Cohort
    metric: str
    before: str
    cap: int | None
    n_capped: int
    covariates: tuple[str, ...]
    variance_left: dict[str, float]

    @property
    def cap_in_words(self) -> float | None:
        """The cap in currency, or as a count."""
        if self.cap is None:
            return None
        return self.cap / UNITS if is_money(self.metric) else float(self.cap)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "capped_at": self.cap_in_words,
            "customers_capped": self.n_capped,
            "adjusted_by": [_told(name) for name in self.covariates],
            "variance_left": self.variance_left,
        }


def adjusted(plan: Planned, cohort: Cohort) -> Adjusted:
    """Cap the metric, and find out what each adjustment leaves of the variance."""
    before = f"{PRE}{plan.metric}"
    cap = cap_of(plan, cohort)
    names = {f"{CAPPED}{plan.metric}": plan.metric, f"{CAPPED}{before}": before}
    looks = [name for name in cohort.table.columns if name.startswith(("look_", f"{PRE}look_"))]
    clipped = cohort.clipped(names | {name: name for name in looks}, cap)
    metric, before = names
    choices = {"none": (), "value": (before,), **({"clv": (CLV,), "both": (before, CLV)} if cohort.has_clv else {})}
    chosen = plan.covariate if plan.covariate in choices else "value"
    sums = clipped.moments([metric, before, *([CLV] if cohort.has_clv else [])])
    places = {before: 1, CLV: 2}
    left = {name: _left(sums, [places[x] for x in used]) for name, used in choices.items() if used}
    is_capped = 0 if cap is None else int((cohort.table[plan.metric].abs() > cap).sum())
    return Adjusted(
        cohort=clipped,
        metric=metric,
        before=before,
        cap=cap,
        n_capped=is_capped,
        covariates=choices[chosen],
        variance_left=left,
    )


def cap_of(plan: Planned, cohort: Cohort) -> int | None:
    """The quantile of the metric in the days before; of those who had any where the quantile of all is nothing."""
    if plan.cap is None or plan.metric in NEVER_CAPPED:
        return None
    before = np.abs(cohort.table[f"{PRE}{plan.metric}"].to_numpy())
    for values in (before, before[before > 0]):
        cap = int(np.quantile(values, plan.cap, method="higher")) if values.size else 0
        if cap > 0:
            return cap
    return None


def _left(sums: Moments, used: list[int]) -> float:
    """The share of the variance of the effect that a regression in each stratum and arm leaves."""
    whole, left = 0.0, 0.0
    for (stratum, _), cell in sums.cells.items():
        weight = sums.of_stratum(stratum).n ** 2 / cell.n
        variance = cell.covariance(0, 0)
        whole += variance * weight
        left += (variance - explained(cell, used)) * weight
    return left / whole if whole > 0.0 else 1.0


def explained(cell: Cell, used: list[int]) -> float:
    """The variance of number 0 that a regression on others takes away in a cell."""
    varying = [i for i in used if cell.covariance(i, i) > 0.0]
    if not varying:
        return 0.0
    xx = np.array([[cell.covariance(i, j) for j in varying] for i in varying])
    xy = np.array([cell.covariance(i, 0) for i in varying])
    scale = np.sqrt(np.diag(xx))
    return float((xy / scale) @ np.linalg.pinv(xx / np.outer(scale, scale), hermitian=True) @ (xy / scale))


def _told(name: str) -> str:
    return "clv" if name == CLV else "value"
