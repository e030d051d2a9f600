"""What would have been predicted at the split: by each model, and by rules that need none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl

from whalecurve.engine.forecasts import Models, Scores, fit_models, summary_in_memory
from whalecurve.engine.models import FitData, fit_data_of, purchase_model
from whalecurve.engine.seasons import Season
from whalecurve.engine.selection import known_in, learnt, mapped, refitted
from whalecurve.engine.settings import Scoring
from whalecurve.engine.validation.split import Past
from whalecurve.engine.validation.tracking import (
    Weeks,
    evenly_by_week,
    expected_by_week,
    last_period_by_week,
    last_season_by_week,
)
from whalecurve.kernels.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model or a rule says of the holdout.

    purchases, p_purchase, value : float64[customers] in the order of the past's customers: purchase days, the
        probability of at least one in the risk horizon, net value; NaN where there is no answer; value None without a
        spend model
    by_week : float64[weeks], purchases of all; NaN in weeks that it says nothing of
    recalibrated : what the end of the past says that p_purchase is worth; None where that is not asked for, or not told
    """

    name: str
    title: str
    kind: Literal["model", "baseline"]
    purchases: Vector
    p_purchase: Vector
    value: Vector | None
    by_week: Vector
    recalibrated: Vector | None = None


def model_predictions(
    past: Past,
    weeks: Weeks,
    names: Sequence[str],
    scoring: Scoring,
    spend: str | None = None,
    seasons: Mapping[str, Season] = MappingProxyType({}),
) -> tuple[list[Prediction], dict[str, Models]]:
    """Fit each model to the past and let it predict the holdout, by the same steps as a scoring run.

    Predicted value is expected purchases times the expected value of one, not discounted. A model that the past
    does not identify is left out; the fits say why. `spend` is the spend model chosen where the settings have "auto".
    A model with an entry in `seasons` predicts twice, the second time in the clock of its season, as `<name>_season`.
    """
    predictions, fits = [], {}
    fit_data = fit_data_of(past.customers, past.split.past).with_gaps(past.gaps, past.split.past)
    plain: list[tuple[str, Season | None]] = [(name, None) for name in names]
    seasonal: list[tuple[str, Season | None]] = [(name, seasons[name]) for name in names if name in seasons]
    for model, season in (*plain, *seasonal):
        name = model if season is None else f"{model}_season"
        prediction, fits[name] = _by_model(past, weeks, fit_data, replace(scoring, model=model), spend, season)
        if prediction is not None:
            predictions.append(replace(prediction, name=name))
    return predictions, fits


def _by_model(
    past: Past, weeks: Weeks, fit_data: FitData, scoring: Scoring, spend: str | None, season: Season | None
) -> tuple[Prediction | None, Models]:
    """What the model of the settings says, in the clock of a season or without; None where it has no answer."""
    window, title = past.split.past, purchase_model(scoring.model).title
    ahead = replace(
        scoring,
        horizon_days=past.split.holdout_days,
        risk_days=past.risk_days,
        annual_discount=0.0,
        intervals=None,
    )
    fitted = fit_models(fit_data, window, ahead, spend_name=spend, season=season)
    if fitted.purchases is None:
        return None, fitted
    scores = Scores(summary_in_memory(past.customers), fitted, fit_data.histories, window, ahead)
    scored = scores.customers().collect(engine="streaming")
    purchases, p_purchase, each = (
        scored[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for column in ("expected_purchases", "p_purchase", "expected_value")
    )
    if np.isnan(purchases).all() or np.isnan(p_purchase).all():
        why = "no answer at the parameters it was fitted with"
        return None, replace(fitted, purchases=None, purchases_reason=why)
    value = purchases * each
    prediction = Prediction(
        name=scoring.model,
        title=title if season is None else f"{title}, season",
        kind="model",
        purchases=purchases,
        p_purchase=p_purchase,
        value=None if np.isnan(value).all() else value,
        by_week=expected_by_week(past, fitted.purchases, weeks, season),
        recalibrated=_recalibrated(past, scoring, season, p_purchase),
    )
    return prediction, fitted


def _recalibrated(past: Past, scoring: Scoring, season: Season | None, p_purchase: Vector) -> Vector | None:
    """Probabilities as the end of the past, which the model is refitted before, says that they are worth.

    None where that is not asked for, or not told; with a season, which would have to be estimated once more, neither.
    """
    if past.end is None or isinstance(past.end, str) or season is not None:
        return None
    held = refitted(past.end, scoring, None)
    if isinstance(held, str):
        return None
    p, happened = known_in(held)
    return mapped(learnt(p, happened), p_purchase) if p.size else None


def baselines(past: Past, weeks: Weeks) -> list[Prediction]:
    """Rules without a model: three, and a fourth where the past has the season of the holdout a year before.

    last_period : each customer repeats the last period: its repeat purchases and what they brought (a customer who
        joined within it repeats the repeat purchases since, less returns of them, not stretched to a full period)
    own_rate : each customer goes on at x / T, and a purchase brings the customer's own mean value m; x is 0 where
        T is 0
    pooled_rate : every customer goes on at Σx / ΣT, and a purchase brings Σxm / Σx
    last_season : each customer does what the customer did in the same season last year, repeat purchases as above; one
        who came later does what the others did on average

    The probability of a purchase within the risk horizon is 1 or 0 by the first rule, whether there was a repeat
    purchase in as many days before, and 1 - exp(-expected purchases in it) by the rates. Some customer has come back:
    without that no model is identified, and there is nothing to compare.
    """
    customers = past.customers
    names = ("frequency", "recency", "T", "monetary_value")
    x, t_x, T, m = (customers[name].cast(pl.Float64).to_numpy() for name in names)
    soon = (past.risk_steps - 0.5) / past.split.steps_per_unit  # between two steps, whatever the rounding of T - t_x
    units = past.split.n_ahead / past.split.steps_per_unit
    own = x / np.where(T > 0.0, T, 1.0) * units
    pooled = np.full_like(x, x.sum() / T.sum() * units)
    mean_value = float((x * m).sum() / x.sum())
    last = customers["last_purchases"].to_numpy()
    return [
        Prediction(
            name="last_period",
            title="last period repeated",
            kind="baseline",
            purchases=last,
            p_purchase=((x > 0.0) & (T - t_x < soon)).astype(np.float64),
            value=customers["last_value"].to_numpy(),
            by_week=last_period_by_week(past, weeks),
        ),
        _at_rate("own_rate", "own mean rate", own, own * m, past, weeks),
        _at_rate("pooled_rate", "pooled mean rate", pooled, pooled * mean_value, past, weeks),
        *_last_season(past, weeks),
    ]


def _last_season(past: Past, weeks: Weeks) -> list[Prediction]:
    """The same season last year, if the past has it and a customer who was there."""
    if "season_purchases" not in past.customers.columns or not past.customers["season_purchases"].count():
        return []
    purchases, value = (
        past.customers[name].fill_null(past.customers[name].mean()).to_numpy()
        for name in ("season_purchases", "season_value")
    )
    by_week = last_season_by_week(float(purchases.sum()), past, weeks)
    rule = _at_rate("last_season", "same season last year", purchases, value, past, weeks)
    return [replace(rule, by_week=by_week)]


def _at_rate(name: str, title: str, purchases: Vector, value: Vector, past: Past, weeks: Weeks) -> Prediction:
    return Prediction(
        name=name,
        title=title,
        kind="baseline",
        purchases=purchases,
        p_purchase=-np.expm1(-purchases * (past.risk_steps / past.split.n_ahead)),
        value=value,
        by_week=evenly_by_week(float(purchases.sum()), past, weeks),
    )
