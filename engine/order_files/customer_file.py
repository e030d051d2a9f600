"""A file of customers beside the orders: one row each, with an id and attributes."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import ColumnMissingError, ColumnTypeError, InputError, reason, setting
from whalecurve.engine.order_files.column_types import common_types
from whalecurve.engine.order_files.files import Paths, find_files, named, scan_alike
from whalecurve.engine.order_files.footers import UNREADABLE, OrderFile
from whalecurve.engine.order_files.names import column_names
from whalecurve.engine.order_files.text_types import typed_for

MOST_LEVELS = 50
"""A column of text with more different values is an id, a contact or free text, and no attribute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFile:
    """A file of customers, or several that make one.

    place : what messages call it; key : the column of ids
    """

    place: str
    key: str
    files: list[OrderFile]

    @property
    def is_text(self) -> bool:
        """Whether ids are text for being cells of a text file, whatever they are in the orders."""
        return all(file.layout is not None for file in self.files)

    @property
    def attributes(self) -> list[str]:
        """All columns that can be read, but the ids, in the order in which they first come."""
        unreadable = {name for file in self.files for name in file.unreadable}
        return [name for name in column_names(self.files) if name not in {self.key, *unreadable}]

    def rows(self, names: list[str]) -> pl.LazyFrame:
        """Ids and the named attributes, each of one type in all files; null where a file has no such column.

        Raises
        ------
        InputError
            A column whose types in the files have nothing in common.
        """
        types = common_types([self.key, *names], self.files, timezone="UTC")
        return scan_alike(self.files, types)

    def ids_as(self, dtype: pl.DataType, role: str, names: list[str] | None = None) -> pl.LazyFrame:
        """The same with ids in the type of the customers'; rows whose id is null, or none of that type, are left out.

        Raises
        ------
        InputError
            Ids of another type; text cells and whole numbers of another width stand for whole numbers.
        """
        rows = self.rows(names or [])
        with self.read():
            own = rows.collect_schema()[self.key]
        if own != dtype and not ((own.is_integer() or self.is_text) and dtype.is_integer()):
            raise ColumnTypeError(
                role=role,
                mapping=self.key,
                found=str(own),
                expected=f"{dtype} as in the orders",
                advice="write both with one type",
                where=self.place,
            )
        return rows.with_columns(pl.col(self.key).cast(dtype, strict=False)).filter(pl.col(self.key).is_not_null())

    @contextmanager
    def read(self) -> Iterator[None]:
        """Turn the failure of a query over the rows into InputError, one line that names the file."""
        try:
            yield
        except UNREADABLE as error:
            raise InputError(f"{self.place}: cannot be read ({reason(error)}); write the file again") from error

    def check_once(self, rows: pl.LazyFrame) -> int:
        """How many rows there are; raise InputError where a customer has more than one of them."""
        ids = pl.col(self.key)
        n, n_unique = rows.select(n=pl.len(), unique=ids.n_unique()).collect(engine="streaming").row(0)
        if n != n_unique:
            raise InputError(  # without an id, which may be an address
                f"{self.place}: a customer comes again in {n - n_unique:,} of {n:,} rows; keep one row for each "
                f'"{self.key}"'
            )
        return int(n)


def open_customer_file(path: Paths, key: str, role: str, texts: Collection[str] = ()) -> CustomerFile:
    """Open a file of customers without reading its rows.

    Parameters
    ----------
    path
        A file, or several as a directory, glob or URL; or a frame.
    key
        Column of ids.
    role
        The setting that names it, for messages.
    texts
        Further columns of text files whose cells stay as they are written: phone numbers with their zeros.

    Raises
    ------
    InputError
        A file that cannot be read, or no such column.
    """
    files = _with_texts(path, {key, *texts})
    file = CustomerFile(
        place=os.fspath(path) if isinstance(path, str | os.PathLike) else named(files), key=key, files=files
    )
    available = column_names(file.files)
    if key not in available:
        raise ColumnMissingError(role=role, mapping=key, wanted=key, available=available, where=file.place)
    its_type = next((part.unreadable[key] for part in file.files if key in part.unreadable), None)
    if its_type is not None:
        raise InputError(
            f'{file.place}: {setting(role)} "{key}" is {its_type}, which cannot be read; rename it, or write it as '
            f"another type"
        )
    return file


def _with_texts(path: Paths, names: Collection[str]) -> list[OrderFile]:
    return typed_for(find_files(path), ids=names, numbers=(), parts=(), times=())
