"""What contracts are worth: payments still to come of those that run, and what left with those that ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from whalecurve.engine.models import Fit
from whalecurve.engine.money import UNITS
from whalecurve.engine.statistics import normal_quantile
from whalecurve.engine.subscriptions.curves import standard_error
from whalecurve.engine.subscriptions.fitting import KERNELS
from whalecurve.kernels.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Payments to come, discounted, in currency where there are prices; bounds are None without standard errors."""

    value: float
    low: float | None
    high: float | None


def worth_of(
    table: pl.DataFrame, fits: Mapping[str | None, Fit], discount: float, level: float, *, has_prices: bool
) -> Worth:
    """What contracts are expected to pay after the renewal that they have last seen, by the model of their plan.

    That of one which was not renewed is what was lost: of customers like this one, who were there before that renewal
    and had paid, what would have come.

    Parameters
    ----------
    table
        Contracts with plan, age, has_left, contracts and payments.
    fits
        By plan; that of None serves plans without their own.
    """
    value, variance = 0.0, 0.0
    named = table.with_columns(model=pl.when(pl.col("plan").is_in([plan for plan in fits if plan])).then("plan"))
    for (plan,), own in named.sort("model", "age", nulls_last=True).group_by("model", maintain_order=True):
        fit = fits[plan]
        ages = (own["age"] - own["has_left"].cast(pl.Int32)).to_numpy().astype(np.float64)
        each = (
            own["payments"].cast(pl.Float64).to_numpy() / UNITS
            if has_prices
            else own["contracts"].cast(pl.Float64).to_numpy()
        )
        total = _total(fit, ages=ages, each=each, discount=discount)
        value += float(total[0])
        error = standard_error(fit, partial(_total, ages=ages, each=each, discount=discount))
        variance += float(error[0]) ** 2
    half = normal_quantile(0.5 + level / 2.0) * float(np.sqrt(variance))
    is_known = bool(np.isfinite(half))
    return Worth(value=value, low=value - half if is_known else None, high=value + half if is_known else None)


def _total(fit: Fit, *, ages: Vector, each: Vector, discount: float) -> Vector:
    distinct, places = np.unique(ages, return_inverse=True)
    remaining = KERNELS[fit.model].derl(discount, distinct, *fit.values)
    return np.array([float((remaining[places] * each).sum())])
