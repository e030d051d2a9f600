"""Stage: scored customers -> segment, cell, tiers and stage of each, by cut-offs found in all of them."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.job import Job
from whalecurve.engine.population import Population
from whalecurve.engine.rfm import Thresholds, with_rfm
from whalecurve.engine.rfm_nested import AnyThresholds
from whalecurve.engine.scoring import Scores
from whalecurve.engine.segments import value_cutoff, with_matrix, with_rfm_segment
from whalecurve.engine.tiers import TierCutoffs, tier_cutoffs, with_tiers
from whalecurve.engine.totals import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where segments begin: thresholds of R, F and M, the least clv_total of high value, and those of the tiers."""

    rfm: AnyThresholds
    value: float | None
    tiers: TierCutoffs


def cuts_of(job: Job, totals: Totals, population: Population, scores: Scores) -> Cuts:
    """The cut-offs of an old run, or those that the customers, or own settings, give."""
    if job.old is not None:
        tiers = TierCutoffs.from_dict(job.old.tiers, job.scheme)
        return Cuts(rfm=job.old.thresholds, value=job.old.cutoff, tiers=tiers)
    own = job.scoring.rfm_cuts
    rfm = own if isinstance(own, Thresholds) else population.thresholds(job.scoring.rfm_bins, job.scoring.rfm_method)
    known = scores.customers().select("clv", "clv_total", "year_value").collect(engine="streaming")
    value = value_cutoff(known, job.scoring.value_quantile)
    known = known.drop("clv_total")  # memory for as long as it is needed: these are all customers
    known = known.with_columns(n_purchase_days=pl.Series(population.n_purchase_days))
    return Cuts(rfm=rfm, value=value, tiers=tier_cutoffs(known, totals.gaps, job.scheme))


def decided(customers: pl.LazyFrame, cuts: Cuts, job: Job) -> pl.LazyFrame:
    """R, F and M scores, and what they and the forecasts make of a customer."""
    named = with_rfm_segment(with_rfm(customers, cuts.rfm), job.scheme)
    placed = with_matrix(named, job.scheme, cutoff=cuts.value, risk_threshold=job.scoring.risk_threshold)
    return with_tiers(placed, job.scheme, cuts.tiers)
