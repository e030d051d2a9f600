"""Paired differences and their standard errors, beside the definition in plain Python."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.statistics import margin_of

losses = st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=2, max_size=60)


@settings(max_examples=100, deadline=None)
@given(losses)
def test_the_standard_error_is_that_of_the_mean_of_paired_differences(pairs):
    one, other = (np.array(column) for column in zip(*pairs, strict=True))
    differences = [a - b for a, b in pairs]
    margin = margin_of(one, other)
    assert margin.difference == pytest.approx(statistics.fmean(differences), rel=1e-9, abs=1e-9)
    error = statistics.stdev(differences) / math.sqrt(len(pairs))
    assert margin.standard_error == pytest.approx(error, rel=1e-9, abs=1e-9)
    if abs(margin.difference - error) > 1e-6:
        assert margin.is_clear == (margin.difference > error)


def test_cases_that_one_side_does_not_answer_are_left_out():
    margin = margin_of(np.array([3.0, np.nan, 5.0, 9.0]), np.array([1.0, 1.0, 1.0, np.nan]))
    assert (margin.difference, margin.standard_error) == (3.0, 1.0)
    assert margin.is_clear


def test_one_case_makes_no_margin_clear():
    margin = margin_of(np.array([3.0]), np.array([1.0]))
    assert (margin.difference, margin.is_clear) == (2.0, False)
    assert margin.to_dict() == {"difference": 2.0, "standard_error": None}


def test_the_same_loss_is_no_margin():
    assert not margin_of(np.ones(5), np.ones(5)).is_clear
