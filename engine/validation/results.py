"""What a validation found. Frozen."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from whalecurve.engine.forecasts import Models
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.seasons import SeasonChoice
from whalecurve.engine.selection import SpendSelection
from whalecurve.engine.validation.accuracy import PURCHASE_LOSSES
from whalecurve.engine.validation.assessment import Assessment
from whalecurve.engine.validation.margins import Margins
from whalecurve.engine.validation.origins import Origin, origins_table, spreads


def best_of(assessments: Iterable[Assessment]) -> Assessment:
    """The model with the least RMSE of purchases."""
    models = [a for a in assessments if a.kind == "model"]
    return min(models, key=lambda a: a.purchases.rmse)


Verdict = Literal["best", "no better", "worse"]
"""Of the best model beside the baselines: clearly better than all, clearly worse than none, clearly worse than one."""


LOSSES: dict[str, Callable[[Assessment], float | None]] = {
    "total purchases": lambda a: PURCHASE_LOSSES["total purchases"](a.purchases),
    "MAE": lambda a: a.purchases.mae,
    "RMSE": lambda a: a.purchases.rmse,
    "rank correlation": lambda a: PURCHASE_LOSSES["rank correlation"](a.purchases),
    "Gini": lambda a: PURCHASE_LOSSES["Gini"](a.purchases),
    "top 20 %": lambda a: PURCHASE_LOSSES["top 20 %"](a.purchases),
    "Brier score": lambda a: a.probability.brier,
    "weekly error": lambda a: a.weekly_error,
    "RMSE of value": lambda a: None if a.value is None else a.value.rmse,
}
"""What predictions are compared by, purchases where nothing else is said; less is better."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Validation(Displayed):
    """Models fitted to the days up to `split`, held against the `holdout_days` after it, `as_of` being the last.

    risk_days : the risk horizon, no longer than the holdout: probabilities of a purchase are of so many days
    holdout_periods : the holdout in periods where time is counted in them; purchases are then periods with one
    value : what value is measured in, "margin" or "revenue"
    n_customers : those with a purchase up to the split, who are predicted
    n_new_customers : those who came after it, who are not
    n_without_purchase : those with nothing but returns up to the split, who are not either
    actual_purchases, actual_value : of the customers predicted, in the holdout
    fits : by model, on the past alone; also those that the past does not identify
    customers, groups, deciles, tracking : tables, see `validation_tables`
    margins : by measure and prediction, losses of the best model less those of the other, see `margins_of`
    spend_selection : how the spend model was chosen, where that was left open
    seasons : by model, the season that a scoring run would take at the split, where one is asked for
    origins : the same backtest from several origins, this one the first, where they are asked for
    """

    first_day: date
    split: date
    as_of: date
    holdout_days: int
    risk_days: int
    holdout_periods: int | None
    unit: str
    value: str
    n_customers: int
    n_new_customers: int
    n_without_purchase: int
    actual_purchases: float
    actual_value: float
    assessments: tuple[Assessment, ...]
    fits: dict[str, Models]
    customers: pl.DataFrame
    groups: pl.DataFrame
    deciles: pl.DataFrame
    tracking: pl.DataFrame
    warnings: tuple[str, ...]
    margins: Margins
    spend_selection: SpendSelection | None = None
    seasons: dict[str, SeasonChoice] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()

    @property
    def best(self) -> Assessment:
        """The model with the least RMSE of purchases by customer.

        Models predict means, and the mean is what makes this error least; by MAE, a model that expects nothing of
        anybody can win.
        """
        return best_of(self.assessments)

    @property
    def verdict(self) -> Verdict:
        """How the best model compares with the baselines by RMSE of purchases."""
        margins = [self.margins["RMSE"][a.name] for a in self.assessments if a.kind == "baseline"]
        if any(margin.is_clear for margin in margins):
            return "worse"
        return "best" if all(margin.is_clearly_less for margin in margins) else "no better"

    @property
    def alike(self) -> dict[str, list[str]]:
        """Models and baselines whose RMSE of purchases is not clearly another than that of the best model, by kind."""
        names_by_kind: dict[str, list[str]] = {"model": [], "baseline": []}
        for a in self.assessments:
            margin = self.margins["RMSE"].get(a.name)
            if margin is not None and not (margin.is_clear or margin.is_clearly_less):
                names_by_kind[a.kind].append(a.name)
        return names_by_kind

    @property
    def ranks(self) -> bool:
        """Whether the best model's rank correlation is above 0 by more than its standard error without any order."""
        purchases = self.best.purchases
        correlation, n = purchases.rank_correlation, purchases.n_customers
        return correlation is not None and n > 1 and correlation > (n - 1.0) ** -0.5

    @property
    def beaten_on(self) -> dict[str, str]:
        """Measures on which baselines do clearly better than the best model, with the best one's name."""
        beaten = {}
        for measure, loss in LOSSES.items():
            losses = {
                a.name: lost
                for a in self.assessments
                if a.kind == "baseline" and (lost := loss(a)) is not None and self._is_beaten(measure, a.name)
            }
            if losses:
                beaten[measure] = min(losses, key=losses.__getitem__)
        return beaten

    def _is_beaten(self, measure: str, name: str) -> bool:
        margin = self.margins.get(measure, {}).get(name)
        return margin is not None and margin.is_clear

    @property
    def value_per_purchase(self) -> list[dict[str, Any]]:
        """What a purchase of the holdout brought, and what the spend model expected of one, of those who then bought.

        One row for customers with one purchase before the split, whose expectation is what others' repeat purchases
        brought, and one for repeat customers: is_repeat, customers, purchases, actual, expected. Empty without a spend
        model.
        """
        if self.best.value is None:
            return []
        expected = (
            pl.col(f"{self.best.name}_value") / pl.col(f"{self.best.name}_purchases") * pl.col("actual_purchases")
        )
        bought = self.customers.filter(pl.col("actual_purchases") > 0).with_columns(expected=expected)
        rows = []
        for is_repeat, part in ((False, bought.filter(frequency=0)), (True, bought.filter(pl.col("frequency") > 0))):
            known = part.drop_nulls("expected")
            n = int(known["actual_purchases"].sum())
            totals = {"actual": math.fsum(known["actual_value"]), "expected": math.fsum(known["expected"])}
            means = {name: total / n if n else None for name, total in totals.items()}
            rows.append({"is_repeat": is_repeat, "customers": known.height, "purchases": n, **means})
        return rows

    @property
    def measures(self) -> pl.DataFrame:
        """One row per prediction and quantity (purchases, value), in the fields of `Accuracy`.

        What `Assessment` adds is in the rows of purchases.
        """
        rows: list[dict[str, Any]] = []
        for a in self.assessments:
            assessed = a.to_dict()
            name = {key: assessed[key] for key in ("name", "title", "kind")}
            more = {key: assessed["probability"][key] for key in ("brier", "brier_of_base_rate", "auc")}
            more["calibration_error"] = assessed["probability"]["calibration_error"]
            more |= {key: assessed[key] for key in ("weekly_error", "cumulative_error")}
            rows.append(name | {"quantity": "purchases"} | assessed["purchases"] | more)
            if assessed["value"] is not None:
                rows.append(name | {"quantity": "value"} | assessed["value"])
        return pl.DataFrame(rows, infer_schema_length=None)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What is written as Parquet, by name."""
        tables = {name: getattr(self, name) for name in ("customers", "measures", "groups", "deciles", "tracking")}
        return tables | ({"origins": origins_table(self.origins)} if self.origins else {})

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: all but the customers."""
        return {
            "first_day": self.first_day.isoformat(),
            "split": self.split.isoformat(),
            "as_of": self.as_of.isoformat(),
            "holdout_days": self.holdout_days,
            "risk_days": self.risk_days,
            "unit": self.unit,
            "holdout_periods": self.holdout_periods,
            "customers": self.n_customers,
            "new_customers": self.n_new_customers,
            "without_purchase": self.n_without_purchase,
            "value_is": self.value,
            "actual": {"purchases": self.actual_purchases, "value": self.actual_value},
            "best_model": self.best.name,
            "verdict": self.verdict,
            "alike": self.alike,
            "ranks_customers": self.ranks,
            "beats_every_baseline": self.verdict == "best",
            "beaten_on": self.beaten_on,
            "value_per_purchase": self.value_per_purchase,
            "margins": {
                measure: {name: margin.to_dict() for name, margin in of_measure.items()}
                for measure, of_measure in self.margins.items()
            },
            "predictions": [a.to_dict() for a in self.assessments],
            "fits": self._fits(),
            "seasons": {name: choice.to_dict() for name, choice in self.seasons.items()},
            "origins": [origin.to_dict() for origin in self.origins],
            "spread": spreads(self.origins),
            "groups": self.groups.to_dicts(),
            "deciles": self.deciles.to_dicts(),
            "tracking": self._tracking(),
            "warnings": list(self.warnings),
        }

    def _fits(self) -> dict[str, Any]:
        return {
            name: models.purchases.to_dict()
            if models.purchases
            else {"params": None, "reason": models.purchases_reason}
            for name, models in self.fits.items()
        }

    def _tracking(self) -> dict[str, Any]:
        """The weeks as columns: what is common to all predictions once, then each one's expectations."""
        weeks = self.tracking.filter(pl.col("name") == self.best.name)
        common = weeks.select(pl.col("last_day").dt.to_string("iso"), "is_holdout", "actual", "actual_cumulative")
        series = {name: table for (name,), table in self.tracking.partition_by("name", as_dict=True).items()}
        return common.to_dict(as_series=False) | {
            column: {str(name): table[column].to_list() for name, table in series.items()}
            for column in ("expected", "expected_cumulative")
        }

    def facts(self) -> dict[str, object]:
        """The days, the customers, and the model that predicts best."""
        return {
            "customers": self.n_customers,
            "split": self.split,
            "as of": self.as_of,
            "best": self.best.title,
            "verdict": self.verdict,
        }
