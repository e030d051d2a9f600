"""The customers as they stream into files: what other outputs need of all of them is summed up on the way."""

import threading
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.audit import CustomerLines
from whalecurve.engine.coded_words import filled, in_words, positions, schema_in_words
from whalecurve.engine.measures import Membership
from whalecurve.engine.money import UNITS
from whalecurve.engine.segment_quality import QualitySums
from whalecurve.engine.segments import SOON_DAYS, segment_sums
from whalecurve.engine.store import HELPERS

COUNTS = ("customers", "with_purchase", "repeat")


class CustomerTally:
    """Whole-number sums over customers that stream by in batches, in any order and from several threads."""

    def __init__(
        self,
        membership: Membership | None = None,
        as_of: date | None = None,
        quality: QualitySums | None = None,
    ) -> None:
        """Nobody has passed yet; `membership` notes them too, and `quality` adds up what it asks for.

        Whose next purchase is due is counted from `as_of`.
        """
        self._membership = membership
        self._quality = quality
        self._lock = threading.Lock()
        self.sums: list[pl.DataFrame] = []
        """By segment, as `segment_sums` gives them, for each batch."""
        self.n_gaps: dict[str, int] = {}
        """Numbers that a kernel could not give, by column."""
        self.n = dict.fromkeys(COUNTS, 0)
        """Customers: all, those with a purchase, those with more than one purchase day."""
        self.falling: dict[str, int] = {}
        """Customers with falling spend, by CLV tier."""
        self.actions: dict[str, int] = {}
        """Customers by what their next best action is from."""
        self.due: dict[str, int] | None = None if as_of is None else {"soon": 0, "overdue": 0}
        """Customers whose next purchase is due within `SOON_DAYS` days, and who are overdue: nobody is both."""
        self._as_of = as_of
        self.lines = CustomerLines()
        """Whose lines are how many."""
        self._expected_purchases: int | None = None

    @property
    def expected_purchases(self) -> float | None:
        """Of all customers, in the horizon; None where nothing is known."""
        return None if self._expected_purchases is None else self._expected_purchases / UNITS

    def watch(self, customers: pl.LazyFrame) -> pl.LazyFrame:
        """The same customers as they are written, counted and summed as they pass.

        Null stands for NaN, strings for labels, and `HELPERS` are gone.
        """
        written = [name for name in customers.collect_schema().names() if name not in HELPERS]
        schema = schema_in_words(customers.select(written).collect_schema())
        return customers.map_batches(self._pass, streamable=True, schema=schema)

    def _pass(self, batch: pl.DataFrame) -> pl.DataFrame:
        counts, falling, steps = _counted(batch), _falling(batch), _steps(batch["expected_purchases"])
        actions = _by_label(batch["next_best_action_from"])
        due = {} if self._as_of is None else _due(batch, self._as_of)
        gaps = batch.select(pl.selectors.float().is_nan().sum()).row(0, named=True)
        batch = batch.with_columns(pl.selectors.float().fill_nan(None)) if any(gaps.values()) else batch
        sums = segment_sums(batch)
        if self._quality is not None:
            self._quality.add(batch)
        if self._membership is not None:
            self._membership.note(batch)
        with self._lock:
            self.sums.append(sums)
            for name in COUNTS:
                self.n[name] += counts[name]
            for tier, n in falling.items():
                self.falling[tier] = self.falling.get(tier, 0) + n
            for origin, n in actions.items():
                self.actions[origin] = self.actions.get(origin, 0) + n
            if self.due is not None:
                self.due = {name: n + due[name] for name, n in self.due.items()}
            self.lines.add(batch["customer_id"], batch["n_lines"])
            for name, n in gaps.items():
                self.n_gaps[name] = self.n_gaps.get(name, 0) + n
            if steps.size:
                self._expected_purchases = (self._expected_purchases or 0) + int(steps.sum())
        return in_words(batch.drop(HELPERS, strict=False))


def _counted(batch: pl.DataFrame) -> dict[str, int]:
    """`COUNTS` of a batch."""
    n_purchase_days = filled(batch["n_purchase_days"], 0)
    counts = (batch.height, np.count_nonzero(n_purchase_days), np.count_nonzero(n_purchase_days > 1))
    return dict(zip(COUNTS, (int(n) for n in counts), strict=True))


def _falling(batch: pl.DataFrame) -> dict[str, int]:
    """Customers whose spend is falling, by CLV tier; 0 where nobody knows."""
    return _by_label(batch["clv_tier"], batch["spend_falling"].fill_null(value=False).to_numpy())


def _due(batch: pl.DataFrame, as_of: date) -> dict[str, int]:
    """Customers who are due soon, and those who are overdue."""
    is_overdue, ahead = pl.col("is_overdue").fill_null(value=False), pl.col("next_purchase") - as_of
    is_soon = (ahead.dt.total_days() <= SOON_DAYS) & ~is_overdue
    return batch.select(soon=is_soon.sum(), overdue=is_overdue.sum()).row(0, named=True)


def _by_label(labels: pl.Series, counted: NDArray[np.bool_] | None = None) -> dict[str, int]:
    """Customers by label, or those that are `counted`; nobody without a label."""
    assert isinstance(labels.dtype, pl.Enum), "labels are Enums until they are written"
    names, places = labels.dtype.categories.to_list(), positions(labels)
    n = np.bincount(places if counted is None else places[counted], minlength=len(names) + 1)
    return dict(zip(names, n[:-1].tolist(), strict=True))


def _steps(numbers: pl.Series) -> NDArray[np.int64]:
    """Numbers in millionths, those that are known."""
    given = numbers.drop_nulls().drop_nans().to_numpy()
    steps: NDArray[np.int64] = np.rint(given * UNITS).astype(np.int64)
    return steps
