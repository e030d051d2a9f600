"""What experiment is planned."""

from dataclasses import dataclass
from typing import get_args

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.experiments import Arm, Metric, arms_of, control_of
from whalecurve.engine.settings import check_lists, check_number, check_share, whole

MOST_DAYS, MOST_LOOKS, MOST_WINDOWS, MOST_REPLAYS = 3_650, 52, 24, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """An experiment that is thought of.

    metric : as in `Design`; None: margin where customers are valued by it, else revenue
    days : how long customers are followed
    effect : the change of the mean that shall be seen, as a share; None: how small may it be?
    customers : how many take part, in all arms; None: all that there are
    arms, control : with their shares; the smallest of the others is compared with the control
    segments : RFM segments that take part; None for all
    cap, alpha, power, looks : as in `Design`
    windows : stretches of the past that are looked at, at most
    replays : how often customers of each of them are assigned to see what the test does
    """

    metric: Metric | None = None
    days: int = 28
    effect: float | None = None
    customers: int | None = None
    arms: tuple[Arm, ...] = arms_of("treated:0.5,control:0.5")
    control: str | None = None
    segments: tuple[str, ...] | None = None
    cap: float = 0.99
    alpha: float = 0.05
    power: float = 0.8
    looks: int = 1
    windows: int = 6
    replays: int = 1_000

    def __post_init__(self) -> None:
        check_lists(self, "segments")
        object.__setattr__(self, "arms", arms_of(self.arms))  # frozen, and text is welcome
        object.__setattr__(self, "control", control_of(self.arms, self.control))
        if self.metric is not None and self.metric not in get_args(Metric):
            raise InputError(
                f'{setting("metric")} "{self.metric}" is unknown; choose one of {listed(get_args(Metric))}'
            )
        for name in ("alpha", "power", "cap"):
            check_share(name, getattr(self, name), "0.05", with_one=name == "cap")
        if self.effect is not None:
            check_number("effect", self.effect, "0.03")
            if not 0.0 < self.effect <= 10.0:
                raise InputError(f"{setting('effect', self.effect)} is no change to be seen; give one above 0, as 0.03")
        for name, least, most in (
            ("days", 1, MOST_DAYS), ("looks", 1, MOST_LOOKS), ("windows", 1, MOST_WINDOWS), ("replays", 0, MOST_REPLAYS)
        ):  # fmt: skip
            object.__setattr__(self, name, whole(name, getattr(self, name), least, most, "28"))
        if self.customers is not None:
            object.__setattr__(self, "customers", whole("customers", self.customers, 2, 10**10, "28"))

    @property
    def shares(self) -> tuple[float, float]:
        """Of the smallest treated arm, and of the control."""
        own = {arm.name: float(arm.share) for arm in self.arms}
        control = own.pop(str(self.control))
        return min(own.values()), control

    @property
    def treated(self) -> str:
        """The smallest arm beside the control, the first of equals."""
        others = [arm for arm in self.arms if arm.name != self.control]
        return min(others, key=lambda arm: arm.share).name
