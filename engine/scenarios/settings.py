"""What is supposed to change from now on."""

import math
from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.segments import SegmentScheme
from whalecurve.engine.settings import MOST_DAYS, check_lists, check_number, check_share

MOST_FACTOR = 1_000.0
"""Beyond it a change is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """Changes from the last observed day on; what is past, and who is still active by it, stays.

    retention : relative change of the odds of staying, see `changed_rates.Rates`; 0.05: a twentieth better
    yearly_retention : instead, points by which the modelled share of today's active customers who are still active in
        a year shall change; the odds of staying follow
    purchase_rate : relative change of the rate at which active customers buy
    basket : relative change of the value of a purchase
    margin_rate : points by which margin per revenue changes; where value is margin
    annual_discount, horizon_days : in the place of those of the result; None: the same
    acquire : new customers like those of the last complete month
    scheme, segments : whose customers change; None for all
    worth : gain per customer that a better retention, purchase rate or basket shall bring: how much better must it be?
    tornado : whether each assumption is moved on its own, to see which matter
    level : confidence level of intervals
    """

    retention: float = 0.0
    yearly_retention: float | None = None
    purchase_rate: float = 0.0
    basket: float = 0.0
    margin_rate: float = 0.0
    annual_discount: float | None = None
    horizon_days: int | None = None
    acquire: int = 0
    scheme: SegmentScheme = "rfm"
    segments: tuple[str, ...] | None = None
    worth: float | None = None
    tornado: bool = False
    level: float = 0.95

    def __post_init__(self) -> None:
        check_lists(self, "segments")
        for name in ("retention", "purchase_rate", "basket"):
            _check_change(name, getattr(self, name))
        for name in ("yearly_retention", "margin_rate"):
            _check_points(name, getattr(self, name))
        if self.retention and self.yearly_retention is not None:
            raise InputError(
                f"{setting('retention', self.retention)} and {setting('yearly_retention', self.yearly_retention)} both "
                f"say how many stay; leave one of them out"
            )
        self._check_schedule()
        check_number("acquire", self.acquire, "1000")
        if self.acquire < 0 or self.acquire != int(self.acquire):
            raise InputError(f"{setting('acquire', self.acquire)} is not a number of customers; give one, as 1000")
        if self.worth is not None:
            check_number("worth", self.worth, "2")
            if not (math.isfinite(self.worth) and self.worth > 0.0):
                raise InputError(f"{setting('worth', self.worth)} is no gain; say what it shall bring each, as 2")
        check_share("level", self.level, "0.95")

    def _check_schedule(self) -> None:
        rate, days = self.annual_discount, self.horizon_days
        if rate is not None:
            check_number("annual_discount", rate, "0.1")
            if not -1.0 < rate <= MOST_FACTOR:
                raise InputError(f"{setting('annual_discount', rate)} is not a valid yearly rate; 0.10 means 10%")
        if days is not None:
            check_number("horizon_days", days, "365")
            if not 0 < days <= MOST_DAYS:
                raise InputError(f"{setting('horizon_days', days)} is out of range; choose 1 to {MOST_DAYS} days")
        if self.segments is not None and (rate is not None or days is not None):
            name = "annual_discount" if rate is not None else "horizon_days"
            raise InputError(f"{setting(name)} is the same for all customers; leave {setting('segment')} out")


def _check_change(name: str, change: object) -> None:
    check_number(name, change, "0.05")
    if not -1.0 < change <= MOST_FACTOR:  # type: ignore[operator]  # it is a number by now
        raise InputError(f"{setting(name, change)} leaves nothing, or is no change; give one above -1, as 0.05")


def _check_points(name: str, points: object) -> None:
    if points is None:
        return
    check_number(name, points, "0.01")
    if not -1.0 < points < 1.0:  # type: ignore[operator]  # it is a number by now
        raise InputError(f"{setting(name, points)} is out of range; give points between -1 and 1, as 0.01")
