"""Values as they are written on the command line."""

from typing import get_args

import pytest
import typer

from whalecurve.cli.options.values import SegmentScheme, change, days, dimensions_in, ids_in, names_in, points, size
from whalecurve.engine import segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [("365d", 365), ("52w", 364), ("12m", 365), ("1m", 30), ("2y", 730), ("90", 90), (30, 30), ("-5d", -5)],
)
def test_spans_of_time_are_days(text, expected):
    assert days(text) == expected


@pytest.mark.parametrize("text", ["", "d", "1h", "twelve", "1e999d", "nan"])
def test_what_is_no_span_of_time_is_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="is no span of time; write days as 365d"):
        days(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4GB", 4 * 10**9), ("1.5gb", 15 * 10**8), ("800 MB", 8 * 10**8), ("2GiB", 2**31), ("64KiB", 2**16), (1024, 1024)],
)
def test_sizes_are_bytes(text, expected):
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "GB", "4 apples", "0", "-1GB", "nan", "inf"])
def test_what_is_no_size_is_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="is no size; write it as 4GB or 800MB"):
        size(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customer", ["customer"]),
        ("brand, city", ["brand", "city"]),
        ("SUBSTR(a, 1, 2),b", ["SUBSTR(a, 1, 2)", "b"]),
        ("CONCAT(a, ',', b)", ["CONCAT(a, ',', b)"]),
        ('"last, first",b', ['"last, first"', "b"]),
        ("a = '(',b", ["a = '('", "b"]),
        ("a,", ["a", ""]),
    ],
)
def test_commas_part_dimensions_but_not_arguments(text, expected):
    assert dimensions_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        ("", ()),
        (" , ", ()),
        ("NULL,0,-1", ("NULL", "0", "-1")),
        (" n/a , guest at the till ", ("n/a", "guest at the till")),
        ('"Smith, anonymous",x', ("Smith, anonymous", "x")),
    ],
)
def test_ids_stand_between_commas_those_with_commas_in_double_quotes(text, expected):
    assert ids_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("a,b c", ["a", "b c"]), (" a , b ,", ["a", "b"]), (",", []), ("", []), (None, [])]
)
def test_names_have_commas_between_and_blanks_are_none(text, expected):
    assert names_in(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("+5%", 0.05), ("-0.5 %", -0.005), (" 12%", 0.12), (0.0, 0.0)])
def test_changes_are_shares(text, expected):
    assert change(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("+2pt", 0.02), ("-0.5pt", -0.005), (0.0, 0.0)])
def test_points_are_shares_too(text, expected):
    assert points(text) == expected


@pytest.mark.parametrize("text", ["", "5", "0.05", "%", "5%%", "5pp", "a%"])
def test_what_has_not_its_sign_is_no_change_and_no_points(text):
    with pytest.raises(typer.BadParameter, match="is no change; write it as"):
        change(text)
    with pytest.raises(typer.BadParameter, match="is no number of points; write it as"):
        points(text)


def test_schemes_of_segments_are_those_of_the_engine():
    assert SegmentScheme == segments.SegmentScheme
    assert set(get_args(SegmentScheme)) == set(segments.LABELS)
