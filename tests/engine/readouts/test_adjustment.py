"""Caps and covariates are of the past alone."""

import numpy as np
import polars as pl
import pytest

from tests.support.replays import LOOKS, heavy, plan_of
from whalecurve.engine.readouts.adjustment import adjusted
from whalecurve.engine.trials.cohort import cohort_of


@pytest.fixture(scope="module")
def sums():
    half = np.where(np.arange(1_200) % 2 == 0, "control", "offer")
    return heavy(LOOKS).with_columns(arm=pl.Series(half))


def made(sums, **changes):
    plan = plan_of(sums, LOOKS)
    for name, value in changes.items():
        object.__setattr__(plan, name, value)
    return adjusted(plan, cohort_of(plan, sums))


def test_the_cap_is_a_quantile_of_the_days_before(sums):
    before = sums["pre_revenue"].to_numpy()
    found = made(sums)
    assert found.cap == np.quantile(before, 0.99, method="higher")
    assert found.cohort.table["capped_revenue"].max() == found.cap
    assert found.cohort.table["capped_pre_revenue"].max() == found.cap
    assert made(sums.with_columns(revenue=pl.col("revenue") * 9)).cap == found.cap


def test_where_few_bought_before_it_is_one_of_those_who_did(sums):
    few = sums.with_columns(
        pre_revenue=pl.when(pl.int_range(pl.len()) < 6).then(pl.int_range(pl.len()) + 1).otherwise(0)
    )
    assert made(few).cap == 6
    nobody = sums.with_columns(pre_revenue=pl.lit(0, pl.Int64))
    assert made(nobody).cap is None


def test_without_a_cap_outcomes_stay_and_covariates_are_capped_all_the_same(sums):
    found = made(sums, cap=None)
    assert found.cap is None
    assert found.cohort.table["capped_revenue"].equals(sums["revenue"])
    assert found.cohort.table["capped_pre_revenue"].max() < sums["pre_revenue"].max()


def test_variance_left_is_that_of_a_regression(sums):
    found = made(sums)
    table = found.cohort.table
    whole = left = 0.0
    for (stratum, _), own in table.group_by("stratum", "arm"):
        y, x = own["capped_revenue"].to_numpy(), own["capped_pre_revenue"].to_numpy()
        n = table.filter(pl.col("stratum") == stratum).height
        slope, intercept = np.polyfit(x, y, 1)
        whole += n**2 * y.var() / y.size * y.size / (y.size - 1)
        left += n**2 * (y - slope * x - intercept).var() / y.size * y.size / (y.size - 1)
    assert found.variance_left["value"] == pytest.approx(left / whole)
    assert found.variance_left["both"] <= found.variance_left["value"] < 1.0


def test_both_covariates_are_used_and_the_value_alone_where_no_clv_is_known(sums):
    found = made(sums)
    assert found.covariates == ("capped_pre_revenue", "capped_clv")
    assert set(found.variance_left) == {"value", "clv", "both"}
    without = made(sums.with_columns(clv=pl.lit(None, pl.Float64)))
    assert without.covariates == ("capped_pre_revenue",)
    assert set(without.variance_left) == {"value"}
