"""Measures over time against their definitions, and laws that hold for any log."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.oracle import measures as oracle
from tests.oracle.measures import Day
from tests.support.day_logs import day_logs, facts_of, measured, members_of, sums_of
from whalecurve.engine.errors import InputError
from whalecurve.engine.measures import sums as measures_sums
from whalecurve.engine.measures.measures import MeasureSettings, measures_of, merge

MANY = settings(max_examples=25, deadline=None)
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def of(table, key):
    """The rows of a scheme and group."""
    return table.filter(pl.col("scheme") == key[0], pl.col("group").eq_missing(pl.lit(key[1])))


@MANY
@given(day_logs(), st.integers(0, 9))
def test_periods_are_what_the_definitions_say(drawn, seed):
    log, setting, codes = drawn
    periods = measured(log, setting, codes, seed=seed).periods
    members = members_of(setting, codes)
    assert set(periods.select("scheme", "group").iter_rows()) == set(members)
    for row in periods.iter_rows(named=True):
        months, own = MONTHS[row["period"]], members[row["scheme"], row["group"]]
        number = oracle.period_of(row["start"], months)
        assert (row["start"], row["end"]) == oracle.bounds(number, months)
        assert row["is_complete"] == (setting.observed_from <= row["start"] and row["end"] <= setting.as_of)
        expected = oracle.in_period(log, own, number, months)
        for name in ("active", "new", "purchases", "revenue", "margin"):
            assert row[name] == expected[name], name
        ahead, last_before = oracle.bounds(number - 1, months)
        for name in ("previous", "retained"):
            assert row[name] == (expected[name] if setting.observed_from <= last_before else None), name
        can_be_back = setting.observed_from <= oracle.bounds(number - 2, months)[0]
        assert row["reactivated"] == (expected["reactivated"] if can_be_back else None)
        of_active = expected["reactivated"] / expected["active"] if expected["active"] else None
        assert row["reactivation"] == (of_active if can_be_back and row["is_complete"] else None)
        before = ahead if months == 12 else row["start"] - timedelta(days=365)
        is_known = before >= setting.observed_from
        assert row["at_start"] == (expected["at_start"] if is_known else None)
        assert row["lost"] == (expected["lost"] if is_known and row["is_complete"] else None)
        both = row["is_complete"] and setting.observed_from <= ahead
        assert (row["retention"] is not None) == (both and expected["previous"] > 0)
        if row["retention"] is not None:
            assert row["retention"] == expected["retained"] / expected["previous"]
        if row["lost_share"] is not None:
            assert row["lost_share"] == expected["lost"] / expected["at_start"]


@MANY
@given(day_logs(), st.integers(0, 9))
def test_groups_are_what_the_definitions_say(drawn, seed):
    log, setting, codes = drawn
    groups = measured(log, setting, codes, seed=seed).groups
    for key, own in members_of(setting, codes).items():
        (row,) = of(groups, key).iter_rows(named=True)
        expected = oracle.of_group(log, own, setting.as_of)
        for name in expected.keys() & row.keys():
            assert row[name] == expected[name], name
        gaps, _ = oracle.gaps(log, own, setting.as_of)
        assert row["gaps"] == len(gaps)
        if gaps:
            assert row["mean_gap"] == pytest.approx(np.mean(gaps), rel=1e-12)
            for share in (10, 25, 50, 75, 90):
                assert row[f"gap_p{share}"] == pytest.approx(np.quantile(gaps, share / 100), rel=1e-12)
        n_days = (setting.as_of - setting.observed_from).days + 1
        assert (row["annual_churn"] is not None) == (n_days >= 730 and expected["before"] > 0)
        if row["annual_churn"] is not None:
            assert row["annual_churn"] == pytest.approx(1 - expected["kept"] / expected["before"], rel=1e-12, abs=0)
        if n_days >= 365 and expected["year_buyers"]:
            assert row["purchases_a_year"] == expected["year_purchases"] / expected["year_buyers"]
            if setting.value == "revenue":
                per_purchase = expected["year_revenue"] / expected["year_purchases"]
                assert row["average_purchase_value"] == pytest.approx(per_purchase, rel=1e-12)


@MANY
@given(day_logs(), st.integers(0, 9))
def test_cohorts_are_what_the_definitions_say(drawn, seed):
    log, setting, codes = drawn
    cohorts = measured(log, setting, codes, seed=seed).cohorts
    last = oracle.period_of(setting.as_of, 1)
    for key, own in members_of(setting, codes).items():
        found, expected = of(cohorts, key), oracle.cohorts(log, own)
        assert {oracle.period_of(month, 1) for month in found["cohort"]} == set(expected)
        for row in found.iter_rows(named=True):
            month, age = oracle.period_of(row["cohort"], 1), row["age"]
            n, active, unbounded, money = expected[month]
            assert row["customers"] == n
            if month + age > last:
                measures = set(row) - {"scheme", "group", "cohort", "age", "customers"}
                assert all(row[name] is None for name in measures)
                continue
            assert (row["active"], row["unbounded"]) == (active(age), unbounded(age))
            assert (row["revenue"], row["margin"]) == money(age)
            first, end = oracle.bounds(month + age, 1)
            assert row["is_complete"] == (setting.observed_from <= first and end <= setting.as_of)
            assert (row["active_share"] is not None) == row["is_complete"]
            so_far = [money(a)[setting.value == "margin"] for a in range(age + 1)]
            assert row["cumulative_value_per_customer"] == pytest.approx(sum(so_far) / n, rel=1e-12)


@MANY
@given(day_logs())
def test_laws(drawn):
    log, setting, codes = drawn
    found = measured(log, setting, codes)
    known = found.cohorts.drop_nulls("active")
    assert (known["active"] <= known["unbounded"]).all()
    assert (known["unbounded"] <= known["customers"]).all()
    steps = known.with_columns(
        step=pl.col("unbounded").diff().over("scheme", "group", "cohort", order_by="age").fill_null(0)
    )
    assert (steps["step"] <= 0).all()
    totals = known.filter(pl.col("scheme") == "all").select(pl.col("revenue", "margin").sum()).row(0)
    buyers = set(oracle.purchase_days(log))
    assert totals == tuple(sum(getattr(e, name) for e in log if e.customer in buyers) for name in ("revenue", "margin"))
    rates = [name for name in found.periods.columns if name in ("retention", "churn", "reactivation", "lost_share")]
    rates += [name for name in found.groups.columns if name.endswith("rate") and "return" not in name]
    for table in (found.periods, found.groups, found.cohorts, found.gaps, found.stickiness):
        shares = [name for name in table.columns if name in (*rates, "active_share", "unbounded_share", "not_back")]
        shares += [name for name in table.columns if name.startswith("stickiness") or name in ("low", "high")]
        assert all(table[name].drop_nulls().is_between(0.0, 1.0).all() for name in shares)
    kept = found.periods.drop_nulls("retention")
    assert (kept["retention"] + kept["churn"] == 1.0).all()
    wilson = found.stickiness.drop_nulls("stickiness")
    assert ((wilson["low"] <= wilson["stickiness"]) & (wilson["stickiness"] <= wilson["high"])).all()


@MANY
@given(day_logs())
def test_groups_of_a_scheme_add_up_to_all_customers(drawn):
    log, setting, codes = drawn
    found = measured(log, setting, codes)
    counts = {
        "groups": ([], ["customers", "buyers", "repeat_customers", "aged", "gaps", "sale_lines"]),
        "periods": (["period", "start"], ["active", "retained", "reactivated", "purchases", "revenue", "margin"]),
        "cohorts": (["cohort", "age"], ["customers", "active", "unbounded", "revenue", "cumulative_margin"]),
        "gaps": (["days"], ["gaps", "censored"]),
        "stickiness": (["value"], ["new", "observed", "back"]),
    }
    for name, (keys, columns) in counts.items():
        sums = found.tables[name].group_by("scheme", *keys).agg(pl.col(columns).sum())
        whole = sums.filter(pl.col("scheme") == "all").drop("scheme")
        for scheme, _ in setting.schemes:
            own = sums.filter(pl.col("scheme") == scheme).drop("scheme")
            assert_frame_equal(own, whole, check_row_order=False, check_exact=True)


@MANY
@given(day_logs(), st.randoms(use_true_random=False), st.integers(0, 9))
def test_neither_the_numbers_of_customers_nor_the_order_of_entries_and_parts_matter(drawn, random, seed):
    log, setting, codes = drawn
    places = list(range(len(codes)))
    random.shuffle(places)
    moved = [entry._replace(customer=places[entry.customer]) for entry in log]
    new_codes = [None] * len(codes)
    for customer, place in enumerate(places):
        new_codes[place] = codes[customer]
    assert_same(measured(log, setting, codes), measured(moved, setting, new_codes, seed=seed))


@MANY
@given(day_logs())
def test_a_sum_for_every_scheme_and_one_for_every_combination_are_the_same(drawn):
    log, setting, codes = drawn
    one = measured(log, setting, codes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures_sums, "_row_per_combination", lambda *_: False)
        assert_same(one, measured(log, setting, codes))


@MANY
@given(day_logs())
def test_money_that_is_doubled_doubles_amounts_and_nothing_else(drawn):
    log, setting, codes = drawn
    twice = [entry._replace(revenue=2 * entry.revenue, margin=2 * entry.margin) for entry in log]
    one, two = measured(log, setting, codes), measured(twice, setting, codes)
    amounts = ("revenue", "margin", "value", "sold", "returned", "simple_clv", "average_purchase_value")
    for name, table in one.tables.items():
        of_money = [c for c in table.columns if c in amounts or c.startswith("cumulative_")]
        doubled = table.with_columns(pl.col(c) * 2 for c in of_money if table.schema[c] == pl.Float64)
        assert_frame_equal(doubled, two.tables[name], check_exact=True)


def test_money_beyond_64_bits_is_exact():
    setting = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 1, 31), has_margin=True)
    most = 9_000_000_000_000
    log = [Day(c, date(2020, 1, 1 + c), most + c, -most) for c in range(9)]
    sums = sums_of(log, setting, [()] * 9)
    assert sums.tables.cells_carry.any()
    found = measures_of(merge([sums]))
    assert found.periods["revenue"][0] == float(9 * most + 36)
    assert found.cohorts["cumulative_margin"][0] == -float(9 * most)
    assert found.groups["sold"][0] == float(9 * most + 36)


def test_a_log_without_margin_has_none():
    setting = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 3, 31))
    found = measures_of(sums_of([Day(0, date(2020, 1, 2), 10)], setting, [()]))
    assert found.periods["margin"].null_count() == found.periods.height
    assert found.cohorts["cumulative_margin"].null_count() == found.cohorts.height


def test_nobody_at_all_gives_empty_tables():
    setting = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 3, 31))
    found = measures_of(merge([sums_of([], setting, [])]))
    assert all(table.height == 0 for table in found.tables.values())
    assert found.headline()["last_complete"] == {"month": None, "quarter": None, "year": None}


def test_days_that_contradict_the_totals_are_refused():
    setting = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 3, 31))
    counting = measures_sums.Accumulator(setting, facts_of(setting, [()], np.array([18_270], np.int32)))
    with pytest.raises(ValueError, match="contradict"):
        counting.close()


def test_odd_settings_are_refused():
    base = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 3, 31))
    with pytest.raises(InputError, match="more than 1,200"):
        replace(base, observed_from=date(1900, 1, 1))
    with pytest.raises(InputError, match="before the first day"):
        replace(base, as_of=date(2019, 1, 1))
    with pytest.raises(InputError, match="do not carry"):
        replace(base, value="margin")
    with pytest.raises(InputError, match="at most 255"):
        replace(base, schemes=(("rfm", tuple(map(str, range(256)))),))


def assert_same(one, other):
    for name, table in one.tables.items():
        assert_frame_equal(table, other.tables[name], check_exact=True)
