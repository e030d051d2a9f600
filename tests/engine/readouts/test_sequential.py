"""Planned looks: boundaries by information, which is taken from the days before."""

import numpy as np
import polars as pl
import pytest

from tests.support.replays import LOOKS, heavy, plan_of
from whalecurve.engine.effects import boundaries, spent
from whalecurve.engine.readouts.adjustment import adjusted
from whalecurve.engine.readouts.sequential import looks_of
from whalecurve.engine.trials.cohort import cohort_of


@pytest.fixture(scope="module")
def sums():
    half = np.where(np.arange(1_200) % 2 == 0, "control", "offer")
    return heavy(LOOKS, tail=3.0).with_columns(arm=pl.Series(half))


def looked(sums, taken=LOOKS):
    plan = plan_of(sums, LOOKS)
    return looks_of(plan, adjusted(plan, cohort_of(plan, sums)), taken, 0.05)


def test_information_is_the_squared_correlation_in_the_days_before(sums):
    found = looked(sums)
    table = adjusted(plan_of(sums, LOOKS), cohort_of(plan_of(sums, LOOKS), sums)).cohort.table
    for look in found[:-1]:
        shares = []
        for (_, _), own in table.group_by("stratum", "arm"):
            n = table.filter(pl.col("stratum") == own["stratum"][0]).height
            pair = own.select(f"pre_look_{look.day}", "capped_pre_revenue").to_numpy().astype(float)
            shares.append(np.cov(pair.T) * n**2 / own.height)
        covariance = sum(shares)
        assert look.information == pytest.approx(covariance[0, 1] ** 2 / covariance[0, 0] / covariance[1, 1])
    assert found[-1].information == 1.0


def test_no_outcome_moves_what_may_be_spent(sums):
    more = sums.with_columns(pl.col("revenue", "look_7", "look_14", "look_21") * 3)
    assert [look.information for look in looked(more)] == [look.information for look in looked(sums)]


def test_boundaries_spend_as_much_as_may_be_spent(sums):
    found = looked(sums)
    assert [look.critical for look in found] == sorted((look.critical for look in found), reverse=True)
    alone = looked(sums, taken=(28,))
    assert alone[0].critical == pytest.approx(1.96, abs=1e-3)
    first = looked(sums, taken=(7,))[0]
    assert first.critical == pytest.approx(boundaries([1.0], [spent(first.information, 0.05)])[0])


def test_effects_of_all_looks_are_in_money(sums):
    found = looked(sums)
    means = sums.group_by("arm").agg(pl.col("look_7").mean()).sort("arm")["look_7"].to_list()
    assert abs(found[0].effect) < 20 * (abs(means[1] - means[0]) / 1e6 + 1.0)
    assert max(abs(look.effect) for look in found) < 1e4 * (min(abs(look.effect) for look in found) + 1e-3)


def test_a_look_that_adds_nothing_is_no_trouble(sums):
    same = sums.with_columns(look_14=pl.col("look_7"), pre_look_14=pl.col("pre_look_7"))
    assert all(np.isfinite(look.critical) for look in looked(same))
    nothing = sums.with_columns(pl.col("look_7", "pre_look_7") * 0)
    found = looked(nothing)
    assert (found[0].z, found[0].is_crossed) == (0.0, False)
