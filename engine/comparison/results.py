"""What a comparison of two results found. Frozen."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from whalecurve.engine.comparison.customers import added_up
from whalecurve.engine.comparison.migration import SUMS, Migration, amounts_in_currency
from whalecurve.engine.comparison.model_changes import Changes
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.publication import Result

GROUPS = {
    "in_old": pl.col("status") != "new",
    "in_new": pl.col("status") != "lost",
    "kept": pl.col("status") == "kept",
    "new": pl.col("status") == "new",
    "lost": pl.col("status") == "lost",
    "bought_since": pl.col("has_bought_since"),
    "came_back": pl.col("has_come_back"),
    "put_at_risk": pl.col("is_put_at_risk"),
}
"""Customers counted together, see `side_by_side`; all but the first two are of both results, or of one alone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Movement(Displayed):
    """The movement of customers between two results.

    allowed : definitions that differ, and were allowed to
    groups : by name of `GROUPS`: customers, and the sums of value and clv_total in the old and the new result (None
        where they have none)
    migrations : one per scheme
    thresholds, parameters : what moved in the models, see `compare_models`
    """

    old: Result
    new: Result
    allowed: tuple[str, ...]
    groups: dict[str, dict[str, Any]]
    migrations: tuple[Migration, ...]
    thresholds: Changes
    parameters: Changes
    warnings: tuple[str, ...]

    @property
    def moves(self) -> pl.DataFrame:
        """The moves of all schemes, one row per scheme, `from` and `to`."""
        return pl.concat([migration.moves for migration in self.migrations])

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: all but the single customers."""
        return {
            "old": self.old.identity,
            "new": self.new.identity,
            "days": (self.new.as_of - self.old.as_of).days,
            "value_is": self.new.definitions["value"],
            "allowed": list(self.allowed),
            "customers": self.groups,
            "schemes": [migration.to_dict() for migration in self.migrations],
            "thresholds": self.thresholds,
            "parameters": self.parameters,
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """The two results, and customers by what became of them."""
        return {
            "from": self.old.as_of,
            "to": self.new.as_of,
            **{name.replace("_", " "): group["customers"] for name, group in self.groups.items()},
        }


def amounts_by_group(cells: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Customers and amounts by group, from the cells of `cells_of`."""
    groups = {}
    for name, is_member in GROUPS.items():
        sums = cells.filter(is_member).select(pl.col("customers").sum(), *added_up(*SUMS)).row(0, named=True)
        groups[name] = {"customers": sums["customers"], **amounts_in_currency(sums)}
    return groups
