"""Whether an experiment may be read yet, and which of the ways of looking at it is in force."""

from dataclasses import dataclass
from datetime import date

from whalecurve.engine.trials import Planned

KINDS = {
    "fixed": "read once, at the planned end",
    "group sequential": "planned looks, error spent as O'Brien and Fleming do (Lan-DeMets)",
    "confidence sequence": "confidence sequence (asymptotic): holds whenever it is read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When it is read.

    kind : of `KINDS`
    looks : days after which there has been a look, the present one last; none: it is too early
    planned : how many looks there are to be
    next_day : the last day that the next look needs; None after the last
    """

    kind: str
    looks: tuple[int, ...]
    planned: int
    next_day: date | None

    @property
    def is_read(self) -> bool:
        """Whether there is a look to report."""
        return bool(self.looks)

    @property
    def is_final(self) -> bool:
        """Whether it is the last one."""
        return self.is_read and self.next_day is None


def timing_of(plan: Planned, as_of: date) -> Timing:
    """The looks that fall into the days observed so far."""
    if plan.entry == "rolling":
        return Timing(kind="confidence sequence", looks=(plan.days,), planned=0, next_day=None)
    over = tuple(look for look in plan.looks if plan.day_after(look) <= as_of)
    left = [look for look in plan.looks if look not in over]
    return Timing(
        kind="group sequential" if plan.is_sequential else "fixed",
        looks=over,
        planned=len(plan.looks),
        next_day=plan.day_after(left[0]) if left else None,
    )
