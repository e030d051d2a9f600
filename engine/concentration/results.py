"""What a study of concentration found. Frozen."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audit import Audit
from whalecurve.engine.concentration.appendix import Appendix
from whalecurve.engine.concentration.curves import Concentration
from whalecurve.engine.notebook import Displayed


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberConcentration:
    """The measures of some members of a dimension, and the points of their curves.

    curve : curve ("whale", best first, or "lorenz"), share_of_members, cumulative_share, cumulative_value
    """

    measures: Concentration
    appendix: Appendix
    curve: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; what `Concentration` calls customers are members here."""
        named = {name.replace("customers", "members"): value for name, value in self.measures.to_dict().items()}
        return {**named, "appendix": self.appendix.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """One dimension.

    by : "customer", or the column or SQL expression
    n_lines_without_customer : lines among the used ones that name no customer
    members : best first: member, n_lines, n_lines_without_customer, n_customers, revenue, margin where mapped,
        value, value_rank, value_share, cumulative_value_share, pareto_class; for customers n_purchase_days and
        rfm_segment, too
    populations : "all", and for customers "repeat", those with more than one purchase day
    """

    by: str
    audit: Audit
    n_lines_without_customer: int
    members: pl.DataFrame
    populations: dict[str, MemberConcentration]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, without the members."""
        audit = self.audit
        classes = self.members["pareto_class"].value_counts().drop_nulls()
        return {
            "by": self.by,
            "as_of": audit.as_of.isoformat(),
            "first_day": audit.first_day.isoformat(),
            "last_day": audit.last_day.isoformat(),
            "rows": audit.rows,
            "lines": audit.kinds,
            "lines_without_customer": self.n_lines_without_customer,
            "pareto_classes": dict(sorted(classes.iter_rows())),
            "populations": {name: population.to_dict() for name, population in self.populations.items()},
            "warnings": list(audit.warnings),
        }

    def best(self, n: int) -> list[dict[str, Any]]:
        """The best n members as rows of plain data; a date or time that Python has none for, as text."""
        rows = self.members.head(n)
        members = rows["member"]
        if not isinstance(members.dtype, pl.Date | pl.Datetime):
            return rows.to_dicts()
        is_held = pl.col("member").dt.year().is_between(MINYEAR + 1, MAXYEAR - 1)  # with room for the offset of a zone
        held = rows.with_columns(member=pl.when(is_held).then(pl.col("member"))).to_dicts()
        texts = members.cast(pl.String)
        return [
            row if row["member"] is not None else row | {"member": text} for row, text in zip(held, texts, strict=True)
        ]

    @property
    def curves(self) -> pl.DataFrame:
        """The curves of all populations: dimension, population, and the columns of `MemberConcentration.curve`."""
        return pl.concat(
            population.curve.select(pl.lit(self.by).alias("by"), pl.lit(name).alias("population"), pl.all())
            for name, population in self.populations.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Concentrated(Displayed):
    """How value ("margin" or "revenue") is spread, dimension by dimension; `out` is where it was written, if it was."""

    value: str
    breakdowns: tuple[Breakdown, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, without the members."""
        return {"value": self.value, "dimensions": [breakdown.to_dict() for breakdown in self.breakdowns]}

    def facts(self) -> dict[str, object]:
        """The share of the value that the best 20 % of the members of each dimension bring."""
        shares = {part.by: part.populations["all"].measures.top_20_share for part in self.breakdowns}
        return {
            "value": self.value,
            **{f"share of the best 20% by {name}": share for name, share in shares.items()},
            "in": self.out,
        }
