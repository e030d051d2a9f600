import math

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.scoring.drift import population_drift, stability_index, verdict

counts = st.lists(st.integers(0, 10**6), min_size=5, max_size=5)


def defined(old, new):
    """The index from its definition, in thirty digits, with half a customer more in each class."""
    with mpmath.workdps(30):
        p, q = ([mpmath.mpf(2 * n + 1) / (2 * sum(part) + len(part)) for n in part] for part in (old, new))
        return float(sum((b - a) * mpmath.log(b / a) for a, b in zip(p, q, strict=True)))


@settings(max_examples=50, deadline=None)
@given(counts, counts)
def test_the_index_is_that_of_its_definition_and_never_negative(old, new):
    # close shares cancel in the terms, so there is an absolute tolerance beside the relative one
    assert stability_index(old, new) == pytest.approx(defined(old, new), rel=1e-12, abs=1e-15)
    assert stability_index(old, new) >= 0.0
    assert stability_index(old, new) == pytest.approx(stability_index(new, old), rel=1e-12, abs=1e-15)


@settings(max_examples=20, deadline=None)
@given(counts)
def test_nothing_moved_where_the_counts_are_the_same(old):
    assert stability_index(old, old) == 0.0


def test_an_example_worked_out_by_hand():
    # shares 3/4 and 1/4, then the other way round: 2 (1/2) log 3
    assert stability_index([1, 0], [0, 1]) == pytest.approx(math.log(3), rel=1e-12)


def test_words_for_the_index_begin_at_a_tenth_and_a_quarter():
    assert [verdict(index) for index in (0.0, 0.099, 0.1, 0.249, 0.25)] == [
        *("stable", "stable", "moved", "moved", "moved much"),
    ]


def record(customers, r, champions, nowhere, value):
    return {
        "customers": customers,
        "scores": {"r_score": r},
        "segments": [
            {"scheme": "rfm", "segment": "Champions", "customers": champions},
            *([{"scheme": "rfm", "segment": None, "customers": nowhere}] if nowhere else []),
        ],
        "means": {"value": value},
    }


def test_shares_are_put_side_by_side_and_a_class_that_one_lacks_has_none():
    found = population_drift(record(8, [2, 6], 6, 2, 10.0), record(4, [1, 1], 4, 0, None))
    assert found["customers"] == {"old": 8, "new": 4}
    assert found["scores"] == [
        {"score": "r_score", "value": 1, "old": 0.25, "new": 0.5},
        {"score": "r_score", "value": 2, "old": 0.75, "new": 0.5},
    ]
    assert found["segments"] == [
        {"scheme": "rfm", "segment": "Champions", "old": 0.75, "new": 1.0},
        {"scheme": "rfm", "segment": None, "old": 0.25, "new": 0.0},
    ]
    assert found["means"] == [{"name": "value", "old": 10.0, "new": None}]
    assert found["stability"]["r_score"]["index"] == pytest.approx(defined([2, 6], [1, 1]), rel=1e-12)
    assert found["stability"]["rfm"]["index"] == pytest.approx(defined([6, 2], [4, 0]), rel=1e-12)


def test_without_customers_there_are_no_shares():
    found = population_drift(record(8, [2, 6], 6, 2, 10.0), record(1, [0, 0], 0, 1, None))
    assert [row["new"] for row in found["scores"]] == [None, None]
