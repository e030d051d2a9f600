"""Stage: scored customers -> segment, cell, tiers and stage of each, by cut-offs found in all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.attributes import CUSTOMER, match_note
from whalecurve.engine.forecasts import Scores
from whalecurve.engine.rfm import AnyThresholds, with_rfm
from whalecurve.engine.runtime import batches
from whalecurve.engine.scoring.job import Job
from whalecurve.engine.scoring.population import Population
from whalecurve.engine.segments import (
    VALUE_AXES,
    Basis,
    TierCutoffs,
    earning,
    numbers_of,
    tier_cutoffs,
    value_cutoff,
    with_actions,
    with_matrix,
    with_next_purchase,
    with_rfm_segment,
    with_tiers,
)
from whalecurve.engine.store import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where segments begin: thresholds of R, F and M, the least value of high value, and those of the tiers."""

    rfm: AnyThresholds
    value: float | None
    tiers: TierCutoffs


def cuts_of(job: Job, totals: Totals, population: Population, scores: Scores) -> Cuts:
    """The cut-offs of an old run, or those that the customers, or own settings, give."""
    if job.old is not None:
        tiers = TierCutoffs.from_dict(job.old.tiers, job.scheme)
        return Cuts(rfm=job.old.thresholds, value=job.old.cutoff, tiers=tiers)
    rfm = job.cuts or population.thresholds(job.n_scores, job.scoring.rfm_method)
    axis = VALUE_AXES[job.scoring.value_axis]
    numbers = _Numbers(totals.n_customers, ("clv", axis))
    for customers in batches(scores.customers().select(*numbers.columns, *_Numbers.EARNING)):
        numbers.add(customers)
    value = value_cutoff(numbers.taken(axis), job.scoring.value_quantile)
    tiers = tier_cutoffs(numbers.taken("clv"), numbers.taken("earned"), population.gap_curve(totals.gaps), job.scheme)
    return Cuts(rfm=rfm, value=value, tiers=tiers)


class _Numbers:
    """What cut-offs are found in: a few numbers of those of so many customers at most who have them."""

    EARNING = ("year_value", "n_purchase_days")

    def __init__(self, n_customers: int, columns: Sequence[str]) -> None:
        """Memory is taken as it is filled."""
        self.columns = columns
        self._numbers = {name: np.empty(n_customers) for name in (*columns, "earned")}
        self._sizes = dict.fromkeys(self._numbers, 0)

    def add(self, customers: pl.DataFrame) -> None:
        """Add some customers."""
        self._append("earned", earning(customers))
        for name in self.columns:
            self._append(name, numbers_of(customers[name]))

    def taken(self, name: str) -> NDArray[np.float64]:
        """All numbers of a name, and with them the memory that they take."""
        return self._numbers.pop(name)[: self._sizes[name]]

    def _append(self, name: str, numbers: NDArray[np.float64]) -> None:
        start, self._sizes[name] = self._sizes[name], self._sizes[name] + numbers.size
        self._numbers[name][start : self._sizes[name]] = numbers


def decided(
    customers: pl.LazyFrame,
    cuts: Cuts,
    job: Job,
    observed_days: int,
    *,
    basis: Basis,
    as_of: date,
    is_risk_withheld: bool = False,
) -> pl.LazyFrame:
    """R, F and M scores, what they and the forecasts make of a customer, and what to do.

    observed_days : of the log that the customers are of; as_of : its last day; basis : of the next purchase.
    Nothing is said of risk where it is withheld.
    """
    named = with_rfm_segment(with_rfm(customers, cuts.rfm), job.scheme, job.conditions)
    placed = with_matrix(
        named,
        job.scheme,
        cutoff=cuts.value,
        axis=job.scoring.value_axis,
        risk_threshold=job.scoring.risk_threshold,
        is_risk_withheld=is_risk_withheld,
    )
    tiered = with_tiers(placed, job.scheme, cuts.tiers, observed_days)
    return with_actions(with_next_purchase(tiered, cuts.tiers.rhythm, basis, as_of), job.scheme)


def attribute_notes(job: Job, totals: Totals) -> tuple[str, ...]:
    """How many customers have the attributes that the scheme's rules read, where not all do."""
    notes = []
    for part in job.conditions.attributes:
        ids = totals.lazy().select(pl.col("customer_id").alias(CUSTOMER))
        with part.source.file.read():
            n_rows, n_with = (
                int(rows.select(pl.len()).collect(engine="streaming").item())
                for rows in (part.rows, part.rows.join(ids, on=CUSTOMER, how="semi"))
            )
        if n_with < max(n_rows, totals.n_customers):
            notes.append(match_note(part, totals.n_customers, n_with, n_rows))
    return tuple(notes)
