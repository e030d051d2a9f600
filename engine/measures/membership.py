"""Who is in which group, by position in the order of the ids; noted as customers stream by."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import filled, positions
from whalecurve.engine.measures.measures import Accumulator, MeasureSettings, MeasureSums, merge
from whalecurve.engine.measures.sums import factors, n_combinations
from whalecurve.engine.runtime import GrowingArray, frozen
from whalecurve.engine.segments import LABELS
from whalecurve.engine.store import Days, Stretch
from whalecurve.kernels.measures import FACT_WORDS, joined, note

NUMBERS = ("n_lines", "n_return_lines", "sold", "returned")
"""Of each customer, in the order in which `note` takes them."""


class Membership:
    """What is known of the customers whose days are kept, by their position in the order of the ids.

    groups : of each scheme of `LABELS`, the names in the order in which measures number them
    """

    def __init__(self, days: Days, n_customers: int, groups: Mapping[str, Sequence[str]]) -> None:
        """Nobody has been noted yet. Raises InputError where there are too many combinations of groups."""
        n_combinations([*groups.items()])
        self._days, self._groups = days, groups
        self._factors = factors([*groups.items()])
        self._facts = GrowingArray(np.int64, FACT_WORDS, n_customers).array

    @property
    def schemes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Scheme and groups, as `MeasureSettings` has them."""
        return tuple((scheme, tuple(names)) for scheme, names in self._groups.items())

    def note(self, customers: pl.DataFrame) -> None:
        """Note some customers, each of whom comes once; from several threads at once."""
        codes = tuple(frozen(positions(customers[LABELS[scheme]])) for scheme in self._groups)
        joint = joined(codes, self._parts([customers[LABELS[scheme]] for scheme in self._groups]))
        first_day = frozen(filled(customers["first_purchase"].to_physical(), -1))
        at, *numbers = (frozen(customers[name].cast(pl.Int64).to_numpy()) for name in ("position", *NUMBERS))
        note(self._facts, at, joint, first_day, *numbers)

    def sums(self, settings: MeasureSettings, jobs: int) -> MeasureSums:
        """Go over all days, and count them by group."""
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            return merge(list(pool.map(lambda stretch: self._counted(stretch, settings), self._days.stretches(jobs))))

    def _parts(self, labels: Sequence[pl.Series]) -> NDArray[np.int32]:
        """What each label of each scheme, and none after them, adds to the number of a combination."""
        most = max(len(names) for names in self._groups.values())
        parts = np.zeros((len(labels), most + 1), dtype=np.int32)
        for scheme, (column, names) in enumerate(zip(labels, self._groups.values(), strict=True)):
            assert isinstance(column.dtype, pl.Enum), "labels are Enums until they are written"
            at = {name: i for i, name in enumerate(names)}
            codes = np.array([*(at[name] for name in column.dtype.categories), len(names)])
            parts[scheme, : codes.size] = codes * self._factors[scheme]
        return parts

    def _counted(self, stretch: Stretch, settings: MeasureSettings) -> MeasureSums:
        """The days of some customers."""
        counting = Accumulator(settings, self._facts[stretch.first : stretch.end])
        for entries in stretch.entries():
            counting.add(entries)
        return counting.close()
