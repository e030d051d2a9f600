"""Whole-number sums over customers, by value and by whether they are in the segment: what shares are made of.

A measure has y and x for each customer: orders with a value among all their orders, say. Its sums are the columns
<measure>_y, <measure>_yy, <measure>_yx of a table with value, in_segment and n_<measure>, the customers who count.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.statistics import RESOLUTION, RatioSums

WHOLE = pl.Int128


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominator:
    """The denominator x of a measure: unit it is squared in; Σx and Σx² over the segment, and over the base."""

    unit: float
    segment: tuple[float, float]
    base: tuple[float, float]


def whole_of(customers: pl.DataFrame, column: str, *, is_money: bool = False) -> Denominator:
    """Σx and Σx² of a column of the customers."""
    x = pl.col(column).cast(WHOLE)
    unit = 1.0
    if is_money:
        mean = int(customers.select(x.abs().sum()).item()) / customers.height
        unit = max(mean / RESOLUTION, 1.0)
    squares = in_units(pl.col(column), unit) ** 2
    sums = [
        side.select(x.sum().alias("x"), squares.sum().alias("xx")).row(0)
        for side in (customers.filter("in_segment"), customers)
    ]
    segment, base = ((float(total), float(square) * unit * unit) for total, square in sums)
    return Denominator(unit=unit, segment=segment, base=base)


def in_units(amount: pl.Expr, unit: float) -> pl.Expr:
    """Whole units of an amount."""
    return amount.cast(WHOLE) if unit == 1.0 else (amount.cast(pl.Float64) / unit).round().cast(WHOLE)


def sums_of(measure: str, y: pl.Expr, x: pl.Expr, unit: float = 1.0) -> dict[str, pl.Expr]:
    """The aggregates of a measure, over rows of one customer and value each."""
    own, whole = in_units(y, unit), in_units(x, unit)
    return {
        f"{measure}_y": y.cast(WHOLE).sum(),
        f"{measure}_yy": (own * own).sum(),
        f"{measure}_yx": (own * whole).sum(),
    }


def customers_by_value(sums: pl.DataFrame, name: str) -> pl.DataFrame:
    """value, n_segment, n_base from `n_<name>`, sorted by value; values without any are left out."""
    own = pl.when("in_segment").then(pl.col(f"n_{name}")).otherwise(0)
    table = sums.group_by("value").agg(n_segment=own.sum(), n_base=pl.col(f"n_{name}").sum())
    return table.filter(pl.col("n_base") > 0).sort("value", nulls_last=True)


def of_measure(
    sums: pl.DataFrame, values: pl.DataFrame, measure: str, whole: Denominator
) -> tuple[RatioSums, RatioSums]:
    """Sums of the segment and of the base, in the order of `values`."""
    names = [f"{measure}_{term}" for term in ("y", "yy", "yx")]
    base = sums.group_by("value").agg(pl.col(names).sum())
    own = sums.filter("in_segment").group_by("value").agg(pl.col(names).sum())
    sides = []
    for table, (x, xx) in ((own, whole.segment), (base, whole.base)):
        placed = values.select("value").join(table, on="value", how="left", nulls_equal=True, maintain_order="left")
        y, yy, yx = (placed[name].fill_null(0).cast(pl.Float64).to_numpy() for name in names)
        square = whole.unit * whole.unit
        every = np.ones(values.height)
        sides.append(RatioSums(y=y, x=x * every, yy=yy * square, yx=yx * square, xx=xx * every))
    return sides[0], sides[1]
