"""Adding up what measures over time are made of: part of the customers at a time, then all of them together.

All sums are whole numbers, so neither the parts nor the order of their days, blocks or threads make a difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

import numpy as np

from whalecurve.engine.errors import InputError
from whalecurve.engine.measures.exact_sums import Whole, whole
from whalecurve.engine.measures.settings import MeasureSettings, month_start
from whalecurve.engine.runtime import GrowingArray
from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.measures import (
    CUSTOMER_WORDS,
    MOST_GROUPS,
    NO_COHORT,
    Cell,
    Observed,
    Tables,
    add_blocks,
    add_cells,
    add_days,
    begin,
    bytes_per_row,
    close,
    empty_tables,
    kinds_of,
    mark_days,
    mark_joint,
)
from whalecurve.kernels.store import YEAR

Schemes = Sequence[tuple[str, Sequence[str]]]
"""Name and groups of each scheme, in the order of the settings."""

TABLE_BYTES = 48_000_000
"""Up to this size there is a row for every combination of groups that occurs, and a customer's day is counted once;
beyond, there is one for every group, and it is counted once for each scheme. Measured with six schemes over two to ten
years: 25 to 30 ns a day, with tables of 12 to 157 MB, against 46 to 53. The limit is for the sake of memory alone."""

MOST_COMBINATIONS = 2**24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasureSums:
    """What was counted, by the rows of `settings.rows`."""

    settings: MeasureSettings
    observed: Observed
    tables: Tables

    @property
    def first_purchases(self) -> Int64:
        """Counts of `FirstPurchase` by cohort and row: [n_cohorts, n_rows, counts]."""
        firsts = self.tables.firsts
        return firsts.reshape(-1, self.tables.people.shape[0], firsts.shape[1])

    @property
    def money(self) -> Whole:
        """Revenue and margin of every cell: [n_cells, 2]."""
        columns = [Cell.REVENUE, Cell.MARGIN]
        return whole(self.tables.cells[:, columns], self.tables.cells_carry[:, columns])


class Accumulator:
    """Counts the days of part of the customers, who are numbered from 0. One thread at a time.

    Parameters
    ----------
    facts : int64[n, 4], as the kernel `note` writes it; groups are combined as `factors` says
    """

    def __init__(self, settings: MeasureSettings, facts: Int64) -> None:
        self.settings = settings
        self._facts = facts
        n_days = settings.last_day - settings.first_day + 1
        is_first = np.zeros(n_days, dtype=np.uint8)
        if mark_days(facts, settings.first_day, is_first):
            raise ValueError("a first purchase day lies outside the days observed")
        self.observed = observed_days(settings, np.flatnonzero(is_first))
        joint = self._joint()
        self._rows_of = _rows_of(joint, settings)
        n_rows = len(settings.rows)
        if _row_per_combination(joint.size, n_rows, self.observed):
            own = np.arange(joint.size, dtype=np.int32).reshape(-1, 1)
            self._tables = empty_tables(own, joint.size, self.observed)
        else:
            self._tables = empty_tables(self._rows_of, n_rows, self.observed)

    def _joint(self) -> Int64:
        """Give customers their groups; the combinations that occur."""
        is_there = np.zeros(n_combinations(self.settings.schemes), dtype=np.uint8)
        mark_joint(self._facts, is_there)
        joint = np.flatnonzero(is_there)
        if joint.size > MOST_GROUPS:
            raise InputError(
                f"measures: customers are in {joint.size:,} combinations of segments, more than {MOST_GROUPS:,}; "
                "choose a scheme with fewer segments"
            )
        group_of = np.zeros(is_there.size, dtype=np.int32)
        group_of[joint] = np.arange(joint.size)
        self._customers = GrowingArray(np.int64, CUSTOMER_WORDS, self._facts.shape[0]).array
        begin(self._customers, self._facts, group_of, self.observed)
        return joint

    def add(self, entries: Int64) -> None:
        """Count days, int64[m, 3], as `scan_customers` writes them; each customer's in order over all calls."""
        if add_days(self._tables, self._customers, entries, self.observed):
            raise ValueError("a customer's day lies outside the days observed")

    def close(self) -> MeasureSums:
        """The sums, once all days have been added; nothing can be added afterwards."""
        if close(self._tables, self._customers, self._facts, self.observed):
            raise ValueError("customers' days contradict their first purchase days")
        by_row = self._tables
        if by_row.rows_of.shape[1] != self._rows_of.shape[1] or by_row.people.shape[0] != len(self.settings.rows):
            by_row = empty_tables(self._rows_of, len(self.settings.rows), self.observed)
            _add(by_row, self.observed, self._tables, self.observed)
        return MeasureSums(settings=self.settings, observed=self.observed, tables=by_row)


def factors(schemes: Schemes) -> list[int]:
    """What a group of each scheme counts in the number of a combination; groups are numbered in their order, then none.

    The number of customers in the groups g of sizes n is the sum of g times these: that of digits to the bases n + 1.
    """
    sizes = [len(groups) + 1 for _, groups in schemes]
    return [prod(sizes[scheme + 1 :]) for scheme in range(len(sizes))]


