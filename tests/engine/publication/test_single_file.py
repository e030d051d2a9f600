"""A single file, written whole or not at all."""

import os

import pytest

from whalecurve import engine
from whalecurve.engine.publication import check_file, check_place, publish_file


def refusal(job, *arguments, **options):
    with pytest.raises(engine.InputError) as caught:
        job(*arguments, **options)
    return str(caught.value)


def test_a_file_is_written_with_the_directories_above_it(tmp_path):
    publish_file(tmp_path / "a" / "b" / "c.html", "größer\n", "out")
    assert (tmp_path / "a" / "b" / "c.html").read_bytes() == "größer\n".encode()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c.html"]


def test_a_file_that_is_there_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "c.html"
    path.write_text("old")
    before = path.stat().st_ino
    with path.open() as reader:
        publish_file(path, "new", "out")
        assert reader.read() == "old"
    assert path.read_text() == "new"
    assert path.stat().st_ino != before


def test_nothing_is_left_of_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "c.html").mkdir()
    (tmp_path / "c.html" / "full").touch()
    assert "cannot be written" in refusal(publish_file, tmp_path / "c.html", "new", "out")
    assert [path.name for path in tmp_path.iterdir()] == ["c.html"]


def test_nothing_is_left_when_the_text_is_no_text(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        publish_file(tmp_path / "a" / "c.html", "\ud800", "out")
    assert list(tmp_path.iterdir()) == []


def test_places_are_refused_with_the_setting_that_names_them(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "result").mkdir()
    out = tmp_path / "result" / "deep" / "c.html"
    assert refusal(check_place, out, "figures", [None, tmp_path / "result"]).startswith(
        f'figures="{out}": lies within the result that is read ({tmp_path / "result"})'
    )
    assert "a named pipe, expected a file" in refusal(check_file, tmp_path / "pipe", "out", overwrite=True)
    assert "a directory, expected a file" in refusal(check_file, tmp_path, "out", overwrite=True)
    assert f"{tmp_path / 'file'} cannot be written" in refusal(check_place, tmp_path / "file" / "c.html", "out")
    assert "exists; choose another file, or replace it with overwrite=True" in refusal(
        check_file, tmp_path / "file", "out", overwrite=False
    )
    assert "a URL" in refusal(check_file, tmp_path.__class__("s3://bucket/c.html"), "out", overwrite=False)
    check_file(tmp_path / "file", "out", overwrite=True)
    check_file(tmp_path / "new" / "c.html", "out", overwrite=False, results=[tmp_path / "result"])
