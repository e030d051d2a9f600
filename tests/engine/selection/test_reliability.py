"""What makes CLV and risk reliable, and what is said where they are not."""

from dataclasses import replace

import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import Simulation, score, simulate
from whalecurve.engine.selection.reliability import Reliability

JUST = Reliability(
    buyers=500, repeat=100, observed_days=180, median_gap=60, fit="fair", risk_withheld=None, without_model=None
)


def test_the_minimum_itself_is_enough():
    assert JUST.to_dict()["is_reliable"] is True
    assert JUST.reasons == []
    assert replace(JUST, median_gap=None, fit=None).reasons == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"buyers": 499}, "499 buyers (at least 500 needed)"),
        ({"repeat": 99}, "99 of them bought again (at least 100 needed)"),
        ({"observed_days": 179, "median_gap": 59}, "179 days observed (at least 180 needed)"),
        ({"median_gap": 61}, "180 days observed, fewer than 3 median gaps of 61 days"),
        ({"fit": "poor"}, "the purchase model fits poorly"),
        ({"risk_withheld": "risk does not tell"}, "risk is no better than chance on a holdout"),
        ({"without_model": "none bought again"}, "no purchase model: none bought again"),
    ],
)
def test_what_is_missing_is_named(change, reason):
    found = replace(JUST, **change).to_dict()
    assert found["is_reliable"] is False
    assert found["reasons"] == [reason]


def test_all_reasons_are_named():
    found = replace(JUST, buyers=12, repeat=3, observed_days=100, median_gap=40, fit="poor")
    assert len(found.reasons) == 5


def shop(folder, customers):
    return simulate(Simulation(customers=customers, seed=3), folder / "log").orders


def test_what_has_to_be_reliable_is_withheld_where_it_is_not(tmp_path):
    """No CLV, no risk, nothing that rests on them; the reason is kept, and all else is as it would have been."""
    orders = shop(tmp_path, 200)
    marked = score(orders, out=tmp_path / "marked", measures=False)
    run = score(orders, out=tmp_path / "withheld", scoring={"require_reliable": True}, measures=False)
    assert run.manifest["reliability"] == marked.manifest["reliability"]
    assert run.manifest["reliability"]["reasons"] == ["200 buyers (at least 500 needed)"]
    why = "withheld by require_reliable=True, as CLV and risk are not reliable: 200 buyers (at least 500 needed)"
    assert f"no purchase model: {why}" in run.manifest["warnings"]
    assert run.model["transactions"] == {"model": "bgnbd", "params": None, "reason": why}
    assert run.model["next_purchase"]["basis"] == "rhythm"
    customers, others = run.to_polars(), marked.to_polars()
    resting = ["p_alive", "expected_purchases", "p_purchase", "expected_value", "clv", "clv_total", "value_at_stake"]
    resting += ["churn_risk", "risk", "value_class", "matrix_segment", "matrix_action", "clv_tier"]
    assert all(customers[name].null_count() == customers.height for name in resting)
    assert all(others[name].null_count() < others.height for name in resting)
    kept = ["customer_id", "value", "rfm_score", "rfm_segment", "segment_action", "lifecycle_stage", "loyalty_tier"]
    assert_frame_equal(customers.select(kept), others.select(kept))
    assert customers["next_best_action"].null_count() == 0
    assert run.manifest["customers"]["clv"] is None


def test_what_is_reliable_is_not_withheld(tmp_path):
    orders = shop(tmp_path, 1_500)
    run = score(orders, out=tmp_path / "scores", scoring={"require_reliable": True}, measures=False)
    assert run.manifest["reliability"]["is_reliable"]
    assert run.to_polars()["clv"].null_count() == 0


def test_models_of_an_old_run_are_withheld_too(tmp_path):
    score(shop(tmp_path / "old", 1_500), out=tmp_path / "then", scoring={"require_reliable": True}, measures=False)
    few = shop(tmp_path / "new", 200)
    run = score(few, out=tmp_path / "now", thresholds=tmp_path / "then", measures=False)
    assert run.definitions["require_reliable"]
    assert run.to_polars()["clv"].null_count() == 200
    assert run.model["next_purchase"]["basis"] == "rhythm"
