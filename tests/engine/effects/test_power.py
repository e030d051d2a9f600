"""What an effect needs."""

import pytest
from scipy import stats

from whalecurve.engine.effects import detectable, times_as_many


def test_an_effect_of_the_detectable_size_is_seen_four_times_of_five():
    effect = detectable(1.0, 0.05)
    assert effect == pytest.approx(2.8016, abs=1e-4)
    assert stats.norm.sf(1.959964 - effect) == pytest.approx(0.8, abs=1e-6)
    assert times_as_many(1.0, effect / 2, 0.05) == pytest.approx(4.0)
