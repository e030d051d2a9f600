"""Costs beside customers: a small log by hand, a large one against plain Python; nothing is lost on the way."""

import json
import math
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Simulation, acquisition_costs, open_result, score, simulate

DAY = timedelta(days=1)
ORDERS = [
    # customer, day, order, amount, campaign
    (1, date(2024, 1, 5), 1, 30.0, "mail"),
    (1, date(2024, 1, 5), 1, 10.0, "mail"),
    (1, date(2024, 2, 20), 2, 25.0, "search"),  # later orders do not matter
    (2, date(2024, 1, 9), 3, 20.0, "mail"),
    (2, date(2024, 1, 30), 4, -5.0, "mail"),
    (3, date(2024, 2, 3), 5, 8.0, "mail"),
    (4, date(2024, 2, 4), 6, 9.0, "search"),
    (5, date(2024, 2, 5), 7, 7.0, None),
    (6, date(2024, 2, 6), 8, 5.0, "mail"),
    (6, date(2024, 2, 6), 8, 5.0, "search"),
    (7, date(2024, 2, 7), 9, 4.0, "friend"),
    (8, date(2023, 12, 7), 10, 4.0, "mail"),
    (9, date(2024, 5, 31), 11, 1.0, "mail"),
]
COSTS = [
    ("mail", date(2024, 1, 1), 50.0),
    ("mail", date(2024, 1, 20), 10.5),
    ("mail", date(2024, 2, 1), 6.0),
    ("search", date(2024, 2, 1), 3.0),
    ("radio", date(2024, 2, 1), 100.0),
    (None, date(2024, 2, 2), 0.25),
    ("mail", date(2030, 1, 1), 7.0),
    ("mail", None, 1.0),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    names = ["customer_id", "order_ts", "order_id", "amount", "campaign"]
    pl.DataFrame(ORDERS, schema=names, orient="row").write_parquet(folder / "orders.parquet")
    score(folder / "orders.parquet", out=folder / "scores", measures=False)
    costs = pl.DataFrame(COSTS, schema=["campaign", "date", "spend"], orient="row")
    return folder / "scores", costs


def row_of(table, **keys):
    (row,) = table.filter(**keys).iter_rows(named=True)
    return row


def test_customers_are_those_whose_first_order_names_the_campaign(small):
    found = acquisition_costs(*small)
    mail, search = (row_of(found.values, value=name) for name in ("mail", "search"))
    assert (mail["spend"], mail["customers"], mail["cac"]) == (66.5, 3, pytest.approx(66.5 / 3))
    assert mail["earned"] == 65.0 + 15.0 + 8.0
    assert (search["spend"], search["customers"], search["cac"], search["earned"]) == (3.0, 1, 3.0, 9.0)
    assert (found.by, found.first_month, found.last_month) == ("campaign", "2024-01", "2024-02")


def test_a_cohort_is_back_in_the_month_in_which_it_has_earned_what_it_cost(small):
    january = row_of(acquisition_costs(*small).cohorts, value="mail", month=date(2024, 1, 1))
    # by the end of the first month of age 40 + 15, of the second 65 + 15: 60.5 were spent
    assert (january["spend"], january["customers"], january["payback_month"]) == (60.5, 2, 2)
    assert january["months_observed"] == 4
    curve = acquisition_costs(*small).curves.filter(value="mail", cohort=date(2024, 1, 1))
    assert curve["earned"].to_list() == [55.0, 80.0, 80.0, 80.0]


def test_what_belongs_to_no_campaign_is_counted_and_named(small):
    found = acquisition_costs(*small)
    told = {(row["what"], row["value"]): row["spend"] or row["customers"] for row in found.unmatched.to_dicts()}
    assert told == {
        ("spend outside of the observed days", None): 7.0,
        ("spend without a name", None): 0.25,
        ("spend that no first order names", "radio"): 100.0,
        ("customers in months without any costs", None): 2,
        ("customers without a value on their first order", None): 1,
        ("customers with several on it", None): 1,
        ("customers without costs", "friend"): 1,
    }
    assert found.rows == {"read": 8, "refused": {"without a readable day or month": 1}}
    assert any("1 row without a readable day or month left out" in words for words in found.warnings)


def test_blended_costs_are_all_spend_on_all_new_customers_of_these_months(small):
    found = acquisition_costs(*small)
    blended, matched = (row_of(found.values, scope=scope) for scope in ("blended", "matched"))
    assert (blended["spend"], blended["customers"]) == (169.75, 7)
    assert (matched["spend"], matched["customers"]) == (69.5, 4)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_200, seed=8), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    rng = np.random.default_rng(5)
    days = pl.date_range(date(2024, 2, 1), date(2025, 11, 30), "1w", eager=True).to_list()
    rows = [
        (c, d, round(float(b * rng.uniform(0.2, 2.0)), 2)) for c, b in (("search", 700), ("social", 90)) for d in days
    ]
    costs = pl.DataFrame(rows, schema=["campaign", "date", "spend"], orient="row")
    return folder, costs


