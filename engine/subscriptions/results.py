"""What contracts say. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.subscriptions.settings import SubscriptionSettings

_OF = {"by": pl.String, "value": pl.String}
GROUPS_SCHEMA: dict[str, Any] = {
    **_OF,
    "contracts": pl.Int64,
    "running": pl.Int64,
    "ended": pl.Int64,
    "renewals_seen": pl.Int64,
    "price": pl.Float64,
    "first_retention": pl.Float64,
    "last_retention": pl.Float64,
    "model": pl.String,
    "chosen_by": pl.String,
    "a": pl.Float64,
    "a_error": pl.Float64,
    "b": pl.Float64,
    "b_error": pl.Float64,
    "c": pl.Float64,
    "c_error": pl.Float64,
    "log_likelihood": pl.Float64,
    "payments_of_new": pl.Float64,
    "clv_of_new": pl.Float64,
    "residual_value": pl.Float64,
    "residual_value_low": pl.Float64,
    "residual_value_high": pl.Float64,
    "value_lost": pl.Float64,
}
CURVES_SCHEMA: dict[str, Any] = {
    **_OF,
    "age": pl.Int64,
    "at_risk": pl.Int64,
    "left": pl.Int64,
    **{f"{name}{end}": pl.Float64 for name in ("retention", "survival") for end in ("", "_low", "_high")},
    "retention_model": pl.Float64,
    "survival_model": pl.Float64,
    "survival_model_low": pl.Float64,
    "survival_model_high": pl.Float64,
}
ENDS_SCHEMA: dict[str, Any] = {
    **_OF,
    "kind": pl.String,
    "age": pl.Int64,
    "share": pl.Float64,
    "share_low": pl.Float64,
    "share_high": pl.Float64,
}
REASONS_SCHEMA: dict[str, Any] = {
    "segment": pl.String,
    "kind": pl.String,
    "reason": pl.String,
    "contracts": pl.Int64,
    "share": pl.Float64,
    "share_low": pl.Float64,
    "share_high": pl.Float64,
    "value_lost": pl.Float64,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Subscriptions(Displayed):
    """Contracts: how long they last, what they are worth, why they end.

    groups : `GROUPS_SCHEMA`; by is "all", "plan" or "cohort"
    curves : `CURVES_SCHEMA`, a row a group and renewal; what a model says goes beyond what was seen
    ends : `ENDS_SCHEMA`, cumulative incidence of ends by kind
    reasons : `REASONS_SCHEMA`; segment is null for all, and there where a result is given
    value_is : "payments" where the file has no prices, else "price"
    """

    groups: pl.DataFrame
    curves: pl.DataFrame
    ends: pl.DataFrame
    reasons: pl.DataFrame
    rows: dict[str, object]
    customers: int
    settings: SubscriptionSettings
    as_of: str
    run_id: str | None
    value_is: str
    warnings: tuple[str, ...]
    out: Path | None = None

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What is written as Parquet, by name."""
        return {"subscriptions": self.groups, "curves": self.curves, "ends": self.ends, "reasons": self.reasons}

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "as_of": self.as_of,
            "scores_of": self.run_id,
            "value_is": self.value_is,
            "rows": self.rows,
            "customers": self.customers,
            "settings": asdict(self.settings) | {"as_of": self.as_of},
            "groups": self.groups.to_dicts(),
            "curves": self.curves.to_dicts(),
            "ends": self.ends.to_dicts(),
            "reasons": self.reasons.to_dicts(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Contracts, those that run, and what they are worth."""
        row = self.groups.row(0, named=True)
        return {
            "as of": self.as_of,
            "contracts": row["contracts"],
            "running": row["running"],
            "model": row["model"],
            "residual value": row["residual_value"],
            "in": self.out,
        }
