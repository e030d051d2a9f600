"""Recommendations tried on the last days: whether pairs find what customers then buy more often than popularity does.

What is known up to the holdout recommends; a customer is hit if one of the first k recommendations is among what they
bought for the first time in the holdout. Customers who bought nothing new there are no part of it.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.baskets.coded_share import CodedShare, by_customer
from whalecurve.engine.baskets.pairs import pairs_of
from whalecurve.engine.baskets.recommend import Task, keys_of, partners_of, popularity, recommended, shelves_of
from whalecurve.engine.baskets.relations import CUSTOMER, RELATIONS
from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.statistics import normal_quantile, wilson_interval

LOOKED_AT = (1, 3)
"""Recommendations of a customer that are looked at."""

SAME_CUSTOMER = next(relation for relation in RELATIONS if relation.name == CUSTOMER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Customers hit by the first k recommendations: of both kinds, of pairs alone, of popularity alone."""

    k: int
    n: int
    both: int
    pairs: int
    popularity: int
    level: float

    @property
    def difference(self) -> tuple[float, float, float]:
        """The hit rate of pairs less that of popularity, on the same customers, and its interval."""
        gained, lost = self.pairs / self.n, self.popularity / self.n
        variance = (gained + lost - (gained - lost) ** 2) / max(self.n - 1, 1)
        half = normal_quantile(0.5 + self.level / 2.0) * float(np.sqrt(max(variance, 0.0)))
        return gained - lost, gained - lost - half, gained - lost + half

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        record: dict[str, Any] = {"k": self.k, "customers": self.n}
        for name, hit in (("pairs", self.both + self.pairs), ("popularity", self.both + self.popularity)):
            low, high = wilson_interval(np.array([float(hit)]), np.array([float(self.n)]), self.level)
            record |= {name: hit / self.n, f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}
        names = ("difference", "difference_low", "difference_high")
        return record | dict(zip(names, self.difference, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a task went.

    hits : for each of `LOOKED_AT`; none where nothing could be tried, `reason` saying why
    by_pairs : whether pairs are what recommends: where their hit rate is higher by more than chance
    """

    task: str
    hits: tuple[Hits, ...]
    by_pairs: bool
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "task": self.task,
            "recommended_by": "pairs" if self.by_pairs else "popularity",
            "reason": self.reason,
            "hits": [hits.to_dict() for hits in self.hits],
        }


def tried(
    shares: tuple[CodedShare, ...], task: Task, asked: Basketing, first_day: int, last_day: int, room: int
) -> Trial:
    """Try a task on the last days, unless there are no more days before than in them."""
    cut = last_day - asked.holdout_days
    if cut - first_day + 1 < asked.holdout_days:
        reason = f"{last_day - first_day + 1} days are too few to keep the last {asked.holdout_days} apart"
        return Trial(task=task.name, hits=(), by_pairs=False, reason=reason)
    until = partial(by_customer, until=cut)
    known = pairs_of(shares, task.level, SAME_CUSTOMER, asked.min_customers, room, until)
    shelves = shelves_of(task, popularity(shares, task.level, cut))
    counts = np.zeros((len(LOOKED_AT), 3), dtype=np.int64)
    n = 0
    for share in shares:
        new = _new_keys(share, task, cut)
        tables = [
            _hits(recommended(share, task, shelves, partners, max(LOOKED_AT), cut)[0], new, task.level.n)
            for partners in (partners_of(known, task.level.n), partners_of(None, task.level.n))
        ]
        n += np.unique(new // task.level.n).size
        for i in range(len(LOOKED_AT)):
            ours, theirs = (table[:, i] for table in tables)
            counts[i] += [(ours & theirs).sum(), (ours & ~theirs).sum(), (theirs & ~ours).sum()]
    if n < asked.min_customers:
        return Trial(task=task.name, hits=(), by_pairs=False, reason=f"too few customers bought anything new: {n:,}")
    hits = tuple(
        Hits(k=k, n=n, both=int(both), pairs=int(ours), popularity=int(theirs), level=asked.level)
        for k, (both, ours, theirs) in zip(LOOKED_AT, counts, strict=True)
    )
    decisive = next(one for one in hits if one.k == task.most)
    return Trial(task=task.name, hits=hits, by_pairs=decisive.difference[1] > 0.0)


def _new_keys(share: CodedShare, task: Task, cut: int) -> NDArray[np.int64]:
    """What customers who can be recommended something buy first in the holdout, where they would be led, as keys."""
    n = task.level.n
    before, after = (by_customer(share, task.level, **days) for days in ({"until": cut}, {"after": cut}))
    bought = keys_of(after, n)
    new = bought[~np.isin(bought, keys_of(before, n))]
    shelf = task.shelf_of(share, cut)[new // n]
    found: NDArray[np.int64] = new[(shelf >= 0) & (task.shelf_of_item[new % n] == shelf)]
    return found


def _hits(found: NDArray[np.int32], new: NDArray[np.int64], n_items: int) -> NDArray[np.bool_]:
    """Whether each customer is hit by the first k, a column for each of `LOOKED_AT`."""
    owners = np.arange(found.shape[0])[:, np.newaxis]
    is_hit = (found >= 0) & np.isin(owners * n_items + found, new)
    return np.column_stack([is_hit[:, :k].any(axis=1) for k in LOOKED_AT])
