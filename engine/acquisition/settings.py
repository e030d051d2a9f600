"""What is asked of the costs of acquisition."""

from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import check_number, check_share

USUAL_BY = ("campaign", "channel")
USUAL_TIMES = ("date", "day", "month")
USUAL_SPEND = ("spend", "cost", "costs", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquiring:
    """How costs are set against customers.

    by : dimension of the first order, a column or an SQL expression; None: campaign or channel, as the costs have it
    cost_by, cost_time, cost_spend : columns of the costs: what the dimension is there, a day or a month, and money;
        None: the name of the dimension, or the usual names
    level : confidence level of intervals
    min_months : months with costs that a campaign must have for its marginal cost to be told
    """

    by: str | None = None
    cost_by: str | None = None
    cost_time: str | None = None
    cost_spend: str | None = None
    level: float = 0.95
    min_months: int = 6

    def __post_init__(self) -> None:
        for name in ("by", "cost_by", "cost_time", "cost_spend"):
            if getattr(self, name) == "":
                raise InputError(f"{setting(name)} is empty; name a column, or leave it out")
        check_share("level", self.level, "0.95")
        check_number("min_months", self.min_months, "6")
        if self.min_months < 3:
            raise InputError(f"{setting('min_months', self.min_months)} is too few for a line; choose 3 or more")
