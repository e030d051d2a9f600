"""Published figures of the CDNOW sample: 39 weeks of calibration, 39 of holdout."""

from datetime import date

import polars as pl
import pytest

from tests.support import cdnow
from whalecurve import engine


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("cdnow") / "orders.parquet"
    cdnow.sample().write_parquet(path)
    return path


@pytest.fixture(scope="module")
def found(log):
    return engine.validate(log, holdout_days=39 * 7, window=engine.Window(unit="week"))


def of(found, name):
    return next(a for a in found.assessments if a.name == name)


def test_bgnbd_expects_the_published_total(found):
    assert (found.split, found.as_of) == (cdnow.CALIBRATION_END, date(1998, 6, 30))
    assert found.actual_purchases == 1882
    assert of(found, "bgnbd").purchases.predicted == pytest.approx(1653.4078388, rel=1e-4)  # CLVTools 0.12.1


def test_actual_and_expected_purchases_by_frequency_are_the_published_ones(found):
    # The walkthrough of R's BTYD 2.4.3: purchases in the holdout by repeats before it, and Pareto/NBD's expectation.
    actual = [0.237, 0.697, 1.393, 1.56, 2.532, 2.947, 3.862, 6.359]
    expected = [0.138, 0.6, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403]
    groups = found.groups.filter(pl.col("name") == "pnbd")
    assert groups["customers"].to_list() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert groups["actual_purchases"].to_list() == pytest.approx(actual, abs=5.01e-4)
    assert groups["predicted_purchases"].to_list() == pytest.approx(expected, abs=1.01e-3)  # its search stops earlier


def test_a_purchase_on_the_split_day_is_past(log):
    found = engine.validate(log, holdout_days=180, model="bgnbd")
    assert found.split == date(1998, 1, 1)
    actual = dict(found.customers.select("customer_id", "actual_purchases").rows())
    assert [actual[customer] for customer in (1, 1000, 1056)] == [0, 3, 3]  # CLVTools 0.12.1, tests of transactions


def test_models_beat_every_baseline(found):
    assert found.to_dict()["beats_every_baseline"]
    for name in ("bgnbd", "mbgnbd", "pnbd"):
        assert of(found, name).purchases.rmse < of(found, "last_period").purchases.rmse
