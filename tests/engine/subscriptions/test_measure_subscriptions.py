"""Contracts by hand, and those of a simulated shop: what is planted is found."""

import json
from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve import engine
from whalecurve.engine.errors import InputError
from whalecurve.engine.subscriptions.contracts import with_ages

DOZEN = [
    # customer, start, end, reason, plan, price
    ("ada", date(2024, 1, 31), date(2024, 2, 29), "cancellation_requested", "basic", 10.0),  # on the first renewal
    ("ben", date(2024, 1, 31), date(2024, 3, 15), "payment_failed", "basic", 10.0),  # after it: at the second
    ("cas", date(2024, 3, 1), None, None, "basic", 10.0),  # runs, three renewals
    ("dot", date(2024, 3, 20), date(2024, 6, 5), "too expensive", "plus", 20.0),  # third renewal is not due
    ("eli", date(2024, 6, 10), None, None, "plus", 20.0),  # no renewal yet
    ("fay", date(2024, 2, 1), date(2024, 2, 1), None, "basic", 10.0),  # ended at once: at the first
    ("gil", date(2024, 5, 1), date(2024, 7, 1), None, "basic", 10.0),  # ends later: runs
    ("hal", date(2024, 4, 1), date(2024, 3, 1), None, "basic", 10.0),  # ends before it begins
    ("ivy", date(2024, 7, 1), None, None, "basic", 10.0),  # begins later
    (None, date(2024, 1, 1), None, None, "basic", 10.0),
    ("jon", date(2024, 1, 15), date(2024, 4, 15), "Payment Failed", "plus", 20.0),  # on the third
    ("ada", date(2024, 4, 14), None, None, "basic", 10.0),  # back, two renewals
]
NAMES = ["customer", "start", "end", "reason", "plan", "price"]
AS_OF = date(2024, 6, 14)


def by_hand(**settings):
    asked = {"as_of": AS_OF, "min_customers": 2, "min_contracts": 10, "periods_ahead": 2} | settings
    return engine.measure_subscriptions(pl.DataFrame(DOZEN, schema=NAMES, orient="row"), settings=asked)


def row_of(table, **keys):
    (row,) = table.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in keys.items())
    ).iter_rows(named=True)
    return row


def test_rows_that_are_not_used_are_counted_with_the_reason():
    found = by_hand()
    assert found.rows["refused"] == {
        "that begin after the last day observed": 1,
        "that end before they begin": 1,
        "without a customer": 1,
    }
    assert (found.rows["rows"], found.rows["used"], found.customers) == (12, 9, 8)
    assert "8 customers have 9 contracts" in " ".join(found.warnings)


def test_each_renewal_has_those_who_came_to_it_and_those_who_left():
    """Due: ada, ben, cas, dot, fay, gil, jon, ada again; then ben, cas, dot, jon, ada; then cas and jon."""
    curve = by_hand().curves.filter(by="all", age=pl.col("age")).sort("age").head(4)
    assert curve["at_risk"].to_list() == [8, 8, 5, 2]
    assert curve["left"].to_list() == [0, 2, 1, 1]
    assert curve["retention"].to_list() == [None, 0.75, 0.8, 0.5]
    assert curve["survival"].to_list() == pytest.approx([1.0, 0.75, 0.6, 0.3])
    assert curve["survival_low"][1] < 0.75 < curve["survival_high"][1]


def test_running_and_ended_contracts_are_all_contracts():
    groups = by_hand().groups
    everybody = row_of(groups, by="all")
    assert (everybody["contracts"], everybody["running"], everybody["ended"]) == (9, 4, 5)
    basic, plus = (row_of(groups, by="plan", value=name) for name in ("basic", "plus"))
    assert (basic["contracts"], plus["contracts"], basic["price"], plus["price"]) == (6, 3, 10.0, 20.0)
    assert row_of(groups, by="cohort", value="2024")["contracts"] == 9


def test_a_small_group_cannot_be_told_from_what_all_have_more_than_the_others():
    """Six contracts of one plan and three of the other: with four at least, both are told as one."""
    plans = by_hand(min_customers=4, cohorts=None).groups.filter(by="plan")
    assert plans.select("value", "contracts").rows() == [("(small groups)", 9)]


