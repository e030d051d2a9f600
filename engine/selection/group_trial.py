"""Parameters by group on trial: the last quarter predicted by one model for all, by groups pooled, and apart."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.errors import Message, NotIdentifiedError, setting
from whalecurve.engine.forecasts import with_own_purchases
from whalecurve.engine.models import Fit, fit_counts, history_arrays, purchase_model
from whalecurve.engine.models.grouped import GroupMembers, Membership, fit_groups
from whalecurve.engine.selection.held_out_quarter import LastQuarter
from whalecurve.engine.settings import Scoring
from whalecurve.engine.statistics import Margin, margin_of
from whalecurve.kernels.arrays import Int64, Vector

ONE, POOLED, APART = "one model for all", "groups pooled", "groups apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a way to fit predicted the last quarter.

    error : root mean squared error of a customer's purchases; total : of the purchases predicted
    margin : mean squared error less that of one model for all; None of the latter itself
    """

    error: float
    total: float
    margin: Margin | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"margin": self.margin and self.margin.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTrial:
    """Groups against one model for all, on the last quarter of the days.

    split : last day of the past; days : how many are predicted; actual : purchases in them of the customers known
    """

    split: str
    days: int
    n_customers: int
    actual: float
    ways: dict[str, Tried]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"ways": {name: tried.to_dict() for name, tried in self.ways.items()}}

    def warnings(self, by: str) -> list[str]:
        """What a reader should know, in whole sentences."""
        margin = self.ways[POOLED].margin
        if margin is None or not margin.is_clear:
            return []
        errors = (f"{self.ways[name].error:.4f}" for name in (ONE, POOLED))
        return [
            Message(
                f"{setting('fit_by', by)}: one model for all predicts the {self.days} days after {self.split} better "
                f"than groups do, with an error of {' against '.join(errors)}; leave it out"
            )
        ]


def groups_tried(
    name: str, quarter: LastQuarter | None, ids: pl.Series, membership: Membership, scoring: Scoring
) -> GroupTrial | str:
    """Fit to the days before the last quarter in three ways, and predict it; or why there is no trial.

    Parameters
    ----------
    name
        Of the purchase model.
    ids, membership
        All customers and their groups.
    """
    if quarter is None:
        return "too little history to hold a quarter out, or time is counted in periods"
    places = pl.DataFrame({"customer_id": ids}).with_row_index("place")
    here = quarter.customers.select("customer_id").join(places, on="customer_id", how="left", maintain_order="left")
    mine = membership.of(here["place"].cast(pl.Int64).to_numpy())
    model, histories = purchase_model(name), quarter.fit_data.histories
    try:
        one = fit_counts(model, histories, unit=quarter.window.model_unit, l2=scoring.l2)
    except NotIdentifiedError as error:
        return f"before the split: {error}"
    groups = fit_groups(model, *history_arrays(quarter.customers), mine, one, l2=scoring.l2)
    nobody: Int64 = np.zeros(mine.codes.size, dtype=np.int64)
    ways = {
        ONE: GroupMembers(fits=(one,), codes=nobody),
        POOLED: groups.members(mine.codes),
        APART: groups.alone(mine.codes),
    }
    predicted = {way: _predicted(one, own, quarter, scoring) for way, own in ways.items()}
    errors = {way: (purchases - quarter.purchases) ** 2 for way, purchases in predicted.items()}
    return GroupTrial(
        split=quarter.window.as_of.isoformat(),
        days=quarter.horizon_days,
        n_customers=mine.codes.size,
        actual=float(quarter.purchases.sum()),
        ways={
            way: Tried(
                error=math.sqrt(float(np.nanmean(errors[way]))),
                total=float(np.nansum(predicted[way])),
                margin=None if way == ONE else margin_of(errors[way], errors[ONE]),
            )
            for way in ways
        },
    )


def _predicted(fit: Fit, own: GroupMembers, quarter: LastQuarter, scoring: Scoring) -> Vector:
    ahead = replace(scoring, horizon_days=quarter.horizon_days, risk_days=quarter.horizon_days, intervals=None)
    scored = with_own_purchases(quarter.customers, fit, own, quarter.window, ahead)
    predicted: Vector = scored["expected_purchases"].to_numpy()
    return predicted
