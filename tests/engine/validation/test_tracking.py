"""Weeks around the split, and what is expected in each, against sums over single customers."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import cdnow
from whalecurve import engine
from whalecurve.engine.validation.split import Split
from whalecurve.engine.validation.tracking import week_numbers, weeks_of
from whalecurve.kernels import bgnbd

EPOCH = date(1970, 1, 1)


def split(n_past, n_holdout, first_day=date(2024, 1, 1)):
    as_of = first_day + timedelta(days=n_past + n_holdout - 1)
    return Split(window=engine.Window(as_of=as_of), first_day=first_day, holdout_days=n_holdout)


@given(st.integers(1, 40), st.integers(1, 40))
@settings(deadline=None)
def test_weeks_cover_every_day_once_and_one_of_them_ends_with_the_split(n_past, n_holdout):
    weeks = weeks_of(split(n_past, n_holdout))
    days = [range(first, last + 1) for first, last in zip(weeks.first_days, weeks.last_days, strict=True)]
    assert [day for week in days for day in week] == list(range(n_past + n_holdout))
    assert all(len(week) == 7 for week in days[1:-1])
    assert max(len(week) for week in days) <= 7
    assert weeks.last_days[weeks.n_past - 1] == n_past - 1
    assert weeks.is_holdout.tolist() == [last >= n_past for last in weeks.last_days]


def test_weeks_are_dated_by_their_last_days():
    cut = split(9, 10)
    dates = [EPOCH + timedelta(days=int(day)) for day in week_numbers(cut, weeks_of(cut))]
    assert cut.day == date(2024, 1, 9)
    assert dates == [date(2024, 1, 2), date(2024, 1, 9), date(2024, 1, 16), date(2024, 1, 19)]


def test_totals_are_sums_over_the_days_of_a_week():
    assert weeks_of(split(9, 10)).totals(np.arange(19.0)).tolist() == [1.0, 35.0, 84.0, 51.0]


@pytest.mark.parametrize(("n_past", "n_holdout"), [(20, 5), (5, 20), (7, 7)])
def test_the_last_period_is_as_long_as_the_holdout_where_it_can_be(n_past, n_holdout):
    cut = split(n_past, n_holdout)
    assert cut.last_period.as_of == cut.day
    assert (cut.day - cut.last_period.since).days + 1 == min(n_past, n_holdout)
    assert (cut.holdout.as_of - cut.holdout.since).days + 1 == n_holdout
    assert cut.holdout.since - cut.past.as_of == timedelta(days=1)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = tmp_path_factory.mktemp("cdnow") / "orders.parquet"
    cdnow.sample().write_parquet(path)
    return engine.validate(path, holdout_days=200, window=engine.Window(unit="week"), model="bgnbd")


def weeks_for(found, name):
    return found.tracking.filter(pl.col("name") == name)


def test_expected_purchases_are_the_sum_over_customers_since_they_joined(found):
    params = found.fits["bgnbd"].purchases.values
    joined = found.customers["first_purchase"].to_list()
    table = weeks_for(found, "bgnbd")
    for row in [*range(4), 20, table.height - 2, table.height - 1]:
        end = table["last_day"][row]
        ages = [(end - day).days / 7.0 for day in joined if day <= end]
        expected = sum(bgnbd.expected_purchases_one(age, *params) for age in ages)
        assert table["expected_cumulative"][row] == pytest.approx(expected, rel=1e-12)
    assert table["expected"].sum() == pytest.approx(table["expected_cumulative"][-1], rel=1e-12)


def test_actual_purchases_by_week_are_counted_as_by_hand(found):
    days = cdnow.sample().select("customer_id", "order_ts").unique()
    known = found.customers.select("customer_id", "first_purchase")
    repeats = days.join(known, on="customer_id").filter(pl.col("order_ts") > pl.col("first_purchase"))["order_ts"]
    table = weeks_for(found, "bgnbd")
    assert table["actual_cumulative"].to_list() == [(repeats <= day).sum() for day in table["last_day"]]
    assert table["actual_cumulative"][-1] == found.customers["frequency"].sum() + found.actual_purchases


@pytest.mark.parametrize("name", ["last_period", "own_rate", "pooled_rate"])
def test_weeks_of_a_baseline_add_up_to_what_it_predicts(found, name):
    table = weeks_for(found, name)
    assert table.filter(~pl.col("is_holdout"))["expected"].null_count() == (~table["is_holdout"]).sum()
    predicted = found.customers[f"{name}_purchases"].sum()
    assert table["expected"].sum() == pytest.approx(predicted, rel=1e-12)
    assert table["expected_cumulative"].null_count() == table.height


def test_the_last_period_comes_again_day_by_day(found):
    days = cdnow.sample().select("customer_id", "order_ts").unique()
    repeats = days.join(found.customers.select("customer_id", "first_purchase"), on="customer_id")
    repeats = repeats.filter(pl.col("order_ts") > pl.col("first_purchase"))["order_ts"]
    table = weeks_for(found, "last_period").filter("is_holdout")
    for first, last, expected in zip(
        [found.split + timedelta(days=1), *(day + timedelta(days=1) for day in table["last_day"][:-1])],
        table["last_day"],
        table["expected"],
        strict=True,
    ):
        again = repeats.is_between(first - timedelta(days=200), last - timedelta(days=200))
        assert expected == again.sum()


def test_weekly_and_cumulative_errors_are_those_of_the_holdout(found):
    table = weeks_for(found, "bgnbd").filter("is_holdout")
    one = found.assessments[0]
    week = ((table["expected"] - table["actual"]).abs() / table["actual"]).mean()
    so_far = ((table["expected_cumulative"] - table["actual_cumulative"]).abs() / table["actual_cumulative"]).mean()
    assert one.weekly_error == pytest.approx(week, rel=1e-12)
    assert one.cumulative_error == pytest.approx(so_far, rel=1e-12)
    assert found.assessments[1].cumulative_error is None
