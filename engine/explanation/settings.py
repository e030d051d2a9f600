"""What is measured of each value of a dimension, and when a difference is worth a word."""

from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import Significance


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: `better` is 1 where more of it is better, -1 where less is; `of_lines` where lines are counted."""

    name: str
    better: int
    of_lines: bool


MEASURES = (
    Measure(name="second_purchase_rate", better=1, of_lines=False),
    Measure(name="return_rate", better=-1, of_lines=True),
    Measure(name="loss_share", better=-1, of_lines=False),
    Measure(name="margin_rate", better=1, of_lines=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining(Significance):
    """When something is tested, and when it is reported: if it is significant and material.

    fdr : for each dimension, of the reported differences, and of the reported marks
    second_purchase_days : days within which a second purchase counts
    min_second_purchase_rate, min_return_rate, min_loss_share, min_margin_rate : least difference from the rest
        that counts, as a share, after shrinkage
    """

    second_purchase_days: int = 90
    min_second_purchase_rate: float = 0.03
    min_return_rate: float = 0.02
    min_loss_share: float = 0.02
    min_margin_rate: float = 0.03

    def __post_init__(self) -> None:
        Significance.__post_init__(self)  # not `super()`: a class with slots is another one than that which it names
        if self.second_purchase_days < 1:
            raise InputError(
                f"{setting('second_purchase_days', self.second_purchase_days)} is too short; choose at least 1 day"
            )
        for measure in MEASURES:
            least = self.least(measure)
            if not 0.0 <= least <= 1.0:
                place = setting(f"min_{measure.name}", least)
                raise InputError(f"{place} is out of range; choose 0 to 1, as 0.03 for 3 points")

    def least(self, measure: Measure) -> float:
        """The least difference of a measure that counts."""
        least: float = getattr(self, f"min_{measure.name}")
        return least
