"""Files of attributes, opened: one row a customer, with an id and columns beside it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import polars as pl

from whalecurve.engine.errors import ColumnMissingError, InputError, listed, setting
from whalecurve.engine.order_files import CustomerFile, Paths, common_types, open_customer_file, typed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeFile:
    """A file of attributes, or several that make one; nothing is read until its rows are collected."""

    file: CustomerFile

    @property
    def place(self) -> str:
        """What messages call it."""
        return self.file.place

    @property
    def names(self) -> list[str]:
        """The attributes: all columns that can be read, but the ids."""
        return self.file.attributes

    def with_texts(self, texts: Collection[str]) -> "AttributeFile":
        """The same with columns of text files that stay as they are written, as postcodes with their zeros."""
        ids = {self.file.key, *texts}
        files = typed_for(self.file.files, ids=ids, numbers=(), parts=(), times=())
        return AttributeFile(file=replace(self.file, files=files))

    def types(self, names: Collection[str]) -> dict[str, pl.DataType]:
        """The types of some of its attributes, each in all files.

        Raises
        ------
        InputError
            A column whose types in the files have nothing in common.
        """
        return common_types([name for name in self.names if name in names], self.file.files, "UTC")


def open_attributes(paths: Sequence[Paths], key: str | None, usual: Sequence[str]) -> list[AttributeFile]:
    """Open files of attributes without reading their rows.

    Parameters
    ----------
    paths
        Each a file, or several as a directory, glob or URL; or a frame.
    key
        The column of ids in each of them; None: the first of the usual ones that it has.
    usual
        Names of columns of ids, as in the orders first.

    Raises
    ------
    InputError
        A file that cannot be read, or without such a column; an attribute that two files have.
    """
    files = [AttributeFile(file=_opened(path, key, usual)) for path in paths]
    times = Counter(name for file in files for name in file.names)
    twice = next((name for name, n in times.items() if n > 1), None)
    if twice is not None:
        homes = [file.place for file in files if twice in file.names]
        raise InputError(
            f'{setting("attributes")}: "{twice}" is a column of {listed(homes[:2], separator=" and of ")}; rename it '
            f"in one of them"
        )
    return files


def _opened(path: Paths, key: str | None, usual: Sequence[str]) -> CustomerFile:
    names = [key] if key is not None else list(dict.fromkeys(usual))
    for name in names[:-1]:
        try:
            return open_customer_file(path, name, "attributes_key")
        except ColumnMissingError:
            continue
    return open_customer_file(path, names[-1], "attributes_key")
