"""Cells of text: the form of a column, and the values that its cells say."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.formats.text_cells import Form, cell_text, form_of, read_cells, unread

NAIVE, ZONED = pl.Datetime("us"), pl.Datetime("us", "UTC")


def cells(*texts):
    return pl.Series("x", texts, dtype=pl.String)


def read(*texts, dtype, **form):
    return read_cells(cells(*texts), dtype, Form(dtype=dtype, **form)).to_list()


@pytest.mark.parametrize(
    ("texts", "dtype"),
    [
        (("1", "-2", "+3", None, " 4 "), pl.Int64()),
        (("1", "2.5", "1e3", "NaN", ".5"), pl.Float64()),
        (("1.0", "2.0"), pl.Float64()),
        (("true", "False", "TRUE", "NULL"), pl.Boolean()),
        (("2024-01-31", "2024/02/29"), NAIVE),  # of each way to write a date, midnight
        (("2024-01-31", "2024-02-29"), pl.Date()),
        (("2024/01/31", None), pl.Date()),
        (("2024-01-31 12:00:00", "2024-01-31 12:00:00.25"), NAIVE),
        (("2024-01-31T12:00", "2024-01-31"), NAIVE),
        (("2024-01-31T12:00:00Z", "2024-01-31T12:00:00+05:30"), ZONED),
        (("31/01/2024",), pl.String()),
        (("007", "8"), pl.String()),
        (("0", "0.5"), pl.Float64()),
        (("99999999999999999999", "1"), pl.String()),
        (("A1", "2"), pl.String()),
        (("", " ", None, "NULL"), pl.String()),
        (("12,50", "1200"), pl.Float64()),
        (("1,234", "2,345"), pl.String()),  # a thousand, or a little more than one?
        (("1,234,567", "12,50"), pl.String()),
        (("12,50", "12.5"), pl.String()),
        (("£12", "3"), pl.String()),
    ],
)
def test_the_form_of_a_column_is_the_one_that_all_its_cells_have(texts, dtype):
    assert form_of(cells(*texts)).dtype == dtype


def test_of_a_column_that_most_cells_agree_on_the_form_says_how_many():
    texts = ["12,50"] * 19 + ["twelve"]
    assert form_of(cells(*texts)).dtype == pl.String()
    form = form_of(cells(*texts), 0.5)
    assert (form.dtype, form.has_comma, round(form.share, 9)) == (pl.Float64(), True, 0.95)
    assert form_of(cells(*["007"] * 4, *["8"] * 96), 0.5).dtype == pl.String()


def test_cells_are_read_as_what_they_say():
    assert read("1", " 2 ", "3.0", "x", "", "NULL", None, "2.5", dtype=pl.Int64()) == [1, 2, 3, *[None] * 5]
    assert read("1", "2.5", "nan", "inf", " 3", "1_0", dtype=pl.Float64()) == [1.0, 2.5, None, float("inf"), 3.0, None]
    assert read("12,50", "-3", "1.234", "1.234,5", "1,2,3", dtype=pl.Float64(), has_comma=True) == [
        12.5, -3.0, None, None, None
    ]  # fmt: skip
    assert read("True", "no", dtype=pl.Boolean()) == [True, None]
    assert read("007", " x", "NULL", dtype=pl.String()) == ["007", " x", "NULL"]


def test_a_time_is_read_however_iso_lets_it_be_written():
    noon = datetime(2024, 1, 31, 12)
    texts = ["2024-01-31 12:00:00", "2024-01-31T12:00", "2024/01/31 12:00", " 2024-01-31 12:00:00.0 "]
    for time in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", None):
        assert read(*texts, dtype=NAIVE, time=time) == [noon] * 4
    assert read("2024-01-31", "2024-02-30 00:00:00", dtype=NAIVE) == [datetime(2024, 1, 31), None]
    assert read("2024-01-31 18:00:00", "2024-01-31", dtype=pl.Date()) == [date(2024, 1, 31)] * 2


def test_an_instant_is_one_only_with_its_offset():
    texts = ("2024-01-31T12:00:00Z", "2024-01-31 14:00+02:00", "2024-01-31 12:00:00")
    assert read(*texts, dtype=ZONED) == [datetime(2024, 1, 31, 12, tzinfo=UTC)] * 2 + [None]
    assert read("2024-01-31T12:00:00Z", dtype=NAIVE) == [None]
    berlin = read("2024-01-31T12:00:00Z", dtype=pl.Datetime("us", "Europe/Berlin"))
    assert [str(moment) for moment in berlin] == ["2024-01-31 13:00:00+01:00"]


def test_what_says_nothing_is_not_taken_for_what_cannot_be_read():
    texts = cells("1", "x", "", "NULL", None, "\\N", " ")
    values = read_cells(texts, pl.Int64(), Form(dtype=pl.Int64()))
    assert unread(texts, values).to_list() == [False, True, *[False] * 5]


def test_a_long_cell_is_shown_by_its_beginning():
    assert (cell_text("amount", "12,5x"), cell_text("note", "y" * 50)) == ('amount "12,5x"', f'note "{"y" * 40}..."')


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_floats_come_back_to_the_last_bit(numbers):
    texts = cells(*map(repr, numbers))
    assert read_cells(texts, pl.Float64(), Form(dtype=pl.Float64())).to_list() == numbers


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_come_back(numbers):
    texts = cells(*map(str, numbers))
    assert form_of(texts).dtype == pl.Int64()
    assert read_cells(texts, pl.Int64(), Form(dtype=pl.Int64())).to_list() == numbers


@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=1))
def test_times_come_back_to_the_microsecond(times):
    texts = cells(*(time.isoformat(" ") for time in times))
    assert read_cells(texts, NAIVE, form_of(texts)).to_list() == times
