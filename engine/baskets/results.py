"""What baskets say. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.baskets.trial import Trial
from whalecurve.engine.notebook import Displayed

USUALLY_LISTED = 10
"""Pairs listed of each kind."""

PAIRS = {
    "of": pl.String,
    "relation": pl.String,
    "first": pl.String,
    "then": pl.String,
    "times": pl.Int64,
    "customers": pl.Int64,
    "support": pl.Float64,
    "confidence": pl.Float64,
    "confidence_back": pl.Float64,
    "lift": pl.Float64,
    "lift_low": pl.Float64,
    "lift_high": pl.Float64,
    "expected": pl.Float64,
    "affinity": pl.Float64,
    "affinity_low": pl.Float64,
    "affinity_high": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "marks": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class BasketStudy(Displayed):
    """What is bought together, and what each customer is likely to buy next.

    items : item, category, customers, baskets, price, tier, is_paired; one row per item that was sold
    pairs : `PAIRS`
    assortment : segment, item and what its customers buy of it, see `assortment_of`; None without a result
    recommendations : a row per customer
    trials : how recommendations from the days before did on the last ones
    lines : lines in baskets, returns that were left out
    """

    items: pl.DataFrame
    pairs: pl.DataFrame
    assortment: pl.DataFrame | None
    recommendations: pl.DataFrame
    trials: tuple[Trial, ...]
    n_baskets: int
    n_customers: int
    lines: dict[str, int]
    rows: dict[str, Any]
    as_of: str
    settings: Basketing
    scores: str | None
    warnings: tuple[str, ...]
    out: Path | None = None

    def marked(self, of: str, relation: str, top: int = USUALLY_LISTED) -> pl.DataFrame:
        """The pairs of a kind that are bought more often than by chance, surest first."""
        own = self.pairs.filter(pl.col("of") == of, pl.col("relation") == relation, pl.col("marks") == "more")
        return own.sort(-pl.col("affinity_low"), "first", "then", nulls_last=True).head(top)

    def to_dict(self, top: int = USUALLY_LISTED) -> dict[str, Any]:
        """Plain data, ready for JSON: the surest pairs of each kind, marks of segments, and no customer."""
        kinds = self.pairs.select("of", "relation").unique(maintain_order=True).iter_rows()
        return {
            "as_of": self.as_of,
            "scores": self.scores,
            "settings": asdict(self.settings),
            "lines": self.lines,
            "customers": self.n_customers,
            "baskets": self.n_baskets,
            "items": self.items.height,
            "items_paired": int(self.items["is_paired"].sum()),
            "pairs": [
                {
                    "of": of,
                    "relation": relation,
                    "pairs": self.pairs.filter(of=of, relation=relation).height,
                    "more": self.pairs.filter(of=of, relation=relation, marks="more").height,
                    "less": self.pairs.filter(of=of, relation=relation, marks="less").height,
                    "surest": self.marked(of, relation, top).drop("of", "relation").to_dicts(),
                }
                for of, relation in kinds
            ],
            "trials": [trial.to_dict() for trial in self.trials],
            "assortment": None if self.assortment is None else _marked_of(self.assortment, top),
            "customers_with_next": self.recommendations["next"].drop_nulls().len(),
            "customers_with_dearer": self.recommendations["dearer"].drop_nulls().len(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Baskets, and how many pairs are bought more often than by chance."""
        more = self.pairs.filter(marks="more")
        return {
            "baskets": self.n_baskets,
            "customers": self.n_customers,
            "items": self.items.height,
            **{
                f"pairs of the {relation}": more.filter(relation=relation).height
                for relation in more["relation"].unique(maintain_order=True)
            },
            "in": self.out,
        }


def _marked_of(assortment: pl.DataFrame, top: int) -> dict[str, Any]:
    """How many rows are marked, and the surest of each segment, more before less."""
    marked = assortment.drop_nulls("marks")
    sure = pl.max_horizontal(pl.col("index_low") / 100.0, 100.0 / pl.col("index_high")).fill_nan(None)
    surest = marked.sort("segment", "marks", -sure, "item", descending=[False, True, False, False], nulls_last=True)
    return {"marks": marked.height, "surest": surest.group_by("segment", maintain_order=True).head(top).to_dicts()}
