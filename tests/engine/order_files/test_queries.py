"""Queries of databases as order lines."""

import gc
import os
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest

from tests.support.databases import duckdb_file, in_postgres, postgres_server, sqlite_file
from tests.support.logs import N_LINES, log, simple_log, write
from whalecurve import engine
from whalecurve.engine import Query
from whalecurve.engine.order_files.files import find_files

ALL = "SELECT * FROM orders"


@pytest.fixture(scope="module")
def server():
    with postgres_server() as address:
        yield address


def refusal(orders, **columns):
    with pytest.raises(engine.InputError) as caught:
        engine.check_orders(orders, engine.Columns(**columns))
    return str(caught.value)


def test_a_duckdb_file_is_asked_for_its_lines(tmp_path):
    path = duckdb_file(tmp_path / "shop.duckdb", log())
    for source in (str(path), f"duckdb:///{path}"):
        orders = engine.scan_orders(Query(source, f"{ALL} WHERE amount > 1;"))
        assert orders.inputs == [{"path": source, "rows": 5, "bytes": None, "query": f"{ALL} WHERE amount > 1;"}]
        for _ in range(2):
            assert orders.lines.collect()["amount"].to_list() == [2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_sqlite_file_is_asked_for_its_lines(tmp_path):
    path = sqlite_file(tmp_path / "my shop#1.db", log())
    for source in (str(path), f"sqlite:///{path}"):
        query = Query(source, ALL)
        assert refusal(query).startswith(f'{source}: `time` "order_ts" is String, expected ')
        orders = engine.scan_orders(query, engine.Columns(time="TRY_STRPTIME(order_ts, '%Y-%m-%d')"))
        assert orders.lines.collect()["time"].dt.date().to_list() == log()["order_ts"].to_list()
        assert find_files(query)[0].schema["customer_id"] == pl.Int64()


def test_a_relative_path_is_relative(tmp_path, monkeypatch):
    sqlite_file(tmp_path / "shop.db", log())
    monkeypatch.chdir(tmp_path)
    assert engine.scan_orders(Query("sqlite:///shop.db", "SELECT *, 0.5 AS x, date(order_ts) d FROM orders"),
                              engine.Columns(time="STRPTIME(d, '%Y-%m-%d')")).n_rows == N_LINES  # fmt: skip


def test_types_of_postgres_are_those_of_a_parquet_file(server):
    in_postgres(
        server,
        "DROP TABLE IF EXISTS typed",
        "CREATE TABLE typed (id TEXT, n BIGINT, price NUMERIC, declared NUMERIC(12, 2), at TIMESTAMPTZ,"
        " clock TIMESTAMP, day DATE, ok BOOLEAN)",
        "INSERT INTO typed VALUES"
        " ('007', 1, 12345678901234567.123456, 1.50, '2024-01-31 23:30:00-05', '2024-01-31 23:30', '2024-01-31', true),"
        " ('7', 2, -0.5, 'NaN', NULL, NULL, NULL, NULL)",
    )
    (file,) = find_files(Query(server, "SELECT * FROM typed ORDER BY n"))
    assert file.schema == {
        "id": pl.String(), "n": pl.Int64(), "price": pl.Decimal(23, 6), "declared": pl.Decimal(3, 2),
        "at": pl.Datetime("us", "UTC"), "clock": pl.Datetime("us"), "day": pl.Date(), "ok": pl.Boolean(),
    }  # fmt: skip
    rows = file.source.collect()
    assert rows["id"].to_list() == ["007", "7"]
    assert rows["price"].to_list() == [Decimal("12345678901234567.123456"), Decimal("-0.5")]
    assert rows["declared"].to_list() == [Decimal("1.50"), None]
    assert rows["at"].to_list() == [datetime(2024, 2, 1, 4, 30, tzinfo=UTC), None]


def test_a_decimal_without_a_value_is_a_refused_line(server):
    lines = (
        "SELECT 1 AS customer_id, DATE '2024-01-01' + n AS order_ts, amount FROM "
        "(VALUES (0, 1.5::numeric), (1, 'NaN'), (2, NULL)) AS t (n, amount)"
    )
    record = engine.check_orders(Query(server, lines)).to_dict()
    assert record["rows"] == {"read": 3, "filtered": 0, "used": 1, "refused": {"null_amount": 2}}


def test_a_query_cannot_write(server, tmp_path):
    in_postgres(server, "DROP TABLE IF EXISTS kept", "CREATE TABLE kept AS SELECT 1 AS n")
    assert "read-only transaction" in refusal(Query(server, "DELETE FROM kept RETURNING n"))
    path = sqlite_file(tmp_path / "shop.db", log())
    assert "readonly database" in refusal(Query(str(path), "DELETE FROM orders RETURNING amount"))
    path = duckdb_file(tmp_path / "shop.duckdb", log())
    assert "read-only mode" in refusal(Query(str(path), "DELETE FROM orders RETURNING amount"))


@pytest.mark.parametrize("make", [duckdb_file, sqlite_file])
def test_what_is_wrong_with_a_query_is_one_line(tmp_path, make):
    path = make(tmp_path / "shop", log())
    assert refusal(path) == (
        f"{path}: a {'DuckDB' if make is duckdb_file else 'SQLite'} database; say which rows are the order lines with "
        f'query="SELECT * FROM orders"'
    )
    assert refusal(Query(str(path), "SELECT * FROM nope")).startswith(f"{path}: the query fails (")
    assert "nope" in refusal(Query(str(path), "SELECT * FROM nope"))
    assert refusal(Query(str(path), f"{ALL} WHERE 1 = 0")) == f"{path}: `query` selects no rows; check its conditions"
    assert refusal(Query(str(path), " ; ")).startswith(f"{path}: `query` is empty; ")
    assert refusal(Query(str(path), "SELECT amount, amount AS amount FROM orders")).startswith(
        f'{path}: `query` has two columns "amount"'
    )


def test_what_is_no_database_is_said(tmp_path):
    assert refusal(Query(str(write(tmp_path / "a.parquet")), ALL)).startswith(f"{tmp_path}/a.parquet: neither a DuckDB")
    assert refusal(Query("mysql://me:hush@host/shop", ALL)).startswith("mysql://me@host/shop: neither a DuckDB")
    assert refusal(Query("sqlite:///nope.db", ALL)).startswith("sqlite:///nope.db: no such file (")


def test_a_row_that_fails_half_way_is_one_line(tmp_path):
    path = duckdb_file(tmp_path / "shop.duckdb", simple_log(200_000, 100, seed=1))
    late = "CASE WHEN order_id = 99999 THEN error('oh no') ELSE amount END AS amount"
    message = refusal(Query(str(path), f"SELECT customer_id, order_ts, {late} FROM orders"))
    assert message.startswith(f"{path}: the query fails")
    assert message.endswith("oh no); correct it")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://bob:hush@127.0.0.1:1/shop", "cannot be opened ("),
        ("postgresql://bob@127.0.0.1:1/shop?password=hush", "cannot be opened ("),
        ("postgresql://bob:hush@127.0.0.1:1/shop?passward=hush", "cannot be opened ("),
        ("postgresql://bob:hush@me@127.0.0.1:1/shop", "the password has signs that mean something else"),
        ("postgresql://bob:hush%@127.0.0.1:1/shop", "the password has signs that mean something else"),
    ],
)
def test_a_password_is_nowhere(address, said):
    query = Query(address, ALL)
    message = refusal(query)
    assert message.startswith(f"postgresql://bob@127.0.0.1:1/shop: {said}")
    assert "hush" not in message + repr(query)
    assert "hush" not in refusal(address)


