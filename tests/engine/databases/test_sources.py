import os

import pytest

from tests.support.databases import duckdb_file, sqlite_file
from tests.support.logs import log, write
from whalecurve.engine.databases.sources import DUCKDB, POSTGRES, ROWS, SQLITE, ask, database_of, without_password
from whalecurve.engine.errors import InputError


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("postgresql://me@host/shop", POSTGRES),
        ("POSTGRES://host/shop", POSTGRES),
        ("sqlite:///nowhere.db", SQLITE),
        ("duckdb:////srv/nowhere", DUCKDB),
        ("mysql://host/shop", None),
        ("s3://bucket/orders.parquet", None),
        ("nowhere", None),
        ("a\0b", None),
        ("/proc", None),
    ],
)
def test_a_connection_string_names_a_kind_by_its_scheme(source, kind):
    assert database_of(source) == kind


def test_a_file_is_a_database_by_its_first_bytes(tmp_path):
    assert database_of(str(duckdb_file(tmp_path / "a", log()))) == DUCKDB
    assert database_of(str(sqlite_file(tmp_path / "b.duckdb", log()))) == SQLITE
    assert database_of(str(write(tmp_path / "c.db"))) is None


def test_a_pipe_is_no_database_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.db")
    assert database_of(str(tmp_path / "pipe.db")) is None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("postgresql://me:hush@host:5432/shop?sslmode=require", "postgresql://me@host:5432/shop"),
        ("postgresql://me:hush@hush@host/shop", "postgresql://me@host/shop"),
        ("postgresql://me:hu/sh@host/shop?password=hush", "postgresql://me@host/shop"),
        ("postgresql://host/shop?user=me&password=hush", "postgresql://host/shop"),
        ("postgresql:///shop?host=/run/postgresql", "postgresql:///shop"),
        ("sqlite:///shop.db", "sqlite:///shop.db"),
        ("a folder/shop.db", "a folder/shop.db"),
    ],
)
def test_what_is_without_password_of_a_source_has_no_password(source, told):
    assert without_password(source) == told


def test_what_sqlite_mixes_below_its_first_rows_is_one_line(tmp_path):
    path = sqlite_file(tmp_path / "shop.db", log())
    numbers = f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {ROWS + 10})"
    mixed = f"{numbers} SELECT CASE WHEN i > {ROWS} THEN 'bad' ELSE i END AS amount FROM c"
    with (
        pytest.raises(InputError, match=r"^.*/shop.db: the query fails after some rows \(.*INT64.*\); correct it$"),
        ask(str(path), mixed) as (_, batches),
    ):
        list(batches)
    with ask(str(path), f"{numbers} SELECT CAST(i AS TEXT) AS amount FROM c") as (columns, batches):
        assert sum(batch.num_rows for batch in batches) == ROWS + 10
        assert columns.names == ["amount"]
