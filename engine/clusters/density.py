"""Clusters by density, which need no number and leave out who is in none: a second opinion on those by centres."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from whalecurve.engine.clusters.partition import library
from whalecurve.engine.clusters.stability import evenly
from whalecurve.engine.statistics import adjusted_rand
from whalecurve.kernels.arrays import Int64, Matrix

CUSTOMERS = 5_000
"""That are looked at, at most: time grows with their square."""

BLUR = 0.5
"""Spreads that values are blurred over, so that each whole number of purchases is no cluster of its own."""

LEAST_SHARE, LEAST = 0.02, 10
"""The least cluster by density: a share of those looked at, and how many at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """What HDBSCAN (Campello, Moulavi & Sander 2013, PAKDD) finds.

    customers : that were looked at; clusters : found among them; noise : share in none
    agreement : adjusted Rand index with the clusters by centres, of those in one; None where there are none
    """

    customers: int
    clusters: int
    noise: float
    agreement: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def by_density(features: Matrix, labels: Int64 | None, seed: int) -> Density:
    """Clusters by density of some of the customers, and how they agree with labels; within `one_thread`."""
    places = evenly(len(features), CUSTOMERS)
    least = max(LEAST, int(LEAST_SHARE * places.size))
    found = library("sklearn.cluster").HDBSCAN(min_cluster_size=least, copy=True)
    blur = BLUR * (np.random.default_rng(seed).random((places.size, features.shape[1])) - 0.5)
    own = np.asarray(found.fit(features[places] + blur).labels_, dtype=np.int64)
    is_in = own >= 0
    agreement = None
    if labels is not None and is_in.any():
        agreement = adjusted_rand(own[is_in], labels[places][is_in])
    return Density(
        customers=int(places.size),
        clusters=int(own.max(initial=-1)) + 1,
        noise=float((~is_in).mean()) if is_in.size else 0.0,
        agreement=agreement,
    )
