"""Files are whole or as good as missing, whatever the disk does."""

from pathlib import Path

import pytest

from whalecurve.kernels.compiler.whole_file import CHECKSUM, read_whole, write_whole


def test_what_was_written_is_read_and_nothing_else_is_left(tmp_path):
    for data in (b"first", b"", b"second" * 1000):
        write_whole(tmp_path / "file", data)
        assert read_whole(tmp_path / "file") == data
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("n", [0, 1, CHECKSUM - 1, CHECKSUM, CHECKSUM + 3])
def test_a_file_that_was_cut_short_is_as_good_as_none(tmp_path, n):
    write_whole(tmp_path / "file", b"data")
    (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:n])
    assert read_whole(tmp_path / "file") is None


def test_a_file_in_which_a_bit_has_changed_is_as_good_as_none(tmp_path):
    write_whole(tmp_path / "file", b"data")
    whole = (tmp_path / "file").read_bytes()
    for at in range(len(whole)):
        (tmp_path / "file").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert read_whole(tmp_path / "file") is None


def test_no_file_and_a_directory_in_its_place_are_as_good_as_none(tmp_path):
    assert read_whole(tmp_path / "file") is None
    (tmp_path / "file").mkdir()
    assert read_whole(tmp_path / "file") is None
    write_whole(tmp_path / "file", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    write_whole(tmp_path / "file", b"first")

    def full(_path, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    write_whole(tmp_path / "file", b"second")
    assert read_whole(tmp_path / "file") == b"first"
    write_whole(tmp_path / "missing" / "file", b"second")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
