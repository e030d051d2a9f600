"""Baskets of a share of the customers as arrays, and the groups of items that pairs are counted in."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.baskets.items import Level
from whalecurve.engine.runtime import frozen
from whalecurve.engine.store import Kept
from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.baskets import recoded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedShare:
    """The baskets of a share of the customers, by customer, day and order.

    ids : of the customers, in order
    customers : int64[customers + 1], where the baskets of each begin
    days : int32[baskets]
    starts : int64[baskets + 1], where the items of each begin
    items, prices : int32, float64, the items by their first numbers, and what they cost there
    """

    ids: pl.Series
    customers: Kept
    days: Kept
    starts: Kept
    items: Kept
    prices: Kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Items of a level in groups, as the kernels of baskets have them; `customers` says where those of each begin."""

    customers: Int64
    starts: Int64
    items: Int32

    @property
    def sizes(self) -> Int64:
        """Items in each group."""
        return np.diff(self.starts)


def by_basket(share: CodedShare, level: Level) -> Groups:
    """What is in each basket."""
    return _groups(share.customers.read(), share.starts.read(), share.items.read(), level)


def by_day(share: CodedShare, level: Level) -> Groups:
    """What each customer bought on each day on which they bought anything."""
    customers, days, starts = share.customers.read(), share.days.read(), share.starts.read()
    begins = np.ones(days.size, dtype=np.bool_)
    begins[1:] = days[1:] != days[:-1]
    begins[customers[:-1]] = True
    firsts = np.flatnonzero(begins)
    own = np.searchsorted(firsts, customers).astype(np.int64)
    return _groups(own, np.append(starts[firsts], starts[-1]), share.items.read(), level)


def by_customer(share: CodedShare, level: Level, *, until: int | None = None, after: int | None = None) -> Groups:
    """What each customer bought, up to the day `until`, or from the day after `after`; some then have nothing."""
    customers, starts, items = share.customers.read(), share.starts.read(), share.items.read()
    ends = starts[customers]
    if until is not None or after is not None:
        days = share.days.read()
        is_in = np.ones(days.size, dtype=np.bool_) if until is None else days <= until
        is_in = is_in if after is None else is_in & (days > after)
        mine = np.repeat(is_in, np.diff(starts))
        items = items[mine]
        ends = np.append(0, np.cumsum(mine))[ends]
    return _groups(np.arange(customers.size), ends, items, level)


def _groups(customers: Int64, starts: Int64, items: Int32, level: Level) -> Groups:
    new_starts, new_items = np.empty(starts.size, dtype=np.int64), np.empty(items.size, dtype=np.int32)
    n = recoded(frozen(starts.astype(np.int64)), frozen(items), level.codes, new_starts, new_items)
    return Groups(customers=frozen(customers.astype(np.int64)), starts=frozen(new_starts), items=frozen(new_items[:n]))


def exact_squares(weights: Int64) -> int:
    """The sum of squares of whole numbers, which may be beyond 64 bits."""
    whole = pl.Series(weights).cast(pl.Int128)
    return int((whole * whole).sum() or 0)
