"""The stages from orders to cut-offs: all that has to be known of all customers before any is written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.audit import Audit, refuse_too_many, turnover_is_safe
from whalecurve.engine.concentration import Concentration, Ranking, concentration, curve, ranking_of, with_ranking
from whalecurve.engine.customer_totals import read_given
from whalecurve.engine.forecasts import Models, Scores, fit_models
from whalecurve.engine.models import HISTORY, FitData
from whalecurve.engine.orders import day_number
from whalecurve.engine.runtime import Budget, batches
from whalecurve.engine.scoring.customer_groups import Grouped, grouped
from whalecurve.engine.scoring.drift import Record, population_record
from whalecurve.engine.scoring.job import Job
from whalecurve.engine.scoring.labelling import Cuts, attribute_notes, cuts_of, decided
from whalecurve.engine.scoring.population import COLUMNS as POPULATION
from whalecurve.engine.scoring.population import Population, population_of
from whalecurve.engine.seasons import PurchaseDays, Season, SeasonChoice, chosen_season, season_before
from whalecurve.engine.selection import (
    FOLLOWED,
    GroupTrial,
    Holdout,
    LastQuarter,
    NextPurchase,
    Recalibration,
    Reliability,
    Risk,
    Selection,
    SpendSelection,
    choose_model,
    choose_spend,
    chosen_basis,
    earlier,
    groups_tried,
    held_out,
    last_quarter,
    recalibration_of,
    refitted,
    risk_horizon,
    tested,
)
from whalecurve.engine.settings import Scoring
from whalecurve.engine.stages import Stages
from whalecurve.engine.statistics import Survival
from whalecurve.engine.store import Totals, read_totals, summary_of
from whalecurve.kernels.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a run may use, none of which changes a result.

    budget : memory to keep to, by going over the orders several times and putting totals aside on disk
    jobs : threads that add up the orders; None: one a core
    aside : directory for what memory cannot hold
    state : directory that keeps what was added up, for the next run; None: nothing is kept
    """

    budget: Budget
    jobs: int | None
    aside: Path
    state: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is known of all customers together; `customers` has them one by one.

    shares, curves : concentration of value among all customers and among the repeat customers
    risk : the risk horizon, and whether the ranking by risk is better than chance
    next_purchase : what next purchases are told by
    recalibration : what probabilities of a purchase are made of; None where nothing was asked for
    group_trial : parameters by group against one model for all, or why they are not tried; None without groups
    season : which one customers are scored with, and why; None where none was asked for
    gap_curve : how long until the next purchase, over all gaps between purchase days, the open ones included
    population : what a later run has to know of them, see `population_drift`
    largest_value : the largest absolute value of a customer
    notes : how attributes match that the scheme's rules read
    """

    job: Job
    totals: Totals
    selection: Selection | None
    spend_selection: SpendSelection | None
    season: SeasonChoice | None
    models: Models
    scores: Scores
    cuts: Cuts
    ranking: Ranking
    shares: dict[str, Concentration]
    curves: pl.DataFrame
    gap_curve: Survival
    risk: Risk
    next_purchase: NextPurchase
    reliability: Reliability
    population: Record
    largest_value: float
    notes: tuple[str, ...] = ()
    recalibration: Recalibration | None = None
    group_trial: GroupTrial | str | None = None

    @property
    def audit(self) -> Audit:
        """What the files held."""
        return self.totals.audit

    def customers(self) -> pl.LazyFrame:
        """Every customer with all columns that are written, and those that the measures need, in order of the ids."""
        scored = self.scores.customers(self.ranking.columns)
        told = decided(
            scored,
            self.cuts,
            self.job,
            self.audit.observed_days,
            basis=self.next_purchase.basis,
            as_of=self.audit.as_of,
            is_risk_withheld=self.risk.withheld is not None,
        )
        return with_ranking(told, self.ranking)


def prepare(job: Job, resources: Resources, max_refused: float | None, stages: Stages) -> Prepared:
    """Add up the orders, fit the models and find the cut-offs.

    Raises
    ------
    InputError
        Input that cannot be worked with.
    """

    def accept(audit: Audit) -> None:
        refuse_too_many(job.orders, audit, max_refused)
        turnover_is_safe(job.orders, audit)

    with stages.stage("summary"):
        budget = resources.budget
        totals = _totals(job, resources, accept, stages)
        tables = batches(summary_of(totals, job.value).select(POPULATION))
        population, fit_data = population_of(
            tables,
            totals.n_customers,
            totals.audit.window,
            job.scoring.rfm_method,
            keeps_first=job.scoring.spend in ("auto", "credibility", "frequency") and job.old is None,
        )
        gap_curve = population.gap_curve(totals.gaps)
        fit_data = fit_data.with_gaps(totals.gaps, totals.audit.window)
    with ThreadPoolExecutor(max_workers=1) as beside:
        ranked = beside.submit(_Ranked.of, population) if budget.is_ample(totals.n_customers) else None
        with stages.stage("fit"):
            histories, means = fit_data.histories, fit_data.means
            quarter = _quarter(job, totals, budget)
            selection, spend_selection = _selected(job, totals, fit_data, quarter)
            season, groups = _season(job, totals, selection), grouped(job, totals, budget)
            models = _models(job, totals, fit_data, selection, spend_selection, season, groups)
            trial = _group_trial(job, models, groups, quarter)
            risk, next_purchase, recalibrated = _held_against_the_end(job, totals, gap_curve, models, season, groups)
            reliability = _reliability(totals, population, gap_curve, models, risk)
            if job.scoring.require_reliable and (why := reliability.why_withheld) is not None:
                models, next_purchase = models.withheld(why), next_purchase.without_model(why)
            del fit_data  # memory for as long as it is needed: these are all customers
        with stages.stage("score"):
            summary = partial(summary_of, totals, job.value)
            scoring = replace(job.scoring, risk_days=risk.horizon_days)
            by_model = next_purchase.basis == "model"
            scores = Scores(
                summary,
                models,
                histories,
                totals.audit.window,
                scoring,
                tells_waits=by_model,
                recalibrated=None if recalibrated is None else recalibrated.of,
            )
            of_values = _Ranked.of(population) if ranked is None else ranked.result()
            cuts = cuts_of(job, totals, population, scores)
            return Prepared(
                job=job,
                totals=totals,
                selection=selection,
                spend_selection=spend_selection,
                season=None if season is None else season.choice,
                models=models,
                scores=scores,
                cuts=cuts,
                ranking=of_values.ranking,
                shares=of_values.shares,
                curves=of_values.curves,
                gap_curve=gap_curve,
                risk=risk,
                next_purchase=next_purchase,
                reliability=reliability,
                population=population_record(population, means, cuts.rfm),
                largest_value=float(np.abs(population.values).max(initial=0.0)),
                notes=attribute_notes(job, totals),
                recalibration=recalibrated,
                group_trial=trial,
            )


def _totals(job: Job, resources: Resources, accept: Callable[[Audit], None], stages: Stages) -> Totals:
    """The totals of all customers: of order lines, or as they are given."""
    if job.has_totals:
        given = read_given(job.orders, job.window, job.value, resources.aside)
        resources.budget.check(given.n_customers)
        return given
    return read_totals(
        job.orders,
        job.window,
        resources.budget,
        accept=accept,
        jobs=resources.jobs,
        aside=resources.aside,
        state=resources.state,
        value=job.value,
        on_lines=stages.lines_read(job.orders.n_rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    """Ranks of the customers, and the concentration of value among all and among the repeat customers."""

    ranking: Ranking
    shares: dict[str, Concentration]
    curves: pl.DataFrame

    @classmethod
    def of(cls, population: Population) -> "_Ranked":
        values = {"all": population.values, "repeat": population.values[population.n_purchase_days > 1]}
        shares = {name: concentration(some) for name, some in values.items()}
        return cls(ranking=ranking_of(population.values), shares=shares, curves=_curves(values))


def _curves(values: dict[str, Vector]) -> pl.DataFrame:
    """Whale and Lorenz curves of each population."""
    return pl.concat([curve(some).select(pl.lit(name).alias("population"), pl.all()) for name, some in values.items()])


def _held_against_the_end(
    job: Job, totals: Totals, gap_curve: Survival, models: Models, season: "_Season | None", groups: Grouped | None
) -> tuple[Risk, NextPurchase, Recalibration | None]:
    """The risk with its test, what next purchases are told by, and what probabilities are worth.

    All from one refit to what came before; what probabilities are worth takes another, to what came before that.
    """
    if job.old is not None:
        return job.old.risk, job.old.next_purchase, job.old.recalibration
    risk = _risk(job, gap_curve)
    holdout = _holdout(job, totals, risk.horizon_days, models, season, groups)
    told = replace(risk, untested=holdout) if isinstance(holdout, str) else tested(risk, holdout)
    found = None
    if job.scoring.recalibrate:
        before = _before(holdout, job, totals, risk.horizon_days, models, season, groups)
        found = recalibration_of(holdout, before, risk.horizon_days)
    return told, chosen_basis(job.scoring.next_purchase, models.purchases, holdout), found


def _before(
    holdout: Holdout | str,
    job: Job,
    totals: Totals,
    horizon_days: int,
    models: Models,
    season: "_Season | None",
    groups: Grouped | None,
) -> Holdout | str:
    """The log up to the split of its holdout, held out in the same way."""
    if isinstance(holdout, str) or models.purchases is None:
        return "there is no holdout"
    assert totals.days is not None, "a run that scores keeps the days"
    end = earlier(holdout, totals.days, totals.n_customers, horizon_days)
    if isinstance(end, str):
        return end
    scoring = replace(job.scoring, model=models.purchases.model)
    then = None if season is None or models.season is None else season.before(scoring, end.split.last_known)
    return refitted(end, scoring, then, None if groups is None else groups.membership)


def _reliability(
    totals: Totals, population: Population, gap_curve: Survival, models: Models, risk: Risk
) -> Reliability:
    return Reliability(
        buyers=int((population.n_purchase_days > 0).sum()),
        repeat=int((population.n_purchase_days > 1).sum()),
        observed_days=totals.audit.observed_days,
        median_gap=gap_curve.quantile_of_events(0.5),
        fit=models.calibration.verdict if models.calibration else None,
        risk_withheld=risk.withheld,
        without_model=None if models.purchases else models.purchases_reason,
    )


def _risk(job: Job, gap_curve: Survival) -> Risk:
    """The risk horizon, and how it came about."""
    asked = job.scoring.risk_days
    followed = gap_curve.quantile_of_events(FOLLOWED)
    if isinstance(asked, str):
        return Risk(horizon_days=risk_horizon(gap_curve), chosen="auto", followed_days=followed)
    return Risk(horizon_days=asked, chosen="given", followed_days=followed)


def _holdout(
    job: Job, totals: Totals, horizon_days: int, models: Models, season: "_Season | None", groups: Grouped | None
) -> Holdout | str:
    """The end of the log, held out from the model that customers are scored with; why where it is not."""
    if models.purchases is None:
        return "there is no purchase model"
    if models.design is not None:
        return "a model with covariates is not refitted to the past"
    if totals.days is None:
        return "totals of customers have no days to hold out"
    scoring = replace(job.scoring, model=models.purchases.model)
    first_day = day_number(totals.audit.window.since or totals.audit.first_day)
    before = None if season is None or models.season is None else partial(season.before, scoring)
    window, mine = totals.audit.window, None if groups is None else groups.membership
    return held_out(totals.days, totals.n_customers, window, first_day, horizon_days, scoring, before, mine)


def _quarter(job: Job, totals: Totals, budget: Budget) -> LastQuarter | None:
    """The last quarter, where something is to be chosen by it or tried on it: it is read once for all."""
    scoring, audit = job.scoring, totals.audit
    if job.old is not None or ("auto" not in (scoring.model, scoring.spend) and scoring.fit_by is None):
        return None
    whole = summary_of(totals, job.value)
    return last_quarter(job.orders, job.value, audit.window, audit.first_day, whole, budget.now)


def _selected(
    job: Job, totals: Totals, fit_data: FitData, quarter: LastQuarter | None
) -> tuple[Selection | None, SpendSelection | None]:
    """The choice of each model that is left open."""
    scoring, audit = job.scoring, totals.audit
    if job.old is not None:
        return None, None
    return (
        choose_model(fit_data.histories, quarter, scoring, audit.window) if scoring.model == "auto" else None,
        choose_spend(fit_data, quarter, scoring.l2) if scoring.spend == "auto" else None,
    )


def _group_trial(
    job: Job, models: Models, groups: Grouped | None, quarter: LastQuarter | None
) -> GroupTrial | str | None:
    """Groups tried on the last quarter; why they are not; None where none are asked for."""
    if groups is None:
        return None
    if models.purchases is None:
        return "there is no purchase model"
    return groups_tried(models.purchases.model, quarter, groups.ids, groups.membership, job.scoring)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Season:
    """The season of a run, and the purchase days that it was chosen by; none of an old run's."""

    choice: SeasonChoice
    days: PurchaseDays | None = None

    def before(self, scoring: Scoring, day: int) -> Season | None:
        """As it was known at the end of a day."""
        if self.days is None:
            return self.choice.season
        return season_before(self.choice, self.days, day, scoring.model, scoring.l2)


