"""The best use of a budget where what is brought is in proportion to who is contacted.

With one offer a segment this is the fractional knapsack: segments in the order of what they bring for the money, the
last one in part, is exact (Dantzig 1957, Operations Research 5(2), 266-277). Where several offers compete for the
customers of a segment it is the linear relaxation of the multiple-choice knapsack: each segment's offers, by cost,
leave an upper hull, whose edges are upgrades from one offer to a dearer one with falling return; all edges of all
segments in the order of their return, the last one in part, are exact again (Sinha & Zoltners 1979, Operations Research
27(3), 503-515). With one limit on all, that is: offers that have limits of their own need a program, see `capped`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An offer to the customers of a segment: what a contact costs, and brings before that cost."""

    segment: int
    offer: int
    cost: float
    gross: float

    @property
    def net(self) -> float:
        """What a contact brings after its cost."""
        return self.gross - self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An upgrade of the customers of a segment from one option, None for no contact, to a dearer one.

    cost, gross : that it adds for each of them
    """

    before: Option | None
    after: Option

    @property
    def cost(self) -> float:
        """What the upgrade of a customer costs."""
        return self.after.cost - (self.before.cost if self.before else 0.0)

    @property
    def gross(self) -> float:
        """What the upgrade of a customer brings before that cost."""
        return self.after.gross - (self.before.gross if self.before else 0.0)

    @property
    def returned(self) -> float:
        """What it brings for each unit of money; infinite where it is free."""
        return self.gross / self.cost if self.cost > 0.0 else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """How many customers of each option, not whole yet.

    shadow_price : what one more unit of money would bring after its cost; 0 where there is nothing more to buy
    """

    customers: dict[tuple[int, int], float]
    shadow_price: float


def hull(options: Sequence[Option]) -> list[Edge]:
    """The upgrades of one segment that bring more than they cost, the best return first."""
    edges: list[Edge] = []
    free = [option for option in options if option.cost == 0.0 and option.gross > 0.0]
    now = max(free, key=lambda option: option.gross, default=None)
    if now is not None:
        edges.append(Edge(before=None, after=now))
    while True:
        cost = now.cost if now else 0.0
        steps = [Edge(before=now, after=option) for option in options if option.cost > cost]
        best = max(steps, key=lambda edge: (edge.returned, -edge.after.cost), default=None)
        if best is None or best.returned <= 1.0:
            return edges
        edges.append(best)
        now = best.after


def in_order(groups: Sequence[Sequence[Option]]) -> list[Edge]:
    """The upgrades of all segments, the best return first, each after those of its segment that it builds upon.

    Returns of a segment fall from one to the next; where rounding has them rise they count as equal.
    """
    ranked = []
    for segment, options in enumerate(groups):
        least = float("inf")
        for place, edge in enumerate(hull(options)):
            least = min(least, edge.returned)
            ranked.append((-least, segment, place, edge))
    return [edge for *_, edge in sorted(ranked, key=lambda entry: entry[:3])]


def filled(groups: Sequence[Sequence[Option]], sizes: Sequence[float], money: float) -> Solution:
    """Spend money on the edges of all groups, the best return first.

    Parameters
    ----------
    groups
        The options of each segment.
    sizes
        How many customers of each segment may be contacted, each by one offer.
    """
    customers: dict[tuple[int, int], float] = {}
    left, price = money, 0.0
    for edge in in_order(groups):
        size = sizes[edge.after.segment]
        taken = size if edge.cost * size <= left else left / edge.cost
        left = max(0.0, left - edge.cost * taken)
        if taken < size:
            price = max(price, edge.returned - 1.0)
        customers[edge.after.segment, edge.after.offer] = taken
        if edge.before is not None:
            customers[edge.before.segment, edge.before.offer] -= taken
        if taken < size:
            break
    return Solution(customers={key: n for key, n in customers.items() if n > 0.0}, shadow_price=price)
