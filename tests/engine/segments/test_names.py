"""Segments by name, as people type them."""

import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.scheme import load_scheme, presets
from whalecurve.engine.segments.names import named, slug

NAMES = ["Champions", "Can't lose them", "At risk", "At-risk", "Élite ☆", "☆"]


@pytest.mark.parametrize(
    "asked",
    [
        "Can't lose them",
        "cant lose them",
        "CAN'T LOSE THEM",
        "can\u2019t lose them",
        "cant_lose_them",
        " Cant-lose  them",
    ],
)
def test_case_apostrophes_and_what_divides_words_do_not_matter(asked):
    assert named(asked, NAMES, "--segment") == "Can't lose them"


def test_the_very_name_comes_before_others_that_are_spelt_alike():
    assert named("At-risk", NAMES, "--segment") == "At-risk"
    assert named("At risk", NAMES, "--segment") == "At risk"
    with pytest.raises(InputError) as refusal:
        named("at risk", NAMES, "--segment")
    assert str(refusal.value) == '--segment "at risk": it may be "At risk" or "At-risk"; write the name as it is there'


def test_a_name_without_letters_is_found_as_it_is_alone():
    assert named("☆", NAMES, "--segment") == "☆"
    assert named("élite", NAMES, "--segment") == "Élite ☆"
    for asked in ("★", "", "champion", "cant"):
        with pytest.raises(InputError) as refusal:
            named(asked, NAMES, "--matrix", "cell")
        told = "Champions, Can't lose them, At risk, At-risk, Élite ☆, ☆"
        assert str(refusal.value) == f'--matrix "{asked}": no such cell; choose one of {told}'


def test_slugs():
    assert slug("Can't lose them") == "cant_lose_them"
    assert slug("  Élite ☆ 2024 / B") == "élite_2024_b"
    assert slug("☆") == ""


@pytest.mark.parametrize("preset", presets())
def test_no_two_segments_of_a_preset_have_the_same_slug(preset):
    scheme = load_scheme(preset)
    slugs = [slug(part.name) for part in (*scheme.segments, *scheme.matrix)]
    assert len(set(slugs)) == len(slugs)
    assert all(slugs)
