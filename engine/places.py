"""Who is in which group, by where the customer's days are logged; noted as customers stream by."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.day_log import Logged
from whalecurve.engine.labels import filled, positions
from whalecurve.engine.measures import Accumulator, MeasureSettings, Sums, merge
from whalecurve.engine.runs import PLACE_BITS
from whalecurve.engine.segment_sums import LABELS

NO_GROUP = 255
SUMS = {"n_lines": np.uint32, "n_return_lines": np.uint32, "sold": np.int64, "returned": np.int64}
"""Of each customer, in the order in which `Accumulator.close` takes them."""


class Places:
    """Groups and sums of the customers of some day logs, by their number in the log.

    groups : of each scheme of `LABELS`, the names in the order of the codes that measures count by
    """

    def __init__(self, logs: Sequence[Logged], groups: Mapping[str, Sequence[str]]) -> None:
        """Nobody has been noted yet."""
        self._logs, self._groups = logs, groups
        self._starts = np.cumsum([0, *(logged.skipped.size for logged in logs)])
        n = int(self._starts[-1])
        self._codes = np.full((n, len(groups)), NO_GROUP, dtype=np.uint8)
        self._first_day = np.full(n, -1, dtype=np.int32)
        self._sums: dict[str, NDArray[Any]] = {name: np.zeros(n, dtype=dtype) for name, dtype in SUMS.items()}

    @property
    def schemes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Scheme and groups, as `MeasureSettings` has them."""
        return tuple((scheme, tuple(names)) for scheme, names in self._groups.items())

    def note(self, customers: pl.DataFrame) -> None:
        """Note some customers, each of whom comes once; from several threads at once."""
        places = customers["place"].to_numpy()
        at = self._starts[places >> PLACE_BITS] + (places & ((1 << PLACE_BITS) - 1))
        for column, (scheme, names) in enumerate(self._groups.items()):
            self._codes[at, column] = _coded(customers[LABELS[scheme]], names)
        self._first_day[at] = filled(customers["first_purchase"].to_physical(), -1)
        for name, sums in self._sums.items():
            sums[at] = customers[name].to_numpy()

    def sums(self, settings: MeasureSettings, jobs: int) -> Sums:
        """Go over all days, and count them by group."""
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            return merge(list(pool.map(lambda at: self._counted(at, settings), range(len(self._logs)))))

    def _counted(self, at: int, settings: MeasureSettings) -> Sums:
        """The days of one log."""
        own, logged = slice(self._starts[at], self._starts[at + 1]), self._logs[at]
        counting = Accumulator(settings, self._codes[own], self._first_day[own], logged.skipped)
        for days in logged.days():
            counting.add(days)
        lines, returns, sold, returned = (sums[own].astype(np.int64, copy=False) for sums in self._sums.values())
        return counting.close(lines, returns, sold, returned)


def _coded(labels: pl.Series, names: Sequence[str]) -> NDArray[np.uint8]:
    """Positions of labels, an Enum, among the names."""
    assert isinstance(labels.dtype, pl.Enum), "labels are Enums until they are written"
    at = {name: i for i, name in enumerate(names)}
    code_of = np.array([*(at[name] for name in labels.dtype.categories), NO_GROUP], dtype=np.uint8)
    found: NDArray[np.uint8] = code_of[positions(labels)]
    return found
