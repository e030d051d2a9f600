"""What newcomers are worth. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.newcomers.settings import NewcomerSettings
from whalecurve.engine.notebook import Displayed

SCHEMA = {
    "by": pl.String,
    "value": pl.String,
    "customers": pl.Int64,
    "repeat_customers": pl.Int64,
    "own_share": pl.Float64,
    "expected_purchases": pl.Float64,
    "expected_purchases_low": pl.Float64,
    "expected_purchases_high": pl.Float64,
    "purchases_with_first": pl.Float64,
    "first_value": pl.Float64,
    "repeat_value": pl.Float64,
    "clv": pl.Float64,
    "clv_with_first": pl.Float64,
    "dert": pl.Float64,
    "clv_infinite": pl.Float64,
    "clv_infinite_with_first": pl.Float64,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Newcomers(Displayed):
    """What a customer acquired on the day after `as_of` is expected to buy and to bring.

    groups : `SCHEMA`; by is "all", "cohort" or a dimension of the first order, value its value, null for all and for
        customers without one; own_share : how much of a group's own there is in it, the rest being like all customers;
        expected_purchases, clv, dert, clv_infinite : of repeat purchases, in the horizon and without one
    residual : customer_id, segment, dert and residual_clv of each customer; None where they are not asked for
    segments : the last two added up by RFM segment
    unit : of time in the models; value_is : margin or revenue
    """

    groups: pl.DataFrame
    residual: pl.DataFrame | None
    segments: pl.DataFrame | None
    as_of: str
    horizon_days: int
    annual_discount: float
    value_is: str
    model: str
    settings: NewcomerSettings
    scores: dict[str, str]
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: all but the customers."""
        return {
            "as_of": self.as_of,
            "scores": self.scores,
            "model": self.model,
            "horizon_days": self.horizon_days,
            "annual_discount": self.annual_discount,
            "value_is": self.value_is,
            "settings": asdict(self.settings) | {"by": list(self.settings.by)},
            "groups": self.groups.to_dicts(),
            "segments": None if self.segments is None else self.segments.to_dicts(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """A newcomer like all customers."""
        row = self.groups.row(0, named=True)
        return {
            "expected purchases": row["expected_purchases"],
            "CLV": row["clv"],
            "CLV with the first purchase": row["clv_with_first"],
            "CLV without a horizon": row["clv_infinite"],
            "in": self.out,
        }
