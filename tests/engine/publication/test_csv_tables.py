"""No cell of a CSV is a formula to a spreadsheet; every other cell is as it was."""

import csv
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.publication import n_formulas, write_csv, write_csv_parts

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", [*STARTS, *(f"{start}A1+cmd|' /C calc'!A0" for start in STARTS), "-2+3", "+1a", "-=1"])
def test_a_text_that_is_a_formula_gets_an_apostrophe_and_raw_it_has_none(tmp_path, text):
    table = pl.DataFrame({"id": [text]})
    write_csv(table, tmp_path / "a.csv")
    assert read(tmp_path / "a.csv") == [["id"], [f"'{text}"]]
    write_csv(table, tmp_path / "raw.csv", is_raw=True)
    assert read(tmp_path / "raw.csv") == [["id"], [text]]
    assert n_formulas(table) == 1


def test_numbers_telephone_numbers_and_plain_texts_stay_as_they_are(tmp_path):
    texts = ["-5", "+49301234567", "-1,5", "a=b", " =1", "", "C-1", "'=1", "7"]
    table = pl.DataFrame({"id": texts, "n": range(-4, 5), "x": [-0.5] * 9})
    write_csv(table, tmp_path / "a.csv")
    assert [row[0] for row in read(tmp_path / "a.csv")[1:]] == texts
    assert [row[1:] for row in read(tmp_path / "a.csv")[1:3]] == [["-4", "-0.5"], ["-3", "-0.5"]]
    assert n_formulas(table) == 0


def test_names_of_columns_categories_and_bytes_are_written_as_text(tmp_path):
    table = pl.DataFrame({"=id": ["@a"], "kind": pl.Series(["=b"], dtype=pl.Categorical), "key": [b"=\xff"]})
    write_csv(table, tmp_path / "a.csv")
    assert read(tmp_path / "a.csv") == [["'=id", "kind", "key"], ["'@a", "'=b", "3dff"]]
    assert n_formulas(table) == 3


@given(st.lists(st.text(st.sampled_from([*STARTS, "1", "a", '"', ",", "'", " "]), max_size=5), min_size=1))
def test_whatever_the_text_no_cell_is_a_formula_and_nothing_else_is_changed(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(pl.DataFrame({"id": texts, "end": 0}), path)
    cells = [row[0] for row in read(path)[1:]]
    assert len(cells) == len(texts)
    for cell, text in zip(cells, texts, strict=True):
        assert not cell.startswith(STARTS) or re.fullmatch(r"[+-][0-9][0-9.,]*", cell)
        assert cell in (text, f"'{text}")


def test_a_table_in_parts_is_the_table_and_may_begin_with_the_mark_of_utf_8(tmp_path):
    table = pl.DataFrame({"id": ["=a", "b", "ä"], "n": [1, 2, 3]})
    write_csv(table, tmp_path / "whole.csv")
    write_csv_parts((table[i : i + 1] for i in range(3)), tmp_path / "parts.csv")
    write_csv_parts([table.clear(), table], tmp_path / "marked.csv", has_bom=True)
    whole = (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "parts.csv").read_bytes() == whole
    assert (tmp_path / "marked.csv").read_bytes() == b"\xef\xbb\xbf" + whole