def test_a_large_log_is_as_plain_python_has_it(shop):
    folder, costs = shop
    found = acquisition_costs(folder / "scores", costs)
    orders = pl.read_parquet(folder / "log" / "orders" / "*.parquet")
    result = open_result(folder / "scores")
    clv = dict(result.customers.select("customer_id", "clv").collect().iter_rows())
    first, origin, earned = {}, defaultdict(set), defaultdict(list)
    for row in orders.sort("order_ts", "order_id").iter_rows(named=True):
        day = row["order_ts"].date()
        earned[row["customer_id"]].append((day, Fraction(str(row["margin"]))))
        if row["amount"] >= 0:
            first.setdefault(row["customer_id"], (day, row["order_id"]))
            if first[row["customer_id"]] == (day, row["order_id"]):
                origin[row["customer_id"]].add(row["campaign"])
    months = {d.replace(day=1) for d in costs["date"]}
    for name in ("search", "social"):
        mine = [c for c, values in origin.items() if values == {name} and first[c][0].replace(day=1) in months]
        row = row_of(found.values, value=name)
        spend = sum(Fraction(str(s)) for c, s in costs.select("campaign", "spend").iter_rows() if c == name)
        assert row["customers"] == len(mine)
        assert row["spend"] == float(spend)
        assert row["earned"] == pytest.approx(float(sum(m for c in mine for _, m in earned[c])), abs=1e-9)
        worth = [float(sum(m for _, m in earned[c])) + clv[c] for c in mine]
        assert row["clv_cac"] == pytest.approx(sum(worth) / float(spend), rel=1e-9)
        error = np.std(worth, ddof=1) * math.sqrt(len(worth)) / float(spend)
        assert row["clv_cac_high"] - row["clv_cac"] == pytest.approx(1.959963984540054 * error, rel=1e-6)
        for month in sorted(months):
            own = [c for c in mine if first[c][0].replace(day=1) == month]
            curve = found.curves.filter(value=name, cohort=month)
            for age, told in zip(curve["months"], curve["earned"], strict=True):
                by_then = sum(
                    m for c in own for d, m in earned[c] if math.floor((d - first[c][0]).days / 30.4375) < age
                )
                assert told == pytest.approx(float(by_then), abs=1e-9)


def test_spend_and_customers_are_all_somewhere_and_each_once(shop):
    folder, costs = shop
    found = acquisition_costs(folder / "scores", costs)
    unmatched, matched = found.unmatched.sum(), row_of(found.values, scope="matched")
    assert matched["spend"] + unmatched["spend"].item() == pytest.approx(costs["spend"].sum(), abs=1e-6)
    assert matched["customers"] + unmatched["customers"].item() == 1_200
    by_value = found.values.filter(scope="value")
    assert by_value["customers"].sum() == matched["customers"] == found.cohorts["customers"].sum()
    assert by_value["spend"].sum() == pytest.approx(matched["spend"], abs=1e-6)


