"""How many customers of each segment are drawn, and how exactly they speak for the rest."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal

from whalecurve.engine.statistics import NORMAL_975


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A segment of customers.

    segment : its name
    n_customers : in the segment; n_excluded : those of them that were not to be asked
    n_drawn, n_reserve : in the sample, and in reserve
    interview_below : see `Sampling`
    """

    segment: str
    n_customers: int
    n_excluded: int
    n_drawn: int
    n_reserve: int
    interview_below: int

    @property
    def weight(self) -> float | None:
        """Customers that each drawn one stands for."""
        return self.n_customers / self.n_drawn if self.n_drawn else None

    @property
    def margin_of_error(self) -> float | None:
        """Half of the 95 % interval of a share of one half, if all answer; None where nobody is drawn."""
        variance = self.variance
        return None if variance is None else NORMAL_975 * math.sqrt(variance)

    @property
    def variance(self) -> float | None:
        """Of a share of one half, drawn without replacement: Cochran (1977), "Sampling Techniques", theorem 3.2."""
        if not self.n_drawn:
            return None
        if self.n_drawn >= self.n_customers:
            return 0.0
        return 0.25 / self.n_drawn * (self.n_customers - self.n_drawn) / (self.n_customers - 1)

    @property
    def method(self) -> Literal["survey", "interview"]:
        """Whether answers of the segment can be counted, or are better listened to one by one."""
        return "interview" if self.n_customers < self.interview_below else "survey"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, a row of `strata.parquet`."""
        counts = asdict(self)
        return {
            "segment": counts["segment"],
            "customers": counts["n_customers"],
            "excluded": counts["n_excluded"],
            "sampled": counts["n_drawn"],
            "reserve": counts["n_reserve"],
            "weight": self.weight,
            "margin_of_error": self.margin_of_error,
            "method": self.method,
        }


def margin_of_all(strata: Sequence[Stratum]) -> float | None:
    """Half of the 95 % interval of a share of one half among the customers of all segments that somebody is drawn from.

    Answers are weighted by `Stratum.weight`: Cochran (1977), "Sampling Techniques", theorem 5.3. None without any.
    """
    drawn = [(stratum.n_customers, stratum.variance) for stratum in strata if stratum.variance is not None]
    n = sum(size for size, _ in drawn)
    return NORMAL_975 * math.sqrt(math.fsum((size / n) ** 2 * variance for size, variance in drawn)) if drawn else None


def in_proportion(total: int, sizes: Sequence[int]) -> list[int]:
    """The total divided by size, in whole numbers, by largest remainder; of equal remainders, the earlier gets more.

    No more than there is: what is missing then is missing of the total.
    """
    n = sum(sizes)
    if n == 0:
        return [0] * len(sizes)
    exact = [Fraction(min(total, n) * size, n) for size in sizes]
    whole = [math.floor(share) for share in exact]
    left = min(total, n) - sum(whole)
    order = sorted(range(len(sizes)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[:left]:
        whole[i] += 1
    return whole
