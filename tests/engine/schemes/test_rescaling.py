"""Presets for other numbers of scores than five: every cell has its segment, by the shares that the table prints."""

import itertools
from fractions import Fraction

import pytest

from tests.engine.schemes.test_scheme import CUBE, PRINTED, first_match
from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.rescaling import score_map_of, span_within
from whalecurve.engine.schemes.scheme import load_scheme

READINGS = {
    3: (1, 3, 5),
    4: (1, 2, 4, 5),
    5: (1, 2, 3, 4, 5),
    6: (1, 2, 3, 3, 4, 5),
    7: (1, 2, 2, 3, 4, 4, 5),
    8: (1, 1, 2, 3, 3, 4, 5, 5),
    9: (1, 1, 2, 2, 3, 4, 4, 5, 5),
    10: (1, 1, 2, 2, 3, 3, 4, 4, 5, 5),
}
FOUR_STANDARD = (1, 3, 4, 5)
LEFT_OUT = {("standard", 3): ("Promising",), ("soulmates", 3): ("About to dump you",)}
EVERY = [(name, bins) for name in PRINTED for bins in READINGS]


def printed_segment(name):
    return lambda cell: first_match(PRINTED[name], cell)


def reading(name, bins):
    return FOUR_STANDARD if (name, bins) == ("standard", 4) else READINGS[bins]


@pytest.mark.parametrize(("name", "bins"), EVERY)
def test_every_cell_has_the_segment_of_the_printed_cell_whose_place_it_takes(name, bins):
    scheme = load_scheme(name, bins=bins)
    assert (scheme.name, scheme.bins, scheme.left_out) == (name, bins, LEFT_OUT.get((name, bins), ()))
    places = reading(name, bins)
    for cell in itertools.product(range(1, bins + 1), repeat=3):
        owner = scheme.segment_of(cell)
        assert owner is not None
        assert owner.name == first_match(PRINTED[name], tuple(places[score - 1] for score in cell)), cell
    names = [row[-1] for row in PRINTED[name] if row[-1] not in scheme.left_out]
    assert [segment.name for segment in scheme.segments] == names
    assert len(scheme.cells) == bins**3


@pytest.mark.parametrize(("name", "bins"), EVERY)
def test_a_reading_leaves_the_fewest_segments_out_and_is_the_nearest_of_those(name, bins):
    def judged(places):
        names = {first_match(PRINTED[name], cell) for cell in itertools.product(set(places), repeat=3)}
        shares = [Fraction(2 * j - 1, 2 * bins) - Fraction(2 * s - 1, 10) for j, s in enumerate(places, start=1)]
        return -len(names), sum(map(abs, shares))

    if bins <= 6:  # of more scores there are many readings; that they reach every segment is tested above
        every = itertools.combinations_with_replacement(range(1, 6), bins)
        assert judged(reading(name, bins)) == min(map(judged, every))
    found = score_map_of(bins, 5, printed_segment(name))
    assert found == reading(name, bins)
    assert list(found) == sorted(found)
    assert (found[0], found[-1]) == (1, 5)


@pytest.mark.parametrize("name", PRINTED)
def test_ten_scores_are_the_five_of_the_table_cut_in_halves(name):
    scheme, printed = load_scheme(name, bins=10), load_scheme(name)
    for segment, whole in zip(scheme.segments, printed.segments, strict=True):
        for axis in ("r", "f", "m"):
            low, high = getattr(whole, axis)
            assert getattr(segment, axis) == (2 * low - 1, 2 * high)


@pytest.mark.parametrize("name", PRINTED)
def test_five_scores_are_the_printed_table(name):
    assert load_scheme(name, bins=5) == load_scheme(name)
    assert score_map_of(5, 5, printed_segment(name)) == (1, 2, 3, 4, 5)
    assert len(CUBE) == 125


def test_two_scores_are_too_few_for_a_preset():
    with pytest.raises(InputError, match="preset standard: the scheme is for 5 scores and `rfm_bins` is 2"):
        load_scheme("standard", bins=2)


def test_a_range_becomes_the_scores_that_stand_for_one_in_it():
    assert span_within((3, 4), (1, 2, 3, 3, 4, 5)) == (3, 5)
    assert span_within((1, 5), (1, 3, 5)) == (1, 3)
    assert span_within((4, 4), (1, 3, 5)) is None
