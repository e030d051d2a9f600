"""One log in every format that orders come in: the same customers, to the last bit."""

from datetime import UTC
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.databases import duckdb_file, in_postgres, postgres_server, postgres_table, sqlite_file
from tests.support.logs import simple_log
from tests.support.tables import delta_table, iceberg_table
from whalecurve import engine
from whalecurve.engine import Query

N_LINES = 4_000
TIMES = "TRY_STRPTIME(order_ts, '%Y-%m-%dT%H:%M:%S%#z')"
MONEY = ("amount", "margin")


@pytest.fixture(scope="module")
def lines():
    """Order lines with ids that begin with zeros, instants, money in cents, and some lines that are refused."""
    made = simple_log(N_LINES, 250, seed=11)
    return made.with_columns(
        customer_id=pl.when(pl.int_range(pl.len()) % 97 > 0).then(pl.col("customer_id").cast(pl.String).str.zfill(6)),
        order_id=pl.format("A{}", pl.col("order_id")),
        order_ts=pl.col("order_ts").dt.replace_time_zone("UTC"),
        amount=pl.when(pl.int_range(pl.len()) % 301 > 0).then("amount"),
    )


@pytest.fixture(scope="module")
def shuffled(lines):
    return lines.sample(fraction=1.0, shuffle=True, seed=2)


@pytest.fixture(scope="module")
def parquet(lines, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    lines.write_parquet(folder / "orders.parquet")
    return scored(folder / "orders.parquet", folder / "scores")


@pytest.fixture(scope="module")
def server():
    with postgres_server() as address:
        yield address


def scored(orders, out, time=None):
    """All that a run says of the customers, in the order of their ids, and of the rows."""
    columns, window = engine.Columns(time=time), engine.Window(timezone="America/New_York")
    run = engine.score(orders, out=out, columns=columns, window=window, layout="flat", measures=False)
    customers = pl.read_parquet(Path(out) / "customers" / "*.parquet").sort("customer_id")
    return customers, run.manifest["rows"], run.segments


def as_text(lines):
    """Times as text with an offset, as an export in another zone writes them."""
    berlin = pl.col("order_ts").dt.convert_time_zone("Europe/Berlin")
    return lines.with_columns(order_ts=berlin.dt.strftime("%Y-%m-%dT%H:%M:%S%:z"))


def in_cents(lines):
    return lines.with_columns(pl.col(name).cast(pl.Decimal(12, 2)) for name in MONEY)


def csv(folder, lines, server):
    as_text(lines).write_csv(folder / "orders.csv")
    return folder / "orders.csv"


def text_in_parquet(folder, lines, server):
    as_text(lines).write_parquet(folder / "orders.parquet")
    return folder / "orders.parquet", TIMES


def ipc(folder, lines, server):
    in_cents(lines).write_ipc(folder / "orders.arrow")
    return folder / "orders.arrow"


def delta(folder, lines, server):
    shops = in_cents(lines).with_columns(shop=pl.int_range(pl.len()) % 3)
    return delta_table(folder / "t", shops[:1000], shops[1000:], partition_by=["shop"])


def iceberg(folder, lines, server):
    iceberg_table(folder / "t", in_cents(lines)[:1000], in_cents(lines)[1000:])
    return folder / "t"


def in_duckdb(folder, lines, server):
    return Query(str(duckdb_file(folder / "shop.duckdb", in_cents(lines))), "SELECT * FROM orders")


def in_sqlite(folder, lines, server):
    return Query(str(sqlite_file(folder / "shop.db", as_text(lines))), "SELECT * FROM orders"), TIMES


def a_postgres_table(folder, lines, server):
    postgres_table(server, "floats", lines)
    in_postgres(
        server,
        "DROP TABLE IF EXISTS orders",
        "CREATE TABLE orders AS SELECT customer_id, order_ts, order_id, amount::numeric, margin::numeric(12, 2)"
        " FROM floats",
    )
    return Query(server, "SELECT * FROM orders")


FORMATS = {
    "CSV": csv,
    "Parquet with times as text": text_in_parquet,
    "Arrow IPC": ipc,
    "Delta Lake": delta,
    "Iceberg": iceberg,
    "DuckDB": in_duckdb,
    "SQLite": in_sqlite,
    "PostgreSQL": a_postgres_table,
    "pandas": lambda folder, lines, server: lines.to_pandas(),
    "Polars, lazy": lambda folder, lines, server: in_cents(lines).lazy(),
    "an Arrow reader": lambda folder, lines, server: lines.to_arrow().to_reader(500),
    "an Arrow dataset": lambda folder, lines, server: dataset(folder, lines),
    "a relation of DuckDB": lambda folder, lines, server: relation(lines),
}


def dataset(folder, lines):
    import pyarrow.dataset as ds

    lines.write_parquet(folder / "orders.parquet")
    return ds.dataset(folder / "orders.parquet")


def relation(lines):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Kolkata'")
    connection.register("lines", lines.to_arrow())
    return connection.sql("SELECT * FROM lines")


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_has_the_result_of_its_parquet_in_every_format(tmp_path, parquet, shuffled, server, name):
    made = FORMATS[name](tmp_path, shuffled, server)
    orders, time = made if isinstance(made, tuple) else (made, None)
    customers, rows, segments = scored(orders, tmp_path / "scores", time)
    assert_frame_equal(customers, parquet[0], check_exact=True)
    assert_frame_equal(segments, parquet[2], check_exact=True)
    assert rows == parquet[1]
    assert rows["refused"] == {"null_customer": 42, "null_amount": 13}


def test_days_of_instants_are_those_of_the_zone(lines):
    assert lines["order_ts"].dtype == pl.Datetime("us", str(UTC))
    utc, there = (pl.col("order_ts").dt.convert_time_zone(zone).dt.date() for zone in ("UTC", "America/New_York"))
    assert lines.select((utc != there).sum()).item() > 100, "or nothing is shown by these tests"
