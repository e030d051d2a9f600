"""The risk horizon of a log, and the test of the ranking by risk, against the same done from the start."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.tiny_store import tiny_store
from whalecurve import engine
from whalecurve.engine.selection import churn_risk as module
from whalecurve.engine.selection.churn_risk import risk_horizon
from whalecurve.engine.statistics import kaplan_meier
from whalecurve.engine.store import sampled

START, DAYS = date(2023, 1, 1), 500
WITHHELD = ("churn_risk", "risk", "matrix_segment", "matrix_action")


def log_of(rates, seed=3):
    """Customers who buy at their own rates a day, from any day of the first half on, once at least."""
    rng = np.random.default_rng(seed)
    lines = []
    for customer, rate in enumerate(rates):
        first = int(rng.integers(0, DAYS // 2))
        days = {first, *(first + 1 + np.flatnonzero(rng.random(DAYS - first - 1) < rate)).tolist()}
        lines += [(customer, START + timedelta(days=int(day)), float(rng.integers(1, 90))) for day in sorted(days)]
    lines.append((0, START + timedelta(days=DAYS - 1), 5.0))
    schema = {"customer_id": pl.Int64, "order_ts": pl.Date, "amount": pl.Float64}
    return pl.DataFrame(lines, schema=schema, orient="row").sample(fraction=1.0, shuffle=True, seed=seed)


@pytest.fixture(scope="module")
def various(tmp_path_factory):
    """A log whose customers differ."""
    path = tmp_path_factory.mktemp("various") / "orders.parquet"
    log_of(np.random.default_rng(1).gamma(0.7, 0.02, 1_200)).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    """A log whose customers are all the same, so that nothing tells who comes back."""
    path = tmp_path_factory.mktemp("alike") / "orders.parquet"
    log_of(np.full(800, 0.012)).write_parquet(path)
    return path


def customers_of(run):
    return pl.read_parquet(run.out / "customers").sort("customer_id")


def pairs_in_order(risk, bought):
    """The AUC, counted."""
    lost, back = risk[~bought], risk[bought]
    return float((np.sign(lost[:, None] - back[None, :]) / 2 + 0.5).mean())


@pytest.mark.parametrize(
    ("gaps", "days"),
    [
        ([5] * 80 + [6] * 20, 30),
        ([40] * 790 + [90] * 210, 90),
        ([50] * 80 + [90] * 20, 50),
        ([700] * 50, 365),
        ([], 365),
    ],
)
def test_the_risk_horizon_is_four_fifths_of_the_gaps_within_bounds(gaps, days):
    assert risk_horizon(kaplan_meier(np.bincount(gaps, minlength=1), np.zeros(1, np.int64))) == days


def test_those_who_never_come_back_do_not_make_it_longer():
    closed = np.bincount([40] * 790 + [90] * 210)
    for n_lost in (0, 50, 5_000):
        assert risk_horizon(kaplan_meier(closed, np.bincount([400] * n_lost, minlength=1))) == 90


@pytest.mark.parametrize(("asked", "model"), [("auto", "bgnbd"), (60, "mbgnbd"), (60, "pnbd")])
def test_the_test_is_what_scoring_the_past_would_have_said(various, tmp_path, asked, model):
    """The log up to the split, scored with the horizon; who then came back; and who was said to be at what risk."""
    scoring = engine.Scoring(model=model, risk_days=asked)
    run = engine.score(various, out=tmp_path / "scores", scoring=scoring, measures=False)
    found, test = run.model["risk"], run.model["risk"]["test"]
    horizon, as_of = found["horizon_days"], date.fromisoformat(run.manifest["as_of"])
    if asked == "auto":
        gaps = pl.read_parquet(engine.score(various, out=tmp_path / "all").out / "measures" / "gaps.parquet")
        events, censored = (
            np.bincount(gaps.filter(scheme="all")["days"], weights=gaps.filter(scheme="all")[name]).astype(np.int64)
            for name in ("gaps", "censored")
        )
        assert horizon == risk_horizon(kaplan_meier(events, censored))
    split = as_of - timedelta(days=horizon)
    assert test["split"] == split.isoformat()
    assert test["days"] == horizon
    past = engine.score(
        various,
        out=tmp_path / "past",
        window=engine.Window(as_of=split),
        scoring=engine.Scoring(model=model, risk_days=horizon),
        measures=False,
    )
    known = customers_of(past)
    after = pl.read_parquet(various).filter(pl.col("order_ts") > split)["customer_id"].unique()
    bought = known["customer_id"].is_in(after.implode()).to_numpy()
    p = known["p_purchase"].to_numpy()
    assert (test["n_customers"], test["n_bought"]) == (known.height, int(bought.sum()))
    assert test["auc"] == pytest.approx(pairs_in_order(1.0 - p, bought), rel=1e-9)
    assert test["brier"] == pytest.approx(((p - bought) ** 2).mean(), rel=1e-6)
    assert test["brier_of_base_rate"] == pytest.approx(bought.mean() * (1 - bought.mean()), rel=1e-12)
    assert test["auc"] > 0.7
    assert (found["withheld"], found["untested"]) == (None, None)
    assert customers_of(run)["risk"].null_count() == 0


def test_labels_that_are_no_better_than_chance_are_withheld_and_the_reason_given(alike, tmp_path):
    run = engine.score(alike, out=tmp_path / "scores")
    risk, customers = run.model["risk"], customers_of(run)
    assert risk["test"]["auc"] < 0.55
    assert risk["withheld"].startswith("risk does not tell who comes back: of 800 customers known on ")
    assert risk["withheld"] in run.manifest["warnings"]
    for column in WITHHELD:
        assert customers[column].null_count() == customers.height
    for column in ("p_purchase", "value_at_stake", "value_class"):
        assert customers[column].null_count() == 0
    cells = [row for row in run.segments.to_dicts() if row["scheme"] == "matrix"]
    assert [(row["segment"], row["customers"]) for row in cells if row["customers"]] == [(None, 800)]


def test_a_later_run_with_the_thresholds_withholds_as_well(alike, tmp_path):
    old = engine.score(alike, out=tmp_path / "old", measures=False)
    new = engine.score(alike, out=tmp_path / "new", thresholds=tmp_path / "old", measures=False)
    assert new.model["risk"] == old.model["risk"] | {"chosen": "thresholds"}
    assert_frame_equal(customers_of(new), customers_of(old), check_exact=True)


def test_a_log_shorter_than_two_horizons_is_not_tested_and_its_labels_stand(alike, tmp_path):
    run = engine.score(alike, out=tmp_path / "scores", scoring=engine.Scoring(risk_days=251), measures=False)
    assert run.model["risk"]["untested"] == "the log has 500 days, fewer than two risk horizons of 251"
    assert customers_of(run)["risk"].null_count() == 0
    just = engine.score(alike, out=tmp_path / "just", scoring=engine.Scoring(risk_days=250), measures=False)
    assert just.model["risk"]["untested"] != run.model["risk"]["untested"]


def test_too_few_who_came_back_are_no_test(various, tmp_path):
    few = pl.read_parquet(various).filter(pl.col("customer_id") < 150)
    few.write_parquet(tmp_path / "few.parquet")
    run = engine.score(tmp_path / "few.parquet", out=tmp_path / "scores", measures=False)
    risk = run.model["risk"]
    assert risk["test"] is risk["withheld"] is None
    assert risk["untested"].endswith("100 who did and as many who did not are needed")


def test_of_many_customers_a_sample_is_tested_however_they_were_read(various, tmp_path, monkeypatch):
    monkeypatch.setattr(sampled, "SAMPLE", 900)
    monkeypatch.setattr(sampled, "STRETCHES", 9)
    whole = engine.score(various, out=tmp_path / "whole", measures=False)
    with tiny_store():
        apart = engine.score(various, out=tmp_path / "apart", jobs=3, measures=False)
    assert apart.model["risk"] == whole.model["risk"]
    split = date.fromisoformat(whole.model["risk"]["test"]["split"])
    in_sample = {1_200 * i // 9 + k for i in range(9) for k in range(100)}
    known = pl.read_parquet(various).filter(pl.col("order_ts") <= split)["customer_id"].unique()
    assert whole.model["risk"]["test"]["n_customers"] == len(in_sample & set(known))


@pytest.mark.parametrize("unit", ["week", "month"])
def test_the_unit_of_time_changes_neither_horizon_nor_test(various, tmp_path, unit):
    usual = engine.score(various, out=tmp_path / "usual", measures=False)
    other = engine.score(various, out=tmp_path / unit, window=engine.Window(unit=unit), measures=False)
    same = ("split", "days", "n_customers", "n_bought")
    near = ("auc", "brier", "brier_of_base_rate")
    theirs, ours = other.model["risk"]["test"], usual.model["risk"]["test"]
    assert [theirs[name] for name in same] == [ours[name] for name in same]
    assert [theirs[name] for name in near] == pytest.approx([ours[name] for name in near], rel=1e-6)


def test_periods_are_tested_as_periods(various, tmp_path):
    """The last quarter that is over against the months before it: purchases are months with one."""
    window, scoring = engine.Window(period="month"), engine.Scoring(model="bgbb", risk_days=91)
    run = engine.score(various, out=tmp_path / "scores", window=window, scoring=scoring, measures=False)
    test = run.model["risk"]["test"]
    assert run.manifest["as_of"] == "2024-05-14"  # April is over
    assert test["split"] == "2024-01-31"
    lines = pl.read_parquet(various)
    known = lines.filter(pl.col("order_ts") <= date(2024, 1, 31))["customer_id"].unique()
    after = lines.filter(pl.col("order_ts").is_between(date(2024, 2, 1), date(2024, 4, 30)))["customer_id"].unique()
    assert (test["n_customers"], test["n_bought"]) == (known.len(), len(set(known) & set(after)))
    assert test["auc"] > 0.7


def test_probabilities_worse_than_one_for_all_are_noted():
    found = {"split": "2024-01-31", "days": 60, "n_customers": 1000, "n_bought": 400, "auc": 0.7}
    off = module.RiskTest(**found, brier=0.3, brier_of_base_rate=0.24)
    good = module.RiskTest(**found, brier=0.2, brier_of_base_rate=0.24)
    words = [module.Risk(horizon_days=60, chosen="given", test=test).warnings for test in (good, off)]
    assert words[0] == []
    assert words[1][0].endswith("after 2024-01-31 its Brier score is 0.300, 0.240 that of one probability for all")
