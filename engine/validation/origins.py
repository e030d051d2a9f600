"""The same backtest from earlier origins: how much of what a holdout says is that holdout's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.orders import day_at, period_ends
from whalecurve.engine.rolling import origins_of, spread_of
from whalecurve.engine.validation.assessment import Assessment
from whalecurve.engine.validation.split import Split

MEASURES: dict[str, Callable[[Assessment], float | None]] = {
    "error of the total": lambda a: a.purchases.error,
    "its size": lambda a: None if a.purchases.error is None else abs(a.purchases.error),
    "MAE": lambda a: a.purchases.mae,
    "RMSE": lambda a: a.purchases.rmse,
    "rank correlation": lambda a: a.purchases.rank_correlation,
    "Gini": lambda a: a.purchases.gini,
    "top 20 %": lambda a: a.purchases.top_20_caught,
    "Brier score": lambda a: a.probability.brier,
    "AUC": lambda a: a.probability.auc,
    "weekly error": lambda a: a.weekly_error,
    "error of total value": lambda a: None if a.value is None else a.value.error,
}
"""What is compared between origins; of purchases where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A backtest from one split: models fitted to the days up to it, held against those up to `as_of`.

    n_customers : known at the split; actual_purchases : theirs in the holdout
    """

    split: date
    as_of: date
    n_customers: int
    actual_purchases: float
    assessments: tuple[Assessment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: of each prediction the `MEASURES`."""
        return {
            "split": self.split.isoformat(),
            "as_of": self.as_of.isoformat(),
            "customers": self.n_customers,
            "actual_purchases": self.actual_purchases,
            "measures": {a.name: {name: of(a) for name, of in MEASURES.items()} for a in self.assessments},
        }


def earlier_splits(split: Split, n: int) -> list[Split]:
    """At most n splits before this one, of holdouts of as many steps, each up to the split after it; the latest first.

    The past of each is as long as its holdout at least.
    """
    period, steps = split.window.period, split.n_ahead
    first, last = split.step_of(split.first_day), split.step_of(split.day)
    ends, splits = split.day, []
    for origin in origins_of(first, last, steps, n, least_past=steps):
        day = day_at(origin if period is None else int(period_ends(np.array([origin]), period)[0]))
        window = replace(split.window, as_of=ends)
        splits.append(Split(window=window, first_day=split.first_day, holdout_days=(ends - day).days))
        ends = day
    return splits


def origins_table(origins: Sequence[Origin]) -> pl.DataFrame:
    """One row per origin, prediction and measure: split, as_of, customers, name, title, kind, measure, value."""
    rows = [
        {
            "split": origin.split,
            "as_of": origin.as_of,
            "customers": origin.n_customers,
            "name": a.name,
            "title": a.title,
            "kind": a.kind,
            "measure": measure,
            "value": of(a),
        }
        for origin in origins
        for a in origin.assessments
        for measure, of in MEASURES.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64}, infer_schema_length=None)


def spreads(origins: Sequence[Origin]) -> list[dict[str, Any]]:
    """How the measures of each prediction are spread over the origins: name, title, kind, measure and `Spread`."""
    rows = []
    by_name = {a.name: a for origin in reversed(origins) for a in origin.assessments}
    for name in dict.fromkeys(a.name for origin in origins for a in origin.assessments):
        found = [a for origin in origins for a in origin.assessments if a.name == name]
        title = {"name": name, "title": by_name[name].title, "kind": by_name[name].kind}
        for measure, of in MEASURES.items():
            spread = spread_of([of(a) for a in found])
            if spread is not None:
                rows.append(title | {"measure": measure} | spread.to_dict())
    return rows
