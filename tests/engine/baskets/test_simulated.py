"""What is planted in baskets is found, and recommended if it pays; where nothing is planted, nothing is found."""

import numpy as np
import polars as pl
import pytest

from whalecurve.engine import Simulation, simulate, study_baskets
from whalecurve.engine.baskets.relations import NEXT, TOGETHER

N_CUSTOMERS, N_KINDS = 3_000, 40


@pytest.fixture(scope="module")
def planted():
    """Baskets of random kinds; k0 brings k1 along one time in two, k2 is followed by k3, nobody has k4 with k5."""
    rng, rows = np.random.default_rng(7), []
    for customer in range(N_CUSTOMERS):
        owed = False
        for i in range(rng.integers(1, 7)):
            basket = set(rng.integers(0, N_KINDS, rng.integers(1, 8)).tolist())
            if 0 in basket and rng.random() < 0.5:
                basket.add(1)
            if owed and rng.random() < 0.6:
                basket.add(3)
            if {4, 5} <= basket:
                basket.remove(5)
            owed = 2 in basket
            day = 19_800 + int(rng.integers(0, 60)) + 60 * i
            rows += [(customer, day, f"k{kind}", 1.0 + kind) for kind in basket]
    table = pl.DataFrame(rows, schema=["customer_id", "day", "product", "amount"], orient="row")
    return table.select(pl.exclude("day"), order_ts=pl.col("day").cast(pl.Int32).cast(pl.Date))


@pytest.fixture(scope="module")
def study(planted):
    return study_baskets(planted, {"by": "product"})


def marks(study, relation, mark):
    rows = study.pairs.filter(relation=relation, marks=mark)
    return set(zip(rows["first"], rows["then"], strict=True))


def test_the_pair_and_what_is_never_together_are_found_and_nothing_else(study):
    assert marks(study, TOGETHER, "more") == {("k0", "k1")}
    assert marks(study, TOGETHER, "less") == {("k4", "k5")}


def test_the_sequence_is_found_in_its_direction(study):
    assert marks(study, NEXT, "more") == {("k2", "k3")}
    row = study.pairs.row(
        by_predicate=(pl.col("relation") == NEXT) & (pl.col("first") == "k2") & (pl.col("then") == "k3"), named=True
    )
    assert row["affinity_low"] < row["affinity"] < row["affinity_high"]
    assert row["affinity_low"] > 1.2


def test_nothing_is_found_in_a_log_in_which_nothing_is_planted(tmp_path):
    simulate(Simulation(customers=2_500, seed=5, planted=False), tmp_path / "shop")
    asked = {"by": "product", "category": "category"}
    study = study_baskets(tmp_path / "shop" / "orders", asked)
    assert study.pairs["marks"].count() == 0
    assert study.pairs.height > 150
    assert {row["recommended_by"] for row in study.to_dict()["trials"]} == {"popularity"}
    assert all(-0.05 < hits["difference_low"] <= 0.0 for trial in study.to_dict()["trials"] for hits in trial["hits"])


def test_tastes_are_recommended_by_where_they_are_better_than_popularity():
    """Half of the customers buy of six kinds, and half of six others."""
    rng, rows = np.random.default_rng(8), []
    for customer in range(1_500):
        mine = 6 * (customer % 2)
        for i in range(6):
            kinds = mine + rng.integers(0, 6, 2)
            rows += [(customer, 19_800 + 60 * i + int(rng.integers(0, 50)), f"k{kind:02}", 1.0) for kind in kinds]
    table = pl.DataFrame(rows, schema=["customer_id", "day", "product", "amount"], orient="row")
    lines = table.select(pl.exclude("day"), order_ts=pl.col("day").cast(pl.Int32).cast(pl.Date))
    study = study_baskets(lines, {"by": "product"})
    trial = study.to_dict()["trials"][0]
    assert trial["recommended_by"] == "pairs"
    assert trial["hits"][1]["difference_low"] > 0.1
    known = study.recommendations.drop_nulls("next")
    side = {f"k{kind:02}": kind // 6 for kind in range(12)}
    own = known.select(customer=pl.col("customer_id") % 2, side=pl.col("next").replace_strict(side))
    bought = lines.group_by("customer_id").agg(n=pl.col("product").n_unique())
    unfinished = known.join(bought.filter(pl.col("n") < 6), on="customer_id")
    sides = unfinished.select(pl.col("customer_id") % 2 == pl.col("next").replace_strict(side))
    assert own.height > 1_400
    assert sides.to_series().mean() > 0.99
    assert unfinished["next_because"].null_count() == 0
