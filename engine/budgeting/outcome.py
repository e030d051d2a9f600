"""What contacts are expected to bring, and how likely a loss is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from whalecurve.engine.budgeting.problem import Problem
from whalecurve.engine.statistics import normal_below, normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Expected incremental margin after costs, of some contacts.

    error : its standard error; None where some response has none
    """

    customers: int
    spend: float
    gross: float
    error: float | None

    @property
    def net(self) -> float:
        """After costs."""
        return self.gross - self.spend

    def interval(self, level: float) -> tuple[float | None, float | None]:
        """Bounds of the net, by a normal distribution."""
        if self.error is None:
            return None, None
        reach = normal_quantile(0.5 + level / 2.0) * self.error
        return self.net - reach, self.net + reach

    @property
    def chance_of_loss(self) -> float | None:
        """The probability that the net is below 0."""
        if self.error is None:
            return None
        if self.error == 0.0:
            return 1.0 if self.net < 0.0 else 0.0
        return float(normal_below(-self.net / self.error))


def outcome_of(problem: Problem, contacts: Mapping[tuple[int, int], int]) -> Outcome:
    """Add up contacts.

    One response that serves several segments is as far off in all of them; different responses are taken to be off
    independently of one another.
    """
    spend, gross, n = 0.0, 0.0, 0
    reach: dict[int, float] = {}
    for (segment, offer), customers in contacts.items():
        option, response = problem.option(segment, offer)
        spend += customers * option.cost
        gross += customers * option.gross
        n += customers
        scale = problem.segments[segment].mean_stake if response.per_stake else 1.0
        reach[id(response)] = reach.get(id(response), 0.0) + customers * scale
    errors = {id(response): response.error for response in problem.responses.offers}
    parts = [None if errors[key] is None else total * errors[key] for key, total in reach.items()]  # type: ignore[operator]
    known = [part for part in parts if part is not None]
    error = math.sqrt(math.fsum(part * part for part in known)) if len(known) == len(parts) else None
    return Outcome(customers=n, spend=spend, gross=gross, error=error)
