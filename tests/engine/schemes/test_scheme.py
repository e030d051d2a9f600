import dataclasses
import itertools

import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.scheme import load_scheme, presets

# Both tables as DEFINITIONS prints them: R, F, M, name; the first that matches wins.
PRINTED = {
    "standard": [
        ("5", "4-5", "1-5", "Champions"),
        ("3-4", "4-5", "1-5", "Loyal customers"),
        ("4-5", "2-3", "1-5", "Potential loyalists"),
        ("5", "1", "1-5", "New customers"),
        ("4", "1", "1-5", "Promising"),
        ("3", "3", "1-5", "Need attention"),
        ("3", "1-2", "1-5", "About to sleep"),
        ("1-2", "5", "1-5", "Can't lose them"),
        ("1-2", "3-4", "1-5", "At risk"),
        ("1-2", "1-2", "1-5", "Hibernating"),
    ],
    "soulmates": [
        ("5", "5", "5", "Soulmates"),
        ("4-5", "3-5", "3-5", "Lovers"),
        ("5", "1-4", "4-5", "New passion"),
        ("4-5", "1-3", "1-2", "Apprentice"),
        ("3-5", "3-5", "2-5", "Potential lovers"),
        ("3-4", "1-2", "5", "Flirting"),
        ("3-5", "1-5", "1-4", "Platonic friends"),
        ("1", "1", "4-5", "Don Juan"),
        ("1", "2-5", "3-5", "Ex-lovers"),
        ("2", "1-5", "1-5", "About to dump you"),
        ("1", "1-5", "1-3", "Breakup"),
    ],
}
CUBE = list(itertools.product(range(1, 6), repeat=3))

MATRIX = """
[matrix.retain]
name = "Retain"
action = "Call."
[matrix.divest]
name = "Divest"
action = "Stop."
[matrix.grow]
name = "Grow"
action = "Offer more."
[matrix.maintain]
name = "Maintain"
action = "Mail."
"""
TWO_BINS = (
    """
name = "halves"
description = "Lately or not."
bins = 2
[[segment]]
name = "Lately"
r = 2
action = "Thank them."
[[segment]]
name = "Often, not lately"
r = 1
f = 2
m = [1, 2]
action = "Ask why."
[[segment]]
name = "Rest"
action = "Wait."
"""
    + MATRIX
)


def first_match(rows, cell):
    inside = lambda score, span: int(span[0]) <= score <= int(span[-1])
    return next(name for r, f, m, name in rows if all(map(inside, cell, (r, f, m))))


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return load_scheme(path, **options)

    return read_text


def test_the_presets_are_these_two():
    assert presets() == ["soulmates", "standard"]


@pytest.mark.parametrize("name", presets())
def test_a_preset_names_every_cell_as_printed(name):
    scheme = load_scheme(name, bins=5)
    assert (scheme.name, scheme.bins) == (name, 5)
    assert [segment.name for segment in scheme.segments] == [row[-1] for row in PRINTED[name]]
    assert list(scheme.cells) == CUBE
    named = [(segment := scheme.segment_of(cell)) and segment.name for cell in CUBE]
    assert named == [first_match(PRINTED[name], cell) for cell in CUBE]
    assert {first_match(PRINTED[name], cell) for cell in CUBE} == {row[-1] for row in PRINTED[name]}


@pytest.mark.parametrize("name", presets())
def test_a_preset_gives_advice_in_a_sentence(name):
    scheme = load_scheme(name)
    assert [cell.name for cell in scheme.matrix] == ["Retain", "Divest", "Grow", "Maintain"]
    actions = [part.action for part in (*scheme.segments, *scheme.matrix)]
    assert all(action[0].isupper() and action.endswith(".") for action in actions)
    assert len(set(actions)) == len(actions)


def test_a_scheme_of_ones_own_is_read_from_its_path(read, tmp_path):
    scheme = read(TWO_BINS, bins=2)
    assert [segment.name for segment in scheme.segments] == ["Lately", "Often, not lately", "Rest"]
    assert dataclasses.astuple(scheme.segments[1])[1:4] == ((1, 1), (2, 2), (1, 2))
    assert scheme.segment_of((1, 1, 2)) == scheme.segments[2]
    assert load_scheme(str(tmp_path / "own.toml")) == scheme


