"""How much better something must be to be worth so much a customer."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from whalecurve.engine.scenarios.basis import Basis
from whalecurve.engine.scenarios.changed_rates import NONE, Change, rates_of
from whalecurve.engine.scenarios.odds_for_target import factor_for
from whalecurve.engine.scenarios.pairs import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """What one lever alone must do.

    lever : "retention", "purchase_rate" or "basket"
    change : relative change that is needed; None where none is enough
    most : what the lever is worth a customer at most, nobody leaving any more; None where there is no bound
    yearly_retention : the share of today's active customers who are then still active in a year; None for other levers
    """

    lever: str
    change: float | None
    most: float | None
    yearly_retention: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def break_evens(basis: Basis, pairs: Pairs, worth: float) -> tuple[BreakEven, ...]:
    """Find, for each lever on its own, the change that raises CLV by so much for each of the customers who change."""
    fit, steps = basis.purchases, basis.steps()
    value = pairs.value(fit, NONE, steps)
    wanted = value + worth * pairs.n
    most = (_endless(basis, pairs) - value) / pairs.n
    odds = None
    if worth < most:
        odds = factor_for(lambda factor: pairs.value(fit, Change(odds=factor), steps), wanted)
    rate = factor_for(lambda factor: pairs.value(fit, Change(rate=factor), steps), wanted)
    kept = None if odds is None else pairs.retention(fit, Change(odds=odds), basis.year)
    return (
        BreakEven(lever="retention", change=_less_one(odds), most=most, yearly_retention=kept),
        BreakEven(lever="purchase_rate", change=_less_one(rate), most=None, yearly_retention=None),
        BreakEven(
            lever="basket",
            change=worth * pairs.n / value if value > 0.0 else None,
            most=None,
            yearly_retention=None,
        ),
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
