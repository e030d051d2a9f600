"""Effects of segments: what they have in common is the relative effect."""

import math

import numpy as np
import pytest

from whalecurve.engine.effects import ArmMean, Difference
from whalecurve.engine.readouts.estimates import row_of, shrunken, with_q


def segment(base, relative, error):
    """A segment whose control spends so much, with a relative effect of this standard error."""
    control = ArmMean(mean=base, variance=0.0, degrees=100.0, n=101)
    treated = ArmMean(mean=base * (1 + relative), variance=(error * base) ** 2, degrees=100.0, n=101)
    return Difference(treated=treated, control=control)


def test_equal_relative_effects_stay_what_they_are_however_large_segments_spend():
    found = shrunken([segment(1.0, 0.1, 0.05), segment(1_000.0, 0.1, 0.05), segment(30.0, 0.1, 0.2)])
    assert found == pytest.approx([0.1, 100.0, 3.0])


def test_uncertain_effects_go_to_the_others():
    found = shrunken([segment(10.0, 0.10, 0.01), segment(10.0, 0.11, 0.01), segment(10.0, 0.9, 0.6)])
    assert found[2] < 2.0
    assert found[:2] == pytest.approx([1.0, 1.1], abs=0.06)


def test_where_a_control_spent_nothing_there_is_nothing_to_shrink():
    nothing = Difference(
        treated=ArmMean(mean=1.0, variance=0.5, degrees=9.0, n=10),
        control=ArmMean(mean=0.0, variance=0.0, degrees=9.0, n=10),
    )
    found = shrunken([nothing, segment(10.0, 0.1, 0.01)])
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(1.0)


def test_numbers_that_are_not_defined_are_null():
    row = row_of("revenue", "offer", None, segment(0.0, 0.0, 0.0), 0.95)
    assert row["relative"] is row["relative_low"] is None
    assert row["p"] == 1.0
    assert not any(isinstance(value, float) and math.isnan(value) for value in row.values())


def test_q_values_are_those_of_benjamini_and_hochberg_over_all_rows():
    rows = with_q([{"p": 0.01}, {"p": 0.04}, {"p": 0.03}])
    assert [row["q"] for row in rows] == pytest.approx([0.03, 0.04, 0.04])
