import json
from pathlib import Path

import pytest

from whalecurve.cli.reports.phrases import json_text, lines_read, notes, paragraphs, written_to


def test_empty_blocks_leave_no_gap():
    assert paragraphs(["a", "", "b\nc", ""]) == "a\n\nb\nc"
    assert paragraphs([]) == ""


def test_lines_that_were_refused_come_with_their_reasons():
    rows = {"read": 1234, "filtered": 0, "used": 1200, "refused": {"null_amount": 30, "null_time": 4}}
    assert lines_read(rows) == "1,234 order lines read: 1,200 used, 34 refused (30 null_amount, 4 null_time)"


def test_nothing_refused_needs_no_reason_and_lines_without_customer_are_told_where_they_count():
    rows = {"read": 12, "filtered": 0, "used": 12, "refused": {}}
    assert lines_read(rows) == "12 order lines read: 12 used, 0 refused"
    assert lines_read(rows, n_without_customer=5) == (
        "12 order lines read: 12 used (of which 5 lines without customer), 0 refused"
    )


def test_lines_that_the_user_left_out_are_told_apart_from_those_refused():
    rows = {"read": 1300, "filtered": 66, "used": 1200, "refused": {"null_amount": 34}}
    assert lines_read(rows) == (
        "1,300 order lines read: 66 filtered by --where or --keep, 1,200 used, 34 refused (34 null_amount)"
    )


def test_every_warning_is_a_line():
    assert notes(["a", "b"]) == "note: a\nnote: b"
    assert notes([]) == ""


def test_what_was_not_written_is_nowhere():
    assert written_to(None) == ""
    assert written_to(Path("a") / "b") == "written to a/b"


def test_json_keeps_letters_and_holds_no_nan():
    assert "Zürich" in json_text({"city": "Zürich"})
    assert json.loads(json_text({"a": [1, None]})) == {"a": [1, None]}
    with pytest.raises(ValueError, match="Out of range float"):
        json_text({"a": float("nan")})
