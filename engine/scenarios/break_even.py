"""How much better something must be to be worth so much a customer, and how far the parameters leave that open."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from whalecurve.engine.forecasts import STEP
from whalecurve.engine.scenarios.basis import Basis
from whalecurve.engine.scenarios.changed_rates import NONE, Change, rates_of
from whalecurve.engine.scenarios.evaluation import NudgedWorth
from whalecurve.engine.scenarios.odds_for_target import factor_for
from whalecurve.engine.scenarios.pairs import Pairs, tabulated
from whalecurve.kernels.arrays import Vector

LOG_STEP = 1e-4
"""By how much the logarithm of a factor is moved to see what it brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """What one lever alone must do.

    lever : "retention", "purchase_rate" or "basket"
    change : relative change that is needed; None where none is enough
    low, high : its interval by the covariance of the parameters; None where that is not known, or no change is enough
    most : what the lever is worth a customer at most, nobody leaving any more; None where there is no bound
    yearly_retention : the share of today's active customers who are then still active in a year; None for other levers
    """

    lever: str
    change: float | None
    low: float | None
    high: float | None
    most: float | None
    yearly_retention: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def break_evens(
    basis: Basis, pairs: Pairs, worth: float, nudged: list[NudgedWorth] | None, z: float
) -> tuple[BreakEven, ...]:
    """Find, for each lever on its own, the change that raises CLV by so much for each of the customers who change.

    Parameters
    ----------
    nudged
        P(alive) and value at parameters beside those of the models, see `evaluated`; None: there are no intervals.
    z
        Standard errors from the estimate to the ends of an interval.
    """
    fit, steps = basis.purchases, basis.steps()
    value = pairs.value(fit, NONE, steps)
    wanted = value + worth * pairs.n
    most = (_endless(basis, pairs) - value) / pairs.n
    odds = None
    if worth < most:
        odds = factor_for(lambda factor: pairs.value(fit, Change(odds=factor), steps), wanted)
    rate = factor_for(lambda factor: pairs.value(fit, Change(rate=factor), steps), wanted)
    kept = None if odds is None else pairs.retention(fit, Change(odds=odds), basis.year)
    basket = worth * pairs.n / value if value > 0.0 else None
    needed = {"retention": _less_one(odds), "purchase_rate": _less_one(rate), "basket": basket}
    errors = {} if nudged is None else _errors(basis, pairs, needed, nudged)
    return tuple(
        BreakEven(
            lever=lever,
            change=change,
            **_bounds(change, errors.get(lever), z),
            most=most if lever == "retention" else None,
            yearly_retention=kept if lever == "retention" else None,
        )
        for lever, change in needed.items()
    )


def _endless(basis: Basis, pairs: Pairs) -> float:
    """CLV if nobody left any more."""
    rates, steps, total, before = rates_of(basis.purchases, pairs.x, pairs.age), basis.steps(), 0.0, 0.0
    for end, discount in zip(steps.ends, steps.discounts, strict=True):
        so_far = math.fsum(pairs.worth * rates.endless(float(end)))
        total += (so_far - before) * float(discount)
        before = so_far
    return total


def _less_one(factor: float | None) -> float | None:
    return None if factor is None else factor - 1.0


def _errors(basis: Basis, pairs: Pairs, needed: dict[str, float | None], nudged: list[NudgedWorth]) -> dict[str, float]:
    r"""The standard error of each change that is needed, by the delta method on what defines it.

    With V(c; θ) the CLV after a change c, c is where the gain V(c; θ) − V(0; θ) is what is asked for. So

    .. math:: \frac{dc}{d\theta} = - \frac{\partial_\theta (V(c; \theta) - V(0; \theta))}{\partial_c V(c; \theta)}

    and of a change of the value of a purchase, which multiplies V, dc/dθ = −c·∂V/V. Squares of the derivatives along
    independent directions of one standard error each add up.
    """
    fit, steps = basis.purchases, basis.steps()
    changes = {"retention": needed["retention"], "purchase_rate": needed["purchase_rate"]}
    moved = {lever: _change(lever, 1.0 + change) for lever, change in changes.items() if change is not None}
    futures = {"now": NONE} | moved
    gradients = _gradients(basis, pairs, futures, nudged)
    errors = {}
    for lever in moved:
        change = needed[lever]
        assert change is not None, "it moves"
        ahead, behind = (
            pairs.value(fit, _change(lever, (1.0 + change) * math.exp(step)), steps) for step in (LOG_STEP, -LOG_STEP)
        )
        slope = (ahead - behind) / (2.0 * LOG_STEP * (1.0 + change))
        if slope > 0.0:
            errors[lever] = float(np.linalg.norm(gradients[lever] - gradients["now"])) / slope
    if needed["basket"] is not None:
        relative = float(np.linalg.norm(gradients["now"])) / pairs.value(fit, NONE, steps)
        errors["basket"] = needed["basket"] * relative
    return errors


def _change(lever: str, factor: float) -> Change:
    return Change(odds=factor) if lever == "retention" else Change(rate=factor)


def _gradients(basis: Basis, pairs: Pairs, futures: dict[str, Change], nudged: list[NudgedWorth]) -> dict[str, Vector]:
    """What CLV in each future changes by along each independent direction of the parameters, in a standard error."""
    steps = basis.steps()
    tables: dict[tuple[float, ...], dict[str, Vector]] = {}  # those of the spend model have one purchase model
    for fit in (one.purchases for one in nudged):
        if tuple(fit.values) not in tables:
            tables[tuple(fit.values)] = {
                name: tabulated(fit, pairs, change, steps).discounted for name, change in futures.items()
            }
    found: dict[str, list[float]] = {name: [] for name in futures}
    for sides in zip(nudged[::2], nudged[1::2], strict=True):
        for name in futures:
            ahead, behind = (math.fsum(one.worth * tables[tuple(one.purchases.values)][name]) for one in sides)
            found[name].append((ahead - behind) / (2.0 * STEP))
    return {name: np.array(gradient) for name, gradient in found.items()}


def _bounds(change: float | None, error: float | None, z: float) -> dict[str, float | None]:
    """An interval on the scale of logarithms: what is needed is more than nothing."""
    if change is None or error is None or change <= 0.0 or not math.isfinite(error):
        return {"low": None, "high": None}
    with np.errstate(over="ignore"):
        spread = float(np.exp(z * error / change))
    return {"low": change / spread, "high": change * spread if math.isfinite(spread) else None}
