"""A budget that was laid out. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.budgeting.settings import Budgeting
from whalecurve.engine.notebook import Displayed

_OUTCOME = {
    "spend": pl.Float64,
    "gross": pl.Float64,
    "net": pl.Float64,
    "net_low": pl.Float64,
    "net_high": pl.Float64,
    "chance_of_loss": pl.Float64,
}
ALLOCATION_SCHEMA = {
    "segment": pl.String,
    "offer": pl.String,
    "customers": pl.Int64,
    "share": pl.Float64,
    **_OUTCOME,
}
OPTIONS_SCHEMA = {
    "segment": pl.String,
    "offer": pl.String,
    "source": pl.String,
    "customers": pl.Int64,
    "value_at_stake": pl.Float64,
    "cost": pl.Float64,
    "gross": pl.Float64,
    "net": pl.Float64,
    "net_low": pl.Float64,
    "net_high": pl.Float64,
    "chance_of_loss": pl.Float64,
    "break_even": pl.Float64,
    "verdict": pl.String,
}
"""All of a customer: value at stake, cost, and what a contact brings; break_even: the least response, or effect, that
pays for the contact."""
FRONTIER_SCHEMA = {
    "segment": pl.String,
    "offer": pl.String,
    "instead_of": pl.String,
    "customers": pl.Int64,
    "returned": pl.Float64,
    "spend": pl.Float64,
    "net": pl.Float64,
}
"""Steps of spending, the best return first: what a unit of money brings in a step, and spend and net up to its end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Budget(Displayed):
    """Where money for contacts goes.

    allocation : `ALLOCATION_SCHEMA`, who is contacted with what; options : `OPTIONS_SCHEMA`, all that there was to
        choose from, and why; frontier : `FRONTIER_SCHEMA`, without limits of single offers
    total : customers, spend, gross, net, its bounds, and the chance of a loss
    shadow_price : what one more unit of money would bring after costs
    comparisons : the same total for the money split evenly over customers, and in proportion to value at stake
    no_response : segments that the file says nothing of; nothing is spent on them
    method : how the best use was found
    """

    allocation: pl.DataFrame
    options: pl.DataFrame
    frontier: pl.DataFrame
    total: dict[str, Any]
    shadow_price: float
    comparisons: dict[str, dict[str, Any]]
    no_response: tuple[str, ...]
    method: str
    settings: Budgeting
    as_of: str
    scores: str
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "scores": self.scores,
            "as_of": self.as_of,
            "settings": asdict(self.settings),
            "method": self.method,
            "total": self.total,
            "left": self.settings.amount - self.total["spend"],
            "shadow_price": self.shadow_price,
            "comparisons": self.comparisons,
            "allocation": self.allocation.to_dicts(),
            "options": self.options.to_dicts(),
            "no_response": list(self.no_response),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """What is spent, and what it brings."""
        return {
            "customers": self.total["customers"],
            "spend": self.total["spend"],
            "net": self.total["net"],
            "chance of loss": self.total["chance_of_loss"],
            "shadow price": self.shadow_price,
            "in": self.out,
        }
