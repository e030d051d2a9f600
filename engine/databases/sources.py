"""Databases: which one a name stands for, what may be shown of it, and the answer to a query, batch by batch."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import pyarrow as pa

from whalecurve.engine.errors import InputError
from whalecurve.engine.extras import needed

DUCKDB, SQLITE, POSTGRES = "DuckDB", "SQLite", "PostgreSQL"
SCHEMES = {"duckdb": DUCKDB, "sqlite": SQLITE, "postgresql": POSTGRES, "postgres": POSTGRES}

SQLITE_MAGIC, DUCKDB_MAGIC, DUCKDB_AT = b"SQLite format 3\0", b"DUCK", 8
"""First bytes of a SQLite file; those of a DuckDB file follow a checksum of eight bytes."""

ROWS = 65_536
"""Rows of a batch; SQLite's columns have the type of what is in the first of them."""

PREFIX = re.compile(r"^(?:[A-Z_]+: )?(?:\[\w+\] )?")
"""What drivers put before the message of the database."""

Answer = tuple[pa.Schema, Iterator[pa.RecordBatch]]


def database_of(source: str) -> str | None:
    """The kind of database that a path or connection string names; None where it is none."""
    scheme, separator, _ = source.partition("://")
    if separator:
        return SCHEMES.get(scheme.lower())
    try:
        if not Path(source).is_file():  # a pipe would be waited for
            return None
        with Path(source).open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except (OSError, ValueError):  # may not be read, an impossible name: for others to say
        return None
    if head == SQLITE_MAGIC:
        return SQLITE
    return DUCKDB if head[DUCKDB_AT : DUCKDB_AT + len(DUCKDB_MAGIC)] == DUCKDB_MAGIC else None


def without_password(source: str) -> str:
    """The database as messages and records name it: without password and parameters."""
    scheme, separator, rest = str(source).partition("://")
    if not separator or SCHEMES.get(scheme.lower()) in (DUCKDB, SQLITE):
        return str(source)
    who, at, where = rest.rpartition("@")
    return f"{scheme}://{who.partition(':')[0]}{at}{where.partition('?')[0]}"


@contextmanager
def ask(source: str, sql: str) -> Iterator[Answer]:
    """The columns of a query's answer, and its rows, as they come. Nothing can be written by it.

    Raises
    ------
    InputError
        The driver is not installed; the database cannot be opened; the query fails, at once or while rows come.
    """
    kind = database_of(source)
    name = without_password(source)
    driver = _driver(kind or "", name)
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(_connected(kind or "", source, driver))
        except _failures(driver) as error:
            raise InputError(f"{name}: cannot be opened ({_said(error, source)}); check its name") from None
        try:
            columns, batches = _answered(kind or "", connection, sql, opened)
        except _failures(driver) as error:
            raise InputError(f"{name}: the query fails ({_said(error, source)}); correct it") from None
        if not len(columns):
            raise InputError(f"{name}: the query selects nothing; write one that has an answer, as SELECT does")
        yield columns, _named(batches, driver, source)


def _driver(kind: str, name: str) -> Any:  # noqa: ANN401 - a module
    modules = {DUCKDB: "duckdb", SQLITE: "adbc_driver_sqlite.dbapi", POSTGRES: "adbc_driver_postgresql.dbapi"}
    return needed(modules[kind], extra="databases", place=f"{name}: a {kind} database")


def _failures(driver: Any) -> tuple[type[Exception], ...]:  # noqa: ANN401
    return (driver.Error, pa.ArrowException, OSError)


def _named(batches: Iterator[pa.RecordBatch], driver: Any, source: str) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
    """The batches; what fails meanwhile is one line, as what fails at once is."""
    while True:
        try:
            batch = next(batches, None)
        except _failures(driver) as error:
            said = _said(error, source)
            raise InputError(
                f"{without_password(source)}: the query fails after some rows ({said}); correct it"
            ) from None
        if batch is None:
            return
        yield batch


def _connected(kind: str, source: str, driver: Any) -> Any:  # noqa: ANN401
    if kind == POSTGRES:
        _refuse_ambiguous(source)
        return driver.connect(source)
    path = _path(source)
    if not path.is_file():
        raise InputError(f"{without_password(source)}: no such file ({path.absolute()}); check the path")
    if kind == DUCKDB:
        return driver.connect(str(path.absolute()), read_only=True)
    return driver.connect(f"file:{quote(str(path.absolute()))}?mode=ro", autocommit=True)


def _path(source: str) -> Path:
    """The file that a path or connection string names: relative after three slashes, absolute after four."""
    _, separator, rest = source.partition("://")
    return Path(rest.removeprefix("/") if separator else source)


def _answered(kind: str, connection: Any, sql: str, opened: ExitStack) -> Answer:  # noqa: ANN401
    if kind == DUCKDB:
        connection.execute("SET TimeZone = 'UTC'")  # the same days wherever this runs
        relation = connection.sql(sql)
        if relation is None:
            return pa.schema([]), iter(())
        rows = relation.to_arrow_reader(ROWS)
        return rows.schema, iter(rows)
    cursor = opened.enter_context(connection.cursor())
    if kind == SQLITE:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(ROWS)})
    else:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    cursor.execute(sql)
    rows = opened.enter_context(cursor.fetch_record_batch())
    return rows.schema, iter(rows)


def _refuse_ambiguous(source: str) -> None:
    """Make sure that the password is where everybody looks for it: else a part of it may be taken for the host."""
    password = _password(source)
    if re.search(r"[@/?#\[\]\s]|%(?![0-9A-Fa-f]{2})", password):
        raise InputError(
            f"{without_password(source)}: the password has signs that mean something else in a connection string; "
            f"write each as % and its code, @ as %40, or leave the password to the environment variable PGPASSWORD"
        )


def _password(source: str) -> str:
    return source.partition("://")[2].rpartition("@")[0].partition(":")[2]


def _said(error: BaseException, source: str) -> str:
    """The first line of what a database or driver says, without what is secret."""
    line = " ".join(PREFIX.sub("", str(error).strip().partition("\n")[0]).split()).rstrip(".")
    if database_of(source) != POSTGRES:
        return line
    line, password = line.replace(source, without_password(source)), _password(source)
    given = [value for key, value in parse_qsl(source.partition("?")[2]) if "pass" in key]
    for secret in {password, unquote(password), *given, *map(quote, given)} - {""}:
        line = line.replace(secret, "***")
    return line
