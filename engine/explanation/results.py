"""What explaining a segment found. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.explanation.settings import Explaining
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.statistics import marked_first

USUALLY_LISTED = 10
"""Values listed of a dimension, beyond those that mark the segment."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dimension:
    """One dimension.

    by : the column or SQL expression
    values_per_customer, values_per_member : different values that a customer of the base, and of the segment, has
        bought with, on average
    n_lines_without_value : sale lines where it is null
    profile, anomalies, flags : see `segment_profile`, `anomalies`, `flags`
    """

    by: str
    values_per_customer: float
    values_per_member: float
    n_lines_without_value: int
    profile: pl.DataFrame
    anomalies: pl.DataFrame
    flags: pl.DataFrame

    def to_dict(self, top: int = USUALLY_LISTED) -> dict[str, Any]:
        """Plain data, ready for JSON: values that mark the segment, `top` of the others, and what is reported."""
        reported = self.anomalies.drop_nulls("effect")
        order = {value: i for i, value in enumerate(self.flags["value"])}
        place = pl.col("value").replace_strict(order, return_dtype=pl.Int64)
        return {
            "by": self.by,
            "values": self.profile["value"].drop_nulls().len(),
            "values_tested": self.profile["p_value"].count(),
            "values_per_customer": {"base": self.values_per_customer, "segment": self.values_per_member},
            "lines_without_value": self.n_lines_without_value,
            "profile": self.shown(top).to_dicts(),
            "flags": self.flags.to_dicts(),
            "tests": self.anomalies["p_value"].count(),
            "anomalies": (reported.sort(place, maintain_order=True) if order else reported).to_dicts(),
        }

    def shown(self, top: int) -> pl.DataFrame:
        """The values that mark the segment, surest first, and after them the most frequent in it."""
        return marked_first(self.profile, "customers_segment", top)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Explained(Displayed):
    """Who is in a segment, and which values go with bad or good behaviour.

    scheme : "rfm" or "matrix"
    value : "margin" or "revenue"
    scores : run id of the result that says who is in the segment; rows : lines read, filtered, used and refused there
    customers : in the segment, in the base (with a purchase day), observed for long enough for a second purchase
    actions : next best actions of the customers of the segment, most customers first: `from` which label each is, the
        `action`, and `customers`; none of results that do not have them
    rates : of the base, or of all lines: what each measure is on the whole; None where there is none
    """

    segment: str
    scheme: str
    value: str
    as_of: str
    scores: str
    rows: dict[str, Any]
    customers: dict[str, int]
    rates: dict[str, float | None]
    actions: tuple[dict[str, Any], ...]
    settings: Explaining
    dimensions: tuple[Dimension, ...]
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self, top: int = USUALLY_LISTED) -> dict[str, Any]:
        """Plain data, ready for JSON; the tables of all values are attributes, and in the files."""
        return {
            "segment": self.segment,
            "scheme": self.scheme,
            "value_is": self.value,
            "as_of": self.as_of,
            "scores": self.scores,
            "customers": self.customers,
            "rates": self.rates,
            "next_best_actions": list(self.actions),
            "settings": asdict(self.settings),
            "dimensions": [dimension.to_dict(top) for dimension in self.dimensions],
            "warnings": list(self.warnings),
        }

    def table(self, name: str) -> pl.DataFrame:
        """`profile`, `anomalies` or `flags` of all dimensions, each row with its dimension."""
        tables: list[pl.DataFrame] = [getattr(dimension, name) for dimension in self.dimensions]
        names = [pl.lit(dimension.by).alias("dimension") for dimension in self.dimensions]
        return pl.concat(table.select(name, pl.all()) for name, table in zip(names, tables, strict=True))

    def facts(self) -> dict[str, object]:
        """The segment, its customers, and how many values are reported of each dimension."""
        return {
            "segment": self.segment,
            "customers": self.customers["segment"],
            "of": self.customers["base"],
            "as of": self.as_of,
            **{part.by: f"{part.flags.height} marked" for part in self.dimensions},
            "in": self.out,
        }
