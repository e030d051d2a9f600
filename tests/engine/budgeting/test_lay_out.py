"""Budgets over a real result: sums by hand from its segments, whole customers, uncertainty, what is left out."""

import json
from statistics import NormalDist

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Simulation, lay_out, open_result, score, simulate

TWO = """
[[offer]]
name = "mail"
cost = 0.1
response = 0.02
low = 0.005
high = 0.035

[[offer]]
name = "call"
cost = 4.0
segments = ["Champions", "At risk", "Hibernating"]
response = 0.06
error = 0.02
"""


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_500, seed=4), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


def spend(scores, folder, text=TWO, amount=300.0, **more):
    (folder / "responses.toml").write_text(text)
    return lay_out(scores, folder / "responses.toml", settings={"amount": amount}, **more)


def stakes(scores):
    rows = open_result(scores).segments.filter(scheme="rfm").drop_nulls("segment")
    return {name: (n, stake) for name, n, stake in rows.select("segment", "customers", "value_at_stake").iter_rows()}


def test_what_contacts_bring_is_response_times_value_at_stake_less_their_cost(scores, tmp_path):
    found, z = spend(scores, tmp_path), NormalDist().inv_cdf(0.975)
    at_stake, response, cost = stakes(scores), {"mail": 0.02, "call": 0.06}, {"mail": 0.1, "call": 4.0}
    error = {"mail": 0.03 / (2 * z), "call": 0.02}
    spent, net, reach = 0.0, 0.0, {"mail": 0.0, "call": 0.0}
    for row in found.allocation.iter_rows(named=True):
        n, stake = at_stake[row["segment"]]
        gross = row["customers"] * stake / n * response[row["offer"]]
        assert row["spend"] == pytest.approx(row["customers"] * cost[row["offer"]])
        assert row["net"] == pytest.approx(gross - row["spend"])
        assert row["share"] == row["customers"] / n
        own = row["customers"] * stake / n * error[row["offer"]]
        assert (row["net_low"], row["net_high"]) == pytest.approx((row["net"] - z * own, row["net"] + z * own))
        assert row["chance_of_loss"] == pytest.approx(NormalDist(row["net"], own).cdf(0.0))
        spent, net = spent + row["spend"], net + row["net"]
        reach[row["offer"]] += own
    assert spent <= 300.0
    assert found.total["spend"] == pytest.approx(spent)
    assert found.total["net"] == pytest.approx(net)
    # one response serves all its segments, so it is off in all of them at once; the two are off independently
    together = (reach["mail"] ** 2 + reach["call"] ** 2) ** 0.5
    assert found.total["net_high"] - found.total["net"] == pytest.approx(z * together)


def test_the_best_use_is_no_worse_than_an_even_or_a_proportional_one(scores, tmp_path):
    for amount in (0.0, 50.0, 300.0, 2_000.0, 1e6):
        found = spend(scores, tmp_path, amount=amount)
        for told in found.comparisons.values():
            assert told["spend"] <= amount + 1e-9
            assert told["net"] <= found.total["net"] + 40.0  # customers are whole: less than one a segment is lost


def test_more_money_brings_what_the_shadow_price_says(scores, tmp_path):
    found, more = (spend(scores, tmp_path, amount=amount) for amount in (300.0, 340.0))
    assert found.method == "frontier"
    per_customer = found.options.filter(pl.col("net") > 0)["net"].max()
    assert more.total["net"] - found.total["net"] == pytest.approx(40.0 * found.shadow_price, abs=2 * per_customer)
    assert spend(scores, tmp_path, amount=1e6).shadow_price == 0.0


def test_customers_are_whole_and_each_is_contacted_once(scores, tmp_path):
    found, at_stake = spend(scores, tmp_path, amount=777.0), stakes(scores)
    for name, rows in found.allocation.group_by("segment"):
        assert rows["customers"].sum() <= at_stake[name[0]][0]
    assert found.allocation["customers"].dtype == pl.Int64


def test_options_say_why_and_from_which_response_on_a_contact_pays(scores, tmp_path):
    options, at_stake = spend(scores, tmp_path).options, stakes(scores)
    for row in options.iter_rows(named=True):
        n, stake = at_stake[row["segment"]]
        assert row["break_even"] == pytest.approx(row["cost"] / (stake / n))
        assert (row["verdict"] == "not worth a contact") == (row["net"] <= 0.0)
    hibernating = options.filter(segment="Hibernating", offer="call").row(0, named=True)
    assert hibernating["verdict"] == "not worth a contact"
    assert hibernating["chance_of_loss"] > 0.5


def test_nothing_is_spent_where_no_response_is_known(scores, tmp_path):
    text = '[[offer]]\nname = "mail"\ncost = 0.1\nresponse = 0.5\nsegments = ["At risk"]\n'
    found = spend(scores, tmp_path, text, amount=1e6)
    assert found.allocation["segment"].to_list() == ["At risk"]
    assert set(found.no_response) == set(stakes(scores)) - {"At risk"}
    assert found.total["net_low"] is None
    assert any("is not stated, so there are no intervals" in words for words in found.warnings)


def test_limits_hold_and_are_solved_as_a_program(scores, tmp_path):
    text = "[limits]\nmost = 400\nshare = 0.9\n" + TWO.replace("cost = 4.0", "cost = 4.0\nmost = 20\nshare = 0.1")
    found, at_stake = spend(scores, tmp_path, text, amount=1e6), stakes(scores)
    assert found.method == "linear program"
    assert found.allocation["customers"].sum() <= 400
    assert 0 < found.allocation.filter(offer="call")["customers"].sum() <= 20
    for row in found.allocation.iter_rows(named=True):
        assert row["customers"] <= (0.1 if row["offer"] == "call" else 0.9) * at_stake[row["segment"]][0]
    assert found.frontier.is_empty()


def test_what_is_written_is_what_is_returned(scores, tmp_path):
    found = spend(scores, tmp_path, out=tmp_path / "out")
    for name in ("allocation", "options", "frontier"):
        assert_frame_equal(pl.read_parquet(tmp_path / "out" / f"{name}.parquet"), getattr(found, name))
    assert json.loads((tmp_path / "out" / "budget.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["command"] == "budget"
    spends = found.frontier["spend"].to_list()
    assert spends == sorted(spends)
    returns = found.frontier["returned"].to_list()
    assert returns == sorted(returns, reverse=True)


def test_revenue_at_stake_is_no_margin_and_is_said(scores, tmp_path):
    score(scores.parent / "log" / "orders", out=tmp_path / "scores", scoring={"value": "revenue"}, measures=False)
    words = spend(tmp_path / "scores", tmp_path).warnings
    assert any(one.startswith("value is revenue in") for one in words)
    assert not any(one.startswith("value is revenue in") for one in spend(scores, tmp_path).warnings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"amount": -1.0}, "amount=-1.0 is not a budget"),
        ({"amount": "x"}, "`amount` is a number"),
        ({"amount": 1.0, "level": 2.0}, "level=2.0 is out of range"),
    ],
)
def test_budgets_that_will_not_do_are_refused(scores, tmp_path, settings, message):
    (tmp_path / "responses.toml").write_text(TWO)
    with pytest.raises(InputError, match=message):
        lay_out(scores, tmp_path / "responses.toml", settings=settings)
