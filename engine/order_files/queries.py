"""A query of a database as order lines: asked once, its answer set aside on disk for as long as anyone may read it.

The engine reads orders several times: to check them, to add them up, to list refused lines. A database may change
between two readings, may be slow, and gives rows in whatever order it likes; so the answer is written to a file without
a name, which is gone as soon as nothing refers to it, and when the process ends, however it ends. In what order the
rows come changes no result, as with files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from whalecurve.engine.databases import (
    DecimalTexts,
    Spool,
    ask,
    database_of,
    spooled,
    without_extensions,
    without_password,
)
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.formats import odd_columns, readable_batches
from whalecurve.engine.order_files.footers import OrderFile
from whalecurve.engine.runtime import lazy_tables


@dataclass(frozen=True, slots=True, repr=False)
class Query:
    """Order lines that a database selects.

    source : a DuckDB or SQLite file, or a connection string: `postgresql://user@host/shop`, `sqlite:///shop.db`,
        `duckdb:///shop.duckdb`
    sql : a query whose answer has a row for each order line
    """

    source: str
    sql: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"Query({without_password(self.source)!r}, {self.sql!r})"


def answer_file(query: Query) -> OrderFile:
    """The answer to a query as an order file; messages and records call it by the database.

    Raises
    ------
    InputError
        No database; its driver is not installed; it cannot be opened; the query fails, or selects nothing.
    """
    name = without_password(query.source)
    answer, plain, decimals = _answer(name, str(query.source), query.sql.strip().rstrip(";"))
    told = odd_columns(plain)
    schema = told["schema"] | decimals
    readable = pl.Schema({column: dtype for column, dtype in schema.items() if column not in told["unreadable"]})

    def tables(asked: list[str] | None) -> Iterator[pl.DataFrame]:
        wanted = list(readable) if asked is None else asked
        for table in readable_batches(answer.path, wanted):
            yield table.cast({column: decimals[column] for column in wanted if column in decimals}, strict=False)

    return OrderFile(
        path=name,
        n_rows=answer.n_rows,
        n_bytes=None,
        kind="query",
        source=lazy_tables(tables, readable),
        origin={"query": query.sql},
        **(told | {"schema": schema}),
    )


def _answer(name: str, source: str, sql: str) -> tuple[Spool, pa.Schema, dict[str, pl.DataType]]:
    """The rows of the answer, set aside; their columns; and the types of decimals that are texts there."""
    if database_of(source) is None:
        raise InputError(
            f"{name}: neither a DuckDB nor a SQLite file, nor a connection string as postgresql://user@host/shop; "
            f"leave {setting('query')} out, or correct the name"
        )
    if not sql:
        raise InputError(f"{name}: {setting('query')} is empty; write one that selects the order lines")
    with ask(source, sql) as (columns, batches):
        twice = next((n for n in columns.names if columns.names.count(n) > 1), None)
        if twice is not None:
            raise InputError(f'{name}: {setting("query")} has two columns "{twice}"; call one of them otherwise, by AS')
        texts = DecimalTexts(columns)
        plain = without_extensions(columns)
        answer = spooled((texts.seen(batch, plain) for batch in batches), plain, name)
    if not answer.n_rows:
        raise InputError(f"{name}: {setting('query')} selects no rows; check its conditions")
    return answer, plain, texts.types
