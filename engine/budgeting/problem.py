"""A budget as a problem to be solved: segments, options, limits; and its solution for other ways to split the money."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from whalecurve.engine.budgeting.capped import programmed
from whalecurve.engine.budgeting.frontier import Option, Solution, filled
from whalecurve.engine.budgeting.responses import Response, Responses

NEARLY_WHOLE = 1e-9
"""How far below a whole number of customers a solution may be for rounding alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Customers of a segment, and what they have at stake, together."""

    name: str
    customers: int
    stake: float

    @property
    def mean_stake(self) -> float:
        """What a customer has at stake."""
        return self.stake / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Which offers compete for which segments, with what limits.

    options : every offer to every segment that it has a response in
    of_option : the response behind each option
    """

    segments: tuple[Segment, ...]
    offers: tuple[str, ...]
    options: tuple[Option, ...]
    of_option: tuple[Response, ...]
    responses: Responses

    @property
    def sizes(self) -> list[float]:
        """How many customers of each segment may be contacted."""
        share = 1.0 if self.responses.share is None else self.responses.share
        return [float(math.floor(share * segment.customers + NEARLY_WHOLE)) for segment in self.segments]

    @property
    def is_capped(self) -> bool:
        """Whether limits are shared between segments, or are those of one offer among several."""
        limited = any(one.most is not None or one.share is not None for one in self.responses.offers)
        return limited or self.responses.most is not None

    def solved(self, money: float) -> Solution:
        """The best use of money."""
        if self.is_capped:
            return self._programmed([money], by_segment=False)
        return filled(self._groups(), self.sizes, money)

    def split(self, money: Sequence[float]) -> Solution:
        """The best use of money that is split among the segments beforehand."""
        if self.is_capped:
            return self._programmed(money, by_segment=True)
        customers: dict[tuple[int, int], float] = {}
        for at, (group, amount) in enumerate(zip(self._groups(), money, strict=True)):
            sizes = [size if i == at else 0.0 for i, size in enumerate(self.sizes)]
            customers |= filled([group], sizes, amount).customers
        return Solution(customers=customers, shadow_price=0.0)

    def option(self, segment: int, offer: int) -> tuple[Option, Response]:
        """An option with its response."""
        at = next(i for i, one in enumerate(self.options) if (one.segment, one.offer) == (segment, offer))
        return self.options[at], self.of_option[at]

    def _groups(self) -> list[list[Option]]:
        return [[one for one in self.options if one.segment == at] for at in range(len(self.segments))]

    def _programmed(self, money: Sequence[float], *, by_segment: bool) -> Solution:
        share: dict[tuple[int, int], float] = {}
        for option, response in zip(self.options, self.of_option, strict=True):
            if response.share is not None:
                size = self.segments[option.segment].customers
                share[option.segment, option.offer] = float(math.floor(response.share * size + NEARLY_WHOLE))
        return programmed(
            self.options,
            self.sizes,
            money,
            by_segment=by_segment,
            most=self.responses.most,
            most_of_offer={self.offers.index(offer): most for offer, most in self._most_of_offers()},
            share=share,
        )

    def _most_of_offers(self) -> list[tuple[str, int]]:
        limits = {one.offer: one.most for one in self.responses.offers}
        return [(offer, most) for offer, most in limits.items() if most is not None]


def problem_of(segments: Sequence[Segment], responses: Responses) -> Problem:
    """The options of all segments, and what a contact of each brings."""
    offers = tuple(dict.fromkeys(one.offer for one in responses.offers))
    at = {segment.name: i for i, segment in enumerate(segments)}
    options, of_option = [], []
    for response in responses.offers:
        for name in response.segments:
            segment = segments[at[name]]
            gross = response.estimate * (segment.mean_stake if response.per_stake else 1.0)
            options.append(
                Option(segment=at[name], offer=offers.index(response.offer), cost=response.cost, gross=gross)
            )
            of_option.append(response)
    return Problem(
        segments=tuple(segments),
        offers=offers,
        options=tuple(options),
        of_option=tuple(of_option),
        responses=responses,
    )


def whole(solution: Solution) -> dict[tuple[int, int], int]:
    """Whole customers of each option: rounded down, so that the budget and all limits still hold."""
    found = {key: math.floor(n + NEARLY_WHOLE * max(1.0, n)) for key, n in sorted(solution.customers.items())}
    return {key: n for key, n in found.items() if n}
