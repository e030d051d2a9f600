"""Words for customers, picked from a short list by position."""

from collections.abc import Sequence

import polars as pl


def picked(words: Sequence[str], position: pl.Expr, dtype: pl.DataType | None = None) -> pl.Expr:
    """The word at each position; null where the position is.

    Not `replace_strict`: its plan held all rows in memory where this one streams.
    """
    return pl.lit(pl.Series(words, dtype=dtype or pl.String())).gather(position)


def labelled(labels: Sequence[str], position: pl.Expr) -> pl.Expr:
    """The label at each position, as an Enum of the labels in their order: a byte or two a customer, not a word."""
    return picked(labels, position, pl.Enum(list(dict.fromkeys(labels))))


def in_words(table: pl.DataFrame) -> pl.DataFrame:
    """The table with strings for labels."""
    return table.with_columns(
        picked(dtype.categories.to_list(), pl.col(name).to_physical()).alias(name)
        for name, dtype in table.schema.items()
        if isinstance(dtype, pl.Enum)
    )


def schema_in_words(schema: pl.Schema) -> pl.Schema:
    """The schema of `in_words`."""
    return pl.Schema({name: pl.String() if isinstance(dtype, pl.Enum) else dtype for name, dtype in schema.items()})
