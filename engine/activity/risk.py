"""Whether what customers did since their last purchase tells who buys next, beyond what the purchase model says.

The end of the log is held out, as long as the risk horizon. The model is refitted to the purchases before it, and three
predictions of who buys in it are compared by log loss, case by case:

- the model's own probability;
- the model recalibrated: a logistic regression on its log odds, and on the purchases that it rests on;
- with activity: the same regression with `FEATURES` as well.

Only the difference between the last two is what activity adds; against the first alone, a flaw of the model would be
counted as its merit. Regressions predict customers that they were not fitted to, a fifth at a time.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.activity.histories import FEATURES
from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import collapsed, fit_counts, purchase_model
from whalecurve.engine.orders import day_at
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.statistics import LogisticFit, Margin, auc, fit_logistic, margin_of, normal_quantile
from whalecurve.kernels.arrays import Matrix, Vector

LEAST_OF_EACH = 100
"""Customers who bought in the holdout, and who did not, from which on anything is tested."""

FOLDS = 5

LEAST_CHANCE = 1e-6
"""Probabilities are kept so far from 0 and 1 before their odds are taken."""

ACTIVITY = "with_activity"
MODEL, RECALIBRATED = "model", "recalibrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """By how much a mean log loss is less than another, and its interval; above 0 is better."""

    difference: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, margin: Margin, level: float) -> "Gain":
        """The gain of a paired comparison."""
        half = normal_quantile(0.5 + level / 2.0) * margin.standard_error
        if not math.isfinite(half):
            return cls(difference=margin.difference, low=None, high=None)
        return cls(difference=margin.difference, low=margin.difference - half, high=margin.difference + half)

    @property
    def is_clear(self) -> bool:
        """Whether all of the interval is above 0."""
        return self.low is not None and self.low > 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTest:
    """What a holdout says of activity.

    split : last day of the past; days : how many are predicted
    n_customers, n_bought, n_active : customers known at the split, those of them who bought in time, and those who had
        been active since their last purchase
    log_loss, auc : of the model, the model recalibrated, and with activity
    over_model, over_recalibrated : the gain in log loss with activity
    coefficients : of the regression with activity, in log odds a standard deviation
    """

    split: str
    days: int
    n_customers: int
    n_bought: int
    n_active: int
    log_loss: dict[str, float]
    auc: dict[str, float | None]
    over_model: Gain
    over_recalibrated: Gain
    coefficients: dict[str, float]

    @property
    def is_better(self) -> bool:
        """Whether activity tells more than purchases alone, be they recalibrated or not, by more than chance."""
        return self.over_model.is_clear and self.over_recalibrated.is_clear

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"is_better": self.is_better}


def activity_test(
    histories: pl.DataFrame, split: int, days: int, result: Result, level: float
) -> tuple[ActivityTest, LogisticFit] | str:
    """Hold activity against what followed, or say why not.

    Parameters
    ----------
    histories
        As `histories_at` has them at the split, in order of the ids, with `has_bought`.
    """
    bought = histories["has_bought"].to_numpy()
    n, n_bought = bought.size, int(np.count_nonzero(bought))
    if min(n_bought, n - n_bought) < LEAST_OF_EACH:
        return (
            f"of {n:,} customers known on {day_at(split)}, {n_bought:,} bought in the {days} days after it; "
            f"{LEAST_OF_EACH} who did and as many who did not are needed"
        )
    p = _refitted(histories, days, result)
    if isinstance(p, str):
        return p
    base, every = _features(histories, p, with_activity=False), _features(histories, p, with_activity=True)
    predicted = {MODEL: p, RECALIBRATED: _out_of_sample(base, bought), ACTIVITY: _out_of_sample(every, bought)}
    losses = {name: _log_losses(chance, bought) for name, chance in predicted.items()}
    fit = fit_logistic(every, bought)
    names = ("log_odds", "days_since_purchase", "repeat_purchases", *FEATURES)
    test = ActivityTest(
        split=day_at(split).isoformat(),
        days=days,
        n_customers=n,
        n_bought=n_bought,
        n_active=int(histories["is_active"].sum()),
        log_loss={name: float(loss.mean()) for name, loss in losses.items()},
        auc={name: auc(chance, bought) for name, chance in predicted.items()},
        over_model=Gain.of(margin_of(losses[MODEL], losses[ACTIVITY]), level),
        over_recalibrated=Gain.of(margin_of(losses[RECALIBRATED], losses[ACTIVITY]), level),
        coefficients=dict(zip(names, map(float, fit.coefficients), strict=True)),
    )
    return test, fit


def risk_with_activity(histories: pl.DataFrame, chances: pl.DataFrame, fit: LogisticFit) -> pl.DataFrame:
    """customer_id and `churn_risk_with_activity` of the customers who have a chance by the model.

    Parameters
    ----------
    histories
        As `histories_at` has them today.
    chances
        customer_id, and `p_purchase`: the probability of a purchase in the risk horizon by the model.
    """
    told = histories.join(chances.drop_nulls("p_purchase"), on=CUSTOMER, how="inner", maintain_order="left")
    p = fit.probabilities(_features(told, told["p_purchase"].to_numpy(), with_activity=True))
    return told.select(CUSTOMER, churn_risk_with_activity=pl.Series(1.0 - p, dtype=pl.Float64))


def _refitted(histories: pl.DataFrame, days: int, result: Result) -> Vector | str:
    """P(a purchase in so many days) of each customer by the result's model, refitted to what was known; or why none.

    Without a season and without covariates, whatever the result has; with as many stages of gaps.
    """
    record = result.model["transactions"]
    if record.get("params") is None:
        return f"the result has no purchase model ({record.get('reason')})"
    model = purchase_model(record["model"])
    if model.is_discrete:
        return "time is counted in periods"
    x, t_x, T = (histories[name].cast(pl.Float64).to_numpy() for name in ("x", "t_x", "T"))
    l2, stages = float(result.definitions.get("l2") or 0.0), None
    if model.has_stages:
        stages = int(record["params"]["k"])
    try:
        fit = fit_counts(model, collapsed(x, t_x, T), unit="day", l2=l2, stages=stages)
    except NotIdentifiedError as error:
        return f"no purchase model of what was known on the last day before the holdout: {error}"
    alive = model.p_alive(x, t_x, T, *fit.values)
    quiet = model.quiet_if_alive(float(days), x, t_x, T, *fit.values)
    p: Vector = np.nan_to_num(alive * (1.0 - quiet))
    return np.clip(p, LEAST_CHANCE, 1.0 - LEAST_CHANCE)


def _features(histories: pl.DataFrame, p: Vector, *, with_activity: bool) -> Matrix:
    p = np.clip(p, LEAST_CHANCE, 1.0 - LEAST_CHANCE)
    names = ("since", "x", *(FEATURES if with_activity else ()))
    columns = [np.log1p(histories[name].cast(pl.Float64).to_numpy()) for name in names]
    return np.column_stack([np.log(p) - np.log1p(-p), *columns])


def _out_of_sample(features: Matrix, happened: NDArray[np.bool_]) -> Vector:
    """Probabilities of each customer by the regression on those of the other folds, every fifth making one."""
    fold = np.arange(happened.size) % FOLDS
    chances = np.empty(happened.size)
    for one in range(FOLDS):
        mine = fold == one
        chances[mine] = fit_logistic(features[~mine], happened[~mine]).probabilities(features[mine])
    return chances


def _log_losses(chance: Vector, happened: NDArray[np.bool_]) -> Vector:
    told = np.clip(chance, LEAST_CHANCE, 1.0 - LEAST_CHANCE)
    return -np.log(np.where(happened, told, 1.0 - told))
