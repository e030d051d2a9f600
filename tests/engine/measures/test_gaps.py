"""The time between purchases against other products of limits."""

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from tests.oracle import measures as oracle
from tests.support.day_logs import day_logs, measured, members_of
from whalecurve.engine.measures.gaps import quantile
from whalecurve.engine.statistics.survival import kaplan_meier

MANY = settings(max_examples=40, deadline=None)
DAYS = st.lists(st.integers(0, 60), max_size=40)


def counts_of(durations, n=61):
    return np.bincount(np.array(durations, dtype=np.int64), minlength=n)


@MANY
@given(DAYS, DAYS)
def test_survival_is_the_product_limit(events, censored):
    found = kaplan_meier(counts_of(events), counts_of(censored))
    expected = oracle.product_limit(events, censored)
    assert dict(zip(found.days.tolist(), found.survival.tolist(), strict=True)) == pytest.approx(expected, rel=1e-12)


@MANY
@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), DAYS)
def test_survival_is_that_of_scipy(events, censored):
    found = kaplan_meier(counts_of(events), counts_of(censored))
    theirs = ecdf(CensoredData(uncensored=events, right=censored)).sf
    assert found.days.tolist() == theirs.quantiles.tolist()
    assert found.survival == pytest.approx(theirs.probabilities, rel=1e-12, abs=1e-15)  # theirs ends above 0


@MANY
@given(DAYS, DAYS)
def test_the_share_within_some_days_is_what_did_not_survive_them_as_far_as_anybody_was_followed(events, censored):
    found = kaplan_meier(counts_of(events), counts_of(censored))
    survival = oracle.product_limit(events, censored)
    longest = max([*events, *censored], default=-1)
    for days in range(longest + 2):
        left = [share for day, share in sorted(survival.items()) if day <= days]
        expected = None if days > longest else pytest.approx(1.0 - left[-1] if left else 0.0, abs=1e-12)
        assert found.share_within(days) == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), DAYS)
def test_survival_and_its_median_are_those_of_lifelines(events, censored):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lifelines = pytest.importorskip("lifelines")
        theirs = lifelines.KaplanMeierFitter().fit(events + censored, [1] * len(events) + [0] * len(censored))
        at_days = theirs.survival_function_["KM_estimate"].to_dict()
    found = kaplan_meier(counts_of(events), counts_of(censored))
    assert found.survival == pytest.approx([at_days[day] for day in found.days], rel=1e-9, abs=1e-12)  # theirs: logs
    share = found.survival[found.days.tolist().index(min(events))]
    if abs(share - 0.5) > 1e-9 and not np.any(np.abs(found.survival - 0.5) < 1e-9):  # ties are theirs to round
        own = found.quantile(0.5)
        assert (np.inf if own is None else own) == theirs.median_survival_time_


@MANY
@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.floats(0.0, 1.0))
def test_quantiles_of_counts_are_those_of_what_was_counted(durations, share):
    assert quantile(counts_of(durations), share) == pytest.approx(np.quantile(durations, share), rel=1e-12, abs=1e-12)


def test_half_is_reached_where_rounding_leaves_a_little_more():
    events = counts_of(range(1, 50))
    for n in range(1, 50):
        events = counts_of(range(1, 2 * n + 1), n=120)
        assert kaplan_meier(events, np.zeros(120, np.int64)).quantile(0.5) == n


def test_nobody_has_no_quantile():
    none = np.zeros(5, np.int64)
    assert quantile(none, 0.5) is None
    assert kaplan_meier(none, none).quantile(0.5) is None


@settings(max_examples=30, deadline=None)
@given(day_logs())
def test_gaps_of_a_log_are_tabled_for_every_group(drawn):
    log, setting, codes = drawn
    table = measured(log, setting, codes).gaps
    for key, own in members_of(setting, codes).items():
        events, censored = oracle.gaps(log, own, setting.as_of)
        rows = table.filter(pl.col("scheme") == key[0], pl.col("group").eq_missing(pl.lit(key[1])))
        assert dict(rows.select("days", "not_back").iter_rows()) == pytest.approx(
            oracle.product_limit(events, censored), rel=1e-12
        )
        assert rows["gaps"].sum() == len(events)
        assert rows["censored"].sum() == len(censored)
