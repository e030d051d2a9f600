import pytest

from whalecurve.cli.reports.text_tables import (
    count,
    first_rows,
    interval,
    mark,
    money,
    named,
    number,
    percent,
    ratio,
    size,
    table,
)


def test_columns_are_as_wide_as_they_need_and_numbers_flush_right():
    assert table(["name", "n", "what to do"], [["é", "1,234", ""], ["longer", "5", "write"]], right=(1,)) == (
        "name        n  what to do\n------  -----  ----------\né       1,234\nlonger      5  write"
    )


def test_a_table_may_be_empty():
    assert table(["a", "bc"], []) == "a  bc\n-  --"


def test_a_long_table_is_cut_and_what_is_cut_is_counted():
    rows = [[str(i)] for i in range(27)]
    shown = first_rows(["n"], rows, right=(0,)).splitlines()
    assert shown[-2:] == ["24", "... and 2 rows more: --format json, or --out"]
    assert first_rows(["n"], rows[:25]) == table(["n"], rows[:25])


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (money(1234567.5), "1,234,568"),
        (money(-0.4), "0"),
        (money(None), "-"),
        (percent(0.1234), "12.3%"),
        (percent(1.5), "150.0%"),
        (percent(None), "-"),
        (percent(0.1234, sign="+"), "+12.3%"),
        (percent(-0.1234, sign="+"), "-12.3%"),
        (number(1234.56), "1,235"),
        (number(1234.56, 1), "1,234.6"),
        (number(-0.001, 2), "0.00"),
        (number(None), "-"),
        (ratio(1.005), "1.00"),
        (ratio(1234.5), "1,234.50"),
        (interval(0.1, 0.25, percent), "10.0% to 25.0%"),
        (interval(None, None, ratio), "-"),
        (named("Paris"), "Paris"),
        (named(7), "7"),
        (named(None), "(none)"),
        (named(""), "(empty)"),
        (named(" "), "(empty)"),
        (mark("more"), "+"),
        (mark("less"), "-"),
        (mark(None), ""),
        (count(1, "file"), "1 file"),
        (count(0, "file"), "0 files"),
        (count(2000, "row"), "2,000 rows"),
        (size(1_234), "1.2 kB"),
        (size(567_000_000), "567.0 MB"),
    ],
)
def test_numbers_read_well(shown, expected):
    assert shown == expected
