"""Columns of attribute files beside those of the orders: which expressions read them, and names that both have."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from whalecurve.engine.attributes import AttributeFile, AttributeRows, open_attributes, rows_with_ids
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.mapping.normalised_ids import normal_form
from whalecurve.engine.mapping.roles import Role
from whalecurve.engine.order_files import Paths
from whalecurve.engine.settings import DEFAULT_NAMES, ROLES, Columns

Readers = Sequence[tuple[str, pl.Expr]]
"""Expressions, each with the setting that messages name."""


def opened_attributes(columns: Columns, customer: str, available: Collection[str]) -> list[AttributeFile]:
    """The files of attributes, their ids in a column that is called as in the orders, or as usual."""
    if not columns.attributes:
        return []
    usual = [customer] if customer in available else []
    paths: Sequence[Paths] = columns.attributes
    return open_attributes(paths, columns.attributes_key, [*usual, DEFAULT_NAMES["customer"]])


def names_of(attributes: Sequence[AttributeFile]) -> list[str]:
    """All attributes."""
    return [name for file in attributes for name in file.names]


def attributes_read(
    attributes: Sequence[AttributeFile], readers: Readers, available: Collection[str], place: str
) -> set[str]:
    """The attributes that dimensions and conditions read.

    Raises
    ------
    InputError
        One that is called as a column of the orders is.
    """
    read: set[str] = set()
    for role, expr in readers:
        for name in expr.meta.root_names() if role not in ROLES else ():
            home = next((file.place for file in attributes if name in file.names), None)
            if home is not None and name in available:
                raise InputError(
                    f'{setting(role)}: "{name}" is a column of {place} and of {home}; rename it in '
                    f"{setting('attributes')}"
                )
            if home is not None:
                read.add(name)
    return read


def as_dimensions_want(
    attributes: Sequence[AttributeFile], dimensions: Readers, readers: Readers
) -> list[AttributeFile]:
    """The files with the columns of text that are dimensions, and nothing else, as they are written."""
    uses = Counter(name for _, expr in readers for name in dict.fromkeys(expr.meta.root_names()))
    alone = {expr.meta.root_names()[0] for _, expr in dimensions if expr.meta.is_column()}
    return [file.with_texts({name for name in alone if uses[name] == 1}) for file in attributes]


def rows_for(
    attributes: Sequence[AttributeFile], names: Collection[str], customer: Role, steps: Collection[str]
) -> tuple[AttributeRows, ...]:
    """Rows of attributes with ids in the form of the customers' of the orders."""
    return rows_with_ids(attributes, names, customer.dtype, (lambda ids: normal_form(ids, steps)) if steps else None)


def recorded(columns: Columns) -> dict[str, Any]:
    """The settings of attributes as a record says them; none where there are no files. A frame has no name."""
    if not columns.attributes:
        return {}
    named = [str(path) for path in columns.attributes if isinstance(path, str) or hasattr(path, "__fspath__")]
    return {"attributes": named, "attributes_key": columns.attributes_key, "pool_below": columns.pool_below}
