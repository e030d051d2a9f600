import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.concentration.appendix import appendix, theil
from whalecurve.engine.errors import InputError

OF_SHARES = ("hhi", "effective_number", "theil", "theil_between", "theil_within", "hoover", "palma")


def test_five_values_have_the_measures_worked_out_by_hand():
    measured = appendix(np.array([10.0, 40.0, 0.0, 20.0, 30.0]), ["a", "b", "a", "b", "b"])
    assert measured.hhi == pytest.approx((1 + 16 + 0 + 4 + 9) / 100, rel=1e-12)
    assert measured.effective_number == pytest.approx(10 / 3, rel=1e-12)
    shares = [0.1, 0.4, 0.2, 0.3]
    assert measured.theil == pytest.approx(sum(s * math.log(5 * s) for s in shares), rel=1e-12)
    # a has 2 of 5 and 10 of 100, b 3 of 5 and 90 of 100
    between = 0.1 * math.log(0.1 / 0.4) + 0.9 * math.log(0.9 / 0.6)
    assert measured.theil_between == pytest.approx(between, rel=1e-12)
    within_b = sum(v / 90 * math.log(3 * v / 90) for v in (20, 30, 40))
    assert measured.theil_within == pytest.approx(0.1 * math.log(2) + 0.9 * within_b, rel=1e-12)
    assert measured.hoover == pytest.approx((20 + 10) / 100, rel=1e-12)
    assert measured.palma == pytest.approx((0.5 * 40) / (0 + 10), rel=1e-12)
    assert (measured.tail_exponent, measured.tail_standard_error) == (None, None)
    assert (measured.tail_from, measured.tail_n, measured.undefined) == (40.0, 0, None)


def test_the_tail_is_what_lies_above_the_90th_percentile():
    measured = appendix(np.repeat([2.0, 2.0 * math.e, 2.0 * math.e**3], [450, 25, 25]))
    assert (measured.tail_from, measured.tail_n) == (2.0, 50)
    assert measured.tail_exponent == pytest.approx(2 / (1 + 3), rel=1e-12)
    assert measured.tail_standard_error == pytest.approx(0.5 / math.sqrt(50), rel=1e-12)


def test_fewer_than_fifty_values_are_no_tail():
    measured = appendix(np.repeat([2.0, 2.0 * math.e, 2.0 * math.e**3], [450, 25, 24]))
    assert (measured.tail_from, measured.tail_n) == (2.0, 49)
    assert measured.tail_undefined == "fewer than 50 values are above the 90th percentile: 49"
    assert (measured.tail_exponent, measured.tail_standard_error) == (None, None)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([5.0, -1.0, 3.0], "1 of 3 values are negative"),
        ([-5.0, -1.0], "2 of 2 values are negative"),
        ([0.0, 0.0], "the total is not positive"),
        ([], "the total is not positive"),
    ],
)
def test_without_shares_of_a_whole_there_is_the_reason(values, why):
    measured = appendix(np.array(values), [1] * len(values)).to_dict()
    assert [measured[name] for name in OF_SHARES] == [None] * len(OF_SHARES)
    assert measured["undefined"] == why


def test_losses_have_no_tail():
    measured = appendix(np.append(np.full(450, -2.0), np.linspace(-1.0, 3.0, 50)))
    assert (measured.tail_n, measured.tail_exponent) == (50, None)
    assert measured.tail_undefined == "the 90th percentile is not positive"


def test_losses_leave_the_tail_exponent():
    values = np.append(np.linspace(-3.0, 9.0, 450), np.linspace(10.0, 90.0, 50))
    measured = appendix(values)
    assert measured.hhi is None
    assert measured.tail_n == 50
    assert measured.tail_exponent == pytest.approx(50 / sum(math.log(v / 9.0) for v in values[450:]), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.0, 1e9), st.sampled_from(["x", "y", None])), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_neither_the_order_of_values_nor_the_names_of_groups_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    renamed = {"x": 7, "y": 3, None: None}
    one = appendix(np.array([v for v, _ in rows]), [g for _, g in rows])
    other = appendix(np.array([v for v, _ in shuffled]), pl.Series([renamed[g] for _, g in shuffled], dtype=pl.Int64))
    between = ("theil_between", "theil_within")  # their sums run over the groups in order of name
    assert {k: v for k, v in one.to_dict().items() if k not in between} == {
        k: v for k, v in other.to_dict().items() if k not in between
    }
    for name in between if one.theil is not None else ():
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12, abs=1e-15)


def test_null_is_a_group_of_its_own():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert theil(values, ["a", None, "a", None]) == theil(values, ["a", "b", "a", "b"])


def test_without_groups_there_is_no_split():
    found = theil(np.array([1.0, 3.0]))
    assert found.total == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5), rel=1e-12)
    assert (found.between, found.within) == (None, None)


@pytest.mark.parametrize("groups", [["a"], ["a", "b", "c"]])
def test_each_value_needs_its_group(groups):
    with pytest.raises(InputError, match=rf"2 values and {len(groups)} groups; give one group to each"):
        theil(np.array([1.0, 3.0]), groups)


def test_values_that_cannot_be_ranked_are_refused():
    with pytest.raises(InputError, match="1 of 2 values are NaN or infinite"):
        appendix(np.array([1.0, math.nan]))
