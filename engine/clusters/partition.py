"""Customers divided by the nearest of some centres, and the centres found by mini-batch k-means."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from whalecurve.engine.extras import needed
from whalecurve.kernels.arrays import Int64, Matrix

EXTRA = "clusters"
PLACE = "clusters are to be found"
BATCH, STARTS, ROUNDS = 1024, 3, 100
POLISHING = 50
"""Rounds of k-means over all customers after the batches, at most."""


def library(module: str) -> Any:  # noqa: ANN401 - whatever it has
    """A module of scikit-learn, or of what comes with it; raises InputError where it is not installed."""
    return needed(module, extra=EXTRA, place=PLACE)


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, however many cores there are."""
    with library("threadpoolctl").threadpool_limits(limits=1):
        yield


def nearest(features: Matrix, centres: Matrix) -> Int64:
    """int64[n]: the place of the nearest centre, the first of equal ones."""
    best, found = np.full(features.shape[0], np.inf), np.zeros(features.shape[0], dtype=np.int64)
    for place, centre in enumerate(centres):
        distance = np.zeros(features.shape[0])
        for j in range(features.shape[1]):
            distance += (features[:, j] - centre[j]) ** 2
        is_nearer = distance < best
        best[is_nearer], found[is_nearer] = distance[is_nearer], place
    return found


def centres_of(features: Matrix, k: int, seed: int) -> Matrix:
    """float64[k, d], the largest cluster first: mini-batch k-means (Sculley 2010, WWW), then k-means from there.

    To be called within `one_thread`: the same features in the same order give the same bits.
    """
    found = library("sklearn.cluster").MiniBatchKMeans(
        n_clusters=k, batch_size=BATCH, n_init=STARTS, max_iter=ROUNDS, random_state=seed
    )
    centres = polished(features, np.asarray(found.fit(features).cluster_centers_, dtype=np.float64))
    sizes = np.bincount(nearest(features, centres), minlength=k)
    order = np.lexsort((*centres.T[::-1], -sizes))
    return centres[order]


def polished(features: Matrix, centres: Matrix) -> Matrix:
    """Centres moved to the means of those who are nearest to them, until nobody changes; one with nobody stays."""
    before = np.full(features.shape[0], -1)
    for _ in range(POLISHING):
        labels = nearest(features, centres)
        if (labels == before).all():
            break
        before, sizes = labels, np.bincount(labels, minlength=len(centres))
        sums = np.column_stack([np.bincount(labels, weights=column, minlength=len(centres)) for column in features.T])
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
    return centres
