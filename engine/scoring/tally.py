"""The customers as they stream into files: what other outputs need of all of them is summed up on the way."""

import threading

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.audit import CustomerLines
from whalecurve.engine.measures import Membership
from whalecurve.engine.money import UNITS
from whalecurve.engine.segments import filled, in_words, positions, schema_in_words, segment_sums
from whalecurve.engine.store import HELPERS

COUNTS = ("customers", "with_purchase", "repeat")


class CustomerTally:
    """Whole-number sums over customers that stream by in batches, in any order and from several threads."""

    def __init__(self, membership: Membership | None = None) -> None:
        """Nobody has passed yet; `membership` notes them too."""
        self._membership = membership
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
        gaps = batch.select(pl.selectors.float().is_nan().sum()).row(0, named=True)
        batch = batch.with_columns(pl.selectors.float().fill_nan(None)) if any(gaps.values()) else batch
        sums = segment_sums(batch)
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
