"""The test of replays is that of `effects`, and finds what is there as often as it should."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.effects import Difference, arm_means, weighted
from whalecurve.engine.planning.replays import TESTS, difference, replay, replayed
from whalecurve.engine.planning.spreads import TwoArms, pooled, spreads_of
from whalecurve.engine.planning.windows import PastWindow
from whalecurve.engine.statistics import wilson_interval

HALVES = (0.5, 0.5)


def heavy_tailed(n, seed=1):
    """Customers of three segments, half of whom buy nothing, and a few very much."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(0, 1.2, n)
    before, after = ((rng.random(n) < 0.5) * level * rng.lognormal(7, 1.0, n) for _ in range(2))
    return PastWindow(
        first_day=date(2024, 1, 1), last_day=date(2024, 1, 28), who=np.arange(n),
        segment=pl.Series([f"s{i % 3}" for i in range(n)]), after=after.round(), before=before.round(),
    )  # fmt: skip


def chosen(window, n=10_000, shares=HALVES):
    ids = pl.Series([f"c{i}" for i in range(window.who.size)])
    return replayed(window, ids, np.arange(window.who.size), n, shares)


@pytest.mark.parametrize("covariate", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_difference_is_that_of_the_regression_with_robust_errors(covariate, seed):
    rng = np.random.default_rng(seed)
    n = 400
    strata, treated = rng.integers(0, 3, n), rng.random(n) < (0.5, 0.1, 0.3, 0.5)[seed]
    strata[:15], strata[15:] = 3, strata[15:] % 3  # one stratum is too small for a covariate
    treated[:15] = np.arange(15) % 2 == 0
    x = rng.integers(0, 1_000, n)
    y = x + rng.integers(0, 3_000, n)
    x[strata == 1] = 7  # and in one it does not vary
    table = pl.DataFrame({"stratum": strata, "arm": treated.astype(np.int64), "y": y, "x": x})
    cells = arm_means(table, "y", ["x"] if covariate else [])
    weights = [float((strata == s).mean()) for s in range(4)]
    arms = [weighted([cells[s, arm] for s in range(4)], weights) for arm in (0, 1)]
    expected = Difference(treated=arms[1], control=arms[0])
    z, degrees = difference(y.astype(float), x.astype(float) if covariate else None, strata, treated)
    assert z == pytest.approx(expected.z, rel=1e-9)
    assert degrees == pytest.approx(expected.degrees, rel=1e-9)


def test_false_alarms_on_heavy_tails_are_as_often_as_alpha_says_and_effects_are_seen_as_often_as_the_formula_says():
    window, n = heavy_tailed(3_000), 1_500
    found = replay(chosen(window), 0.99, HALVES, 0.15, 0.05, range(n))
    test = TwoArms(critical=1.959964, power=0.8, shares=HALVES)
    spread = pooled(list(spreads_of(window, 0.99, ["s0", "s1", "s2"]).values()))
    assert [own.test for own in found] == list(TESTS)
    for own in found:
        low, high = wilson_interval(np.array([own.false_alarms]), np.array([n]), 0.99)
        assert low[0] <= 0.05 <= high[0]
        low, high = wilson_interval(np.array([own.seen]), np.array([n]), 0.999)
        assert low[0] - 0.02 <= test.chance(spread, own.test, 3_000, 0.15) <= high[0] + 0.02
    plain, adjusted = found
    assert adjusted.seen > plain.seen


def test_a_yes_or_no_grows_by_more_who_say_yes():
    rng = np.random.default_rng(2)
    rate = rng.beta(1, 2, 4_000)
    after, before = ((rng.random(4_000) < rate).astype(float) for _ in range(2))
    window = PastWindow(
        first_day=date(2024, 1, 1), last_day=date(2024, 1, 28), who=np.arange(4_000),
        segment=pl.Series(["all"] * 4_000), after=after, before=before,
    )  # fmt: skip
    n, test = 800, TwoArms(critical=1.959964, power=0.8, shares=HALVES, is_share=True)
    spread = spreads_of(window, 1.0, ["all"])["all"]
    effect = test.detectable(spread, "adjusted", 4_000)
    found = replay(chosen(window), 1.0, HALVES, effect, 0.05, range(n), is_share=True)
    for own in found:
        low, high = wilson_interval(np.array([own.false_alarms]), np.array([n]), 0.99)
        assert low[0] <= 0.05 <= high[0]
        low, high = wilson_interval(np.array([own.seen]), np.array([n]), 0.999)
        assert low[0] - 0.02 <= test.chance(spread, own.test, 4_000, effect) <= high[0] + 0.02


def test_the_same_numbers_are_the_same_replays_and_others_are_others():
    window = heavy_tailed(500)
    numbers = (range(50), range(50), range(50, 100))
    one, again, other = (replay(chosen(window), 0.99, HALVES, 0.5, 0.05, own) for own in numbers)
    assert one == again
    assert one != other


def test_at_most_so_many_customers_are_replayed_those_with_the_least_places():
    window = heavy_tailed(200)
    own = replayed(window, pl.Series(range(200)), np.arange(200)[::-1], 30, HALVES)
    assert own.ids.to_list() == list(range(170, 200))


def test_small_strata_are_taken_together():
    window = heavy_tailed(300)
    segment = pl.Series(["big"] * 280 + [f"tiny{i}" for i in range(20)])
    small = PastWindow(
        first_day=window.first_day, last_day=window.last_day, who=window.who,
        segment=segment, after=window.after, before=window.before,
    )  # fmt: skip
    own = chosen(small)
    assert sorted(np.bincount(own.strata).tolist()) == [20, 280]
