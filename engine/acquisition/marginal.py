"""What one more customer costs where spend varied: a line through months of spend and new customers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from whalecurve.engine.statistics import student_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal:
    """The cost of one more customer, by the slope of new customers on spend over months (least squares).

    cost, low, high : in currency; None where it is not known: `high` has no end where the slope may be 0
    months : months with costs
    reason : why there is no cost, or no upper end; None where there are both
    """

    cost: float | None
    low: float | None
    high: float | None
    months: int
    reason: str | None


def marginal_of(spend: Sequence[float], acquired: Sequence[int], level: float, min_months: int) -> Marginal:
    """Fit the line. The interval is that of the slope by Student's T with n - 2 degrees of freedom, inverted.

    Months count alike, and are taken as independent of one another: what is spent in one and acquired in the next is
    not told apart.
    """
    n, paid = len(spend), sum(x != 0.0 for x in spend)
    if paid < min_months:
        reason = f"fewer than {min_months} whole months with costs"
        return Marginal(cost=None, low=None, high=None, months=paid, reason=reason)
    mean_x, mean_y = math.fsum(spend) / n, sum(acquired) / n
    varied = math.fsum((x - mean_x) ** 2 for x in spend)
    if varied <= (1e-9 * mean_x) ** 2 * n:
        return Marginal(cost=None, low=None, high=None, months=paid, reason="spend did not vary")
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(spend, acquired, strict=True)) / varied
    left = math.fsum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(spend, acquired, strict=True))
    reach = float(student_quantile(n - 2, 0.5 + level / 2.0)) * math.sqrt(left / (n - 2) / varied)
    least, most = slope - reach, slope + reach
    if slope <= 0.0 or most <= 0.0:
        return Marginal(cost=None, low=None, high=None, months=paid, reason="more spend did not go with more customers")
    return Marginal(
        cost=1.0 / slope,
        low=1.0 / most,
        high=1.0 / least if least > 0.0 else None,
        months=paid,
        reason=None if least > 0.0 else "that more spend brings more customers is not sure",
    )
