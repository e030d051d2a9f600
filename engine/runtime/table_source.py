"""Tables in Python as a query's source: read batch by batch, as often as the query is run."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl
from polars.io.plugins import register_io_source

TableReader = Callable[[list[str] | None], Iterator[pl.DataFrame]]
"""Tables that have the columns named at least; None: all."""
SeriesByName = Mapping[str, pl.Series]


def lazy_tables(tables: TableReader, schema: pl.Schema, columns: SeriesByName | None = None) -> pl.LazyFrame:
    """One frame of the tables, in their order; `columns` go beside them, by position over all tables."""
    beside = dict(columns or {})
    types = {name: values.dtype for name, values in beside.items()}

    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        start, left = 0, n_rows
        own = None if with_columns is None else [name for name in with_columns if name not in beside]
        wanted = {name: values for name, values in beside.items() if with_columns is None or name in with_columns}
        for table in tables(own or None):
            end = start + table.height
            batch = table.with_columns(values[start:end].alias(name) for name, values in wanted.items())
            start = end
            if left is not None:
                batch = batch.head(left)
                left -= batch.height
            batch = batch if with_columns is None else batch.select(with_columns)
            yield batch if predicate is None else batch.filter(predicate)
            if left == 0:
                return

    return register_io_source(read, schema=dict(schema) | types)


def batches(query: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of a query, in order, as they come."""
    for batch in query.collect_batches(maintain_order=True, engine="streaming"):
        if batch.height:
            yield batch
