"""What profiling the ideal customers found. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.profiling.seeds import Seeds
from whalecurve.engine.profiling.segment import Choice
from whalecurve.engine.profiling.settings import Profiling
from whalecurve.engine.profiling.shares import SCHEMA
from whalecurve.engine.statistics import marked_first

USUALLY_LISTED = 5
"""Values listed of a dimension, beyond those that mark the segment."""

KEYS = ("question", "dimension", "measure")
LEADING = {
    "who": "customers",
    "when": "orders",
    "what": "orders",
    "where": "customers",
    "next": "customers",
    "gap": "gaps",
}
"""Questions, and the measure of each by which values are chosen."""

WHOLE = ("who", "when", "gap")
"""Questions whose values are few, and listed in their own order; of the hours, those that mark it and the busiest."""


CIRCULAR = {"when": ("season", "month"), "gap": ("days to the next purchase",)}
"""By question, dimensions that say of a segment defined by recency how it is defined.

It has bought lately, whatever it does in other years, and so has few long gaps that are not over.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Profiled(Displayed):
    """Who the ideal customers are, when and what they buy, where they came from, what comes next.

    choice : the group, and whether it was found or asked for
    value : "margin" or "revenue"
    scores : run id of the result; rows : lines read, filtered, used and refused there
    customers : in the segment, and in the base (with a purchase day)
    worth : of segment and base: mean value, CLV and both together; and the segment's shares of value and CLV
    dimensions : by, first_by, next_by, as they were resolved
    table : one row per question, dimension, measure and value: `KEYS`, and the columns of `profile_shares`
    timing : of segment and base, see `timing`
    is_by_recency : whether the segment is defined by how lately its customers bought, see the function of that name:
        its months, seasons and gaps are circular then
    due_counts, due : when the customers of the segment are due, see `due`
    seeds : None where nothing is written
    """

    choice: Choice
    value: str
    as_of: str
    scores: str
    rows: dict[str, Any]
    customers: dict[str, int]
    worth: dict[str, dict[str, float | None]]
    settings: Profiling
    dimensions: dict[str, tuple[str, ...]]
    table: pl.DataFrame
    timing: dict[str, dict[str, dict[str, float | None]]]
    is_by_recency: bool
    due_counts: dict[str, int]
    due: pl.DataFrame
    seeds: Seeds | None
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self, top: int = USUALLY_LISTED) -> dict[str, Any]:
        """Plain data, ready for JSON, without any id, and without values that fewer than `min_customers` have."""
        return {
            "segment": self.choice.name,
            "scheme": self.choice.scheme,
            "is_default": self.choice.is_default,
            "why": self.choice.why,
            "value_is": self.value,
            "as_of": self.as_of,
            "scores": self.scores,
            "customers": self.customers,
            "worth": self.worth,
            "settings": {**asdict(self.settings), **{name: list(by) for name, by in self.dimensions.items()}},
            "sections": [
                self._section(question, dimension, top)
                for question, dimension in self.table.select(KEYS[:2]).unique(maintain_order=True).rows()
            ],
            "timing": self.timing,
            "due": self.due_counts,
            "seeds": None if self.seeds is None else self.seeds.to_dict(),
            "warnings": list(self.warnings),
        }

    def _section(self, question: str, dimension: str, top: int) -> dict[str, Any]:
        """The values shown of a dimension, in every measure."""
        mine = self.table.filter(question=question, dimension=dimension)
        leading = mine.filter(measure=LEADING[question])
        shown = self._shown(leading, top, question=question, dimension=dimension)
        measures = {}
        for measure in mine["measure"].unique(maintain_order=True):
            rows = mine.filter(measure=measure).drop(KEYS)
            if measure != "mean":
                rows = shown.join(rows, on="value", how="left", nulls_equal=True, maintain_order="left")
            measures[measure] = rows.to_dicts()
        return {
            "question": question,
            "dimension": dimension,
            "values": leading["value"].drop_nulls().len(),
            "values_tested": leading["p_value"].count(),
            "is_circular": self.is_by_recency and dimension in CIRCULAR.get(question, ()),
            "measures": measures,
        }

    def _shown(self, rows: pl.DataFrame, top: int, *, question: str, dimension: str) -> pl.DataFrame:
        public = rows.filter(pl.col("n_base") >= self.settings.min_customers)
        if dimension == "hour" and question == "when":
            busiest = pl.col("segment").rank("ordinal", descending=True) <= top
            return public.filter(busiest | pl.col("marks").is_not_null()).select("value")
        if question in WHOLE:
            return public.select("value")
        return marked_first(public, "n_segment", top).select("value")

    def facts(self) -> dict[str, object]:
        """The group, its customers and what they are worth."""
        return {
            "group": self.choice.name,
            "customers": self.customers["segment"],
            "of": self.customers["base"],
            "as of": self.as_of,
            "overdue": self.due_counts.get("overdue"),
            "in": self.out,
        }


def tidy(shares: dict[tuple[str, str, str], pl.DataFrame]) -> pl.DataFrame:
    """One long table of the rows of all questions, dimensions and measures."""
    schema = dict.fromkeys(KEYS, pl.String()) | SCHEMA
    tables = [
        rows.select(*(pl.lit(text).alias(key) for key, text in zip(KEYS, keys, strict=True)), *SCHEMA)
        for keys, rows in shares.items()
    ]
    return pl.concat(tables) if tables else pl.DataFrame(schema=schema)
