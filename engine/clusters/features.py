"""Columns of customers on one scale: those of many sizes bent, each less its median, in units of its spread."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
import polars as pl

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.kernels.arrays import Matrix, Vector

SIZES = (0.1, 0.9)
MANY_SIZES = 5.0
"""A column is bent if sizes at these quantiles, zeros left out, are so many times apart, or more."""

CUT = (0.01, 0.99)
"""Quantiles that values are cut off at before their spread is told, so that a few large ones do not decide it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a column is put on the common scale: (bent − centre) / spread.

    bend : "asinh", of the value in `unit`, a small one: as the logarithm of its size, with its sign, and 0 at 0; or
        "none", as it is
    """

    column: str
    bend: Literal["asinh", "none"]
    unit: float
    centre: float
    spread: float

    @classmethod
    def of(cls, column: str, values: Vector) -> Self:
        """From the values of all customers."""
        sizes = np.abs(values[values != 0.0])
        unit, large = (float(one) for one in np.quantile(sizes, SIZES)) if sizes.size else (1.0, 1.0)
        bend: Literal["asinh", "none"] = "asinh" if large >= MANY_SIZES * unit else "none"
        bent = np.arcsinh(values / unit) if bend == "asinh" else values
        low, high = np.quantile(bent, CUT)
        spread = float(np.clip(bent, low, high).std()) or float(bent.std()) or 1.0
        centre = float(np.median(bent))
        return cls(column=column, bend=bend, unit=unit, centre=centre, spread=spread)

    def scaled(self, values: Vector) -> Vector:
        """The values on the common scale."""
        bent = np.arcsinh(values / self.unit) if self.bend == "asinh" else values
        return (bent - self.centre) / self.spread

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """Customers who can be clustered, in order of the ids, with what they are told apart by.

    table : customer_id, `segment` (RFM, as text), and the columns as Float64, none of them null
    n_left_out : customers who lack one of the columns, as those who never bought do
    """

    table: pl.DataFrame
    n_left_out: int

    def values(self, column: str) -> Vector:
        """float64[n] of a column."""
        return self.table[column].to_numpy()

    def scaled(self, scales: Sequence[Scale]) -> Matrix:
        """float64[n, k], a column a scale."""
        return np.column_stack([scale.scaled(self.values(scale.column)) for scale in scales])


def customers_of(result: Result, columns: Sequence[str]) -> Customers:
    """The customers of a result with these columns.

    Raises
    ------
    InputError
        A column that the result does not have, or that is no number.
    """
    types = result.columns
    for name in columns:
        if name not in types:
            numbers = [other for other, dtype in types.items() if dtype.is_numeric() and other != CUSTOMER]
            raise InputError(
                f'{setting("columns")} "{name}": {result.path} has no such column; there are {listed(numbers)}'
            )
        if not (types[name].is_numeric() or types[name] == pl.Boolean()) or name == CUSTOMER:
            raise InputError(f'{setting("columns")} "{name}" is {types[name]}; clusters are made of numbers')
    rows = result.take(CUSTOMER, "rfm_segment", *columns).select(
        CUSTOMER, pl.col("rfm_segment").cast(pl.String).alias("segment"), pl.col(columns).cast(pl.Float64)
    )
    every = rows.sort(CUSTOMER).collect(engine="streaming")
    known = every.filter(pl.all_horizontal(pl.col(columns).is_finite().fill_null(value=False)))
    return Customers(table=known, n_left_out=every.height - known.height)
