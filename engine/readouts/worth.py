"""What an experiment brought in money: uncapped value of the treated, what the offer cost, the return on it."""

from typing import Any

from whalecurve.engine.effects import Difference, ratio_interval
from whalecurve.engine.money import UNITS
from whalecurve.engine.readouts.adjustment import CAPPED_CLV, covariate_of
from whalecurve.engine.statistics import finite, normal_quantile
from whalecurve.engine.trials import DISCOUNT, Cohort, Planned


def worth_of(plan: Planned, cohort: Cohort, cost: float, level: float) -> list[dict[str, Any]]:
    """By treated arm: incremental value, in money and uncapped, of a customer and of all of the arm.

    The value is net of the discounts of the order lines, as amounts are, so discounts are part of what was spent and
    not taken off again. What was spent on a customer is `cost` and the discounts that the treated took beyond those of
    the control; the return is what is left after it, for each unit of it, with an interval by Fieller.
    """
    covariates = [covariate_of(plan.value), *([CAPPED_CLV] if cohort.has_clv else [])]
    means = cohort.compared(plan.value, covariates)
    has_discount = DISCOUNT in cohort.table.columns
    discounts = cohort.compared(DISCOUNT) if has_discount else None
    rows = []
    for i, arm in enumerate(cohort.arms[1:], 1):
        difference = means.difference(i)
        low, high = difference.interval(level)
        n = difference.treated.n
        discount = discounts.difference(i) if discounts is not None else None
        spent = cost + (discount.estimate if discount is not None else 0.0)
        row = {
            "arm": arm,
            "value": plan.value,
            "customers": n,
            "per_customer": difference.estimate,
            "per_customer_low": low,
            "per_customer_high": high,
            "cost_per_customer": cost,
            "discount_per_customer": None if discount is None else discount.estimate,
            "total": difference.estimate * n,
            "spent": spent * n,
            "net": (difference.estimate - cost) * n,
            "net_low": (low - cost) * n,
            "net_high": (high - cost) * n,
        }
        rows.append(row | _returned(cohort, plan, i, difference, discount, cost, level))
    return [{name: finite(v) if isinstance(v, float) else v for name, v in row.items()} for row in rows]


def _returned(
    cohort: Cohort,
    plan: Planned,
    arm: int,
    difference: Difference,
    discount: Difference | None,
    cost: float,
    level: float,
) -> dict[str, float | None]:
    """Net value for each unit spent."""
    spent = cost + (discount.estimate if discount is not None else 0.0)
    if not spent > 0.0:
        return {"return": None, "return_low": None, "return_high": None}
    variance = 0.0 if discount is None else discount.variance
    covariance = 0.0 if discount is None else _covariance(cohort, plan.value, arm)
    low, high = ratio_interval(
        difference.estimate - cost, spent, difference.variance, variance, covariance, normal_quantile(0.5 + level / 2.0)
    )
    return {
        "return": (difference.estimate - cost) / spent,
        "return_low": finite(low),
        "return_high": finite(high),
    }


def _covariance(cohort: Cohort, value: str, arm: int) -> float:
    """Of the differences of value and discount, in currency²: what a customer adds to both."""
    sums = cohort.moments([value, DISCOUNT])
    total = sum(cohort.sizes)
    return sum(
        cell.covariance(0, 1) / cell.n * (cohort.sizes[stratum] / total) ** 2 / UNITS**2
        for (stratum, own), cell in sums.cells.items()
        if own in (0, arm)
    )
