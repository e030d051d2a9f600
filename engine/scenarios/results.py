"""What a changed future is worth. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.scenarios.break_even import BreakEven
from whalecurve.engine.scenarios.settings import Levers

MONEY = ("clv_now", "clv_then", "difference")
SCHEMA = {
    "scheme": pl.String,
    "segment": pl.String,
    "customers": pl.Int64,
    **{f"{name}{side}": pl.Float64 for name in MONEY for side in ("", "_low", "_high")},
    "expected_purchases_now": pl.Float64,
    "expected_purchases_then": pl.Float64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """An assumption as it is now and as it is supposed.

    factor : the quotient of the two odds, rates or values where these differ between customers; `now` and `then` are
        None there
    """

    name: str
    now: float | None = None
    then: float | None = None
    factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Supposed(Displayed):
    """CLV of all customers now and in a changed future.

    table : columns of `SCHEMA`; first scheme "all" (today's customers), then "acquired" and "total" where new ones are
        supposed, then the segments of each scheme in its order, null standing for customers outside of all of them
    assumptions : those that matter to the levers, as they are and as they are supposed
    tornado : see `tornado_of`; None where it was not asked for
    break_evens : see `break_evens`; empty where `worth` was not given
    scores : run id of the result
    """

    table: pl.DataFrame
    assumptions: tuple[Assumption, ...]
    tornado: pl.DataFrame | None
    break_evens: tuple[BreakEven, ...]
    levers: Levers
    model: str
    as_of: str
    scores: str
    warnings: tuple[str, ...]
    out: Path | None = None

    @property
    def total(self) -> dict[str, Any]:
        """The row of all customers, new ones with them."""
        by_scheme = {row["scheme"]: row for row in self.table.head(3).iter_rows(named=True)}
        return by_scheme.get("total") or by_scheme["all"]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "scores": self.scores,
            "as_of": self.as_of,
            "model": self.model,
            "levers": asdict(self.levers),
            "assumptions": [asdict(one) for one in self.assumptions],
            "segments": self.table.to_dicts(),
            "tornado": None if self.tornado is None else self.tornado.to_dicts(),
            "break_even": [one.to_dict() for one in self.break_evens],
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """CLV now, then, and what lies between."""
        row = self.total
        return {
            "CLV now": row["clv_now"],
            "then": row["clv_then"],
            "difference": row["difference"],
            "low": row["difference_low"],
            "high": row["difference_high"],
            "in": self.out,
        }
