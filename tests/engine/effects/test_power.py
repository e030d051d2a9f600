"""What an effect needs."""

import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower

from whalecurve.engine.effects import detectable, times_as_many


def test_an_effect_of_the_detectable_size_is_seen_four_times_of_five():
    effect = detectable(1.0, 0.05)
    assert effect == pytest.approx(2.8016, abs=1e-4)
    assert stats.norm.sf(1.959964 - effect) == pytest.approx(0.8, abs=1e-6)
    assert times_as_many(1.0, effect / 2, 0.05) == pytest.approx(4.0)


@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.01, 0.9), (0.025, 0.5)])
def test_the_detectable_effect_is_that_of_statsmodels(alpha, power):
    """Theirs counts the chance to see an effect of the wrong sign as well, which is next to nothing."""
    n, spread, ratio = 400, 3.0, 1.5
    theirs = NormalIndPower().solve_power(nobs1=n, alpha=alpha, power=power, ratio=ratio) * spread
    error = spread * (1 / n + 1 / (ratio * n)) ** 0.5
    assert detectable(error, alpha, power) == pytest.approx(theirs, rel=1e-4)
    needed = NormalIndPower().solve_power(effect_size=theirs / 2 / spread, alpha=alpha, power=power, ratio=ratio)
    assert n * times_as_many(error, theirs / 2, alpha, power) == pytest.approx(needed, rel=1e-3)
