"""A planned experiment. Frozen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.notebook import Displayed

SIZES: dict[str, pl.DataType] = {
    "days": pl.Int64(),
    "segment": pl.String(),
    "customers": pl.Int64(),
    "windows": pl.Int64(),
    "customers_then": pl.Int64(),
    "mean": pl.Float64(),
    "capped_mean": pl.Float64(),
    "deviation_plain": pl.Float64(),
    "deviation_capped": pl.Float64(),
    "deviation_adjusted": pl.Float64(),
    "detectable_plain": pl.Float64(),
    "detectable_capped": pl.Float64(),
    "detectable_adjusted": pl.Float64(),
    "detectable_best_window": pl.Float64(),
    "detectable_worst_window": pl.Float64(),
    "needed_plain": pl.Int64(),
    "needed_capped": pl.Int64(),
    "needed_adjusted": pl.Int64(),
    "power_plain": pl.Float64(),
    "power_capped": pl.Float64(),
    "power_adjusted": pl.Float64(),
}
"""Columns of `plan.parquet`: a row for each length and segment, segment null for all."""

REPLAYS: dict[str, pl.DataType] = {
    "test": pl.String(),
    "replays": pl.Int64(),
    "customers": pl.Int64(),
    "false_alarms": pl.Float64(),
    "false_alarms_low": pl.Float64(),
    "false_alarms_high": pl.Float64(),
    "effect": pl.Float64(),
    "seen": pl.Float64(),
    "seen_low": pl.Float64(),
    "seen_high": pl.Float64(),
    "seen_by_formula": pl.Float64(),
}
"""Columns of `replays.parquet`: a row for each test."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PlannedExperiment(Displayed):
    """How large an experiment has to be, by the past.

    sizes : see `SIZES`; the lengths that history covers, those that are asked for first
    replays : see `REPLAYS`
    windows : first and last day of each window of the length that is asked for, the latest first
    settings : what was asked, with metric and control as they were resolved
    scores, as_of : the result: its run id, and the last day that it observed
    n_customers : customers that there are to take part
    verdict : in a sentence
    """

    sizes: pl.DataFrame
    replays: pl.DataFrame
    windows: tuple[tuple[str, str], ...]
    settings: dict[str, Any]
    scores: str
    as_of: str
    n_customers: int
    verdict: str
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "scores": self.scores,
            "as_of": self.as_of,
            "settings": self.settings,
            "customers": self.n_customers,
            "verdict": self.verdict,
            "windows": [{"first_day": first, "last_day": last} for first, last in self.windows],
            "sizes": self.sizes.to_dicts(),
            "replays": self.replays.to_dicts(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """What can be seen with the customers that there are."""
        whole = self.sizes.row(0, named=True)
        return {
            "metric": self.settings["metric"],
            "days": whole["days"],
            "customers": self.n_customers,
            "detectable": whole["detectable_adjusted"],
            "needed": whole["needed_adjusted"],
            "in": self.out,
        }
