"""What paths name, before anything is opened."""

import os
from pathlib import Path

import pytest

from whalecurve.engine import InputError
from whalecurve.engine.paths import irregular, is_url, read_text, refuse_impossible, refuse_url


def test_a_url_has_a_scheme_and_two_slashes():
    assert [is_url(path) for path in ("s3://b/a.parquet", "file:///a", "a/b", "c:/a", "s3:b")] == [True, True] + 3 * [
        False
    ]


@pytest.mark.parametrize("path", ["a", "a:b", "/s3:/a", "./s3:a", "c:/a", "2024:/a", ""])
def test_what_is_no_url_may_be_written(path):
    refuse_url(path, "out")
    refuse_url(Path(path), "out")


def test_nothing_and_regular_files_and_links_to_them_are_regular(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    kinds = {name: irregular(tmp_path / name) for name in ("file", "link", "dangling", "nothing", "pipe", ".")}
    assert kinds == dict.fromkeys(("file", "link", "dangling", "nothing")) | {
        "pipe": "a named pipe",
        ".": "a directory",
    }
    assert irregular("/dev/null") == "a device"


def test_text_of_a_regular_file_is_read_and_anything_else_is_one_line(tmp_path):
    (tmp_path / "a").write_text("é", encoding="utf-8")
    assert read_text(tmp_path / "a", "do this") == "é"
    (tmp_path / "a").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "a", "do this")
    with pytest.raises(InputError, match=r"nothing: cannot be read \(No such file or directory\); do this"):
        read_text(tmp_path / "nothing", "do this")
    with pytest.raises(InputError, match=r"cannot be read \(a directory, expected a file\); do this"):
        read_text(tmp_path, "do this")


def test_a_name_below_a_file_is_possible_and_for_the_caller_to_refuse(tmp_path):
    (tmp_path / "file").touch()
    refuse_impossible(tmp_path / "file" / "below", "here")
    refuse_impossible(tmp_path / "nothing" / "below", "here")
