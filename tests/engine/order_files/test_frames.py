"""Frames as order files: whatever library they are of."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.support.logs import N_LINES, log, write
from whalecurve import engine
from whalecurve.engine.order_files.files import find_files


class Stream:
    """Rows of a library that nobody knows."""

    def __init__(self, lines):
        self._lines = lines

    def __arrow_c_stream__(self, requested_schema=None):
        return self._lines.to_arrow().__arrow_c_stream__(requested_schema)


def in_duckdb(lines):
    connection = duckdb.connect()
    connection.register("lines", lines.to_arrow())
    return connection.sql("SELECT * FROM lines")


FRAMES = {
    "Polars": lambda lines: lines,
    "Polars, lazy": lambda lines: lines.lazy().filter(pl.col("amount").is_not_null()),
    "pandas": lambda lines: lines.to_pandas(),
    "Arrow": lambda lines: lines.to_arrow(),
    "an Arrow reader": lambda lines: lines.to_arrow().to_reader(2),
    "DuckDB": in_duckdb,
    "any stream": Stream,
}


def refusal(orders, **columns):
    with pytest.raises(engine.InputError) as caught:
        engine.audit_orders(engine.scan_orders(orders, engine.Columns(**columns)), engine.Window())
    return str(caught.value)


@pytest.mark.parametrize("library", FRAMES)
def test_a_frame_is_read_as_often_as_it_takes(library):
    orders = engine.scan_orders(FRAMES[library](log()))
    (file,) = orders.files
    assert (file.path, file.kind, file.n_bytes) == ("the frame", "frame", None)
    assert file.n_rows == (None if library == "Polars, lazy" else N_LINES)
    for _ in range(2):
        assert orders.lines.collect()["amount"].to_list() == log()["amount"].to_list()
    assert engine.audit_orders(orders, engine.Window(as_of=log()["order_ts"][1])).rows == {
        "read": N_LINES, "filtered": 0, "used": 5, "refused": {"after_as_of": 1}
    }  # fmt: skip


def test_types_are_those_of_the_frame():
    lines = log(city=pl.Series(["a"] * N_LINES, dtype=pl.Categorical), big=pl.lit(1, pl.Int128))
    assert find_files(lines)[0].schema == dict(lines.schema)
    zoned = log().to_pandas().assign(order_ts=pd.Timestamp("2024-01-31 12:00", tz="Europe/Berlin"))
    assert find_files(zoned)[0].schema["order_ts"].time_zone == "Europe/Berlin"
    offset = pa.table({"t": pa.array([0], pa.timestamp("us", "+05:30"))})
    assert find_files(offset)[0].zones == {"t": "+05:30"}


def test_refused_lines_say_the_frame_and_the_row():
    orders = engine.scan_orders(log(amount=[1.0, None, 2.0, 3.0, float("nan"), 4.0]).to_pandas())
    rows = engine.refused_rows(orders, engine.audit_orders(orders, engine.Window()))
    assert rows.select("file", "row", "reason").rows() == [
        ("the frame", 1, "null_amount"),
        ("the frame", 4, "null_amount"),
    ]


def test_several_frames_and_files_make_one_log(tmp_path):
    orders = engine.scan_orders([log(), write(tmp_path / "a.parquet"), log().to_pandas()])
    assert [file.path for file in orders.files] == [f"{tmp_path}/a.parquet", "frame 1", "frame 2"]
    assert orders.paths == [f"{tmp_path}/a.parquet"]
    assert engine.audit_orders(orders, engine.Window()).n_read == 3 * N_LINES


def test_errors_name_the_frame():
    assert refusal(log().drop("amount").to_pandas()).startswith("the frame: ")
    assert "the frame: " in refusal(log(amount=pl.lit("x")))
    mixed = log().to_pandas().astype({"amount": object})
    mixed.loc[1, "amount"] = "two"
    assert refusal(mixed).startswith("the frame: cannot be had as a table (")
    assert refusal(log().lazy().select(pl.col("nowhere"))).startswith("the frame: cannot be had as a table (")
    late = log().lazy().with_columns(amount=pl.format("x{}", "amount").cast(pl.Float64))
    assert refusal(late).startswith("the frame: cannot be read to its end (")
    assert refusal([log(), late]).startswith("frame 2: ")


@pytest.mark.parametrize(("orders", "kind"), [(7, "int"), ([["a"]], "list"), ({"a": 1}, "dict"), (None, "NoneType")])
def test_what_is_neither_a_path_nor_a_frame_is_refused(orders, kind):
    assert refusal(orders) == (
        f"orders: {kind} is neither a path nor a frame; give paths, or a frame of Polars, pandas, Arrow or DuckDB"
    )


def test_a_frame_has_no_state_and_its_result_no_orders(tmp_path):
    with pytest.raises(engine.InputError, match="orders in a frame cannot be told apart"):
        engine.score(log(), out=tmp_path / "out", state=tmp_path / "state")
    assert not (tmp_path / "out").exists()


def test_objects_of_python_are_left_alone_unless_they_are_mapped():
    lines = log(thing=pl.Series([object()] * N_LINES, dtype=pl.Object))
    assert engine.audit_orders(engine.scan_orders(lines), engine.Window()).n_used == N_LINES
    assert "which cannot be read" in refusal(lines, order="thing")
