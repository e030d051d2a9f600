"""What habits there are. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.habits.settings import HabitSettings
from whalecurve.engine.habits.usual import Everybody
from whalecurve.engine.notebook import Displayed

USUALLY_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Habits(Displayed):
    """When, how much, what and how each customer buys.

    customers : a row per customer with a purchase
    segments : a row per segment, the small ones together; None without a result
    products, replenishment : see `replenished`; None where no product was named
    everybody : what is usual, by facet
    """

    customers: pl.DataFrame
    segments: pl.DataFrame | None
    products: pl.DataFrame | None
    replenishment: pl.DataFrame | None
    everybody: dict[str, Everybody]
    rows: dict[str, Any]
    as_of: str
    settings: HabitSettings
    scores: str | None
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self, top: int = USUALLY_LISTED) -> dict[str, Any]:
        """Plain data, ready for JSON, without any customer."""
        replenished = None
        if self.products is not None and self.replenishment is not None:
            is_regular = self.products.filter("is_replenished")
            replenished = {
                "products_bought_again": self.products.height,
                "products": is_regular.height,
                "most_bought": is_regular.head(top).to_dicts(),
                "customers": self.replenishment["customer_id"].n_unique(),
                "due": int(self.replenishment["is_due"].sum()),
                "to_come": int((~self.replenishment["is_due"]).sum()),
            }
        gaps = self.customers["gap_days"].drop_nulls()
        return {
            "as_of": self.as_of,
            "scores": self.scores,
            "settings": asdict(self.settings),
            "customers": self.customers.height,
            "everybody": {name: usual.to_dict() for name, usual in self.everybody.items()},
            "gap_days": gaps.median() if gaps.len() else None,
            "segments": None if self.segments is None else self.segments.to_dicts(),
            "replenishment": replenished,
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Customers, and what is usual among all."""
        usual = {name: found.shares["value"].first() for name, found in self.everybody.items()}
        return {
            "customers": self.customers.height,
            "products to replenish": None if self.products is None else int(self.products["is_replenished"].sum()),
            **{name: usual[name] for name in ("hour", "favourite") if name in usual},
            "in": self.out,
        }
