"""What new customers cost and bring. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.acquisition.settings import Acquiring
from whalecurve.engine.notebook import Displayed

_MONEY = {
    "spend": pl.Float64,
    "customers": pl.Int64,
    "cac": pl.Float64,
    "earned": pl.Float64,
    "clv": pl.Float64,
    "clv_cac": pl.Float64,
    "clv_cac_low": pl.Float64,
    "clv_cac_high": pl.Float64,
    "payback_month": pl.Int64,
    "payback_low": pl.Int64,
    "payback_high": pl.Int64,
    "months_observed": pl.Int64,
}
VALUES_SCHEMA = {
    "scope": pl.String,
    "value": pl.String,
    **_MONEY,
    "customers_without_spend": pl.Int64,
    "months": pl.Int64,
    "marginal_cac": pl.Float64,
    "marginal_low": pl.Float64,
    "marginal_high": pl.Float64,
    "marginal_reason": pl.String,
}
COHORTS_SCHEMA = {"value": pl.String, "month": pl.Date, **_MONEY}
CURVES_SCHEMA = {
    "scope": pl.String,
    "value": pl.String,
    "cohort": pl.Date,
    "months": pl.Int64,
    "customers": pl.Int64,
    "spend": pl.Float64,
    "earned": pl.Float64,
    "earned_per_customer": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
UNMATCHED_SCHEMA = {"what": pl.String, "value": pl.String, "spend": pl.Float64, "customers": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AcquisitionCosts(Displayed):
    """New customers by what their first order says, beside what was spent on them.

    values : `VALUES_SCHEMA`; scope "value" for each campaign or channel with spend and customers, most spend first,
        then "matched" for all of these together, and "blended" for all spend and all new customers of these months
    cohorts : `COHORTS_SCHEMA`, the same by month of the first purchase
    curves : `CURVES_SCHEMA`, what was earned by month of age; cohort is null for all cohorts of a value together
    unmatched : `UNMATCHED_SCHEMA`, what is in no value: spend or customers, each once
    by : the dimension; value : margin or revenue, what is earned
    first_month, last_month : of the costs, as ISO text
    rows : of the costs: read, and refused by reason
    """

    values: pl.DataFrame
    cohorts: pl.DataFrame
    curves: pl.DataFrame
    unmatched: pl.DataFrame
    by: str
    value: str
    first_month: str
    last_month: str
    rows: dict[str, Any]
    settings: Acquiring
    as_of: str
    scores: str
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, without curves."""
        return {
            "scores": self.scores,
            "as_of": self.as_of,
            "by": self.by,
            "value": self.value,
            "first_month": self.first_month,
            "last_month": self.last_month,
            "rows": self.rows,
            "settings": asdict(self.settings),
            "values": self.values.to_dicts(),
            "cohorts": [row | {"month": row["month"].isoformat()} for row in self.cohorts.to_dicts()],
            "unmatched": self.unmatched.to_dicts(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Spend, customers and their cost, of what is matched."""
        row = self.values.filter(scope="matched").row(0, named=True)
        return {
            "by": self.by,
            "spend": row["spend"],
            "customers": row["customers"],
            "CAC": row["cac"],
            "CLV:CAC": row["clv_cac"],
            "payback month": row["payback_month"],
            "in": self.out,
        }
