"""Probabilities made what a holdout says that they are worth."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.support.commands import printed, printed_json
from whalecurve import engine
from whalecurve.engine.selection.recalibration import held_against, learnt, mapped
from whalecurve.engine.statistics import brier, calibration_error

START, DAYS = date(2023, 1, 1), 500


def overconfident(rng, n):
    """Probabilities that say 1 - 2 p for p of 0 to a half, in steps."""
    p = rng.integers(1, 200, n) / 200.0
    return p, rng.random(n) < 0.1 + 0.5 * p


def pooled_by_hand(shares, n):
    """Pool adjacent violators, the slow way: a block at a time, from the start again after each merge."""
    blocks = [[share * size, size, 1] for share, size in zip(shares, n, strict=True)]
    at = 0
    while at + 1 < len(blocks):
        (low, few, i), (high, many, j) = blocks[at], blocks[at + 1]
        if low / few >= high / many:
            blocks[at : at + 2] = [[low + high, few + many, i + j]]
            at = max(at - 1, 0)
        else:
            at += 1
    return [(total / size, size) for total, size, _ in blocks]


def test_the_map_is_that_of_pooling_by_hand():
    rng = np.random.default_rng(3)
    p, happened = np.repeat(np.linspace(0.05, 0.95, 12), 60), rng.random(720) < np.repeat(rng.random(12), 60)
    points = learnt(p, happened)
    blocks = pooled_by_hand(happened.reshape(12, 60).mean(axis=1), [60] * 12)
    assert [share for _, share in points] == pytest.approx([share for share, _ in blocks], abs=1e-12)
    assert [at for at, _ in points] == sorted(at for at, _ in points)
    assert sum(size for _, size in blocks) == 720


def test_a_map_sets_right_what_is_overconfident_on_customers_that_it_has_not_seen():
    rng = np.random.default_rng(1)
    points = learnt(*overconfident(rng, 20_000))
    p, happened = overconfident(rng, 20_000)
    test = held_against(points, p, happened, "2024-01-01", 90)
    assert test.brier[1] < test.brier[0]
    assert test.calibration_error[1] < 0.02 < 0.1 < test.calibration_error[0]
    assert test.margin.is_clearly_less
    assert mapped(points, np.array([0.25, 0.75])) == pytest.approx([0.225, 0.475], abs=0.02)


def test_order_is_kept_and_no_answer_stays_none():
    points = ((0.1, 0.05), (0.5, 0.3), (0.9, 0.6))
    p = np.array([0.0, 0.1, 0.3, 0.31, 0.9, 1.0, np.nan])
    worth = mapped(points, p)
    assert worth[:-1].tolist() == sorted(worth[:-1].tolist())
    assert worth[2] == pytest.approx(0.175)
    assert np.isnan(worth[-1])
    assert (worth[0], worth[-2]) == (0.05, 0.6)


def test_the_error_of_calibration_is_the_mean_distance_of_tenths():
    p = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], 20)
    happened = np.concatenate([np.arange(20) < k for k in (4, 6, 6, 16, 20)])
    assert calibration_error(p, happened) == pytest.approx((0.1 + 0.0 + 0.2 + 0.1 + 0.1) / 5.0)
    assert brier(p, happened) > 0.0


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Customers whose purchases bunch: after each, half come back within days and half stay away for long."""
    rng, lines = np.random.default_rng(8), []
    for customer in range(1_200):
        day = int(rng.integers(0, DAYS - 60))
        while day < DAYS:
            lines.append((customer, START + timedelta(days=day), float(rng.integers(5, 90))))
            day += 1 + int(rng.exponential(6.0 if rng.random() < 0.6 else 150.0))
    schema = {"customer_id": pl.Int64, "order_ts": pl.Date, "amount": pl.Float64}
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    pl.DataFrame(lines, schema=schema, orient="row").unique(["customer_id", "order_ts"]).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def runs(log):
    scoring = {"risk_days": 90}
    plain = engine.score(log, scoring=scoring, measures=False)
    return plain, engine.score(log, scoring=scoring | {"recalibrate": True}, measures=False)


def test_a_run_maps_its_own_probabilities_and_keeps_the_models(runs):
    plain, run = runs
    found = run.model["recalibration"]
    assert found["is_applied"]
    assert found["split"] == run.model["risk"]["test"]["split"]
    before, after = plain.to_polars(), run.to_polars()
    assert after["p_purchase_model"].equals(before["p_purchase"].alias("p_purchase_model"))
    at, shares = np.array(found["points"]).T
    assert after["p_purchase"].to_numpy() == pytest.approx(np.interp(before["p_purchase"].to_numpy(), at, shares))
    assert after["churn_risk"].to_numpy() == pytest.approx(1.0 - after["p_purchase"].to_numpy())
    assert after["clv"].equals(before["clv"])
    assert plain.model["recalibration"] is None
    assert "p_purchase_model" not in before.columns


def test_its_test_is_on_days_that_the_map_has_not_seen(runs):
    test = runs[1].model["recalibration"]["test"]
    risk = runs[0].model["risk"]["test"]
    assert test["brier"][0] == pytest.approx(risk["brier"], rel=1e-12)
    assert (test["n_customers"], test["n_bought"], test["split"]) == (
        risk["n_customers"],
        risk["n_bought"],
        risk["split"],
    )
    assert test["calibration_error"][1] < test["calibration_error"][0]


def test_a_later_run_takes_the_map_as_it_is(runs, log):
    later = engine.score(log, thresholds=runs[1].path, measures=False)
    assert later.to_polars()["p_purchase"].equals(runs[1].to_polars()["p_purchase"])
    assert later.model["recalibration"]["points"] == runs[1].model["recalibration"]["points"]


def test_validation_shows_both(log, tmp_path):
    found = engine.validate(log, holdout_days=90, scoring={"recalibrate": True}, model="bgnbd", out=tmp_path / "out")
    mine = next(a for a in found.assessments if a.name == "bgnbd")
    assert mine.recalibrated.calibration_error < mine.probability.calibration_error
    customers = pl.read_parquet(tmp_path / "out/customers.parquet")
    bought = np.array([row["actual_purchases"] > 0 for row in customers.iter_rows(named=True)])
    if found.risk_days == 90:
        assert brier(customers["bgnbd_recalibrated"].to_numpy(), bought) == pytest.approx(mine.recalibrated.brier)
    assert "bgnbd_recalibrated" in found.deciles["name"].to_list()


def test_it_is_said_in_words(log, tmp_path):
    out = ["--out", tmp_path / "a", "--no-measures", "--full"]
    said = printed("score", log, *out, "--recalibrate", "--risk-horizon", "90d")
    assert "recalibrated on the days after" in said
    data = printed_json("validate", log, "--holdout", "90d", "--model", "bgnbd", "--recalibrate")
    assert data["predictions"][0]["recalibrated"]["brier"] > 0.0


def test_a_short_log_says_why_probabilities_stay(log, tmp_path):
    few = pl.read_parquet(log).filter(pl.col("order_ts") < START + timedelta(days=100))
    few.write_parquet(tmp_path / "short.parquet")
    run = engine.score(tmp_path / "short.parquet", scoring={"risk_days": 90, "recalibrate": True}, measures=False)
    customers = run.to_polars()
    assert customers["p_purchase"].equals(customers["p_purchase_model"].alias("p_purchase"))
    assert any("are not recalibrated: the log has" in words for words in run.manifest["warnings"])