def test_a_password_is_not_in_the_record(server):
    address = server.replace("postgres:@", "postgres:hush@")
    (inputs,) = engine.scan_orders(Query(address, "SELECT 1 AS customer_id, now() AS order_ts, 1 AS amount")).inputs
    assert inputs["path"] == "postgresql://postgres@/postgres"
    assert inputs["rows"] == 1


def test_the_answer_has_no_name_and_goes_with_the_last_who_reads_it(tmp_path, monkeypatch):
    path = duckdb_file(tmp_path / "shop.duckdb", log())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "aside"))
    (tmp_path / "aside").mkdir()
    orders = engine.scan_orders(Query(str(path), ALL))
    path.unlink()
    lines = orders.lines
    del orders
    gc.collect()
    assert list((tmp_path / "aside").iterdir()) == []
    assert lines.collect().height == N_LINES
    del lines
    gc.collect()
    with os.scandir("/proc/self/fd") as entries:
        targets = [os.path.realpath(entry.path) for entry in entries]
    assert not [target for target in targets if str(tmp_path) in target]


def test_a_directory_that_is_not_there_for_the_answer_is_one_line(tmp_path, monkeypatch):
    path = duckdb_file(tmp_path / "shop.duckdb", log())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert refusal(Query(str(path), ALL)).startswith(
        f"{path}: {tmp_path}/nowhere takes no file for the answer (No such file or directory); make sure"
    )


def test_many_rows_keep_their_order_and_come_in_pieces(tmp_path):
    lines = simple_log(200_000, 1_000, seed=3)
    path = duckdb_file(tmp_path / "shop.duckdb", lines)
    (file,) = find_files(Query(str(path), ALL))
    assert file.source.collect().equals(lines)
    assert file.source.select("margin").slice(150_000, 5).collect().equals(lines.select("margin").slice(150_000, 5))


def test_answers_stand_beside_files_and_frames(tmp_path):
    path = duckdb_file(tmp_path / "shop.duckdb", log())
    orders = engine.scan_orders([Query(str(path), ALL), write(tmp_path / "a.parquet"), log()])
    assert [file.path.removeprefix(f"{tmp_path}/") for file in orders.files] == [
        "a.parquet",
        "shop.duckdb",
        "the frame",
    ]
    assert engine.audit_orders(orders, engine.Window()).n_read == 3 * N_LINES


def test_a_state_cannot_tell_the_answer_to_a_query_apart(tmp_path):
    path = duckdb_file(tmp_path / "shop.duckdb", log())
    with pytest.raises(engine.InputError, match="the answer to a query cannot be told apart"):
        engine.score(Query(str(path), ALL), out=tmp_path / "scores", state=tmp_path / "state")
