"""What was planned, as `experiment assign` leaves it: read by the way that it was assigned."""

from datetime import date, timedelta

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.trials.planned import UNIVERSAL, open_planned

FIRST, SECOND = date(2025, 9, 30), date(2025, 10, 14)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log, and results of it as of two days."""
    folder = tmp_path_factory.mktemp("planned")
    engine.simulate(engine.Simulation(customers=2_500, seed=2, days=700), folder / "shop")
    for day in (FIRST, SECOND):
        engine.score(folder / "shop" / "orders", out=folder / f"{day}", window={"as_of": day}, measures=False)
    return folder


def test_an_experiment_with_strata_and_a_holdout_is_read_as_it_was_assigned(folder):
    design = {
        "name": "spring", "arms": "offer:0.4,control:0.4,holdout:0.2", "strata": ("rfm",), "held_out": 0.1, "looks": 3,
        "days": 28, "effect": 0.05, "cap": 1, "metric": "conversion",
    }  # fmt: skip
    engine.assign_experiment(folder / str(FIRST), design=design, out=folder / "spring")
    plan = open_planned(folder / "spring")
    assert plan.arms == {"control": 0.4, "offer": 0.4}
    assert (plan.holdout, plan.metric, plan.value, plan.cap) == (("holdout",), "bought", "margin", None)
    assert plan.looks == (10, 19, 28)
    assert plan.start == FIRST + timedelta(days=1)
    assert set(plan.customers["arm"].unique()) == {"control", "offer", "holdout", UNIVERSAL}
    found = engine.read_experiment(folder / "shop" / "orders", folder / "spring")
    assert found.checks.n_changed == found.checks.n_absent == 0
    assert found.plan["metric"] == "conversion"
    assert [look.day for look in found.looks] == [10, 19, 28]
    rows = found.effects.filter(pl.col("segment").is_not_null())
    assert rows.height > 3
    assert set(rows["metric"]) == {"conversion"}


def test_waves_of_a_rolling_experiment_enter_on_their_own_days(folder):
    design = {"name": "welcome", "arms": "mail:0.5,control:0.5", "entry": "rolling", "days": 21}
    for day in (FIRST, SECOND):
        engine.assign_experiment(folder / str(day), design=design, out=folder / "welcome")
    plan = open_planned(folder / "welcome")
    assert sorted(plan.customers["entered"].unique()) == [day + timedelta(days=1) for day in (FIRST, SECOND)]
    early = engine.read_experiment(
        folder / "shop" / "orders", folder / "welcome", window={"as_of": SECOND + timedelta(days=14)}
    )
    late = engine.read_experiment(folder / "shop" / "orders", folder / "welcome")
    n_late = plan.customers.filter(entered=SECOND + timedelta(days=1)).height
    assert (early.n_waiting, late.n_waiting) == (n_late, 0)
    assert early.checks.n_changed == late.checks.n_changed == 0
    assert late.timing.kind == "confidence sequence"
    assert late.effects.filter("is_decisive")["p"].null_count() == 0


def test_equal_shares_of_a_balanced_experiment_fit_to_the_customer(folder):
    design = {"name": "even", "arms": "offer:0.5,control:0.5", "method": "balanced", "days": 14}
    engine.assign_experiment(folder / str(FIRST), design=design, out=folder / "even")
    found = engine.read_experiment(folder / "shop" / "orders", folder / "even")
    assert found.checks.sample_ratio_p > 0.9
