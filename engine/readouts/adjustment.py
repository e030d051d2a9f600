"""What the decisive metric is capped at and adjusted by, both from what was known before; and how much that helps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from whalecurve.engine.effects import Cell, Moments, cap_of
from whalecurve.engine.money import UNITS
from whalecurve.engine.trials import CLV, PRE, Cohort, Planned, is_money

CAPPED = "capped_"
"""Before the name of a column: clipped to both sides at a quantile of the days before."""

COVARIATE_CAP = 0.99
"""Quantile at which covariates are capped where outcomes are not. One customer who had spent a hundred times as much as
others would make a slope alone, and no standard error knows of that: of A/A replays of a simulated log 12 % were false
alarms at 5 %. Whatever is made of the past is a sound covariate."""

TESTED = ("bought", "orders", "revenue", "margin", "returned")
"""Metrics that are tested, each capped by its own past."""

CAPPED_CLV = f"{CAPPED}{CLV}"


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
    """Cap all metrics and covariates, and find out what each adjustment leaves of the variance that decides."""
    capped, caps = _capped(plan, cohort)
    metric, before, cap = f"{CAPPED}{plan.metric}", covariate_of(plan.metric), caps[plan.metric]
    covariates = (before, CAPPED_CLV) if cohort.has_clv else (before,)
    used = {"value": [1], "clv": [2], "both": [1, 2]} if cohort.has_clv else {"value": [1]}
    sums = capped.moments([metric, *covariates])
    left = {name: _left(sums, places) for name, places in used.items()}
    return Adjusted(
        cohort=capped,
        metric=metric,
        before=before,
        cap=cap,
        n_capped=0 if cap is None else int((cohort.table[plan.metric].abs() > cap).sum()),
        covariates=covariates,
        variance_left=left,
    )


def covariate_of(metric: str) -> str:
    """The column that a metric is adjusted by: the same in the days before, capped."""
    return f"{CAPPED}{PRE}{metric}"


def _capped(plan: Planned, cohort: Cohort) -> tuple[Cohort, dict[str, int | None]]:
    """The cohort with all capped columns, and what each metric is capped at."""
    there = cohort.table.columns
    caps: dict[str, int | None] = {}
    for metric in dict.fromkeys((plan.metric, plan.value, *TESTED)):
        if metric not in there:
            continue
        cap = None if metric == "bought" else _quantile(cohort, f"{PRE}{metric}", plan.cap or COVARIATE_CAP)
        caps[metric] = cap if plan.cap is not None else None
        cohort = cohort.clipped({f"{CAPPED}{metric}": metric}, caps[metric])
        cohort = cohort.clipped({covariate_of(metric): f"{PRE}{metric}"}, cap)
    if cohort.has_clv:
        cohort = cohort.clipped({CAPPED_CLV: CLV}, _quantile(cohort, CLV, plan.cap or COVARIATE_CAP))
    looks = [name for name in there if name.startswith(("look_", f"{PRE}look_"))]
    return cohort.clipped({name: name for name in looks}, caps[plan.metric]), caps


def _quantile(cohort: Cohort, column: str, share: float) -> int | None:
    """A quantile of amounts without their sign; of those who have any where that of all is nothing."""
    cap = cap_of(cohort.table[column].to_numpy(), share)
    return None if cap is None else int(cap)


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
    return "clv" if name == CAPPED_CLV else "value"
