"""Results as a terminal shows them."""

import re
import sys

import pytest

from whalecurve.cli import terminal

TEXT = """5 customers as of 2024-01-31
a very long line of prose that goes on and on beyond the width that there is

segment      customers
-----------  ---------
Champions            3
A long name          1
note: nothing is known of it, and that is told in more words than fit in a line
  what to do: write to them, call them and visit them where they are"""


def test_prose_is_folded_at_spaces_and_tables_stay_as_they_are():
    folded = terminal.fold(TEXT, 40)
    table = TEXT.partition("\n\n")[2].splitlines()[:4]
    assert "\n".join(table) in folded
    rest = [line for line in folded.splitlines() if line not in table]
    assert max(map(len, rest)) <= 40
    assert folded.split() == TEXT.split()
    assert "prose that goes on\n  and on beyond" in folded


def test_what_follows_a_table_after_an_empty_line_is_prose():
    text = "a  b\n-  -\n1  2\n\n" + "word " * 20 + "end"
    folded = terminal.fold(text, 40)
    assert folded.startswith("a  b\n-  -\n1  2\n\nword word")
    assert all(len(line) <= 40 for line in folded.splitlines())


def test_a_continuation_is_set_in_further_than_its_line():
    *_, line, following = terminal.fold(TEXT, 50).splitlines()
    assert line.startswith("  what to do")
    assert re.match(r"    \w", following)


def test_a_command_to_run_is_not_broken_so_that_it_can_be_copied():
    command = "next: whalecurve check orders/2024.csv --config shop.toml"
    assert terminal.fold(command, 40) == command


def test_a_path_that_is_too_long_is_not_broken():
    path = "written to /" + "deep/" * 30
    assert terminal.fold(path, 40) == "written to\n  /" + "deep/" * 30


@pytest.fixture
def stdout(monkeypatch):
    """A stdout that is a terminal or not."""

    def make(*, is_terminal):
        for name in ("COLUMNS", "NO_COLOR", "TERM"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)

    return make


def test_in_a_pipe_text_stays_as_it_is(stdout, monkeypatch):
    stdout(is_terminal=False)
    assert terminal.dressed(TEXT) == TEXT
    monkeypatch.setenv("COLUMNS", "50")
    assert terminal.dressed(TEXT) == TEXT


def test_prose_has_80_columns_at_most_on_a_wider_terminal():
    prose = "word " * 40
    assert max(map(len, terminal.fold(prose, 200).splitlines())) <= 80


WIDE = """segment      customers  share   value
-----------  ---------  -----  ------
Champions            3   1.0%  10,000
At risk             20  99.0%       5
... and 2 rows more"""


def test_a_table_that_is_a_little_too_wide_gets_narrow_gaps():
    assert terminal.fold(WIDE, 37) == WIDE
    assert terminal.fold(WIDE, 34).splitlines() == [
        "segment     customers share  value",
        "----------- --------- ----- ------",
        "Champions           3  1.0% 10,000",
        "At risk            20 99.0%      5",
        "... and 2 rows more",
    ]


def test_a_table_that_is_much_too_wide_is_broken_between_columns_each_part_with_the_first():
    assert terminal.fold(WIDE, 30).splitlines() == [
        "segment      customers  share",
        "-----------  ---------  -----",
        "Champions            3   1.0%",
        "At risk             20  99.0%",
        "",
        "segment       value",
        "-----------  ------",
        "Champions    10,000",
        "At risk           5",
        "... and 2 rows more",
    ]
    narrow = terminal.fold(WIDE, 5).splitlines()  # a column each, however narrow
    assert [line for line in narrow if line.startswith("Champions")] == [
        "Champions            3",
        "Champions     1.0%",
        "Champions    10,000",
    ]


def test_a_terminal_has_colour_unless_told_otherwise(stdout, monkeypatch):
    stdout(is_terminal=True)
    monkeypatch.setenv("COLUMNS", "80")
    shown = terminal.dressed(TEXT)
    assert "\x1b[1msegment      customers\x1b[0m\n\x1b[2m-----------  ---------\x1b[0m\n" in shown
    assert "\n\x1b[1mnote:\x1b[0m nothing is known" in shown
    assert re.sub(r"\x1b\[\dm", "", shown) == terminal.fold(TEXT, 80)
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.dressed(TEXT) == terminal.fold(TEXT, 80)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert terminal.dressed(TEXT) == terminal.fold(TEXT, 80)
