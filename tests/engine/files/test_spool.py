import gc
import os

import pyarrow as pa
import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.files.spool import ROWS, Spool, spooled

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


def test_a_full_disk_is_one_line(monkeypatch):
    def full(self, batches, schema):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "write", full)
    with pytest.raises(InputError, match=r"^shop: no room in .* for the answer \(No space left on device\); free some"):
        spooled(batches(1), COLUMNS, "shop")