def n_combinations(schemes: Schemes) -> int:
    """Combinations of groups that there may be.

    Raises
    ------
    InputError
        Too many.
    """
    n = prod(len(groups) + 1 for _, groups in schemes)
    if n > MOST_COMBINATIONS:
        raise InputError(
            f"measures: {n:,} combinations of segments, more than {MOST_COMBINATIONS:,}; "
            "choose a scheme with fewer segments"
        )
    return n


def merge(parts: Sequence[MeasureSums]) -> MeasureSums:
    """The sums of all customers from those of different ones, in any order."""
    settings = parts[0].settings
    if any(part.settings != settings for part in parts):
        raise ValueError("sums of different settings do not add up")
    cohorts = np.unique(np.concatenate([_cohort_months(part.observed) for part in parts]))
    starts = [max(month_start(settings.first_month + int(month)) - settings.first_day, 0) for month in cohorts]
    observed = observed_days(settings, np.array(starts, dtype=np.int64))
    rows = np.arange(len(settings.rows), dtype=np.int32).reshape(-1, 1)
    tables = empty_tables(rows, rows.size, observed)
    for part in parts:
        _add(tables, observed, part.tables, part.observed)
    return MeasureSums(settings=settings, observed=observed, tables=tables)


def observed_days(settings: MeasureSettings, first_days: Int64) -> Observed:
    """The days observed, with the cohorts of the months of some first purchase days, counted from the first one."""
    first, last = settings.first_day, settings.last_day
    days = np.arange(first, last + 1, dtype=np.int64)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - settings.first_month
    year_from = max(days.size - YEAR, 0)
    slots = months + (np.arange(days.size) >= days.size - YEAR)
    month_of = np.arange(settings.n_months + 1)
    month_of -= month_of > months[year_from]
    cohorts = np.unique(months[first_days])
    cohort_of = np.full(settings.n_months, NO_COHORT, dtype=np.int32)
    cohort_of[cohorts] = np.arange(cohorts.size)
    n_cohorts = np.searchsorted(cohorts, month_of, side="right")
    start = np.concatenate([[0], np.cumsum(n_cohorts)])
    return Observed(
        first_day=first,
        last_day=last,
        first_month=settings.first_month,
        slot_of=slots.astype(np.int32),
        month_of=month_of.astype(np.int32),
        cohort_of=cohort_of,
        first_slot=np.searchsorted(month_of, cohorts).astype(np.int32),
        n_cohorts=n_cohorts.astype(np.int32),
        kind_of=kinds_of((month_of + settings.first_month).astype(np.int32)),
        start=start.astype(np.int64),
        calendar=np.stack([slots, month_of[slots], n_cohorts[slots], start[slots]], axis=1).astype(np.int32),
        soon_days=settings.soon_days,
        aged_days=settings.aged_days,
    )


def _row_per_combination(n_combinations: int, n_rows: int, observed: Observed) -> bool:
    return n_combinations <= n_rows or n_combinations * bytes_per_row(observed) <= TABLE_BYTES


def _cohort_months(observed: Observed) -> Int64:
    return np.flatnonzero(observed.cohort_of != NO_COHORT)


def _rows_of(joint: Int64, settings: MeasureSettings) -> Int32:
    """The rows of each combination: that of all customers, and that of its group in every scheme."""
    sizes = [len(groups) + 1 for _, groups in settings.schemes]
    first_rows = [1, *(1 + row for row in accumulate(sizes))]
    columns = [
        first_row + joint // factor % size
        for first_row, factor, size in zip(first_rows, factors(settings.schemes), sizes, strict=False)
    ]
    return np.ascontiguousarray(np.stack([np.zeros_like(joint), *columns], axis=1), dtype=np.int32)


def _add(into: Tables, here: Observed, tables: Tables, there: Observed) -> None:
    """Add tables with a row a group to tables with other rows, and all the cohorts of the former."""
    cohorts = here.cohort_of[_cohort_months(there)].astype(np.int64)
    add_cells(into, here, cohorts, tables, there)
    every_slot, every_day = np.arange(here.month_of.size), np.arange(here.slot_of.size)
    n_rows, rows_of = into.people.shape[0], into.rows_of

    def blocks(to: Int64, places: Int64, units: Int64, words: int, carries: tuple[Int32, Int32] | None = None) -> None:
        to, units = to.reshape(-1, words), units.reshape(-1, words)
        to_carry, carry = carries or (np.zeros(to.shape, np.int32), np.zeros(units.shape, np.int32))
        add_blocks(to, to_carry, n_rows, places, rows_of, units, carry)

    blocks(into.kinds, every_slot, tables.kinds, into.kinds.shape[1])
    blocks(into.stray, every_slot, tables.stray, 2, (into.stray_carry, tables.stray_carry))
    blocks(into.gaps, every_day, tables.gaps, 1)
    blocks(into.censored, every_day, tables.censored, 1)
    blocks(into.lapses, np.arange(here.cohort_of.size), tables.lapses, into.lapses.shape[1])
    blocks(into.firsts, cohorts, tables.firsts, into.firsts.shape[1])
    people = (into.people_carry, tables.people_carry)
    blocks(into.people, np.zeros(1, np.int64), tables.people, into.people.shape[1], people)
