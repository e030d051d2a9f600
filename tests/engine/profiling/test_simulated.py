"""What is planted in a simulated log is found in the origin of the best customers, and little else is."""

import pytest

from whalecurve.engine import Profiling, Simulation, profile, score, simulate

ASKED = Profiling(by=(), first_by=("city", "campaign", "channel"), next_by=())


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=25_000, seed=5), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores")
    return profile(folder / "scores", tier="high", settings=ASKED).table.filter(question="where")


def test_customers_of_the_loyal_city_are_among_the_best(origin):
    assert origin.drop_nulls("marks").select("dimension", "value", "marks").rows() == [("city", "Leipzig", "more")]


def test_no_campaign_brings_more_of_the_best_than_the_one_whose_customers_buy_more(origin):
    best = origin.filter(dimension="campaign").sort("lift", descending=True).row(0, named=True)
    assert best["value"] == "referral"
    assert best["lift_low"] > 1.0


def test_every_first_order_has_a_campaign(origin):
    """It stands on the lines of the first order alone, and not on those of a second one of that day."""
    assert origin.filter(dimension="campaign")["value"].null_count() == 0
