"""Shares that are exact, and what is refused as none."""

from fractions import Fraction

import pytest

from whalecurve.engine import InputError
from whalecurve.engine.experiments import Arm, arms_of, share_of, share_text
from whalecurve.engine.experiments.shares import plain_name, slice_of


@pytest.mark.parametrize(
    ("given", "share"),
    [("0.45", (9, 20)), ("45%", (9, 20)), ("1/3", (1, 3)), (0.1, (1, 10)), ("33.3 %", (333, 1000)), (1, (1, 1))],
)
def test_a_share_is_the_fraction_that_is_written(given, share):
    assert share_of(given, "holdout") == Fraction(*share)


@pytest.mark.parametrize("text", ["0.45", "0.333", "1/3", "0", "1", "0.015625"])
def test_the_text_of_a_share_is_read_back_as_the_same(text):
    assert share_text(share_of(text, "holdout")) == text


@pytest.mark.parametrize("given", ["", "half", "1/0", "nan", "inf", "-0.1", "101%", None, float("nan")])
def test_what_is_no_share_is_refused(given):
    with pytest.raises(InputError, match="share"):
        share_of(given, "holdout")


def test_arms_are_read_from_text_and_from_dicts_in_their_order():
    arms = (Arm("offer", Fraction(9, 20)), Arm("control", Fraction(9, 20)), Arm("10% off: no", Fraction(1, 10)))
    named = {"offer": 0.45, "control": "45%", "nothing": 0.1}
    assert arms_of(named) == (*arms[:2], Arm("nothing", Fraction(1, 10)))
    assert arms_of(" offer:0.45, control:45%,nothing:1/10") == arms_of(named)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("a:0.5,b:0.4", "`arms` add up to 0.9, not to 1: a 0.5, b 0.4; change one of them"),
        ("a:0.1,b:0.2,c:0.6999999999999999", "add up to 0.9999999999999999, not to 1"),
        ("a:1/3,b:1/3", "add up to 2/3, not to 1"),
        ("a:1", "one arm has nothing to be compared with"),
        ("", "one arm has nothing to be compared with"),
        ("a:0,b:1", '"a" has no customers'),
        ("A:0.5,a:0.5", "two of one name"),
        ("a,b", "write each arm with its share"),
        (["a", "b"], "`arms` a, b: write each arm with its share, as offer:0.5,control:0.5"),
        (":0.5,b:0.5", "an arm has a name"),
        ({"a\nb": 0.5, "c": 0.5}, "an arm has a name"),
        ("a:0.5,b:x", "no share"),
    ],
)
def test_arms_that_will_not_do_are_refused_in_a_line(given, words):
    with pytest.raises(InputError) as refused:
        arms_of(given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_slice_of_a_layer_is_read_and_written():
    assert str(slice_of("mail:0-50%")) == "mail:0-0.5"
    assert slice_of(str(slice_of("mail:1/3-1"))) == slice_of("mail:1/3-100%")


@pytest.mark.parametrize("given", ["mail", "mail:0.5", "mail:0.5-0.5", "mail:0.6-0.2", ":0-1", "ma il:0-1", "mail:0-2"])
def test_a_slice_that_is_none_is_refused(given):
    with pytest.raises(InputError, match="layer"):
        slice_of(given)


@pytest.mark.parametrize("name", ["", "früh", "a b", "a:b", "../a", ".a", "a/b", "a'b", "x" * 65, "a\n"])
def test_a_name_with_odd_characters_is_refused(name):
    with pytest.raises(InputError, match="a name has up to 64 letters and digits"):
        plain_name(name, "name")
