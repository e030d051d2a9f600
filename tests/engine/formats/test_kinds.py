"""Kinds of files, by first bytes and by names."""

import pytest

from whalecurve.engine.formats.kinds import kind_of, of_one_kind


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("x.parquet", b"PAR1..", "parquet"),
        ("x.csv", b"PAR1..", "parquet"),
        ("part-0", b"PAR1..", "parquet"),
        ("x.parquet", b"a,b\n", "parquet"),  # and so an error that says what is wrong
        ("odd.name", b"a,b\n", "parquet"),
        ("x.feather", b"ARROW1", "arrow"),
        ("x.ARROWS", b"\xff\xff\xff\xff", "arrow"),
        ("x.csv", b"a,b\n", "text"),
        ("x.TSV", b"a\tb\n", "text"),
        ("x.txt", b"a;b\n", "text"),
        ("x.csv.gz", b"\x1f\x8b\x08", "text"),
        ("x.download", b"\x1f\x8b\x08", "text"),
        ("x.csv.zst", b"\x28\xb5\x2f\xfd", "text"),
    ],
)
def test_first_bytes_tell_a_kind_and_names_where_they_do_not(name, head, kind):
    assert kind_of(name, head) == kind


def test_a_directory_is_read_as_its_first_kind():
    names = ["a.csv", "b.tsv.gz", "c.feather", "d.parquet", "e.txt", "f.json"]
    assert of_one_kind(names) == (["d.parquet"], ["a.csv", "b.tsv.gz", "c.feather", "e.txt", "f.json"])
    assert of_one_kind(names[:3]) == (["c.feather"], ["a.csv", "b.tsv.gz"])
    assert of_one_kind([*names[:2], *names[4:]]) == (["a.csv", "b.tsv.gz"], ["e.txt", "f.json"])
    assert of_one_kind(["e.txt"]) == ([], ["e.txt"])
