"""How much a metric varies, and what that asks for: closed forms, and answers that agree with each other."""

import math
from datetime import date

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.planning.spreads import KINDS, Spread, TwoArms, cap_at, pooled, spreads_of
from whalecurve.engine.planning.windows import PastWindow
from whalecurve.engine.statistics import normal_quantile

TEST = TwoArms(critical=1.959964, power=0.8, shares=(0.5, 0.5))


def spread(mean=10.0, variance=400.0, open_mean=None, n=1_000):
    numbers = {"mean": mean, "variance": variance, "open_mean": mean if open_mean is None else open_mean}
    return Spread(n=n, **{name: dict.fromkeys(KINDS, x) for name, x in numbers.items()})


def window(after, before, segment=None):
    n = len(after)
    return PastWindow(
        first_day=date(2024, 1, 1), last_day=date(2024, 1, 28), who=np.arange(n),
        segment=pl.Series(segment or ["all"] * n), after=np.array(after, float), before=np.array(before, float),
    )  # fmt: skip


def test_a_cap_is_a_quantile_of_what_was_before_and_of_those_who_had_any_where_most_had_none():
    assert cap_at(np.arange(101.0), 0.9) == 90.0
    assert cap_at(np.r_[np.zeros(1_000), 1.0, 2.0, 3.0], 0.9) == 3.0
    assert cap_at(-np.arange(101.0), 0.9) == 90.0
    assert cap_at(np.zeros(5), 0.9) == math.inf
    assert cap_at(np.arange(101.0), 1.0) == math.inf


def test_variances_are_those_of_numpy():
    rng = np.random.default_rng(3)
    before = rng.lognormal(6, 1.5, 400).round()
    after = (before * rng.lognormal(0, 1, 400)).round()
    found = spreads_of(window(after, before), 0.95, ["all"])["all"]
    cap = np.quantile(before, 0.95, method="higher")
    y, x = np.minimum(after, cap), np.minimum(before, cap)
    assert found.mean["plain"] == pytest.approx(after.mean(), rel=1e-12)
    assert found.mean["capped"] == pytest.approx(y.mean(), rel=1e-12)
    assert found.open_mean["capped"] == pytest.approx(np.where(after < cap, after, 0.0).mean(), rel=1e-12)
    assert found.variance["plain"] == pytest.approx(after.var(ddof=1), rel=1e-12)
    assert found.variance["capped"] == pytest.approx(y.var(ddof=1), rel=1e-12)
    rho2 = np.corrcoef(x, y)[0, 1] ** 2
    assert found.variance["adjusted"] == pytest.approx(y.var(ddof=1) * (1 - rho2), rel=1e-10)


def test_segments_have_variances_of_their_own_and_together_that_within_them():
    after = [0, 0, 10, 10, 100, 120, 140, 160]
    found = spreads_of(window(after, after, ["a"] * 4 + ["b"] * 4), 1.0, ["a", "b"])
    assert found["a"].variance["plain"] == pytest.approx(100 / 3)
    assert found["b"].variance["plain"] == pytest.approx(2000 / 3)
    together = pooled(list(found.values()))
    assert together.n == 8
    assert together.mean["plain"] == pytest.approx(67.5)
    assert together.variance["plain"] == pytest.approx((100 / 3 + 2000 / 3) / 2)
    assert together.variance["adjusted"] == pytest.approx(0.0, abs=1e-9)


def test_the_order_of_customers_does_not_matter():
    rng = np.random.default_rng(5)
    after, before = (rng.lognormal(20, 2, 1_000).round() for _ in range(2))
    order = rng.permutation(1_000)
    segment = [f"s{i % 3}" for i in range(1_000)]
    found = spreads_of(window(after, before, segment), 0.99, ["s0", "s1", "s2"])
    again = spreads_of(window(after[order], before[order], [segment[i] for i in order]), 0.99, ["s0", "s1", "s2"])
    assert found == again


def test_customers_for_a_small_effect_are_those_of_the_textbook():
    """N = 2·(z + z)²·2·variance / difference² in two equal arms, for an effect so small that variances stay."""
    needed = TEST.needed(spread(), "plain", 1e-6)
    z = 1.959964 + float(normal_quantile(0.8))
    assert needed == pytest.approx(4 * z**2 * 400.0 / (1e-6 * 10.0) ** 2, rel=1e-5)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.1, 0.9), (0.2, 0.3)])
@pytest.mark.parametrize("is_share", [False, True])
def test_size_power_and_effect_agree_with_each_other(shares, is_share):
    test = TwoArms(critical=2.1, power=0.9, shares=shares, is_share=is_share)
    own = spread(0.3, 0.21) if is_share else spread(10.0, 400.0, 7.0)
    n = test.needed(own, "plain", 0.2)
    assert test.chance(own, "plain", n, 0.2) == pytest.approx(0.9, abs=1e-3)  # the other tail is nearly empty
    assert test.detectable(own, "plain", n) == pytest.approx(0.2, rel=1e-9)
    assert test.detectable(own, "plain", 2 * n) < 0.2 < test.detectable(own, "plain", n / 2)


def test_where_everybody_is_alike_any_difference_is_seen():
    assert TEST.chance(spread(1.0, 0.0), "plain", 100, 0.03) == 1.0
    assert math.isnan(TEST.chance(spread(0.0, 0.0), "plain", 100, 0.03))


def test_without_a_positive_mean_nothing_is_promised():
    for own in (spread(0.0), spread(-3.0)):
        assert TEST.needed(own, "plain", 0.1) == math.inf
        assert math.isnan(TEST.detectable(own, "plain", 100))
    assert TEST.detectable(spread(1.0, 1e6), "plain", 10) == math.inf
    assert TEST.detectable(spread(0.9, 0.09), "plain", 4) > 1.0


def test_a_cap_that_hides_half_of_the_effect_takes_four_times_the_customers():
    whole, half = (TEST.needed(spread(open_mean=own), "plain", 1e-4) for own in (10.0, 5.0))
    assert half / whole == pytest.approx(4.0, rel=1e-3)
