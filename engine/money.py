"""Money as whole numbers: sums that do not depend on the order of what is summed."""

from collections.abc import Sequence

import numpy as np
import polars as pl

DECIMALS = 6
UNITS: int = 10**DECIMALS
"""Fixed-point units in one unit of currency: amounts are kept to six decimals."""

LIMIT = 9.2e12
"""Largest amount, and largest turnover of one customer, in units of currency: 64-bit integers end just above."""


def to_fixed(amount: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Fixed-point units (Int64) of an amount; null where it is null, not finite or beyond `LIMIT`."""
    if dtype.is_integer():
        whole = amount.cast(pl.Int64, strict=False)
        return pl.when(whole.is_between(-int(LIMIT), int(LIMIT))).then(whole * UNITS)
    if isinstance(dtype, pl.Decimal) and dtype.scale <= DECIMALS:  # exact, where a float of a large amount is not
        units = amount.cast(pl.Decimal(38, DECIMALS), strict=False).to_physical()
    else:
        units = (amount.cast(pl.Float64) * UNITS).round()
    return pl.when(amount.cast(pl.Float64).abs() <= LIMIT).then(units).cast(pl.Int64, strict=False)


def to_currency(units: pl.Expr) -> pl.Expr:
    """The amount in units of currency: the Float64 nearest to its fixed-point units. Not for nulls."""
    return units.map_batches(_divided, return_dtype=pl.Float64, is_elementwise=True)


def quotient(dividend: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """The Float64 nearest to dividend / divisor, which are whole numbers or floats; null where one of them is."""
    return pl.map_batches([dividend, divisor], _quotient, return_dtype=pl.Float64, is_elementwise=True)


def _quotient(columns: Sequence[pl.Series]) -> pl.Series:
    # A divisor that is the same in all rows of a batch may be a constant to Polars, see `_divided`.
    dividend, divisor = (column.cast(pl.Float64).to_numpy() for column in columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = pl.Series(columns[0].name, dividend / divisor)
    return ratio.fill_nan(None) if any(column.null_count() for column in columns) else ratio


def _divided(units: pl.Series) -> pl.Series:
    # Polars multiplies by the reciprocal of a constant, which misses the nearest float: 1189.38 prints as ...79999.
    return pl.Series(units.name, units.cast(pl.Float64).to_numpy() / UNITS)
