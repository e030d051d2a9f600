"""What each customer is likely to buy next of what they have not bought: by pairs, or by what most people buy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from whalecurve.engine.baskets.coded_share import CodedShare, Groups, by_customer
from whalecurve.engine.baskets.items import Level
from whalecurve.engine.baskets.pairs import Pairs
from whalecurve.engine.runtime import frozen
from whalecurve.kernels.arrays import Int32, Int64, Matrix, Vector
from whalecurve.kernels.baskets import Partners, Shelves, next_items

ShelfOf = Callable[[CodedShare, int | None], Int32]
"""The shelf that each customer of a share is to be led to, by what they bought up to a day (None: all); -1 for none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What is recommended.

    name : in words
    level : what it is chosen from
    shelf_of_item : int32, where each is; shelves from 0 to n_shelves - 1, -1 for none
    shelf_of : where a customer is led to
    most : recommendations for a customer, on which it is decided whether pairs are better
    """

    name: str
    level: Level
    shelf_of_item: Int32
    n_shelves: int
    shelf_of: ShelfOf
    most: int


NEXT_MOST, DEARER_MOST = 3, 1


def next_task(level: Level) -> Task:
    """Anything that the customer has not bought: of one shelf, on which is everything."""
    return Task(
        name=f"next {level.of}",
        level=level,
        shelf_of_item=np.zeros(level.n, dtype=np.int32),
        n_shelves=1,
        shelf_of=lambda share, until: _with_something(by_customer(share, level, until=until)),
        most=NEXT_MOST,
    )


def _with_something(groups: Groups) -> Int32:
    return np.where(groups.sizes > 0, 0, -1).astype(np.int32)


def popularity(shares: tuple[CodedShare, ...], level: Level, until: int | None) -> Vector:
    """How many customers bought each item up to a day."""
    customers = np.zeros(level.n, dtype=np.int64)
    for share in shares:
        customers += np.bincount(by_customer(share, level, until=until).items, minlength=level.n)
    return customers.astype(np.float64)


def shelves_of(task: Task, popular: Vector) -> Shelves:
    """The items of each shelf, most popular first; those that nobody has bought are on none."""
    logs = np.log(popular, out=np.full(popular.size, -np.inf), where=popular > 0.0)
    of_item = np.where(popular > 0.0, task.shelf_of_item, -1).astype(np.int32)
    order = np.lexsort((np.arange(popular.size), -popular, of_item))
    order = order[of_item[order] >= 0]
    ends = np.cumsum(np.bincount(of_item[order], minlength=task.n_shelves))
    return Shelves(
        of_item=frozen(of_item),
        starts=frozen(np.append(0, ends).astype(np.int64)),
        items=frozen(order.astype(np.int32)),
        logs=frozen(logs),
    )


def partners_of(pairs: Pairs | None, n_items: int) -> Partners:
    """What goes with each item, either way; None: nothing does, and items are as likely as they are popular."""
    if pairs is None or np.isinf(pairs.strength):
        empty = frozen(np.zeros(n_items + 1, dtype=np.int64))
        return Partners(starts=empty, items=frozen(np.empty(0, dtype=np.int32)), logs=frozen(np.empty(0)))
    logs = np.log(pairs.shrunken)
    both = np.concatenate([pairs.first, pairs.then]), np.concatenate([pairs.then, pairs.first])
    order = np.lexsort((both[1], both[0]))
    ends = np.cumsum(np.bincount(both[0], minlength=n_items))
    return Partners(
        starts=frozen(np.append(0, ends).astype(np.int64)),
        items=frozen(both[1][order].astype(np.int32)),
        logs=frozen(np.concatenate([logs, logs])[order]),
    )


def recommended(
    share: CodedShare, task: Task, shelves: Shelves, partners: Partners, most: int, until: int | None = None
) -> tuple[Int32, Int32, Matrix]:
    """The best items for each customer of a share, what speaks most for each, and what they are worth."""
    own = by_customer(share, task.level, until=until)
    return next_items(own.starts, own.items, frozen(task.shelf_of(share, until)), shelves, partners, most)


def keys_of(groups: Groups, n_items: int) -> Int64:
    """Each item of each group as one number, by group and item."""
    owners = np.repeat(np.arange(groups.sizes.size), groups.sizes)
    return owners * n_items + groups.items
