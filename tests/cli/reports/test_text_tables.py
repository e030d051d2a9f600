import pytest

from whalecurve.cli.reports.text_tables import count, money, percent, size, table


def test_columns_are_as_wide_as_they_need_and_numbers_flush_right():
    assert table(["name", "n", "what to do"], [["é", "1,234", ""], ["longer", "5", "write"]], right=(1,)) == (
        "name        n  what to do\n------  -----  ----------\né       1,234\nlonger      5  write"
    )


def test_a_table_may_be_empty():
    assert table(["a", "bc"], []) == "a  bc\n-  --"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (money(1234567.5), "1,234,568"),
        (money(-0.4), "0"),
        (money(None), "-"),
        (percent(0.1234), "12.3%"),
        (percent(1.5), "150.0%"),
        (percent(None), "-"),
        (count(1, "file"), "1 file"),
        (count(0, "file"), "0 files"),
        (count(2000, "row"), "2,000 rows"),
        (size(1_234), "1.2 kB"),
        (size(567_000_000), "567.0 MB"),
    ],
)
def test_numbers_read_well(shown, expected):
    assert shown == expected
