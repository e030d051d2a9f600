"""What a validation of the labels found. Frozen."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from whalecurve.engine.label_checks.evidence import FEW, HOLDS, WEAK
from whalecurve.engine.notebook import Displayed

MOST_BACK = 0.1
"""Share of the churned who may buy within the next such span, the 95 % point of their rhythm, for the word to hold."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LabelValidation(Displayed):
    """Labels as they would have been at one or more earlier days, held against what followed.

    first_day, as_of : the days observed; cuts : last days of the pasts that were scored
    value : what was spent is measured in, margin or revenue
    labels : a row per cut, days ahead and label: cut, days, scheme, label, compared_with, outcome, says, and what
        `evidence_of` returns
    churned : a row per cut: of the customers whose stage was the last one and whose next such span, the point of their
        rhythm beyond which it begins, was observed: customers, unobserved (whose was not), back (the share who bought
        within it) with Wilson's interval, verdict
    """

    first_day: date
    as_of: date
    cuts: tuple[date, ...]
    value: str
    labels: pl.DataFrame
    churned: pl.DataFrame
    warnings: tuple[str, ...]

    @property
    def verdicts(self) -> pl.DataFrame:
        """One row per label that claims something, over all cuts and days ahead: scheme, label, says, outcome, verdict.

        It holds where it does in every row with enough customers, and is weak otherwise.
        """
        tested, holds = pl.col("verdict") != FEW, pl.col("verdict") == HOLDS
        verdict = (
            pl.when(~tested.any())
            .then(pl.lit(FEW))
            .when((holds | ~tested).all())
            .then(pl.lit(HOLDS))
            .otherwise(pl.lit(WEAK))
        )
        claiming = self.labels.filter(pl.col("says").is_not_null())
        return claiming.group_by("scheme", "label", "says", "outcome", maintain_order=True).agg(verdict=verdict)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What is written as Parquet, by name."""
        return {"labels": self.labels, "verdicts": self.verdicts, "churned": self.churned}

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        in_words = pl.col("cut").dt.to_string("iso")
        return {
            "first_day": self.first_day.isoformat(),
            "as_of": self.as_of.isoformat(),
            "cuts": [cut.isoformat() for cut in self.cuts],
            "value_is": self.value,
            "verdicts": self.verdicts.to_dicts(),
            "labels": self.labels.with_columns(in_words).to_dicts(),
            "churned": self.churned.with_columns(in_words).to_dicts(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """The days, and how many labels hold."""
        return {
            "first day": self.first_day,
            "as of": self.as_of,
            "cuts": self.cuts,
            **dict(self.verdicts.group_by("verdict").len().sort("verdict").iter_rows()),
        }
