"""What makes CLV and risk reliable, and what is said where they are not."""

from dataclasses import replace

import pytest

from whalecurve.engine.scoring.reliability import Reliability

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
        ({"buyers": 499}, "499 buyers (500 are asked for)"),
        ({"repeat": 99}, "99 of them bought again (100 are asked for)"),
        ({"observed_days": 179, "median_gap": 59}, "179 days observed (180 are asked for)"),
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
