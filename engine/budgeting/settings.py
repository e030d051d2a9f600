"""What a budget is asked for."""

import math
from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.segments import SegmentScheme
from whalecurve.engine.settings import check_number, check_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgeting:
    """What is to be spent, on whom.

    amount : money
    scheme : whose segments it is spent on
    level : confidence level of intervals
    """

    amount: float
    scheme: SegmentScheme = "rfm"
    level: float = 0.95

    def __post_init__(self) -> None:
        check_number("amount", self.amount, "50000")
        if not (math.isfinite(self.amount) and self.amount >= 0.0):
            raise InputError(f"{setting('amount', self.amount)} is not a budget; give an amount of money, as 50000")
        check_share("level", self.level, "0.95")
