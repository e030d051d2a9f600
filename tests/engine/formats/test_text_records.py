"""Records of delimited text, against the standard library's reader and by hand."""

import codecs
import csv
import gzip
import io

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine import InputError
from whalecurve.engine.formats import text_records
from whalecurve.engine.formats.text_records import Dialect, records

NAMES = ["a", "b", "c"]
HEAD = b"a,b,c\n"


@pytest.fixture(params=[None, 7, 64], ids=["one block", "blocks of 7 bytes", "blocks of 64 bytes"])
def _blocks(request, monkeypatch):
    """Text cut into blocks of any size gives the same records."""
    if request.param:
        monkeypatch.setattr(text_records, "BLOCK", request.param)


def found(path, content, *, separator=",", encoding=None, wanted=NAMES):
    path.write_bytes(content)
    tables = list(records(str(path), NAMES, Dialect(separator, encoding), wanted, "fault"))
    return pl.concat(tables).rows() if tables else []


def sound(*rows):
    return [(*row, None) for row in rows]


@pytest.mark.usefixtures("_blocks")
def test_cells_are_what_lies_between_separators(tmp_path):
    text = HEAD + b'1,,3\n"x, y","","say ""hi"""\r\n"two\nlines", 5 ,\n\n\r\n7,8,9'
    expected = sound(("1", None, "3"), ("x, y", None, 'say "hi"'), ("two\nlines", " 5 ", None), ("7", "8", "9"))
    assert found(tmp_path / "x.csv", text) == expected
    assert found(tmp_path / "x.tsv", b"a\tb\tc\n1,5\t2\t3\n", separator="\t") == sound(("1,5", "2", "3"))


@pytest.mark.usefixtures("_blocks")
def test_a_record_with_another_number_of_cells_is_one_fault_in_its_place(tmp_path):
    text = HEAD + b"1,2,3\n1,2\n\n4,5,6\n1,2,3,4\n,,\n"
    assert found(tmp_path / "x.csv", text) == [
        ("1", "2", "3", None),
        (None, None, None, "2 cells, expected 3"),
        ("4", "5", "6", None),
        (None, None, None, "4 cells, expected 3"),
        (None, None, None, None),
    ]


@pytest.mark.usefixtures("_blocks")
def test_a_stray_quote_costs_its_own_line_at_most(tmp_path):
    text = HEAD + b'1,5" pipe,x\n2,"un,x\n3,"two\nlines",x\n4,"5" pipe,x\n5,"5"" pipe",x\n6,y,"never closed\n7,y,z\n'
    assert found(tmp_path / "x.csv", text) == [
        ("1", '5" pipe', "x", None),
        (None, None, None, "a stray quote"),
        ("3", "two\nlines", "x", None),
        (None, None, None, "a stray quote"),
        ("5", '5" pipe', "x", None),
        (None, None, None, "a stray quote"),
        ("7", "y", "z", None),
    ]


def test_a_quote_that_never_closes_does_not_hold_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(text_records, "BLOCK", 1_000)
    monkeypatch.setattr(text_records, "MOST_RECORD", 4_000)
    rows = found(tmp_path / "x.csv", HEAD + b'0,"open,x\n' + b"1,2,3\n" * 5_000)
    assert (len(rows), rows[0][3], rows[1:]) == (5_001, "a stray quote", sound(*[("1", "2", "3")] * 5_000))


def test_wanted_columns_alone_come_but_faults_are_of_whole_records(tmp_path):
    rows = found(tmp_path / "x.csv", HEAD + b"1,2,3\n4,5\n", wanted=["c"])
    assert rows == [("3", None), (None, "2 cells, expected 3")]


TEXT = 'a,b,c\nMüller,"Straße\n1",€\n'
EXPECTED = sound(("Müller", "Straße\n1", "€"))


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        gzip.compress(TEXT.encode(), mtime=0),
        gzip.compress(TEXT[:9].encode(), mtime=0) + gzip.compress(TEXT[9:].encode(), mtime=0),
        pa.compress(TEXT.encode(), codec="zstd", asbytes=True),
    ],
    ids=["UTF-8", "with mark", "UTF-16", "big-endian", "gzip", "two gzip members", "zstd"],
)
def test_encodings_with_a_mark_and_compressions_are_read_as_they_are(tmp_path, content):
    assert found(tmp_path / "x.csv", content) == EXPECTED


def test_a_line_that_tells_the_separator_is_no_record(tmp_path):
    expected = found(tmp_path / "x.csv", HEAD + b"1,2,3\n")
    assert found(tmp_path / "x.csv", codecs.BOM_UTF8 + b"sep=,\r\n" + HEAD + b"1,2,3\n") == expected


def test_an_encoding_can_be_named(tmp_path):
    assert found(tmp_path / "x.csv", TEXT.encode("cp1252"), encoding="cp1252") == EXPECTED


@pytest.mark.usefixtures("_blocks")
def test_another_encoding_than_said_is_an_error_that_names_the_line(tmp_path):
    path = tmp_path / "x.csv"
    with pytest.raises(InputError) as refusal:
        found(path, HEAD + b"1,2,3\n" * 30 + "4,é,6\n".encode("latin-1"))
    assert str(refusal.value).startswith(f"{path}: not UTF-8 (byte 0xe9 in line 32); ")


cell = st.text(st.sampled_from('x1 ,;"\n\té'), max_size=5)


@given(st.lists(st.tuples(cell, cell, cell), max_size=20), st.integers(1, 50), st.sampled_from(",;\t"))
def test_what_the_standard_library_writes_comes_back(tmp_path_factory, rows, block, separator):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([NAMES, *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_records, "BLOCK", block)
        got = found(tmp_path_factory.mktemp("text") / "x.csv", text.getvalue().encode(), separator=separator)
    assert got == sound(*(tuple(cell or None for cell in row) for row in rows))


def test_no_wanted_column_still_has_all_rows_and_faults(tmp_path):
    (tmp_path / "x.csv").write_bytes(HEAD + b'1,2,3\n4,5\n6,"x" y,7\n')
    tables = records(str(tmp_path / "x.csv"), NAMES, Dialect(","), [], "fault")
    assert pl.concat(table.select("fault") for table in tables)["fault"].to_list() == [
        None, "2 cells, expected 3", "a stray quote"
    ]  # fmt: skip
