"""Adjusted differences against statsmodels, scipy and tea-tasting."""

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
import tea_tasting as tt
from scipy import stats

from whalecurve.engine.effects import Difference, arm_means, weighted

UNITS = 1_000_000


def experiment(n=800, seed=0, n_strata=1, effect=20.0):
    """Skewed spend, which the covariates know something of, with slopes that differ between arms."""
    rng = np.random.default_rng(seed)
    before, clv = rng.gamma(0.5, 200.0, n), rng.gamma(2.0, 50.0, n)
    arm, stratum = rng.integers(0, 2, n), rng.integers(0, n_strata, n)
    y = before * (0.6 + 0.2 * arm) + 0.3 * clv + rng.gamma(0.3, 100.0, n) * (1 + before / 100) + effect * arm
    whole = {name: np.rint(values * UNITS).astype(np.int64) for name, values in [("y", y), ("x", before), ("c", clv)]}
    return pl.DataFrame({"stratum": stratum, "arm": arm, **whole})


def difference(table, covariates=(), stratum=0):
    means = arm_means(table, "y", covariates)
    return Difference(treated=means[stratum, 1], control=means[stratum, 0]).times(1 / UNITS)


def hc2(table, covariates):
    """Lin's regression in one go: outcome on arm, centred covariates and their products."""
    arm = table["arm"].to_numpy().astype(float)
    columns = [np.ones(arm.size), arm]
    for name in covariates:
        x = table[name].to_numpy() / UNITS
        centred = x - x.mean()
        columns += [centred, centred * arm]
    fitted = sm.OLS(table["y"].to_numpy() / UNITS, np.column_stack(columns)).fit(cov_type="HC2")
    return fitted.params[1], fitted.bse[1]


@pytest.mark.parametrize("covariates", [(), ("x",), ("c",), ("x", "c")])
def test_estimate_and_error_are_those_of_the_interacted_regression_with_hc2(covariates):
    table = experiment()
    found = difference(table, covariates)
    estimate, error = hc2(table, covariates)
    assert found.estimate == pytest.approx(estimate, rel=1e-9)
    assert found.standard_error == pytest.approx(error, rel=1e-9)


def test_without_covariates_it_is_the_test_of_welch():
    table = experiment()
    found = difference(table)
    a, b = (table.filter(arm=arm)["y"].to_numpy() / UNITS for arm in (0, 1))
    expected = stats.ttest_ind(b, a, equal_var=False)
    assert found.z == pytest.approx(expected.statistic, rel=1e-12)
    assert found.degrees == pytest.approx(expected.df, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-12)
    assert found.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)), rel=1e-12)


def test_the_plain_difference_is_that_of_tea_tasting():
    table = experiment()
    frame = pl.DataFrame({"variant": table["arm"], "y": table["y"] / UNITS})
    theirs = tt.Experiment(mean=tt.Mean("y")).analyze(frame)["mean"]
    ours = difference(table)
    assert ours.control.mean == pytest.approx(theirs.control, rel=1e-12)
    assert ours.estimate == pytest.approx(theirs.effect_size, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert ours.interval(0.95) == pytest.approx((theirs.effect_size_ci_lower, theirs.effect_size_ci_upper), rel=1e-10)


def test_adjusting_agrees_with_the_cuped_of_tea_tasting_up_to_its_common_slope():
    table = experiment(n=20_000)
    frame = pl.DataFrame({"variant": table["arm"], "y": table["y"] / UNITS, "x": table["x"] / UNITS})
    theirs = tt.Experiment(mean=tt.Mean("y", covariate="x")).analyze(frame)["mean"]
    ours = difference(table, ["x"])
    assert ours.estimate == pytest.approx(theirs.effect_size, rel=0.02)
    half = (theirs.effect_size_ci_upper - theirs.effect_size_ci_lower) / 2
    assert ours.standard_error == pytest.approx(half / 1.959963984540054, rel=0.02)


def test_strata_are_weighted_by_their_sizes():
    table = experiment(n=2_000, n_strata=3)
    sizes = table["stratum"].value_counts().sort("stratum")["count"].to_list()
    means = arm_means(table, "y", ["x"])
    pooled = [weighted([means[s, arm] for s in range(3)], [size / 2_000 for size in sizes]) for arm in (0, 1)]
    found = Difference(treated=pooled[1], control=pooled[0]).times(1 / UNITS)
    parts = [hc2(table.filter(stratum=s), ["x"]) for s in range(3)]
    expected = sum(size / 2_000 * part[0] for size, part in zip(sizes, parts, strict=True))
    error = np.sqrt(sum((size / 2_000 * part[1]) ** 2 for size, part in zip(sizes, parts, strict=True)))
    assert found.estimate == pytest.approx(expected, rel=1e-9)
    assert found.standard_error == pytest.approx(error, rel=1e-9)


def test_the_same_bits_in_whatever_order_the_customers_are():
    table = experiment(n=5_000, n_strata=4)
    one = arm_means(table, "y", ["x", "c"])
    other = arm_means(table.sample(fraction=1.0, shuffle=True, seed=3), "y", ["x", "c"])
    assert one == other


def test_a_covariate_that_does_not_vary_changes_nothing():
    table = experiment().with_columns(c=pl.lit(5, pl.Int64))
    assert difference(table, ["c"]) == difference(table)
    assert difference(table, ["x", "c"]).standard_error == pytest.approx(difference(table, ["x"]).standard_error)


def test_two_covariates_that_say_the_same_count_once():
    table = experiment().with_columns(c=pl.col("x") * 3)
    one, both = difference(table, ["x"]), difference(table, ["x", "c"])
    assert both.estimate == pytest.approx(one.estimate, rel=1e-9)
    assert both.standard_error == pytest.approx(one.standard_error, rel=1e-9)


def test_few_customers_of_an_arm_are_not_adjusted():
    table = experiment(n=30)
    assert difference(table, ["x"]) == difference(table)


def test_one_who_decides_a_slope_alone_leaves_a_finite_error():
    table = experiment(n=60).with_columns(x=pl.when(pl.int_range(pl.len()) < 2).then(UNITS).otherwise(0))
    table = table.with_columns(arm=pl.int_range(pl.len()) % 2)
    assert np.isfinite(difference(table, ["x"]).standard_error)


def test_nothing_varies_and_the_p_value_is_1():
    table = experiment().with_columns(y=pl.lit(7, pl.Int64))
    found = difference(table)
    assert (found.estimate, found.p_value, found.interval(0.95)) == (0.0, 1.0, (0.0, 0.0))
