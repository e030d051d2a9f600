"""Measures over time: retention, repeat purchase, stickiness, time between purchases, cohorts, for every segment.

Part of the customers at a time, `Accumulator` counts their days; `merge` adds the parts up; `measures_of` works out
the measures, and `Measures.write` puts them on disk.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.measures.cohorts import cohort_table
from whalecurve.engine.measures.first_order import stickiness_by
from whalecurve.engine.measures.gaps import gap_table
from whalecurve.engine.measures.groups import BY_DEFINITION, Key, group_table, stickiness_table
from whalecurve.engine.measures.old_customers import old_customers_note
from whalecurve.engine.measures.output import last_periods, plain, write_measures
from whalecurve.engine.measures.retention import period_table
from whalecurve.engine.measures.settings import MeasureSettings
from whalecurve.engine.measures.sums import Accumulator, MeasureSums, merge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """The measures of all customers and of every segment; each table is long and names scheme and group in every row.

    groups : see `group_table`
    periods : see `period_table`
    cohorts : see `cohort_table`
    gaps : see `gap_table`
    stickiness : see `stickiness_table`, and `stickiness_by` for dimensions of the first order
    """

    settings: MeasureSettings
    groups: pl.DataFrame
    periods: pl.DataFrame
    cohorts: pl.DataFrame
    gaps: pl.DataFrame
    stickiness: pl.DataFrame

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in ("groups", "periods", "cohorts", "gaps", "stickiness")}

    @property
    def warnings(self) -> list[str]:
        """What a reader should know of them, in whole sentences."""
        return old_customers_note(self.stickiness, self.settings.level)

    def headline(self) -> dict[str, Any]:
        """Plain data, ready for JSON: settings, the measures of each group, the last full month, quarter and year."""
        settings = asdict(self.settings)
        return {
            "observed_from": self.settings.observed_from.isoformat(),
            "as_of": self.settings.as_of.isoformat(),
            "value_is": self.settings.value,
            **{name: settings[name] for name in ("soon_days", "aged_days", "level")},
            "by_definition": list(BY_DEFINITION),
            "groups": plain(self.groups),
            "last_complete": last_periods(self.periods),
        }

    def write(self, directory: Path) -> None:
        """Write `measures.json`, and `measures/` with a Parquet file for each table, into a directory."""
        write_measures(self.tables, self.headline(), directory)


def measures_of(
    sums: MeasureSums, *, model_clv: Mapping[Key, float] | None = None, by_dimension: pl.DataFrame | None = None
) -> Measures:
    """The measures of what was counted.

    Parameters
    ----------
    model_clv
        Mean CLV of the models by scheme and group, to be shown beside the simple one.
    by_dimension
        What `stickiness_by` found, to follow the stickiness by month.
    """
    by_month = stickiness_table(sums)
    return Measures(
        settings=sums.settings,
        groups=group_table(sums, model_clv),
        periods=period_table(sums),
        cohorts=cohort_table(sums),
        gaps=gap_table(sums),
        stickiness=by_month if by_dimension is None else pl.concat([by_month, by_dimension]),
    )


__all__ = ["Accumulator", "MeasureSettings", "MeasureSums", "Measures", "measures_of", "merge", "stickiness_by"]
