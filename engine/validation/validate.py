"""Fit on the past, predict a holdout, and say how well: the models beside rules that need none."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from whalecurve.engine.audit import Audit
from whalecurve.engine.errors import InputError, NotIdentifiedError, counted, setting
from whalecurve.engine.forecasts import Models
from whalecurve.engine.models import CONTINUOUS, MODELS, fit_data_of, purchase_model
from whalecurve.engine.order_files import Paths
from whalecurve.engine.runtime import Budget
from whalecurve.engine.scoring import Job
from whalecurve.engine.seasons import Season, SeasonChoice, chosen_season, estimate_season
from whalecurve.engine.selection import SpendSelection, choose_spend, last_quarter
from whalecurve.engine.settings import Columns, Given, ObservedWindow, Scoring, Window, check_number, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.validation.accuracy import accuracy_of, percentage_error, probability_accuracy_of
from whalecurve.engine.validation.assessment import Assessment
from whalecurve.engine.validation.log import open_log
from whalecurve.engine.validation.margins import margins_of
from whalecurve.engine.validation.origins import Origin, earlier_splits
from whalecurve.engine.validation.output import publish
from whalecurve.engine.validation.predictions import Prediction, baselines, model_predictions
from whalecurve.engine.validation.results import Validation, best_of
from whalecurve.engine.validation.split import Holdout, Past, Split, holdout_of, past_of, split_of
from whalecurve.engine.validation.tables import (
    customer_predictions,
    frequency_groups,
    purchase_deciles,
    weekly_tracking,
)
from whalecurve.engine.validation.tracking import Weeks, weeks_of
from whalecurve.kernels.arrays import Vector

MOST_ORIGINS = 52
"""Origins that may be asked for."""

Seasons = tuple[dict[str, SeasonChoice], dict[str, Season]]
"""By model, what a scoring run would choose, and the season that it is tried with."""


def validate(
    orders: Paths,
    *,
    holdout_days: int,
    model: str | None = None,
    origins: int = 1,
    out: str | Path | None = None,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> Validation:
    """Refit on the days before the last `holdout_days`, predict those, and compare with what happened.

    Customers with a purchase up to the split are predicted; purchases are their purchase days in the holdout, value
    their net value there (margin or revenue). Predictions rest on `past_of` alone, so on nothing after the split.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    holdout_days
        Days from the split, which is still past, to the last day observed.
    model
        The one model to validate; None or "auto" for all that live in continuous time, or, where `window` counts
        periods, in opportunities: the holdout is then whole periods, and purchases are the periods with one.
    origins
        Backtests from so many origins: the holdout, the days before it that are as many, and so on; what is published
        of all of them are measures and their spread.
    out
        Directory to publish tables, models and the record in; None to write nothing.
    scoring
        Its `value`, `spend`, `l2`, `season` and `recalibrate` count, and its `risk_days`, but for no more than the
        holdout: probabilities of a purchase are of so many days. All else is of the holdout, and nothing is discounted.
    max_refused, memory
        As for `score`.
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Validation
        Each prediction, models and rules without a model, with its errors.

    Raises
    ------
    InputError
        Input that cannot be worked with, a holdout that leaves nothing to fit or to predict, no model that fits.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.validate("shop/orders", holdout_days=90, model="bgnbd")
    >>> found.best.title
    'BG/NBD'
    """
    stages, window = Stages(on_stage), taken(Window, window) or Window()
    check_number("holdout_days", holdout_days, "90")
    check_number("origins", origins, "4")
    if not 1 <= origins <= MOST_ORIGINS or origins != int(origins):
        raise InputError(f"{setting('origins', origins)} is out of range; choose 1 to {MOST_ORIGINS}")
    names, asked = _names(model, window), taken(Scoring, scoring) or Scoring()
    if asked.fit_by is not None:
        raise InputError(
            f"{setting('fit_by', asked.fit_by)} is of `score`, which tries groups on its last quarter; models are "
            f"validated without it"
        )
    log = open_log(
        orders, columns, window, replace(asked, model=names[0]),
        out=out, overwrite=overwrite, max_refused=max_refused, memory=memory, stages=stages,
    )  # fmt: skip
    job, budget, audit = log.job, log.budget, log.audit
    split = split_of(audit, holdout_days)
    n_passes = budget.passes(audit.n_used)
    tried = _backtest(job, split, names, n_passes, budget, stages, _chosen_seasons)
    with stages.stage("compare"):
        validation = _compared(job, tried, audit)
    if origins > 1:
        with stages.stage("origins"):
            validation = _from_earlier_origins(validation, job, split, names, n_passes, budget, origins)
    if out is not None:
        publish(validation, Path(out), job, audit, stages)
    return validation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backtest:
    """What was predicted at a split, and what came."""

    past: Past
    weeks: Weeks
    predictions: list[Prediction]
    fits: dict[str, Models]
    holdout: Holdout
    selection: SpendSelection | None
    seasons: dict[str, SeasonChoice]

    @property
    def actual_by_week(self) -> Vector:
        """Purchases of each week, before and after the split."""
        return self.weeks.totals(np.append(self.past.repeats_by_day, self.holdout.by_day))

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        """How good the predictions were."""
        actual = self.actual_by_week
        return tuple(_assessed(prediction, self.holdout, self.weeks, actual) for prediction in self.predictions)


def _backtest(
    job: Job,
    split: Split,
    names: list[str],
    n_passes: int,
    budget: Budget,
    stages: Stages,
    seasons_of: Callable[[Job, Past, list[str]], Seasons],
) -> _Backtest:
    """Predict the holdout of a split from its past, and read it.

    Raises
    ------
    InputError
        No purchase up to the split, or no model that fits.
    """
    with stages.stage("past"):
        past, weeks = past_of(job, split, n_passes, budget.now), weeks_of(split)
    with stages.stage("predict"):
        selection = _spend_selection(job, past, budget)
        spend = selection.spend if selection else None
        choices, seasons = seasons_of(job, past, names)
        predictions, fits = model_predictions(past, weeks, names, job.scoring, spend, seasons)
        if not predictions:
            reasons = "; ".join(f"{name}: {fitted.purchases_reason}" for name, fitted in fits.items())
            raise InputError(f"no model fits the days up to {split.day} ({reasons}); hold out fewer days")
        predictions += baselines(past, weeks)
    with stages.stage("holdout"):
        holdout = holdout_of(job, past, n_passes, budget.now)
    return _Backtest(
        past=past,
        weeks=weeks,
        predictions=predictions,
        fits=fits,
        holdout=holdout,
        selection=selection,
        seasons=choices,
    )


def _from_earlier_origins(
    validation: Validation, job: Job, split: Split, names: list[str], n_passes: int, budget: Budget, n: int
) -> Validation:
    """The validation with the same backtest from up to n origins, itself the first; those that fail are noted."""
    origins, said = [_origin(split, validation.n_customers, validation.assessments)], []
    splits = earlier_splits(split, n - 1)
    for earlier in splits:
        try:
            tried = _backtest(job, earlier, names, n_passes, budget, Stages(None), _tried_seasons)
        except InputError as error:
            said.append(f"no backtest from {earlier.day}: {error}")
            continue
        origins.append(_origin(earlier, tried.past.customers.height, tried.assessments))
    if len(splits) < n - 1:
        said.append(
            f"the log has room for {counted(len(splits) + 1, 'origin')}, not {n}: each needs a past as long as itself"
        )
    return replace(validation, origins=tuple(origins), warnings=(*validation.warnings, *said))


def _origin(split: Split, n_customers: int, assessments: tuple[Assessment, ...]) -> Origin:
    return Origin(
        split=split.day,
        as_of=split.as_of,
        n_customers=n_customers,
        actual_purchases=assessments[0].purchases.actual,
        assessments=assessments,
    )


def _names(model: str | None, window: Window) -> list[str]:
    """The models that count time as the window does, or the one asked for; `open_job` holds it against the window."""
    if model is None or model == "auto":
        if window.period is None:
            return list(CONTINUOUS)
        return [name for name in MODELS if purchase_model(name).is_discrete]
    purchase_model(model)
    return [model]


def _chosen_seasons(job: Job, past: Past, names: list[str]) -> Seasons:
    """By model, what a scoring run would choose at the split, and the season that it is tried with, chosen or not.

    A season that could not be estimated is tried with no model.
    """
    if past.purchase_days is None:
        return {}, {}
    choices, seasons = {}, {}
    for name in names:
        choice, estimate = chosen_season(job.scoring.season, job.calendar, past.purchase_days, name, job.scoring.l2)
        choices[name] = choice
        season = choice.season or (estimate.season if estimate else None)
        if season is not None:
            seasons[name] = season
    return choices, seasons


def _tried_seasons(job: Job, past: Past, names: list[str]) -> Seasons:
    """The seasons that models are tried with from an earlier origin, and no choice: estimated where they can be."""
    days, seasons = past.purchase_days, {}
    if days is None:
        return {}, {}
    for name in names:
        with contextlib.suppress(NotIdentifiedError):
            calendar = job.calendar and job.calendar.scaled_to(days.first_day, days.last_day)
            seasons[name] = calendar or estimate_season(days, name, job.scoring.l2).season
    return {}, seasons


def _spend_selection(job: Job, past: Past, budget: Budget) -> SpendSelection | None:
    """The choice of a spend model where it is left open, by the last quarter of the past."""
    if job.scoring.spend != "auto":
        return None
    split = past.split
    quarter = last_quarter(job.orders, job.value, split.past, split.first_day, past.customers.lazy(), budget.now)
    return choose_spend(fit_data_of(past.customers, split.past), quarter, job.scoring.l2)


def _compared(job: Job, tried: _Backtest, audit: Audit) -> Validation:
    past, holdout, weeks, predictions, fits = (
        tried.past, tried.holdout, tried.weeks, tried.predictions, tried.fits
    )  # fmt: skip
    split, actual_by_week, assessments = past.split, tried.actual_by_week, tried.assessments
    said = [*audit.warnings, *_warnings(past, predictions, fits, audit.window)]
    said += [] if tried.selection is None else [tried.selection.words]
    said += [words for choice in tried.seasons.values() for words in choice.warnings]
    best = best_of(assessments).name
    mine, others = (next(p for p in predictions if p.name == best), [p for p in predictions if p.name != best])
    return Validation(
        first_day=split.first_day,
        split=split.day,
        as_of=split.as_of,
        holdout_days=split.holdout_days,
        unit=split.window.model_unit,
        risk_days=past.risk_days,
        holdout_periods=None if split.window.period is None else split.n_ahead,
        value=job.value,
        n_customers=past.customers.height,
        n_new_customers=holdout.n_new_customers,
        n_without_purchase=past.n_without_purchase,
        actual_purchases=float(holdout.purchases.sum()),
        actual_value=float(holdout.value.sum()),
        assessments=assessments,
        margins=margins_of(mine, others, holdout, weeks, actual_by_week),
        fits=fits,
        customers=customer_predictions(past, holdout, predictions),
        groups=frequency_groups(past, holdout, predictions),
        deciles=purchase_deciles(holdout, predictions),
        tracking=weekly_tracking(past, weeks, actual_by_week, predictions),
        warnings=tuple(dict.fromkeys(said)) if tried.seasons else tuple(said),
        spend_selection=tried.selection,
        seasons=tried.seasons,
    )


def _assessed(prediction: Prediction, holdout: Holdout, weeks: Weeks, actual_by_week: Vector) -> Assessment:
    after = weeks.is_holdout
    return Assessment(
        name=prediction.name,
        title=prediction.title,
        kind=prediction.kind,
        purchases=accuracy_of(prediction.purchases, holdout.purchases),
        value=None if prediction.value is None else accuracy_of(prediction.value, holdout.value),
        probability=probability_accuracy_of(prediction.p_purchase, holdout.has_bought),
        recalibrated=None
        if prediction.recalibrated is None
        else probability_accuracy_of(prediction.recalibrated, holdout.has_bought),
        weekly_error=percentage_error(prediction.by_week[after], actual_by_week[after]),
        cumulative_error=percentage_error(prediction.by_week.cumsum()[after], actual_by_week.cumsum()[after]),
    )


def _warnings(
    past: Past, predictions: list[Prediction], fits: dict[str, Models], observed: ObservedWindow
) -> list[str]:
    """What a reader of the comparison should know, in whole sentences, each once."""
    split = past.split
    said = [f"{name} is left out: {m.purchases_reason}" for name, m in fits.items() if m.purchases is None]
    said += [words for m in fits.values() for words in replace(m, purchases_reason=None).warnings]
    if isinstance(past.end, str):
        said.append(f"probabilities of a purchase are not recalibrated: up to the split, {past.end}")
    n_days = (split.day - split.first_day).days + 1
    if split.as_of < observed.as_of:
        said.append(
            f"the {split.window.period} that is not over on {observed.as_of} is left out: {split.as_of} is the last "
            f"day of the holdout"
        )
    if n_days < split.holdout_days:
        said.append(
            f"the past has {n_days} days, fewer than the holdout's {split.holdout_days}: the baseline "
            f'"last period repeated" is short by as much'
        )
    for prediction in predictions:
        n_unknown = int(np.isnan(prediction.purchases).sum())
        if n_unknown:
            said.append(f"{prediction.name}: no answer for {n_unknown:,} customers, who are left out of its measures")
    return list(dict.fromkeys(said))
