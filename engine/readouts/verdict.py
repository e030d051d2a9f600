"""What follows from an experiment: it works, it harms, or nothing was seen, and what it would take."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from whalecurve.engine.effects import Difference, detectable, times_as_many
from whalecurve.engine.readouts.timing import Timing
from whalecurve.engine.statistics import finite
from whalecurve.engine.trials import Planned

Kind = Literal["works", "harms", "inconclusive", "go on"]
MOST = 1_000.0
"""Times as many customers as there were; more are not worth naming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Of an arm.

    kind : "works" and "harms" where no effect is left out, else "inconclusive" at the end, "go on" before it
    detectable : the least relative effect that would have been seen with the planned power
    planned_effect : the relative effect that was planned for; None where there was none
    more_customers, more_days : what it would take beside what there was to see that; None where it would have been
        seen, or is too far away
    """

    arm: str
    kind: Kind
    detectable: float | None
    planned_effect: float | None
    more_customers: int | None
    more_days: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def verdict_of(
    plan: Planned, timing: Timing, arm: str, difference: Difference, *, alpha: float, direction: float
) -> Verdict:
    """The verdict on an arm, by the metric that decides.

    difference : capped and adjusted; alpha : of this arm
    direction : the effect that was decided on; 0 where none was
    """
    kind: Kind
    if direction != 0.0:
        kind = "works" if direction > 0.0 else "harms"
    else:
        kind = "inconclusive" if timing.is_final else "go on"
    error, base = difference.standard_error, difference.control.mean
    least = detectable(error, alpha, plan.power) / base if base > 0.0 else math.nan
    more = None
    if direction == 0.0 and plan.effect and base > 0.0 and error > 0.0:
        times = times_as_many(error, plan.effect * base, alpha, plan.power)
        more = times - 1.0 if 1.0 < times <= MOST else None
    n = difference.control.n + difference.treated.n
    return Verdict(
        arm=arm,
        kind=kind,
        detectable=finite(least),
        planned_effect=plan.effect,
        more_customers=None if more is None else math.ceil(more * n),
        more_days=None if more is None else math.ceil(more * plan.days),
    )
