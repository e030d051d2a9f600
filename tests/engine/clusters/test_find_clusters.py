"""Clusters that are planted are found, described, kept and applied; where there are none, none are."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from whalecurve import engine
from whalecurve.engine.clusters.partition import one_thread
from whalecurve.engine.clusters.settings import ClusterSettings
from whalecurve.engine.clusters.stability import chosen, stabilities
from whalecurve.engine.errors import InputError
from whalecurve.engine.statistics import adjusted_rand

AS_OF = date(2025, 12, 31)
KINDS = (("rare", 60, 3, 500.0, 100), ("often", 150, 30, 10.0, 5), ("gone", 240, 10, 10.0, 500))
"""Name, customers, purchases, amount of one, and days since the last."""


def order_log(seed=1):
    """Customers of three kinds, so much apart that everybody can tell."""
    rng = np.random.default_rng(seed)
    rows = []
    for kind, n, purchases, amount, silence in KINDS:
        for one in range(n):
            last = AS_OF - timedelta(int(silence * rng.uniform(0.9, 1.1)))
            days = last - np.arange(round(purchases * rng.uniform(0.8, 1.2))) * timedelta(9)
            rows += [(f"{kind}-{one:03}", day, round(amount * rng.lognormal(0.0, 0.1), 2)) for day in days]
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")


def kinds_of(found):
    return found.customers["customer_id"].str.split("-").list.first().rank("dense").cast(pl.Int64).to_numpy()


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    return engine.score(order_log(), out=folder / "scores", window={"as_of": AS_OF}, measures=False).path


@pytest.fixture(scope="module")
def found(scores):
    return engine.find_clusters(scores, out=scores.parent / "clusters")


def test_planted_clusters_are_found_in_their_number_with_their_customers(found):
    assert found.clusters["customers"].to_list() == [240, 150, 60]
    assert adjusted_rand(found.customers["cluster"].to_numpy(), kinds_of(found)) == 1.0
    best = found.stability.sort("excess").tail(1)
    assert best["k"].item() == 3
    assert best["stability"].item() > 0.99
    assert found.warnings == () or all("stable" not in words for words in found.warnings)


def test_clusters_are_described_by_the_columns_that_differ_most(found):
    gone, often, rare = found.clusters["description"]
    assert gone.startswith("long silent (")
    assert "many purchases (" in often
    assert "bought recently (" in often
    assert "high value (" in rare
    first = found.profile.filter(cluster=1)
    assert first["difference"].abs().is_sorted(descending=True)
    silence = first.row(by_predicate=pl.col("column") == "days_since_last", named=True)
    mine = found.customers.filter(cluster=1)
    assert mine.height == 240
    assert 450 <= silence["median"] <= 550


def test_a_density_method_agrees(found):
    assert found.density.clusters == 3
    assert found.density.noise < 0.3
    assert found.density.agreement > 0.95


def test_rfm_segments_are_compared(found):
    named = found.customers.filter(pl.col("rfm_segment").is_not_null())
    theirs = adjusted_rand_score(named["rfm_segment"].to_list(), named["cluster"].to_list())
    assert found.rfm_agreement == pytest.approx(theirs, rel=1e-12)
    assert found.crossed["customers"].sum() == found.customers.height


def test_the_order_of_rows_changes_nothing(found, tmp_path):
    shuffled = order_log().sample(fraction=1.0, shuffle=True, seed=3)
    scores = engine.score(shuffled, out=tmp_path / "scores", window={"as_of": AS_OF}, measures=False).path
    again = engine.find_clusters(scores)
    assert again.saved.to_dict() == found.saved.to_dict()
    assert again.customers.equals(found.customers)
    assert again.stability.equals(found.stability)


def test_kept_clusters_divide_the_same_customers_alike_and_others_too(found, scores, tmp_path):
    again = engine.find_clusters(scores, apply=found.out)
    assert again.customers.equals(found.customers)
    assert again.clusters.equals(found.clusters)
    assert json.loads((found.out / "model.json").read_text())["clusters"] == found.saved.to_dict()
    other = engine.score(order_log(2), out=tmp_path / "scores", window={"as_of": AS_OF}, measures=False).path
    applied = engine.find_clusters(other, apply=found.out)
    assert adjusted_rand(applied.customers["cluster"].to_numpy(), kinds_of(applied)) > 0.98
    assert applied.stability.is_empty()
    assert applied.applied == str(found.out)


def test_where_there_are_none_no_number_is_stable():
    rng = np.random.default_rng(5)
    cloud = rng.standard_normal((2_000, 3)) * [3.0, 1.0, 0.5]
    settings = ClusterSettings(k=(2, 5), resamples=6)
    with one_thread():
        told = stabilities(cloud, settings)
    assert chosen(told, settings) is None
    assert max(one.excess for one in told) < 0.1


def test_a_number_that_is_asked_for_is_taken_and_said_to_be_unstable(scores):
    found = engine.find_clusters(scores, settings={"k": (7, 7), "resamples": 4, "min_stability": 1.0})
    assert found.clusters.height == 7
    assert any("these clusters are not stable" in words for words in found.warnings)


def test_without_a_stable_number_nobody_is_in_a_cluster(scores, tmp_path):
    asked = {"k": (6, 7), "resamples": 4, "min_stability": 1.0}
    none = engine.find_clusters(scores, settings=asked, out=tmp_path / "none")
    assert none.customers["cluster"].null_count() == none.customers.height
    assert none.clusters.is_empty()
    with pytest.raises(InputError, match="no number of clusters was stable there"):
        engine.find_clusters(scores, apply=tmp_path / "none")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"columns": ["rfm_segment"]}, "is String; clusters are made of numbers"),
        ({"columns": ["moon"]}, "has no such column"),
        ({"columns": ["value"]}, "always made of"),
        ({"k": (1, 3)}, "out of range"),
        ({"min_stability": 0.0}, "min_stability"),
    ],
)
def test_settings_that_will_not_do_are_refused(scores, settings, words):
    with pytest.raises(InputError, match=words):
        engine.find_clusters(scores, settings=settings)


def test_a_place_without_clusters_cannot_be_applied(scores, tmp_path):
    with pytest.raises(InputError, match="holds no clusters"):
        engine.find_clusters(scores, apply=scores)
    with pytest.raises(InputError, match=r"no model\.json"):
        engine.find_clusters(scores, apply=tmp_path)
