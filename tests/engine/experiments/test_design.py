"""Designs that hold together, and what is refused."""

import pytest

from whalecurve.engine import InputError
from whalecurve.engine.experiments import Design


def design(**given):
    return Design(**{"name": "spring", "arms": "offer:0.45,control:0.45,holdout:0.1"} | given)


def test_a_design_is_read_back_from_plain_data_as_it_was():
    for own in (design(), design(segments=("At risk",), strata=("rfm", "matrix"), layer="mail:0-1/3", held_out="5%")):
        assert Design.from_dict(own.to_dict()) == own


def test_the_control_is_the_arm_of_that_name_or_the_one_that_is_named():
    assert design(arms="A:0.5,Control:0.5").control == "Control"
    assert design(control="HOLDOUT").control == "holdout"
    with pytest.raises(InputError, match=r'`arms`: none is called control; say which .*: control="b"'):
        design(arms="a:0.5,b:0.5")
    with pytest.raises(InputError, match='`control` "c" is not an arm; choose one of offer, control, holdout'):
        design(control="c")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "a b"}, '`name` "a b": a name has'),
        ({"method": "random"}, '`method` "random" is unknown; choose one of hash, balanced'),
        ({"metric": "clicks"}, '`metric` "clicks" is unknown; choose one of margin, revenue, orders, conversion'),
        ({"strata": ("rfm", "rfm")}, "name each scheme once"),
        ({"strata": ("country",)}, '`strata` "country" is unknown'),
        ({"strata": "rfm"}, "`strata` is a list"),
        ({"held_out": "100%"}, 'held_out="1" leaves nobody'),
        ({"layer": "spring:0-0.5"}, "need names of their own"),
        ({"held_out": "5%", "holdout_name": "spring"}, "need names of their own"),
        ({"days": 0}, "days=0 is out of range"),
        ({"days": 1.5}, "days=1.5 is out of range"),
        ({"looks": 100}, "looks=100 is out of range"),
        ({"cap": 0.0}, "cap=0.0 is out of range"),
        ({"alpha": 1.0}, "alpha=1.0 is out of range"),
        ({"effect": "3%"}, "`effect` is a number"),
    ],
)
def test_what_will_not_do_is_refused_in_a_line(given, words):
    with pytest.raises(InputError) as refused:
        design(**given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_whole_numbers_are_whole_however_they_are_given():
    design = Design(name="spring", arms="offer:0.5,control:0.5", looks=2.0, days=28.0)
    assert (design.looks, design.days) == (2, 28)
    assert isinstance(design.looks, int)
    assert isinstance(design.days, int)


def test_a_cap_at_the_largest_is_none():
    assert design(cap=1.0).cap == 1.0
