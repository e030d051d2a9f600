"""A finished reading of an experiment. Frozen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import Message
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.readouts.checks import Checks
from whalecurve.engine.readouts.sequential import Look
from whalecurve.engine.readouts.timing import KINDS, Timing
from whalecurve.engine.readouts.verdict import Verdict

EFFECTS: dict[str, Any] = {
    "metric": pl.String, "arm": pl.String, "segment": pl.String, "is_decisive": pl.Boolean,
    "customers_control": pl.Int64, "customers_treated": pl.Int64, "control_mean": pl.Float64,
    "treated_mean": pl.Float64, "effect": pl.Float64, "standard_error": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "relative": pl.Float64, "relative_low": pl.Float64, "relative_high": pl.Float64,
    "p": pl.Float64, "q": pl.Float64, "shrunken_effect": pl.Float64, "chance_of_best": pl.Float64,
}  # fmt: skip
"""Columns of `effects.parquet`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Readout(Displayed):
    """What an experiment showed.

    plan : how it was planned; timing : which look this is; as_of : last day observed, as text
    arms : customers and their sums and means, a row an arm and segment (null: all)
    effects : columns `EFFECTS`; none before the first look, nor where the arms are not as they were to be
    adjustment : cap, covariates, share of the variance left
    looks, worth, clv, verdicts : planned looks, money, effect on CLV, what follows
    """

    plan: dict[str, Any]
    timing: Timing
    as_of: str
    checks: Checks
    arms: pl.DataFrame
    effects: pl.DataFrame
    adjustment: dict[str, Any] | None
    looks: tuple[Look, ...]
    worth: tuple[dict[str, Any], ...]
    clv: tuple[dict[str, Any], ...]
    verdicts: tuple[Verdict, ...]
    chances: dict[str, float]
    n_waiting: int
    rows: dict[str, Any]
    warnings: tuple[Message, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, without any id."""
        timing = self.timing
        return {
            "plan": self.plan,
            "as_of": self.as_of,
            "looking": {
                "kind": timing.kind,
                "words": KINDS[timing.kind],
                "day": timing.looks[-1] if timing.looks else None,
                "look": len(timing.looks),
                "planned": timing.planned,
                "is_read": timing.is_read,
                "is_final": timing.is_final,
                "next_day": None if timing.next_day is None else timing.next_day.isoformat(),
            },
            "checks": self.checks.to_dict(),
            "arms": self.arms.to_dicts(),
            "adjustment": self.adjustment,
            "effects": self.effects.to_dicts(),
            "looks": [look.to_dict() for look in self.looks],
            "worth": list(self.worth),
            "clv": list(self.clv),
            "chances_of_best": self.chances,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "customers_waiting": self.n_waiting,
            "rows": self.rows,
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """What follows for each arm, and where it is."""
        return {
            "experiment": self.plan["name"],
            **{verdict.arm: verdict.kind for verdict in self.verdicts},
            "in": self.out,
        }
