"""Arrow IPC files and streams."""

import polars as pl
import pytest

from whalecurve.engine.formats.arrow_files import arrow_batches, arrow_schema, n_arrow_rows

LINES = pl.DataFrame({"a": range(1_000), "b": ["x"] * 1_000, "c": [1.5] * 1_000})


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("form", ["file", "stream"])
def test_columns_rows_and_batches_are_read(tmp_path, form, compression):
    path = str(tmp_path / "x.arrow")
    (LINES.write_ipc if form == "file" else LINES.write_ipc_stream)(path, compression=compression)
    assert (arrow_schema(path).names, n_arrow_rows(path)) == (["a", "b", "c"], 1_000)
    table = pl.concat(pl.from_arrow(batch) for batch in arrow_batches(path, ["c", "a"]))
    assert table.select("c", "a").equals(LINES.select("c", "a"))


def test_a_file_without_rows_has_none(tmp_path):
    LINES.clear().write_ipc(tmp_path / "x.arrow")
    assert n_arrow_rows(str(tmp_path / "x.arrow")) == 0
