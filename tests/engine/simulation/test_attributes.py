import json

import polars as pl
import pytest
from scipy import stats

from whalecurve.engine.errors import InputError
from whalecurve.engine.simulation.simulate import Simulation, simulate

N_CUSTOMERS = 4_000


def simulated(folder, **settings):
    settings = {"customers": N_CUSTOMERS, "seed": 7, "side_files": ("attributes",)} | settings
    log = simulate(Simulation(**settings), folder / "log")
    rows = pl.read_parquet(log.side_files[0])
    return log, rows, json.loads(log.truth.read_text())


def behaviour(log):
    """Days with a purchase, and the amount sold on one, of each customer."""
    sold = pl.scan_parquet(log.orders / "*.parquet").filter(pl.col("amount") > 0)
    days = pl.col("order_ts").dt.date().n_unique()
    return sold.group_by("customer_id").agg(days=days, mean=pl.col("amount").sum() / days).collect()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("plain"), planted=False)


def test_the_truth_counts_the_rows_of_customers_and_of_nobody(planted):
    _, rows, truth = planted
    told = truth["attributes"]
    of_customers = rows.filter(pl.col("customer_id") <= N_CUSTOMERS)
    assert (told["file"], told["rows"]) == ("attributes.parquet", rows.height)
    assert N_CUSTOMERS - of_customers.height == told["customers_without_row"] == pytest.approx(320, abs=60)
    assert rows.height - of_customers.height == told["rows_of_nobody"] == 12
    assert rows["customer_id"].is_unique().all()
    assert set(told["columns"]) == set(rows.columns)
    assert truth["settings"]["side_files"] == ["attributes"]


def test_age_goes_with_the_amount_of_an_order_and_the_interest_with_their_number(planted):
    log, rows, truth = planted
    known = rows.join(behaviour(log), on="customer_id").drop_nulls()
    assert stats.spearmanr(known["age"], known["mean"]).statistic > 0.4
    frequent = known["days"] >= known["days"].quantile(0.8)
    share = known.group_by(frequent=frequent).agg(pl.col("interest").eq("running").mean()).sort("frequent")["interest"]
    assert share[1] > 2 * share[0]
    assert [fact["column"] for fact in truth["attributes"]["planted"]] == ["age", "interest"]


def test_what_is_independent_says_nothing(planted, plain):
    for log, rows, truth in (planted, plain):
        known = rows.join(behaviour(log), on="customer_id")
        for name in truth["attributes"]["independent"]:
            groups = [part["mean"] for part in known.drop_nulls(name).partition_by(name) if part.height > 30]
            assert stats.kruskal(*groups).pvalue > 1e-3, name


def test_a_plain_log_has_nothing_planted(plain):
    log, rows, truth = plain
    assert truth["attributes"]["planted"] == []
    known = rows.join(behaviour(log), on="customer_id").drop_nulls()
    assert abs(stats.spearmanr(known["age"], known["mean"]).statistic) < 0.06


def test_the_orders_are_the_same_with_and_without(tmp_path):
    settings = {"customers": 200, "seed": 3, "ids": "string", "model": "pnbd"}
    without = simulate(Simulation(**settings), tmp_path / "without")
    log, rows, _ = simulated(tmp_path, **settings)
    assert pl.read_parquet(log.orders).equals(pl.read_parquet(without.orders))
    assert set(pl.read_parquet(log.orders)["customer_id"]) >= set(rows["customer_id"][:150])
    assert without.side_files == ()
    assert "side_files" not in json.loads(without.truth.read_text())["settings"]


@pytest.mark.parametrize(
    ("words", "told"), [(("moods",), '"moods" is unknown'), (("attributes",) * 2, "name each once")]
)
def test_words_of_no_file_are_refused(words, told):
    with pytest.raises(InputError, match=told):
        Simulation(side_files=words)
