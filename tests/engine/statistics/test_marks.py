"""What marks a group: sure and material, with nothing said of what was not tested."""

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.statistics import columns_of, marked_first, marks_of


def test_a_mark_is_sure_and_material_and_tested():
    p = np.array([0.001, 0.001, 0.9, 0.001, np.nan])
    is_tested = np.array([True, True, True, False, False])
    is_more = np.array([True, False, True, True, True])
    is_less = np.array([False, True, False, False, False])
    q, marks = marks_of(p, is_tested, is_more, is_less, 0.05)
    assert marks.to_list() == ["more", "less", None, None, None]
    assert q[:3] == pytest.approx([0.0015, 0.0015, 0.9])  # Benjamini & Hochberg among the three that are tested
    assert np.isnan(q[3:]).all()


def test_nothing_tested_marks_nothing():
    q, marks = marks_of(np.array([np.nan]), np.array([False]), np.array([True]), np.array([False]), 0.05)
    assert np.isnan(q).all()
    assert marks.to_list() == [None]


def test_a_number_without_bound_or_answer_is_null():
    found = columns_of({"lift": np.array([1.5, np.inf, np.nan, -np.inf])})
    assert found["lift"].to_list() == [1.5, None, None, None]


def test_marked_values_come_first_more_before_less_and_surest_first_then_the_most_frequent():
    rows = pl.DataFrame(
        {
            "value": ["often", "rare", "less", "sure", "more", "none"],
            "marks": [None, None, "less", "more", "more", None],
            "lift_low": [0.9, 0.9, 0.2, 3.0, 1.3, 0.9],
            "lift_high": [1.1, 1.1, 0.5, 9.0, None, 1.1],
            "n": [50, 2, 9, 9, 9, 7],
        }
    )
    assert marked_first(rows, "n", 2)["value"].to_list() == ["sure", "more", "less", "often", "none"]


def test_tests_that_came_to_nothing_are_part_of_the_family():
    p = np.array([1e-6, 0.004, 0.03])
    every = np.ones(3, dtype=bool)
    alone, _ = marks_of(p, every, every, ~every, 0.05)
    whole, marks = marks_of(p, every, every, ~every, 0.05, n_tests=20)
    padded, _ = marks_of(np.append(p, np.ones(17)), *(np.ones(20, dtype=bool),) * 2, np.zeros(20, dtype=bool), 0.05)
    assert whole == pytest.approx(padded[:3])
    assert (whole > alone).all()
    assert marks.to_list() == ["more", "more", None]
