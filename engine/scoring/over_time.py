"""Stage: customers in their groups + their days -> measures over time."""

import math

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.measures import ALL, Key, Measures, MeasureSettings, Membership, measures_of
from whalecurve.engine.scoring.prepare import Prepared
from whalecurve.engine.segments import parts_of
from whalecurve.kernels.compiler.cpus import cpus


def membership_of(prepared: Prepared) -> Membership:
    """Room to note in which group each customer is."""
    groups = {scheme: [part.name for part in parts] for scheme, parts in parts_of(prepared.job.scheme).items()}
    days = prepared.totals.days
    assert days is not None, "a run that measures keeps the days"
    return Membership(days, prepared.totals.n_customers, groups)


def settings_of(prepared: Prepared, membership: Membership) -> MeasureSettings:
    """What the measures are asked for.

    Raises
    ------
    InputError
        More time than measures are counted for.
    """
    audit = prepared.audit
    return MeasureSettings(
        observed_from=audit.observed_from,
        as_of=audit.as_of,
        schemes=membership.schemes,
        has_margin=prepared.job.orders.has_margin,
        value="margin" if prepared.job.value == "margin" else "revenue",
    )


def measured(
    prepared: Prepared,
    membership: Membership,
    segments: pl.DataFrame,
    jobs: int | None,
    by_dimension: pl.DataFrame | None = None,
) -> Measures:
    """The measures, once all customers are noted.

    segments : the table of all segments, whose CLV is shown beside the simple one
    by_dimension : stickiness by dimensions of the first order, to go with them
    """
    sums = membership.sums(settings_of(prepared, membership), jobs or cpus())
    return measures_of(sums, model_clv=_mean_clv(segments), by_dimension=by_dimension)


def measured_if_possible(
    prepared: Prepared, membership: Membership, segments: pl.DataFrame, jobs: int | None
) -> tuple[Measures | None, list[str]]:
    """The measures with what is to be said of them, or none and why: for what is more than measures alone."""
    try:
        settings_of(prepared, membership)
    except InputError as error:
        return None, [error.message]
    over_time = measured(prepared, membership, segments, jobs)
    return over_time, over_time.warnings


def _mean_clv(segments: pl.DataFrame) -> dict[Key, float]:
    """Mean CLV of the models by scheme and group."""
    with_clv = segments.filter(pl.col("clv").is_not_null(), pl.col("customers") > 0)
    means = {(row["scheme"], row["segment"]): row["clv"] / row["customers"] for row in with_clv.iter_rows(named=True)}
    whole = with_clv.filter(scheme="rfm")
    if whole.height:
        means[ALL, ALL] = math.fsum(whole["clv"]) / math.fsum(whole["customers"])
    return means