def test_contracts_without_a_price_count_as_free_and_are_told():
    rows = [(*row[:5], None) if row[0] == "cas" else row for row in DOZEN]
    found = engine.measure_subscriptions(
        pl.DataFrame(rows, schema=NAMES, orient="row"), settings={"as_of": AS_OF, "min_customers": 2}
    )
    assert "1 contract without a usable price: in prices and value they count as 0" in found.warnings
    assert row_of(found.groups, by="all", value=None)["price"] == pytest.approx((5 * 10.0 + 3 * 20.0) / 9)
    assert not any("usable price" in words for words in by_hand().warnings)


def test_ends_by_kind_add_up_to_those_who_left():
    found = by_hand()
    shares = {(row["kind"], row["age"]): row["share"] for row in found.ends.filter(by="all").iter_rows(named=True)}
    assert shares["voluntary", 1] == pytest.approx(1 / 8)
    assert shares["unknown", 1] == pytest.approx(1 / 8)
    assert shares["involuntary", 2] == pytest.approx(0.75 / 5)
    assert shares["involuntary", 3] == pytest.approx(0.75 / 5 + 0.6 / 2)
    assert sum(shares[kind, 3] for kind in ("voluntary", "involuntary", "unknown")) == pytest.approx(0.7)


def test_the_last_start_is_the_last_day_observed_where_none_is_given():
    found = by_hand(as_of=None)
    assert found.as_of == "2024-07-01"
    assert "2024-07-01, when the last contract began, is taken" in found.warnings[-2]


@pytest.mark.parametrize(
    ("start", "end", "as_of", "period", "age", "has_left"),
    [
        ((2024, 1, 31), (2024, 2, 29), (2024, 12, 31), "month", 1, True),
        ((2024, 1, 31), (2024, 3, 1), (2024, 12, 31), "month", 2, True),
        ((2023, 1, 31), (2023, 2, 28), (2024, 12, 31), "month", 1, True),
        ((2024, 1, 31), None, (2024, 2, 28), "month", 0, False),
        ((2020, 2, 29), None, (2024, 2, 28), "year", 3, False),
        ((2020, 2, 29), (2023, 2, 28), (2024, 2, 28), "year", 3, True),
        ((2024, 1, 1), (2024, 7, 2), (2024, 12, 31), "quarter", 3, True),
        ((2024, 1, 1), (2024, 1, 15), (2024, 12, 31), "week", 2, True),
        ((2024, 1, 1), (2024, 1, 16), (2024, 1, 20), "week", 2, False),
    ],
)
def test_renewals_follow_the_calendar(start, end, as_of, period, age, has_left):
    row = pl.LazyFrame(
        {"start": [date(*start)], "end": [None if end is None else date(*end)]},
        schema={"start": pl.Date, "end": pl.Date},
    )
    found = with_ages(row, date(*as_of), engine.SubscriptionSettings(period=period)).collect().row(0, named=True)
    assert (found["age"], found["has_left"]) == (age, has_left)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    engine.simulate(engine.Simulation(customers=12_000, seed=4, side_files=("contracts",)), folder / "log")
    engine.score(folder / "log" / "orders", out=folder / "scores", layout="flat", measures=False)
    return folder


@pytest.fixture(scope="module")
def found(shop):
    return engine.measure_subscriptions(shop / "log" / "contracts.parquet", scores=shop / "scores")


def test_what_is_planted_is_found(shop, found):
    planted = {
        one["value"]: one["effects"]
        for one in json.loads((shop / "log/truth.json").read_text())["contracts"]["planted"]
    }
    for plan, effects in planted.items():
        row = row_of(found.groups, by="plan", value=plan)
        truth = {"a": effects["alpha"], "b": effects["beta"]}
        if row["model"] == "sbg":
            for name, value in truth.items():
                assert abs(np.log(row[name] / value)) < 3.5 * row[f"{name}_error"] / row[name], (plan, name)
        curve = found.curves.filter(by="plan", value=plan)
        for age in (1, 6, 24, 36):
            exact = float(np.prod([(truth["b"] + i) / (truth["a"] + truth["b"] + i) for i in range(age)]))
            assert row_of(curve, age=age)["survival_model"] == pytest.approx(exact, abs=0.04), (plan, age)
        ends = found.ends.filter(by="plan", value=plan, age=12)
        shares = dict(ends.select("kind", "share").iter_rows())
        of_ended = shares["involuntary"] / (shares["involuntary"] + shares["voluntary"])
        assert of_ended == pytest.approx(effects["involuntary"], abs=0.05)


