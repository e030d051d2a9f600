"""Ids that come from floats: exact up to a limit, and beyond it the same for neighbouring whole numbers."""

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.orders import Orders, failures_named, rows_read

IDS = ("customer", "order")
EXACT: dict[pl.DataType, int] = {pl.Float64(): 53, pl.Float32(): 24}
"""Of each type of floats, n: below 2^n every whole number is one of its own."""


def refuse_inexact_ids(orders: Orders) -> None:
    """Make sure that ids which are worked out from floats are told apart; reads the columns of such alone.

    Raises
    ------
    InputError
        An id beyond what its floats hold exactly, as customers, or orders, would be merged.
    """
    for role in IDS:
        floats = {name: bits for name in orders.mapping.columns_of(role) if (bits := _bits(orders, name))}
        if not floats:
            continue
        filled = orders.mapping.roles[role]
        numbers = {name: pl.col(name) for name in floats}
        if filled.dtype.is_integer():
            numbers[""] = filled.expr
        most = orders.mapping.selected(rows_read(orders)).select(
            _most(expr).alias(f"most {i}") for i, expr in enumerate(numbers.values())
        )
        with failures_named(orders):
            largest = dict(zip(numbers, most.collect(engine="streaming").row(0), strict=True))
        for name, size in largest.items():
            bits = floats[name] if name else min(floats.values())
            if size is not None and size >= 2**bits:
                raise InputError(
                    f'{orders.name}: {setting(role)} "{filled.mapping}" makes ids of floats, as '
                    f'"{name or next(iter(floats))}", that are as large as {size:.0f}: from 2^{bits} on '
                    f"they are the same for neighbouring whole numbers, and {role}s would be merged; write the ids as "
                    f"integers or text where the log is exported"
                )


def _bits(orders: Orders, name: str) -> int | None:
    """The bits of a column's whole numbers that are exact; None where it holds no floats."""
    types = [file.schema[name] for file in orders.files if name in file.schema]
    return min((EXACT[dtype] for dtype in types if dtype in EXACT), default=None)


def _most(number: pl.Expr) -> pl.Expr:
    size = number.cast(pl.Float64).abs()
    return size.filter(size.is_finite()).max()
