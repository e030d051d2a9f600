"""Whether activity tells who buys, of models of every kind."""

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.activity import measure_activity
from whalecurve.engine.activity.histories import histories_at
from whalecurve.engine.activity.risk import activity_test
from whalecurve.engine.publication import open_result
from whalecurve.engine.simulation.simulate import Simulation, simulate

DAYS = 60


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    directory = tmp_path_factory.mktemp("rhythm")
    simulate(Simulation(customers=900, days=400, seed=5, model="mbgcnbd", planted=False), directory)
    return directory


def test_a_model_with_stages_is_refitted_with_the_stages_of_the_result(shop, tmp_path):
    """It knows how long ago somebody bought: its probabilities rank those who buy above those who do not."""
    engine.score(shop / "orders", out=tmp_path / "scores", scoring={"model": "mbgcnbd"}, measures=False)
    result = open_result(tmp_path / "scores")
    assert result.model["transactions"]["params"]["k"] > 1.0
    lines = pl.read_parquet(shop / "orders").filter(pl.col("amount") > 0)
    purchases = lines.select("customer_id", day=pl.col("order_ts").dt.date().cast(pl.Int32)).unique()
    split = int(purchases["day"].max()) - DAYS
    nothing = purchases.clear()
    then = histories_at(split, nothing, nothing, purchases, 90)
    came = purchases.filter(pl.col("day") > split)["customer_id"].implode()
    then = then.with_columns(has_bought=pl.col("customer_id").is_in(came))
    test, _ = activity_test(then, split, DAYS, result, 0.95)
    assert test.auc["model"] > 0.7
    assert not test.is_better


def test_regressions_rest_on_the_probabilities_of_the_model_where_those_of_the_result_are_recalibrated(shop, tmp_path):
    engine.score(shop / "orders", out=tmp_path / "scores", scoring={"recalibrate": True}, measures=False)
    result = open_result(tmp_path / "scores")
    assert result.model["recalibration"]["is_applied"]
    told = result.take("customer_id", "p_purchase", "p_purchase_model").collect().sort("customer_id")
    rests_on = measure_activity._customers(result).sort("customer_id")["p_purchase"]
    assert rests_on.to_list() == told["p_purchase_model"].to_list()
    assert rests_on.to_list() != told["p_purchase"].to_list()
