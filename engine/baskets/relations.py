"""The three ways in which two items go together, and what the kernels count of each.

A customer may buy both in one basket; buy one, and the other on the next day that they buy on; or buy both at any time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from whalecurve.engine.baskets.coded_share import CodedShare, Groups, by_basket, by_customer, by_day, exact_squares
from whalecurve.engine.baskets.items import Level
from whalecurve.engine.runtime import frozen
from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.baskets import (
    count_following,
    count_together,
    following_slots,
    sum_following,
    sum_together,
)

TOGETHER, NEXT, CUSTOMER = "same basket", "next purchase", "same customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How two items go together; `is_ordered`: whether one comes first."""

    name: str
    is_ordered: bool
    groups: Callable[[CodedShare, Level], Groups]


RELATIONS = (
    Relation(name=TOGETHER, is_ordered=False, groups=by_basket),
    Relation(name=NEXT, is_ordered=True, groups=by_day),
    Relation(name=CUSTOMER, is_ordered=False, groups=by_customer),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margins:
    """Sums that pairs are held against.

    n : chances to have a pair: groups, or groups that follow another
    first, then : how many of them have each item, in the first and in the second place
    first_slots, then_slots : places for pairs with it
    slots, squares : places in all, and the sum of the squares of each customer's
    """

    n: int
    first: Vector
    then: Vector
    first_slots: Vector
    then_slots: Vector
    slots: float
    squares: float

    @property
    def n_effective(self) -> float:
        """Customers of equal weight that would weigh as much (Kish 1965)."""
        return self.slots**2 / self.squares if self.squares > 0.0 else 0.0


class Marginal:
    """Margins in the making."""

    def __init__(self, n_items: int) -> None:
        self._n = self._slots = self._squares = 0
        self._before, self._after = (np.zeros((n_items, 2), dtype=np.int64) for _ in range(2))

    def add(self, groups: Groups, relation: Relation) -> None:
        """Count the groups of a share."""
        if relation.is_ordered:
            own = np.zeros(groups.customers.size - 1, dtype=np.int64)
            self._n += int(
                following_slots(groups.customers, groups.starts, groups.items, self._before, self._after, own)
            )
        else:
            sizes = groups.sizes
            self._n += sizes.size
            others = np.repeat(sizes - 1, sizes)
            for table in (self._before, self._after):
                np.add.at(table[:, 0], groups.items, others)
                np.add.at(table[:, 1], groups.items, 1)
            own = places(groups, relation)
        self._slots += int(own.sum())
        self._squares += exact_squares(own)

    def margins(self) -> Margins:
        """The sums."""
        first_slots, first = self._before.astype(np.float64).T
        then_slots, then = self._after.astype(np.float64).T
        return Margins(
            n=self._n, first=first, then=then, first_slots=first_slots, then_slots=then_slots,
            slots=float(self._slots), squares=float(self._squares),
        )  # fmt: skip


def places(groups: Groups, relation: Relation) -> Int64:
    """Places for pairs that each customer has."""
    if relation.is_ordered:
        n_items = int(groups.items.max(initial=-1)) + 1
        unused, own = np.zeros((n_items, 2), dtype=np.int64), np.zeros(groups.customers.size - 1, dtype=np.int64)
        following_slots(groups.customers, groups.starts, groups.items, unused, unused.copy(), own)
        return own
    sizes = groups.sizes
    ends = np.append(0, np.cumsum(sizes * (sizes - 1) // 2))
    return np.diff(ends[groups.customers])


def count(groups: Groups, relation: Relation, first: int, counts: np.ndarray) -> None:
    """Add how often the items of rows from `first` on go with each."""
    if relation.is_ordered:
        count_following(groups.customers, groups.starts, groups.items, first, counts)
    else:
        count_together(groups.starts, groups.items, first, counts)


def sum_up(groups: Groups, relation: Relation, first: int, index: np.ndarray, sums: Int64) -> None:
    """Add the sums over customers of the pairs that `index` numbers."""
    weights = frozen(places(groups, relation))
    add = sum_following if relation.is_ordered else sum_together
    add(groups.customers, groups.starts, groups.items, weights, first, index, sums)