def _season(job: Job, totals: Totals, selection: Selection | None) -> _Season | None:
    """The season that is asked for; a model that is left open is chosen before it, in calendar time."""
    if job.old is not None:
        return None if job.old.season is None else _Season(choice=job.old.season)
    if job.scoring.season == "none":
        return None
    assert totals.days is not None, "a run that scores keeps the days"
    audit = totals.audit
    first, last = day_number(audit.window.since or audit.first_day), day_number(audit.as_of)
    days = PurchaseDays.of(totals.days, totals.n_customers, first, last)
    model = selection.model if selection else job.scoring.model
    choice, _ = chosen_season(job.scoring.season, job.calendar, days, model, job.scoring.l2)
    return _Season(choice=choice, days=days)


def _models(
    job: Job,
    totals: Totals,
    fit_data: FitData,
    selection: Selection | None,
    of_spend: SpendSelection | None,
    season: _Season | None,
    groups: Grouped | None,
) -> Models:
    if job.old is not None:
        return job.old.models(fit_data, totals.audit.window)
    summary = summary_of(totals, job.value).select("customer_id", *HISTORY)
    customers = summary.collect(engine="streaming") if job.covariates or groups is not None else None
    chosen = selection.model if selection else None
    spend = of_spend.spend if of_spend else None
    of_year = None if season is None else season.choice.season
    mine = None if groups is None else groups.buyers
    return fit_models(
        fit_data, totals.audit.window, job.scoring, chosen, job.covariates, customers, spend, of_year, mine
    )