def test_order_of_costs_and_of_orders_changes_nothing(shop, tmp_path):
    folder, costs = shop
    orders = pl.read_parquet(folder / "log" / "orders" / "*.parquet").sample(fraction=1.0, shuffle=True, seed=1)
    orders.write_parquet(tmp_path / "orders.parquet")
    score(tmp_path / "orders.parquet", out=tmp_path / "scores", layout="flat", measures=False)
    one = acquisition_costs(folder / "scores", costs)
    other = acquisition_costs(tmp_path / "scores", costs.reverse())
    for name in ("values", "cohorts", "curves", "unmatched"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_what_is_written_is_what_is_returned(shop, tmp_path):
    folder, costs = shop
    found = acquisition_costs(folder / "scores", costs, out=tmp_path / "out")
    for file, name in (("acquisition", "values"), ("cohorts",) * 2, ("curves",) * 2, ("unmatched",) * 2):
        assert_frame_equal(pl.read_parquet(tmp_path / "out" / f"{file}.parquet"), getattr(found, name))
    record = json.loads((tmp_path / "out" / "acquisition.json").read_text())
    assert record["values"] == found.values.to_dicts()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["command"] == "acquisition"


def test_names_that_differ_in_case_alone_are_pointed_out(shop):
    folder, costs = shop
    more = costs.vstack(costs.head(1).with_columns(campaign=pl.lit("Organic ")))
    words = acquisition_costs(folder / "scores", more).warnings
    assert any('costs name "Organic " and first orders "organic": write them alike' in one for one in words)


def test_costs_of_a_month_that_is_not_over_are_pointed_out_where_they_may_be_of_all_of_it(shop):
    folder, _ = shop
    monthly = pl.DataFrame({"campaign": ["search"] * 2, "month": ["2025-11", "2025-12"], "spend": [1.0, 1.0]})
    (words,) = (one for one in acquisition_costs(folder / "scores", monthly).warnings if "is not over" in one)
    assert words.startswith("2025-12 is not over on 2025-12-30: its costs may be of the whole month")
    daily = monthly.with_columns(month=pl.Series([date(2025, 11, 3), date(2025, 12, 3)]))
    assert not any("is not over" in one for one in acquisition_costs(folder / "scores", daily).warnings)


def test_costs_that_go_with_nobody_are_refused(shop):
    folder, costs = shop
    with pytest.raises(InputError, match="nothing spent goes with a new customer by brand: costs name search, "):
        acquisition_costs(folder / "scores", costs, settings={"by": "brand"})
    with pytest.raises(InputError, match='no column "nowhere"'):
        acquisition_costs(folder / "scores", costs, settings={"by": "nowhere", "cost_by": "campaign"})


def test_a_first_month_that_is_half_observed_is_told_and_its_costs_count_as_a_whole_only_by_month(tmp_path):
    names = ["customer_id", "order_ts", "order_id", "amount", "campaign"]
    orders = pl.DataFrame(ORDERS, schema=names, orient="row").filter(pl.col("customer_id").is_between(2, 7))
    orders.write_parquet(tmp_path / "orders.parquet")
    score(tmp_path / "orders.parquet", out=tmp_path / "scores", measures=False, window={"as_of": date(2024, 5, 31)})
    monthly = pl.DataFrame(
        [("mail", "2024-01", 60.5), ("mail", "2024-02", 6.0)], schema=["campaign", "month", "spend"], orient="row"
    )
    found = acquisition_costs(tmp_path / "scores", monthly)
    january = row_of(found.cohorts, value="mail", month=date(2024, 1, 1))
    assert (january["spend"], january["customers"]) == (60.5, 1)
    (told,) = (words for words in found.warnings if "is observed from" in words)
    assert told.startswith("2024-01 is observed from 2024-01-09 on: its costs may be of all of it")
    daily = acquisition_costs(
        tmp_path / "scores", pl.DataFrame(COSTS[:4], schema=["campaign", "date", "spend"], orient="row")
    )
    assert row_of(daily.cohorts, value="mail", month=date(2024, 1, 1))["spend"] == 10.5
    outside = row_of(daily.unmatched, what="spend outside of the observed days")
    assert outside["spend"] == 50.0
    assert not any("is observed from" in words for words in daily.warnings)
