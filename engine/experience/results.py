"""What surveys and tickets say. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.experience.settings import ExperienceSettings
from whalecurve.engine.notebook import Displayed


def _with_bounds(*names: str) -> dict[str, Any]:
    return {f"{name}{end}": pl.Float64 for name in names for end in ("", "_low", "_high")}


SCORES_SCHEMA: dict[str, Any] = {
    "by": pl.String,
    "value": pl.String,
    "question": pl.String,
    "scale": pl.Int64,
    "customers": pl.Int64,
    "answers": pl.Int64,
    "asked": pl.Int64,
    **_with_bounds("mean", "top_share", "bottom_share", "nps", "response_rate"),
}
WEIGHTED_SCHEMA: dict[str, Any] = {
    "question": pl.String,
    "scale": pl.Int64,
    "measure": pl.String,
    "customers": pl.Int64,
    "raw": pl.Float64,
    **_with_bounds("weighted"),
    "effective_customers": pl.Float64,
    "represented": pl.Float64,
}
CLASSES_SCHEMA: dict[str, Any] = {
    "question": pl.String,
    "scale": pl.Int64,
    "class": pl.String,
    "customers": pl.Int64,
    "share": pl.Float64,
    "mean_value": pl.Float64,
    "mean_days_since_last": pl.Float64,
    "clv": pl.Float64,
    "clv_share": pl.Float64,
    "value_at_stake": pl.Float64,
    "observed": pl.Int64,
    **_with_bounds("bought_share", "difference"),
}
TICKETS_SCHEMA: dict[str, Any] = {
    "by": pl.String,
    "value": pl.String,
    "customers": pl.Int64,
    "customers_with_ticket": pl.Int64,
    "tickets": pl.Int64,
    "solved": pl.Int64,
    "orders": pl.Int64,
    **_with_bounds("resolution_rate"),
    "hours_half": pl.Int64,
    "hours_most": pl.Int64,
    "solved_in_a_day": pl.Float64,
    **_with_bounds("reopened_rate", "rating_mean", "contacts_per_order"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Experience(Displayed):
    """Surveys and tickets of the customers of a result; tables are None where their file was not given.

    scores : `SCORES_SCHEMA`; a row a question, scale and group: by is "all", a scheme, "product" or "wave"
    weighted : `WEIGHTED_SCHEMA`, the scores of all brought to the mix of all customers
    classes : `CLASSES_SCHEMA`, customers by the class of their latest answer: their worth, what they bought later
    tickets : `TICKETS_SCHEMA`; a row a group
    rows : of each file: read, used, refused by reason, customers matched
    """

    scores: pl.DataFrame | None
    weighted: pl.DataFrame | None
    classes: pl.DataFrame | None
    tickets: pl.DataFrame | None
    rows: dict[str, Any]
    settings: ExperienceSettings
    as_of: str
    run_id: str
    value_is: str
    warnings: tuple[str, ...]
    out: Path | None = None

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What is written as Parquet, by name."""
        named = {"scores": self.scores, "weighted": self.weighted, "classes": self.classes, "tickets": self.tickets}
        return {name: table for name, table in named.items() if table is not None}

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "as_of": self.as_of,
            "scores_of": self.run_id,
            "value_is": self.value_is,
            "rows": self.rows,
            "settings": asdict(self.settings) | {"weight_by": list(self.settings.weight_by)},
            **{name: None for name in ("scores", "weighted", "classes", "tickets")},
            **{name: table.to_dicts() for name, table in self.tables.items()},
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """The scores of all, and how many tickets are solved."""
        told: dict[str, object] = {"as of": self.as_of}
        if self.scores is not None:
            for row in self.scores.filter(by="all").iter_rows(named=True):
                told[row["question"]] = row["mean"] if row["nps"] is None else row["nps"]
        if self.tickets is not None:
            for row in self.tickets.filter(by="all").iter_rows(named=True):
                told |= {"tickets": row["tickets"], "resolution rate": row["resolution_rate"]}
        return told | {"in": self.out}
