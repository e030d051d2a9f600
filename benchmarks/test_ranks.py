"""RFM scores, ranks and concentration of ten million customers, beside one sort of the same column."""

import timeit

import numpy as np
import polars as pl
import pytest

from benchmarks import data
from whalecurve.engine.concentration.curves import concentration
from whalecurve.engine.concentration.ranking import ranking_of
from whalecurve.engine.rfm import thresholds_of
from whalecurve.kernels.concentration import gini_normalised
from whalecurve.kernels.rfm import scores

N = 10_000_000


def naive_ranks(values):
    """Ranks, 1 for the largest, ties sharing the best; from the definition."""
    return np.array([1 + np.count_nonzero(values > value) for value in values])


def rfm_scores(values):
    days = np.bincount(np.arange(values.size) % 730)
    cuts = thresholds_of(days, days, values, 5).value
    return scores(values, np.array(cuts))


WORK = {
    "RFM scores": rfm_scores,
    "ranks and shares on the whale curve": ranking_of,
    "Gini and top shares": concentration,
}


def test_ranks_are_those_of_the_definition():
    values = np.round(data.values(2_000), 0)
    assert ranking_of(values).rank.tolist() == naive_ranks(values).tolist()
    spread = np.abs(values[:, None] - values[None, :]).sum() / (2 * values.size * np.abs(values).sum())
    assert gini_normalised(np.sort(values)) == pytest.approx(spread, rel=1e-12)
    scores = rfm_scores(values)
    assert pl.DataFrame({"v": values, "s": scores}).group_by("v").agg(pl.col("s").n_unique())["s"].max() == 1


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("name", ["whalecurve", "one numpy.sort"])
def test_ten_million(timed, work, name):
    values = data.values(N)
    function = WORK[work] if name == "whalecurve" else np.sort
    timed(f"{work}, 1e+07 customers", name, lambda: function(values), rounds=5)


@pytest.mark.gate
@pytest.mark.parametrize("work", WORK)
def test_ten_million_take_no_longer_than_one_sort(work):
    values = data.values(N)
    WORK[work](values)
    ours, sort = (
        float(np.median(timeit.repeat(lambda f=f: f(values), number=1, repeat=7))) for f in (WORK[work], np.sort)
    )
    assert ours <= sort, (ours, sort)
