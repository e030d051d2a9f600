"""What is known of customers beside their orders: a file -> the design matrix of the covariate models."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.errors import ColumnTypeError, InputError, listed, setting
from whalecurve.engine.models.covariates.design import OTHERS, Design, column_moments
from whalecurve.engine.order_files import MOST_LEVELS, CustomerFile, open_customer_file
from whalecurve.kernels.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covariates:
    """The covariates of a file's customers, one row each: Float64 (true is 1), or String for categories.

    customers : ids in the file's type; categories as strings
    has_text_ids : whether ids are text for being cells of a text file, whatever they are in the orders
    """

    path: str
    customers: pl.Series
    table: pl.DataFrame
    has_text_ids: bool = False


def read_covariates(
    path: str | os.PathLike[str], customer_column: str, columns: Sequence[str] | None = None
) -> Covariates:
    """Read a file with one row a customer, and check it for use as covariates.

    Parameters
    ----------
    path
        A file, or several as a directory, glob or URL.
    customer_column
        Column of ids.
    columns
        Covariates; None: all other columns.

    Raises
    ------
    InputError
        A file that cannot be read, no such column, a type that is no covariate, a customer twice, a null, NaN or
        infinity, a column with one value or too many levels, a column that others determine.
    """
    file = open_customer_file(path, customer_column, "customer")
    place, available = file.place, file.attributes
    names = available if columns is None else list(columns)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputError(f'{place}: covariate "{twice[0]}" is named twice; name it once')
    if not names:
        raise InputError(f'{place}: no covariate beside "{customer_column}"; add columns to the file')
    for name in names:
        if name not in available:
            raise InputError(f'{place}: no covariate "{name}"; there are {listed(available)}')
    rows = _rows(file, names)
    covariates = Covariates(
        path=place,
        customers=_checked_ids(rows[customer_column], file),
        table=rows.select(_usable(rows[name], place) for name in names),
        has_text_ids=file.is_text,
    )
    column_moments(design_of(covariates, covariates.customers), place)
    return covariates


def design_of(covariates: Covariates, customers: pl.Series) -> Design:
    """The design matrix of some customers, in their order.

    A category becomes one column a level, but for the most frequent level among these customers (of equally
    frequent ones, the first by name), which is the base; levels are in order of name.

    Raises
    ------
    InputError
        Ids of another type than the file's, or customers without covariates.
    """
    rows = covariates.table[_matching(covariates, customers)]
    names: list[str] = []
    sources: list[str] = []
    values: list[Vector] = []
    bases: dict[str, str] = {}
    for column in rows:
        if column.dtype != pl.String:
            names.append(column.name)
            sources.append(column.name)
            values.append(column.to_numpy())
            continue
        levels = column.value_counts(name="n").sort(["n", column.name], descending=[True, False])[column.name].to_list()
        bases[column.name] = levels[0]
        for level in sorted(levels[1:]):
            names.append(f"{column.name}={level}")
            sources.append(column.name)
            values.append((column == level).cast(pl.Float64).to_numpy())
    return Design(
        names=tuple(names),
        values=np.column_stack(values) if values else np.empty((rows.height, 0)),
        sources=tuple(sources),
        bases=bases,
        n_unused=covariates.customers.len() - rows.height,
    )


def _rows(file: CustomerFile, names: list[str]) -> pl.DataFrame:
    """Ids and the named columns, which every one of the files has."""
    for part in file.files:
        for name in (file.key, *names):
            if name not in part.schema:
                raise InputError(f'{part.path}: no column "{name}", which other files have; add it there')
    with file.read():
        return file.rows(names).collect()


def _checked_ids(ids: pl.Series, file: CustomerFile) -> pl.Series:
    place = file.place
    if not (ids.dtype.is_integer() or ids.dtype in (pl.String, pl.Binary)):
        raise ColumnTypeError(
            role="customer",
            mapping=ids.name,
            found=str(ids.dtype),
            expected="an integer, string or binary id",
            advice="write the ids as in the orders",
            where=place,
        )
    if ids.len() == 0:
        raise InputError(f"{place}: no rows; give one row a customer")
    if ids.null_count():
        raise InputError(f'{place}: "{ids.name}" is null in {ids.null_count():,} of {ids.len():,} rows; leave them out')
    file.check_once(ids.to_frame().lazy())
    return ids


def _usable(column: pl.Series, place: str) -> pl.Series:
    """A covariate as Float64 or String; refused where it cannot be one."""
    n_null, dtype = column.null_count(), column.dtype
    if n_null:
        raise InputError(
            f'{place}: covariate "{column.name}" is null in {n_null:,} of {column.len():,} rows; fill them, {OTHERS}'
        )
    if dtype == pl.String:
        n_levels = column.n_unique()
        if n_levels > MOST_LEVELS:
            raise InputError(
                f'{place}: covariate "{column.name}" has {n_levels:,} levels, more than {MOST_LEVELS}; '
                f"group them into fewer, {OTHERS}"
            )
        usable = column
    elif dtype.is_numeric() or dtype == pl.Boolean:
        usable = column.cast(pl.Float64)
        n_wrong = usable.len() - int(usable.is_finite().sum())
        if n_wrong:
            raise InputError(
                f'{place}: covariate "{column.name}" is NaN or infinite in {n_wrong:,} of {column.len():,} rows; '
                f"fill them, {OTHERS}"
            )
    else:
        raise InputError(
            f'{place}: covariate "{column.name}" is {dtype}, expected numbers, true and false, or text; '
            f"derive one of these, {OTHERS}"
        )
    if usable.n_unique() == 1:
        raise InputError(
            f'{place}: covariate "{column.name}" is {usable[0]!r} for every customer; leave it out, {OTHERS}'
        )
    return usable


def _matching(covariates: Covariates, customers: pl.Series) -> pl.Series:
    """The file's row of each customer."""
    ours, theirs = (
        ids.cast(pl.String) if isinstance(ids.dtype, pl.Categorical | pl.Enum) else ids
        for ids in (customers, covariates.customers)
    )
    if covariates.has_text_ids and ours.dtype.is_integer():
        theirs = theirs.cast(pl.Int128, strict=False)
        if theirs.drop_nulls().is_duplicated().any():
            again = covariates.customers.filter(theirs.is_duplicated() & theirs.is_not_null()).to_list()
            raise InputError(
                f"{covariates.path}: {again[0]!r} and {again[1]!r} are one customer in the orders, whose ids are whole "
                f"numbers; keep one row a customer"
            )
    if ours.dtype.is_integer() and theirs.dtype.is_integer():
        ours, theirs = ours.cast(pl.Int128), theirs.cast(pl.Int128)
    if ours.dtype != theirs.dtype:
        raise InputError(
            f"{covariates.path}: customers are {theirs.dtype}, but {ours.dtype} in the orders; write both with one type"
        )
    file_rows = pl.DataFrame({"id": theirs}).with_row_index("row")
    rows = pl.DataFrame({"id": ours}).join(file_rows, on="id", how="left", maintain_order="left")["row"]
    if rows.null_count():
        raise InputError(  # without an id, which may be an address
            f"{covariates.path}: {rows.null_count():,} of {customers.len():,} customers of the orders are not in the "
            f"file; add them, or leave their orders out with {setting('where')}"
        )
    return rows
