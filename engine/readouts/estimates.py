"""Effects by metric, arm and segment, as rows: estimate, interval, p and q; segments shrunken to each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from whalecurve.engine.effects import ArmMean, Difference, chances_of_best, ratio_mean
from whalecurve.engine.money import UNITS
from whalecurve.engine.readouts.adjustment import CAPPED, TESTED, Adjusted, covariate_of
from whalecurve.engine.statistics import adjusted as q_values
from whalecurve.engine.statistics import finite, shrunk_means
from whalecurve.engine.trials import Cohort, Compared, Planned, is_money
from whalecurve.kernels.arrays import Vector

RATIOS = {
    "revenue_per_order": ("revenue", "orders"),
    "margin_rate": ("margin", "revenue"),
    "return_rate": ("returned", "sold"),
}
"""Ratios of sums, by the delta method with the customer as the unit."""

NAMES = {"bought": "conversion"}
"""What sums are called where they are told, if not by their own names."""

Row = dict[str, Any]


def row_of(metric: str, arm: str, segment: str | None, difference: Difference, level: float) -> Row:
    """A row of the table of effects; None for what is not defined."""
    low, high = difference.interval(level)
    relative_low, relative_high = difference.relative_interval(level)
    numbers = {
        "control_mean": difference.control.mean,
        "treated_mean": difference.treated.mean,
        "effect": difference.estimate,
        "standard_error": difference.standard_error,
        "low": low,
        "high": high,
        "relative": difference.relative,
        "relative_low": relative_low,
        "relative_high": relative_high,
        "p": difference.p_value,
    }
    return {
        "metric": NAMES.get(metric, metric),
        "arm": arm,
        "segment": segment,
        "customers_control": difference.control.n,
        "customers_treated": difference.treated.n,
    } | {name: finite(number) for name, number in numbers.items()}


def decisive(plan: Planned, found: Adjusted, means: Compared, level: float) -> list[Row]:
    """The metric that decides, capped and adjusted, by arm over all strata."""
    return [
        row_of(plan.metric, arm, None, means.difference(i), level) for i, arm in enumerate(found.cohort.arms[1:], 1)
    ]


def by_segment(plan: Planned, found: Adjusted, means: Compared, cost: float, level: float) -> list[Row]:
    """The same in each stratum, with effects shrunk to each other, and the chance of each arm to be best there.

    cost : of a treated customer, in currency; it counts where the metric is money
    """
    cohort, rows = found.cohort, list[Row]()
    if len(cohort.strata) < 2:
        return rows
    for i, arm in enumerate(cohort.arms[1:], 1):
        differences = [means.of_stratum(s, i) for s in range(len(cohort.strata))]
        shrunk = shrunken(differences)
        for s, (name, one) in enumerate(zip(cohort.strata, differences, strict=True)):
            own = [means.cells[s, j] for j in range(len(cohort.arms))]
            chance = chances_of_best(net_of(own, cost if is_money(plan.metric) else 0.0))[i]
            shown = {"shrunken_effect": finite(float(shrunk[s])), "chance_of_best": chance}
            rows.append(row_of(plan.metric, arm, name, one, level) | shown)
    return rows


def shrunken(differences: Sequence[Difference]) -> Vector:
    """Effects of segments shrunk to each other, by moments (`shrunk_means`).

    What segments have in common is the relative effect: those who spend ten times as much gain ten times as much. So
    ratios of means are shrunk, with variances by the delta method. NaN where a control's mean is not above 0.
    """
    effects = np.array([one.estimate for one in differences])
    base = np.array([one.control.mean for one in differences])
    base = np.where(base > 0.0, base, np.nan)
    treated, control = (np.array([getattr(one, arm).variance for one in differences]) for arm in ("treated", "control"))
    spread = treated + (1.0 + effects / base) ** 2 * control
    shrunk: Vector = shrunk_means(effects / base, spread / base**2) * base
    return shrunk


def net_of(arms: Sequence[ArmMean], cost: float) -> list[ArmMean]:
    """Means of arms less what a treated customer costs; the first arm is the control, which costs nothing."""
    return [arm.less(cost if i else 0.0) for i, arm in enumerate(arms)]


def other_metrics(plan: Planned, cohort: Cohort, level: float) -> list[Row]:
    """All other metrics, capped, each adjusted by its own value before; and ratios, of all there was."""
    rows = list[Row]()
    has = cohort.table.columns
    for metric in TESTED:
        if metric == plan.metric or metric not in has:
            continue
        means = cohort.compared(f"{CAPPED}{metric}", [covariate_of(metric)])
        rows += [row_of(metric, arm, None, means.difference(i), level) for i, arm in enumerate(cohort.arms[1:], 1)]
    return rows + _ratios(cohort, level)


def _ratios(cohort: Cohort, level: float) -> list[Row]:
    rows = list[Row]()
    names = sorted({part for pair in RATIOS.values() for part in pair if part in cohort.table.columns})
    sums = cohort.moments(names)
    for metric, (y, x) in RATIOS.items():
        if y not in names or x not in names:
            continue
        scale = 1.0 / UNITS if is_money(y) and not is_money(x) else 1.0
        arms = [ratio_mean(sums.of_arm(arm), names.index(y), names.index(x)) for arm in range(len(cohort.arms))]
        for i, arm in enumerate(cohort.arms[1:], 1):
            control, treated = arms[0], arms[i]
            if control is not None and treated is not None:
                difference = Difference(treated=treated, control=control).times(scale)
                rows.append(row_of(metric, arm, None, difference, level))
    return rows


def with_q(rows: Sequence[Row]) -> list[Row]:
    """Rows with the q-values of Benjamini and Hochberg over all of them."""
    p = np.array([row["p"] for row in rows], dtype=np.float64)
    return [row | {"q": float(q)} for row, q in zip(rows, q_values(p, np.ones(p.size, dtype=np.bool_)), strict=True)]