REFUSED = {
    "a rule never reached": (
        "r = 2\n",
        "",
        'no cell reaches segment "Often, not lately" (number 2), segments before it take all of r 1, f 2, m 1-2',
    ),
    "a range beyond the bins": (
        "m = [1, 2]",
        "m = [1, 3]",
        'segment "Often, not lately" has m from 1 to 3; scores run',
    ),
    "a range from zero": ("r = 2\n", "r = [0, 2]\n", 'segment "Lately" has r from 0 to 2; scores run from 1 to 2'),
    "a range the wrong way round": ("m = [1, 2]", "m = [2, 1]", "has m from 2 to 1; scores run from 1 to 2, the lower"),
    "a name used twice": ('"Rest"', '"Lately"', '2 segments are called "Lately"'),
    "a matrix name used twice": ('"Grow"', '"Retain"', '2 matrix cells are called "Retain"'),
    "a key misspelt": (
        'action = "Ask',
        'acton = "Ask',
        'segment 2 "Often, not lately": unknown key "acton"; did you mean "action"?',
    ),
    "a key from elsewhere": (
        "bins = 2",
        "bins = 2\ncolour = 1",
        'own.toml: unknown key "colour"; there are name, desc',
    ),
    "a matrix cell of another name": ("[matrix.grow]", "[matrix.grown]", 'unknown key "grown"; did you mean "grow"?'),
    "no bins": ("bins = 2\n", "", "own.toml: no bins; add it"),
    "bins in words": ("bins = 2", 'bins = "two"', "bins is 'two', expected a whole number"),
    "too many bins": ("bins = 2", "bins = 11", "bins is 11; choose 2 to 10"),
    "no action": ('action = "Thank them."\n', "", 'segment 1 "Lately": no action; add it'),
    "an empty action": ('"Thank them."', '" "', "segment 1 \"Lately\": action is ' ', expected words"),
    "a range of words": ("f = 2", 'f = "2"', "segment 2 \"Often, not lately\": f is '2', expected a score such as 5"),
    "a range of three": ("m = [1, 2]", "m = [1, 1, 2]", "m is [1, 1, 2], expected a score such as 5 or a range"),
    "a fractional score": ("f = 2", "f = 1.5", "f is 1.5, expected a score"),
    "not TOML": ("bins = 2", "bins == 2", "not valid TOML: "),
    "no matrix cell": (MATRIX[MATRIX.index("[matrix.main") :], "", "matrix: no maintain; add it"),
    "no matrix": (MATRIX, "", "own.toml: no matrix; add it"),
    "a cell that is no table": (
        MATRIX[MATRIX.index("[matrix.main") :],
        "[matrix]\nmaintain = 1",
        "is not a table; give it",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_scheme_is_refused_with_its_file_and_place_for(case, read):
    old, new, message = REFUSED[case]
    assert old in TWO_BINS
    with pytest.raises(InputError) as refusal:
        read(TWO_BINS.replace(old, new, 1))
    assert "own.toml" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("key", "message"),
    [("segment", "segment is not a list of tables; begin each"), ("matrix", "matrix is not a table; write [matrix")],
)
def test_a_table_of_the_wrong_kind_is_refused(key, message, read):
    keys = {"name": '"x"', "description": '"x"', "bins": "2", "segment": "[]", "matrix": "{}"} | {key: "1"}
    with pytest.raises(InputError) as refusal:
        read("\n".join(f"{name} = {value}" for name, value in keys.items()))
    assert message in str(refusal.value)


def test_a_cell_left_out_is_named_and_counted(read):
    with pytest.raises(InputError, match=r"no segment takes the cell r 1, f 1, m 1 \(2 of 8 cells are left out\)"):
        read(TWO_BINS.replace('name = "Rest"\n', 'name = "Rest"\nr = 2\n').replace("r = 2\n", "r = 2\nf = 1\n", 1))


def test_a_scheme_for_other_bins_is_refused(read):
    with pytest.raises(InputError, match=r"own\.toml: the scheme is for 2 scores and `rfm_bins` is 5"):
        read(TWO_BINS, bins=5)


def test_an_unknown_preset_is_told_what_there_is():
    with pytest.raises(InputError) as refusal:
        load_scheme("Soulmate")
    own = "one of them, or a TOML file of your own by a path that ends in .toml"
    assert str(refusal.value) == (
        f'`segments` "Soulmate": no such preset; choose one of soulmates, standard; did you mean "soulmates"? '
        f"Name {own}"
    )
    with pytest.raises(InputError) as refusal:
        load_scheme("xyz")
    assert str(refusal.value) == f'`segments` "xyz": no such preset; choose one of soulmates, standard; name {own}'


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml: cannot be read \(No such file or directory\)"):
        load_scheme("somewhere/none.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.toml: byte 8 is not UTF-8"):
        load_scheme(latin)
