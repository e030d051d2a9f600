"""What next purchases are told by, and its test, against the same done from the start."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve import engine

START, DAYS = date(2023, 1, 1), 500
DATES = ("next_purchase", "next_purchase_from", "next_purchase_to")


def log_of(draw, seed):
    """Customers who buy from any day of the first half on, each after gaps that `draw` gives."""
    rng = np.random.default_rng(seed)
    lines = []
    for customer in range(900):
        day = int(rng.integers(0, DAYS // 2))
        gaps = draw(rng)
        while day < DAYS:
            lines.append((customer, START + timedelta(days=day), float(rng.integers(1, 90))))
            day += max(1, round(next(gaps)))
    lines.append((0, START + timedelta(days=DAYS - 1), 5.0))
    schema = {"customer_id": pl.Int64, "order_ts": pl.Date, "amount": pl.Float64}
    return pl.DataFrame(lines, schema=schema, orient="row").unique(["customer_id", "order_ts"]).sort(pl.all())


def at_random(rng):
    """Gaps of a gamma rate of the customer's own, who may leave after each purchase."""
    rate, leaves = rng.gamma(0.8, 0.03), rng.beta(0.8, 4.0)
    while True:
        yield 10_000.0 if rng.random() < leaves else rng.exponential(1.0 / rate)


def even(rng):
    """Gaps of 60 days and a little: what comes after 50 days of silence no model of constant rates foretells."""
    n_more = rng.integers(2, 9)
    for _ in range(n_more):
        yield rng.normal(60.0, 2.0)
    while True:
        yield 10_000.0


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    for name, draw in (("random", at_random), ("even", even)):
        log_of(draw, 5).write_parquet(folder / f"{name}.parquet")
    return folder


def customers_of(run):
    return pl.read_parquet(run.out / "customers").sort("customer_id")


def absolute_errors(orders, split, horizon, basis, out):
    """By customer, of the past scored on the split: how far the date told is from the purchase, both cut at the end."""
    past = engine.score(
        orders,
        out=out,
        window=engine.Window(as_of=split),
        scoring=engine.Scoring(next_purchase=basis, risk_days=horizon),
        measures=False,
    )
    next_day = {}
    for customer, day in pl.read_parquet(orders).select("customer_id", "order_ts").rows():
        if day > split:
            next_day[customer] = min(next_day.get(customer, date.max), day)
    errors = {}
    for row in customers_of(past).iter_rows(named=True):
        if row["next_purchase"] is not None:
            actual = (next_day[row["customer_id"]] - split).days if row["customer_id"] in next_day else horizon
            told = (row["next_purchase"] - split).days
            errors[row["customer_id"]] = abs(min(told, horizon) - min(actual, horizon))
    return errors


@pytest.mark.parametrize(("log", "better"), [("random", "model"), ("even", "rhythm")])
def test_the_basis_is_the_one_with_the_less_error_had_the_past_been_scored(logs, tmp_path, log, better):
    orders = logs / f"{log}.parquet"
    run = engine.score(orders, out=tmp_path / "scores", measures=False)
    found = run.model["next_purchase"]
    test = found["test"]
    split, horizon = date.fromisoformat(test["split"]), test["days"]
    assert (test["split"], horizon) == (run.model["risk"]["test"]["split"], run.model["risk"]["horizon_days"])
    by_model, by_rhythm = (
        absolute_errors(orders, split, horizon, basis, tmp_path / basis) for basis in ("model", "rhythm")
    )
    both = by_model.keys() & by_rhythm.keys()
    assert test["n_customers"] == len(both)
    assert test["model_error"] == pytest.approx(sum(by_model[one] for one in both) / len(both), rel=1e-9)
    assert test["rhythm_error"] == pytest.approx(sum(by_rhythm[one] for one in both) / len(both), rel=1e-9)
    assert (found["basis"], found["chosen"], found["untested"]) == (better, "auto", None)
    assert (test["model_error"] <= test["rhythm_error"]) == (better == "model")
    fixed = engine.score(orders, out=tmp_path / "fixed", scoring=engine.Scoring(next_purchase=better), measures=False)
    assert fixed.model["next_purchase"] == found | {"chosen": "given"}
    assert_frame_equal(customers_of(fixed), customers_of(run), check_exact=True)


