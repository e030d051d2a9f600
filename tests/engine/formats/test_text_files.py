"""The first look at a text file: separator, names, forms of columns; and its rows in types."""

import polars as pl
import pytest

from whalecurve.engine import InputError
from whalecurve.engine.formats import text_files
from whalecurve.engine.formats.text_files import n_records, read_head, sampled, typed_records


def write(path, text):
    path.write_text(text, encoding="utf-8", newline="")
    return str(path)


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb, or c\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('"a;x",b\n1,2\n', ","),
        ("a;b,c\n1;2,5\n3;4\n5;6\n", ";"),
        ("sep=;\r\na;b\r\n1;2\r\n", ";"),
    ],
)
def test_the_separator_is_the_one_that_parts_the_first_lines_alike(tmp_path, text, separator):
    assert read_head(write(tmp_path / "x.csv", text)).layout.dialect.separator == separator


def test_names_are_without_blanks_and_each_once(tmp_path):
    head = read_head(write(tmp_path / "x.csv", "a, b ,a,,\n1,2,3,4,5\n"))
    assert head.layout.names == ("a", "b", "a_duplicated_0", "", "_duplicated_0")
    assert not head.is_empty
    assert read_head(write(tmp_path / "x.csv", "a,b\r\n\r\n")).is_empty


def test_a_column_without_a_name_is_read_under_none(tmp_path):
    path = write(tmp_path / "x.csv", ",a\n0,1.5\n1,2.5\n")  # as pandas writes its index
    layout = sampled(path, read_head(path).layout, ["", "a"])
    (table,) = typed_records(path, layout, {"": pl.Int64(), "a": pl.Float64()}, "fault")
    assert table.drop("fault").to_dict(as_series=False) == {"": [0, 1], "a": [1.5, 2.5]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty, without even names of columns"),
        (" \n", "empty, without even names of columns"),
        ("{customer}\n1\n2\n", "no separator (comma, semicolon, tab or bar) that parts the first lines alike"),
        ("1001\n1002\n", 'its first line has values ("1001"), not names of columns'),
        ("1001,2024-01-31,x\n", 'its first line has values ("1001", "2024-01-31"), not names of columns'),
        ("1,2.5\n2,3\n", 'its first line has values ("1", "2.5"), not names of columns'),
        (f'{{"a": "{"x" * 200_000}"}}', "no separator"),
        ("a,b\r1,2\r", "its lines end in a carriage return alone"),
    ],
)
def test_a_text_that_is_no_table_is_refused(tmp_path, text, message):
    path = write(tmp_path / "x.csv", text)
    with pytest.raises(InputError) as refusal:
        read_head(path)
    assert str(refusal.value).startswith(f"{path}: {message}")


def test_a_list_of_ids_is_a_table_of_one_column(tmp_path):
    path = write(tmp_path / "x.csv", "customer id\nA-1\nB-2\n")
    layout = read_head(path).layout
    assert layout.names == ("customer id",)
    (table,) = typed_records(path, layout, {"customer id": pl.String()}, "fault")
    assert table["customer id"].to_list() == ["A-1", "B-2"]


def test_forms_are_found_over_the_first_rows_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "SAMPLE_ROWS", 3)
    path = write(tmp_path / "x.csv", "n,t,e,m\n1,2024-01-01,,1\n2,2024-01-02,,x\n3,2024-01-03,,3\nfour,late,full,4\n")
    layout = sampled(path, read_head(path).layout, ["n", "t", "e", "m"])
    assert {name: form.dtype for name, form in layout.forms.items()} == {
        "n": pl.Int64(), "t": pl.Date(), "m": pl.String()
    }  # fmt: skip
    assert {name: (form.dtype, round(form.share, 3)) for name, form in layout.likely.items()} == {
        "m": (pl.Int64(), 0.667)
    }


def test_the_first_cell_that_cannot_be_read_is_the_fault_of_its_row(tmp_path):
    path = write(tmp_path / "x.csv", "n,f,s\n1,2.5,x\none,two,y\n3,,z\n4\n")
    layout = read_head(path).layout
    table = pl.concat(typed_records(path, layout, {"n": pl.Int64(), "f": pl.Float64(), "s": pl.String()}, "fault"))
    assert table.rows() == [
        (1, 2.5, "x", None),
        (None, None, "y", 'n "one"'),
        (3, None, "z", None),
        (None, None, None, "1 cells, expected 3"),
    ]
    assert n_records(path, layout) == 4
