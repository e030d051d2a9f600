import gc
import os

import pyarrow as pa
import pytest

from whalecurve.engine.databases.spool import ROWS, Spool, spooled
from whalecurve.engine.errors import InputError

COLUMNS = pa.schema({"n": pa.int64()})


def batches(*sizes):
    start = 0
    for size in sizes:
        yield pa.record_batch([pa.array(range(start, start + size), pa.int64())], schema=COLUMNS)
        start += size


def read(spool):
    with pa.OSFile(spool.path) as file, pa.ipc.open_file(file) as reader:
        return [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)], reader.read_all()


@pytest.mark.parametrize(
    ("sizes", "written"),
    [((), []), ((0, 0), []), ((3, 4), [7]), ((ROWS, 1), [ROWS, 1]), ((40_000, 40_000, 5), [ROWS, 14_464, 5])],
)
def test_rows_come_back_in_their_order_and_in_pieces_of_some_size(sizes, written):
    spool = spooled(batches(*sizes), COLUMNS, "shop")
    found, table = read(spool)
    assert found == written
    assert spool.n_rows == sum(sizes)
    assert table["n"].to_pylist() == list(range(sum(sizes)))


def test_the_file_has_no_name_and_goes_with_the_spool(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spool = Spool()
    path = spool.path
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) in os.path.realpath(path)
    del spool
    gc.collect()
    assert str(tmp_path) not in os.path.realpath(path)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(28, "No space left on device"),
            r"no room in /\S+ for the answer \(No space left on device\); free some",
        ),
        (
            OSError(122, "Disk quota exceeded"),
            r"no room in /\S+ for the answer \(Disk quota exceeded\); free some space",
        ),
        (
            PermissionError(13, "Permission denied"),
            r"/\S+ takes no file for the answer \(Permission denied\); make sure",
        ),
        (OSError("a bad disk\nat 7"), r"/\S+ takes no file for the answer \(a bad disk\); make sure that it is there"),
    ],
)
def test_a_disk_that_is_full_and_one_that_takes_no_file_are_told_apart(monkeypatch, error, words):
    def failing(self, batches, schema):
        raise error

    monkeypatch.setattr(Spool, "write", failing)
    with pytest.raises(InputError, match=f"^shop: {words}.*, or name another directory with the environment"):
        spooled(batches(1), COLUMNS, "shop")


def test_a_system_without_a_place_for_temporary_files_is_one_line(monkeypatch):
    def none():
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr("tempfile.gettempdir", none)
    with pytest.raises(InputError, match=r"^shop: the directory of temporary files takes no file .* \(No usable temp"):
        spooled(batches(1), COLUMNS, "shop")