def test_a_later_run_with_the_thresholds_takes_the_basis_along(logs, tmp_path):
    old = engine.score(logs / "even.parquet", out=tmp_path / "old", measures=False)
    new = engine.score(logs / "random.parquet", out=tmp_path / "new", thresholds=tmp_path / "old", measures=False)
    assert new.model["next_purchase"] == old.model["next_purchase"] | {"chosen": "thresholds"}
    assert new.model["next_purchase"]["basis"] == "rhythm"
    again = engine.score(logs / "even.parquet", out=tmp_path / "again", thresholds=tmp_path / "new", measures=False)
    assert_frame_equal(customers_of(again), customers_of(old), check_exact=True)


def test_a_run_from_before_there_was_a_choice_is_taken_by_its_model(logs, tmp_path):
    old = engine.score(logs / "even.parquet", out=tmp_path / "old", measures=False)
    record = json.loads((old.out / "model.json").read_text())
    del record["next_purchase"], record["definitions"]["next_purchase"]
    (tmp_path / "model.json").write_text(json.dumps(record))
    new = engine.score(logs / "even.parquet", out=tmp_path / "new", thresholds=tmp_path / "model.json", measures=False)
    found = new.model["next_purchase"]
    assert (found["basis"], found["chosen"]) == ("model", "thresholds")
    assert found["untested"] == "the old run did not test it"


def test_whoever_is_overdue_by_the_rhythm_or_gone_by_the_model_has_no_day(logs, tmp_path):
    for basis in ("model", "rhythm"):
        scoring = engine.Scoring(next_purchase=basis)
        run = engine.score(logs / "random.parquet", out=tmp_path / basis, scoring=scoring, measures=False)
        found = customers_of(run)
        is_gone = found["p_alive"] < 0.5 if basis == "model" else found["is_overdue"]
        assert found["next_purchase"].is_null().to_list() == is_gone.to_list()
        assert 0 < is_gone.sum() < found.height
        told = found.drop_nulls("next_purchase")
        assert (told["next_purchase"] > run.as_of).all()
        has_interval = told["n_purchase_days"] > 4
        assert told["next_purchase_from"].is_not_null().to_list() == has_interval.to_list()
        apart = told.filter(has_interval)
        assert (apart["next_purchase_from"] <= apart["next_purchase"]).all()
        assert (apart["next_purchase"] <= apart["next_purchase_to"]).all()


def test_periods_have_no_days_so_that_the_rhythm_tells_them(logs, tmp_path):
    window = engine.Window(period="month")
    run = engine.score(
        logs / "random.parquet", out=tmp_path / "scores", window=window, scoring=engine.Scoring(model="bgbb")
    )
    found = run.model["next_purchase"]
    assert (found["basis"], found["test"]) == ("rhythm", None)
    assert found["untested"] == "a model that counts periods tells no days"
    assert customers_of(run)["next_purchase"].count() > 0
    asked = engine.Scoring(model="bgbb", next_purchase="model")
    with pytest.raises(engine.InputError, match="counts periods; leave one out, or choose rhythm"):
        engine.score(logs / "random.parquet", window=window, scoring=asked)


def test_without_a_model_the_rhythm_tells_them_unless_the_model_is_asked_for(tmp_path):
    once = pl.DataFrame({"customer_id": [1, 2, 3], "order_ts": [START] * 2 + [date(2023, 2, 1)], "amount": [1.0] * 3})
    once.write_parquet(tmp_path / "once.parquet")
    usual = engine.score(tmp_path / "once.parquet", out=tmp_path / "usual")
    assert usual.model["transactions"]["params"] is None
    assert usual.model["next_purchase"]["untested"] == "there is no purchase model"
    assert customers_of(usual)["next_purchase"].to_list() == [date(2023, 4, 1)] * 2 + [date(2023, 5, 2)]  # 90 days
    asked = engine.Scoring(next_purchase="model")
    by_model = customers_of(engine.score(tmp_path / "once.parquet", out=tmp_path / "model", scoring=asked))
    assert by_model.select(*DATES, "is_overdue").rows() == [(None, None, None, False)] * 3


def test_a_setting_that_is_no_basis_is_refused():
    with pytest.raises(engine.InputError, match="choose one of auto, model, rhythm"):
        engine.Scoring(next_purchase="crystal")
