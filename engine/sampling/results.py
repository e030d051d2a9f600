"""A sample of customers. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.sampling.settings import Sampling
from whalecurve.engine.sampling.strata import Stratum, margin_of_all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Sampled(Displayed):
    """A random sample of customers by segment, with a reserve.

    customers : customer_id, segment, list ("sample" or "reserve"), place on it (1, 2, ... as drawn), weight (customers
        that a sampled one stands for; null in reserve), last_purchase, n_purchase_days, value; in this order
    strata : the segments, in the order of the scheme
    n_without_segment : customers of the result in no segment that was drawn from
    n_unknown : ids that were to be excluded, and are not in the result
    scores : run id of the result
    """

    customers: pl.DataFrame
    strata: tuple[Stratum, ...]
    settings: Sampling
    as_of: str
    scores: str
    n_without_segment: int
    n_unknown: int
    warnings: tuple[str, ...]
    out: Path | None = None

    @property
    def table(self) -> pl.DataFrame:
        """One row per segment: `strata.parquet`."""
        schema = {
            "segment": pl.String, "customers": pl.Int64, "excluded": pl.Int64, "sampled": pl.Int64, "reserve": pl.Int64,
            "weight": pl.Float64, "margin_of_error": pl.Float64, "method": pl.String,
        }  # fmt: skip
        return pl.DataFrame([stratum.to_dict() for stratum in self.strata], schema=schema)

    @property
    def margin_of_error(self) -> float | None:
        """Of all segments that somebody is drawn from, see `margin_of_all`."""
        return margin_of_all(self.strata)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, without any id."""
        return {
            "scores": self.scores,
            "as_of": self.as_of,
            "settings": asdict(self.settings),
            "segments": [stratum.to_dict() for stratum in self.strata],
            "sampled": sum(stratum.n_drawn for stratum in self.strata),
            "reserve": sum(stratum.n_reserve for stratum in self.strata),
            "margin_of_error": self.margin_of_error,
            "customers_without_segment": self.n_without_segment,
            "excluded_unknown": self.n_unknown,
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """How many are drawn from how many segments, and how exactly they speak for all."""
        return {
            "sampled": sum(stratum.n_drawn for stratum in self.strata),
            "reserve": sum(stratum.n_reserve for stratum in self.strata),
            "segments": len(self.strata),
            "margin of error": self.margin_of_error,
            "in": self.out,
        }
