"""By how much the best model is better or worse than other predictions, and how sure that is."""

from collections.abc import Sequence

import numpy as np

from whalecurve.engine.statistics import GROUPS, Margin, lots, margin_of
from whalecurve.engine.validation.accuracy import PURCHASE_LOSSES, accuracy_of
from whalecurve.engine.validation.predictions import Prediction
from whalecurve.engine.validation.split import Holdout
from whalecurve.engine.validation.tracking import Weeks
from whalecurve.kernels.arrays import Vector

LEAST_TOGETHER = 20
"""Customers in a lot at least; fewer lots are drawn for few customers."""

Margins = dict[str, dict[str, Margin]]
"""By measure and the other prediction: the loss of the best model less that of the other."""


def margins_of(
    best: Prediction, others: Sequence[Prediction], holdout: Holdout, weeks: Weeks, actual_by_week: Vector
) -> Margins:
    """The margins of one prediction by every measure that has them.

    What is an average over customers is compared customer by customer, and weekly errors week by week. Totals, rank
    correlations and the like are worked out in each of twenty lots of the customers, drawn at random but always the
    same ones, and compared lot by lot.
    """
    own = _losses(best, holdout, weeks, actual_by_week)
    margins: Margins = {measure: {} for measure in own}
    for other in others:
        for measure, losses in _losses(other, holdout, weeks, actual_by_week).items():
            if measure in own:
                margins[measure][other.name] = margin_of(own[measure], losses)
    return margins


def _losses(prediction: Prediction, holdout: Holdout, weeks: Weeks, actual_by_week: Vector) -> dict[str, Vector]:
    """By measure: float64 of customers, lots or weeks, NaN where there is none."""
    wrong = prediction.purchases - holdout.purchases
    after = weeks.is_holdout & (actual_by_week > 0.0)
    losses = {
        "MAE": np.abs(wrong),
        "RMSE": wrong**2,
        "Brier score": (prediction.p_purchase - holdout.has_bought) ** 2,
        "weekly error": (np.abs(prediction.by_week - actual_by_week)[after] / actual_by_week[after]),
    }
    if prediction.value is not None:
        losses["RMSE of value"] = (prediction.value - holdout.value) ** 2
    return losses | _losses_of_lots(prediction, holdout)


def _losses_of_lots(prediction: Prediction, holdout: Holdout) -> dict[str, Vector]:
    n = prediction.purchases.size
    n_lots = min(GROUPS, max(n // LEAST_TOGETHER, 1))
    lot = lots(n, n_lots)
    ends = np.cumsum(np.bincount(lot, minlength=n_lots))[:-1]
    losses_by_measure: dict[str, list[float]] = {measure: [] for measure in PURCHASE_LOSSES}
    for customers in np.split(np.argsort(lot, kind="stable"), ends):
        predicted, actual = prediction.purchases[customers], holdout.purchases[customers]
        accuracy = None if np.isnan(predicted).all() else accuracy_of(predicted, actual)
        for measure, loss_of in PURCHASE_LOSSES.items():
            loss = None if accuracy is None else loss_of(accuracy)
            losses_by_measure[measure].append(np.nan if loss is None else loss)
    return {measure: np.array(losses) for measure, losses in losses_by_measure.items()}