def test_reasons_are_of_all_and_of_segments(found):
    everybody = found.reasons.filter(pl.col("segment").is_null())
    assert set(everybody["reason"]) == {"cancellation_requested", "payment_failed", "payment_disputed"}
    assert everybody["share"].sum() == pytest.approx(1.0)
    assert everybody["contracts"].sum() >= row_of(found.groups, by="all")["ended"]
    assert found.reasons["segment"].n_unique() >= 10
    assert found.reasons["contracts"].min() >= 10
    assert row_of(everybody, reason="payment_failed")["kind"] == "involuntary"
    lost = everybody["value_lost"].sum()
    assert lost == pytest.approx(row_of(found.groups, by="all")["value_lost"])


def test_value_is_payments_to_come_of_contracts_that_run(shop, found):
    plans = found.groups.filter(by="plan")
    everybody = row_of(found.groups, by="all")
    assert plans["residual_value"].sum() == pytest.approx(everybody["residual_value"])
    assert found.groups.filter(by="cohort")["residual_value"].sum() == pytest.approx(everybody["residual_value"])
    for row in plans.iter_rows(named=True):
        assert row["residual_value_low"] < row["residual_value"] < row["residual_value_high"]
        assert row["clv_of_new"] == pytest.approx(row["payments_of_new"] * row["price"])
    without = pl.read_parquet(shop / "log" / "contracts.parquet").drop("price")
    bare = engine.measure_subscriptions(without, settings={"as_of": found.as_of})
    assert bare.value_is == "payments"
    assert row_of(bare.groups, by="plan", value="plus")["residual_value"] == pytest.approx(
        row_of(found.groups, by="plan", value="plus")["residual_value"] / 29.0
    )


def test_order_of_rows_changes_nothing(shop, found):
    shuffled = pl.read_parquet(shop / "log" / "contracts.parquet").sample(fraction=1.0, shuffle=True, seed=3)
    again = engine.measure_subscriptions(shuffled, scores=shop / "scores")
    for name, table in found.tables.items():
        assert_frame_equal(again.tables[name], table, check_exact=True)


def test_files_and_the_record_have_the_same(shop, tmp_path):
    found = engine.measure_subscriptions(
        shop / "log" / "contracts.parquet", settings={"cohorts": None, "model": "sbg"}, out=tmp_path / "out"
    )
    assert json.loads((tmp_path / "out" / "subscriptions.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / "curves.parquet"), found.curves)
    assert set(found.groups["by"]) == {"all", "plan"}
    assert set(found.groups["chosen_by"]) == {"asked"}


def test_a_file_of_stripe_is_told_by_its_columns(shop, found):
    rows = pl.read_parquet(shop / "log" / "contracts.parquet")
    stripe = rows.select(
        customer="customer_id",
        start_date=pl.col("start").cast(pl.Datetime("us")),
        canceled_at=pl.col("end").cast(pl.Datetime("us")),
        ended_at=pl.col("end").cast(pl.Datetime("us")),
        cancellation_details=pl.struct(reason="reason", feedback=pl.lit(None, dtype=pl.String)),
        plan_id="plan",
        plan_amount=(pl.col("price") * 100).cast(pl.Int64),
    )
    theirs = engine.measure_subscriptions(stripe, scores=shop / "scores")
    assert_frame_equal(theirs.groups, found.groups)
    assert_frame_equal(theirs.reasons, found.reasons)
    assert "Stripe, subscriptions" in theirs.warnings[0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"period": "day"}, "is unknown"),
        ({"model": "weibull"}, "is unknown"),
        ({"cohorts": "week"}, "is unknown"),
        ({"annual_discount": 0.0}, "out of range"),
        ({"min_contracts": 1}, "out of range"),
        ({"level": 0.0}, "out of range"),
        ({"as_of": "soon"}, "is not a day"),
    ],
)
def test_settings_that_will_not_do_are_named(wrong, says):
    with pytest.raises(InputError, match=says):
        engine.SubscriptionSettings(**wrong)


def test_a_file_without_ends_is_refused():
    with pytest.raises(InputError, match="no column end, ended_at or end_date"):
        engine.measure_subscriptions(pl.DataFrame(DOZEN, schema=NAMES, orient="row").drop("end"))
