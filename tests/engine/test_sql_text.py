from datetime import datetime

import polars as pl
import pytest

from whalecurve.engine.sql_text import literal, quoted, sql_expression

ROWS = pl.DataFrame({"t": ["31/01/2024", "no, date", None], "select": ["(", ",", "'"], "a b": [1, 2, 3]})

APOSTROPHE = "it's"


def values(text):
    return ROWS.select(v=sql_expression(text))["v"].to_list()


def test_a_lenient_reading_of_times_gives_null_where_the_strict_one_fails():
    assert values("TRY_STRPTIME(t, '%d/%m/%Y')") == [datetime(2024, 1, 31), None, None]
    with pytest.raises(pl.exceptions.InvalidOperationError):
        values("STRPTIME(t, '%d/%m/%Y')")


def test_a_lenient_reading_may_stand_anywhere_in_an_expression_and_beside_a_strict_one():
    inner = "REPLACE(REPLACE(t, ',', ''), '(', '')"
    assert values(f"COALESCE(try_strptime ({inner}, '%d/%m/%Y'), STRPTIME('2020-05-06', '%Y-%m-%d'))") == [
        datetime(2024, 1, 31),
        datetime(2020, 5, 6),
        datetime(2020, 5, 6),
    ]
    assert values("TRY_STRPTIME(t, '%d/%m/%Y') IS NULL AND TRY_STRPTIME(t, '%Y') IS NULL") == [False, True, True]


@pytest.mark.parametrize("text", ["TRY_STRPTIME(t)", "TRY_STRPTIME(t, format", "TRY_STRPTIME("])
def test_a_lenient_reading_without_a_format_is_no_expression(text):
    with pytest.raises(pl.exceptions.PolarsError):
        sql_expression(text)


def test_names_that_are_no_plain_words_of_sql_are_quoted():
    assert [quoted(name) for name in ("t", "a b", "select", "größe", "1st")] == [
        "t",
        '"a b"',
        '"select"',
        '"größe"',
        '"1st"',
    ]
    assert values(quoted("select")) == ["(", ",", "'"]


@pytest.mark.parametrize("name", ['a"b', '"', "a.b", "a'b", "x,y", "{a}", ""])
def test_a_quoted_name_is_the_column_whatever_its_letters(name):
    rows = pl.DataFrame({name: [1, 2]})
    assert rows.select(v=sql_expression(f"{quoted(name)} + 1"))["v"].to_list() == [2, 3]


def test_a_literal_is_the_text_whatever_its_quotes():
    assert values(f"COALESCE(NULLIF(t, t), {literal(APOSTROPHE)})") == [APOSTROPHE] * 3
