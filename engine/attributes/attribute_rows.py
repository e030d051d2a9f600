"""The rows of attribute files with ids as customers have them, and rows of customers joined with them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.attributes.attribute_file import AttributeFile

CUSTOMER = "__attributes_of"
"""The column of ids in the rows of attributes: no column of a user is called so."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributeRows:
    """The attributes of one file that are read.

    rows : `CUSTOMER` in the type of the customers' ids, none null, and the attributes
    types : the type of each attribute
    """

    source: AttributeFile
    rows: pl.LazyFrame
    types: dict[str, pl.DataType]

    def check_once(self) -> int:
        """How many rows there are; raise InputError where a customer has more than one."""
        key = self.source.file.key
        with self.source.file.read():
            return self.source.file.check_once(self.rows.select(pl.col(CUSTOMER).alias(key)))


def rows_with_ids(
    files: Sequence[AttributeFile],
    names: Collection[str],
    ids: pl.DataType,
    normal: Callable[[pl.Expr], pl.Expr] | None = None,
) -> tuple[AttributeRows, ...]:
    """Of each file that has any of the attributes, its rows with them.

    Parameters
    ----------
    files
        The files.
    names
        The attributes that are read.
    ids
        The type of the customers' ids.
    normal
        What gives ids of text the form that tells customers apart; None: they stay as they are.

    Raises
    ------
    InputError
        Ids of another type, or an attribute whose types in the files have nothing in common.
    """
    made = []
    for source in files:
        own = [name for name in source.names if name in names]
        if own:
            made.append(_rows(source, own, ids, normal))
    return tuple(made)


def _rows(
    source: AttributeFile, names: list[str], ids: pl.DataType, normal: Callable[[pl.Expr], pl.Expr] | None
) -> AttributeRows:
    key = pl.col(source.file.key)
    rows = source.file.ids_as(ids, "attributes_key", names)
    if ids == pl.String():
        key = normal(key) if normal is not None else key
        rows = rows.filter(key.str.strip_chars() != "")
    types = source.types(names)
    # NaN is no number, and greater than any where it is compared
    columns = [pl.col(name).fill_nan(None) if types[name].is_float() else pl.col(name) for name in names]
    return AttributeRows(source=source, rows=rows.select(key.alias(CUSTOMER), *columns), types=types)


def with_attributes(rows: pl.LazyFrame, customer: pl.Expr, attributes: Sequence[AttributeRows]) -> pl.LazyFrame:
    """Rows of customers, in their order, with the attributes as further columns; null for whom a file has no row.

    Parameters
    ----------
    rows
        Rows without columns of these names.
    customer
        The id of a row's customer; null matches nobody.
    attributes
        The attributes, each customer once.
    """
    if not attributes:
        return rows
    joined = rows.with_columns(customer.alias(CUSTOMER))
    for part in attributes:
        joined = joined.join(part.rows, on=CUSTOMER, how="left", maintain_order="left")
    return joined.drop(CUSTOMER)


def match_note(part: AttributeRows, n_customers: int, n_with: int, n_rows: int) -> str:
    """How many customers have a row, and how many rows are of nobody, in words."""
    return (
        f"attributes: {n_with:,} of {n_customers:,} customers have a row in {part.source.place}, the others have null; "
        f"{n_rows - n_with:,} of its rows are of nobody in the orders"
    )
