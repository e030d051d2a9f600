"""Divide the customers of a result into clusters, or by clusters that were found before."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.clusters.density import Density, by_density
from whalecurve.engine.clusters.description import described, profile_of
from whalecurve.engine.clusters.features import Customers, Scale, customers_of
from whalecurve.engine.clusters.output import publish
from whalecurve.engine.clusters.partition import centres_of, nearest, one_thread, polished
from whalecurve.engine.clusters.results import Clustered
from whalecurve.engine.clusters.saved import Saved
from whalecurve.engine.clusters.settings import ClusterSettings
from whalecurve.engine.clusters.stability import Stability, chosen, evenly, stabilities
from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.publication import CUSTOMER, Result, check_target, open_result
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.statistics import adjusted_rand
from whalecurve.kernels.arrays import Int64, Matrix

FITTED = 100_000
"""Customers that centres are first found among, at most; they are then moved to the means of all."""

LEAST_CUSTOMERS = 50

STABILITY = {"k": pl.Int64, "stability": pl.Float64, "without_clusters": pl.Float64, "excess": pl.Float64}


def find_clusters(
    scores: str | Path,
    *,
    settings: ClusterSettings | Given | None = None,
    apply: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Clustered:
    """Divide customers by recency, frequency, value and chosen columns; as many clusters as come out the same anew.

    Parameters
    ----------
    scores
        What `score` wrote.
    settings
        What clusters are made of, and how many there may be.
    apply
        What this wrote of other customers, or of an earlier day: its clusters divide these, and none are found.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Clustered
        The cluster of each customer, described, and compared with the RFM segments.

    Raises
    ------
    InputError
        No such result, columns that are no numbers, too few customers; scikit-learn is not installed, and is needed.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.clusters("scores", settings={"k": (3, 3)})
    >>> found.clusters["cluster"].to_list()
    [1, 2, 3]
    """
    stages, asked = Stages(on_stage), taken(ClusterSettings, settings) or ClusterSettings()
    with stages.stage("read"):
        result = open_result(scores)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, results=[scores, apply])
        if apply is not None and settings is not None and asked != ClusterSettings():
            raise InputError(f"{setting('apply', apply)}: its columns and clusters are used; leave out other settings")
        saved = None if apply is None else Saved.at(apply)
        customers = customers_of(result, asked.every_column if saved is None else saved.columns)
    with stages.stage("cluster"):
        division = _divided(customers, asked) if saved is None else _applied(customers, saved)
    found = _found(customers, division, asked, result, None if apply is None else str(apply))
    if out is not None:
        publish(found, Path(out), result, stages)
    return replace(found, out=None if out is None else Path(out))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Division:
    """Customers divided: None where no number of clusters is stable; and how that came about."""

    saved: Saved | None
    labels: Int64 | None
    stability: tuple[Stability, ...] = ()
    density: Density | None = None
    notes: tuple[str, ...] = ()


def _applied(customers: Customers, saved: Saved) -> _Division:
    return _Division(saved=saved, labels=nearest(customers.scaled(saved.scales), saved.centres))


def _divided(customers: Customers, settings: ClusterSettings) -> _Division:
    n = customers.table.height
    if n < LEAST_CUSTOMERS:
        raise InputError(f"{n:,} customers have all columns; clusters need at least {LEAST_CUSTOMERS}")
    scales = tuple(Scale.of(name, customers.values(name)) for name in settings.every_column)
    features = customers.scaled(scales)
    with one_thread():
        stability = tuple(stabilities(features, settings))
        k, notes = _number(stability, settings)
        if k is None:
            return _Division(
                saved=None,
                labels=None,
                stability=stability,
                density=by_density(features, None, settings.seed),
                notes=notes,
            )
        centres = _centres(features, k, settings.seed)
        labels = nearest(features, centres)
        density = by_density(features, labels, settings.seed)
    words = _descriptions(profile_of(customers, scales, labels, k), k)
    saved = Saved(scales=scales, centres=centres, descriptions=words)
    return _Division(saved=saved, labels=labels, stability=stability, density=density, notes=notes)


def _number(stability: tuple[Stability, ...], settings: ClusterSettings) -> tuple[int | None, tuple[str, ...]]:
    """How many clusters there are, and what is to be said of it; a single number that is asked for is taken."""
    k = chosen(stability, settings)
    if k is not None:
        return k, ()
    best = max(stability, key=lambda one: one.excess)
    how = (
        f"{best.k} are the best, with a stability of {best.stability:.2f}, {best.without_clusters:.2f} of customers "
        f"without any clusters"
    )
    if settings.k[0] == settings.k[1]:
        return settings.k[0], (f"these clusters are not stable: {how}",)
    return None, (f"no number of clusters is stable: {how}; nobody is in a cluster",)


def _centres(features: Matrix, k: int, seed: int) -> Matrix:
    """Of all customers, the largest cluster first."""
    centres = polished(features, centres_of(features[evenly(len(features), FITTED)], k, seed))
    sizes = np.bincount(nearest(features, centres), minlength=k)
    return centres[np.lexsort((*centres.T[::-1], -sizes))]


def _descriptions(profile: pl.DataFrame, k: int) -> tuple[str, ...]:
    return tuple(described(profile.filter(cluster=cluster + 1)) for cluster in range(k))


def _found(
    customers: Customers, division: _Division, settings: ClusterSettings, result: Result, applied: str | None
) -> Clustered:
    saved, labels = division.saved, division.labels
    k = 0 if saved is None else len(saved.centres)
    number = pl.lit(None, dtype=pl.Int64) if labels is None else pl.Series(labels + 1, dtype=pl.Int64)
    table = customers.table.select(CUSTOMER, cluster=number, rfm_segment="segment")
    scales = () if saved is None else saved.scales
    members = np.zeros(0, dtype=np.int64) if labels is None else labels
    sizes = np.bincount(members, minlength=k)
    clusters = pl.DataFrame(
        {
            "cluster": np.arange(1, k + 1),
            "customers": sizes,
            "share": sizes / max(len(members), 1),
            "description": [] if saved is None else list(saved.descriptions),
        },
        schema={"cluster": pl.Int64, "customers": pl.Int64, "share": pl.Float64, "description": pl.String},
    )
    crossed = table.drop_nulls("cluster").group_by("cluster", "rfm_segment").agg(customers=pl.len().cast(pl.Int64))
    return Clustered(
        customers=table,
        clusters=clusters,
        profile=profile_of(customers, scales, members, k),
        crossed=crossed.sort("cluster", pl.col("customers"), "rfm_segment", descending=[False, True, False]),
        stability=pl.DataFrame([one.row() for one in division.stability], schema=STABILITY),
        saved=saved,
        density=division.density,
        rfm_agreement=None if labels is None else adjusted_rand(labels, _codes(table["rfm_segment"])),
        n_left_out=customers.n_left_out,
        applied=applied,
        as_of=result.as_of.isoformat(),
        settings=settings,
        scores=result.identity,
        warnings=tuple(map(Message, [*result.not_reliable, *division.notes])),
    )


def _codes(names: pl.Series) -> Int64:
    return names.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
