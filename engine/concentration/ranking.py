"""Stage: the values of all customers -> rank, share, cumulative share and Pareto class of each, row by row."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.concentration.curves import (
    A_UP_TO,
    B_UP_TO,
    CLASSES,
    ROUNDING,
    ascending_rows,
    checked_values,
    fractions_of,
    n_for,
)
from whalecurve.engine.runtime import SeriesByName
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.concentration import ranks, total_absolute

RANK, THROUGH = "value_rank", "__through"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Of n customers, by position: rank, 1 being best, and what all down to that rank have.

    rank : uint32[n]; through : float64[n], in currency; total : of all
    last_a, last_b : ranks to which the classes A and B reach; None where the total is not positive
    """

    rank: NDArray[np.uint32]
    through: Vector
    total: float
    last_a: int | None
    last_b: int | None

    @property
    def columns(self) -> SeriesByName:
        """What `with_ranking` needs beside the customers."""
        return {RANK: pl.Series(self.rank), THROUGH: pl.Series(self.through)}


def ranking_of(values: Vector) -> Ranking:
    """Rank values, in any order; ties are never split."""
    ascending, order = ascending_rows(values)
    rank, through = ranks(ascending, order)
    total = float(through[order[0]]) if values.size else 0.0  # the last sum of all
    last_a = last_b = None
    if total > 0.0:
        slack = ROUNDING * total_absolute(ascending)
        last_a, last_b = (n_for(share * total, ascending, slack) for share in (A_UP_TO, B_UP_TO))
    return Ranking(rank=rank, through=through, total=total, last_a=last_a, last_b=last_b)


def with_ranking(customers: pl.LazyFrame, ranking: Ranking) -> pl.LazyFrame:
    """Add value_share, cumulative_value_share and pareto_class beside the ranking's columns, from them and `value`.

    cumulative_value_share: what all customers with this value or a better one have of the total. pareto_class: by
    the cumulative share before the tied group, so whoever crosses 80 % is "A", and 95 % "B"; the rest is "C". Where
    the total is not positive, all but the rank are null.
    """
    if ranking.last_a is None or ranking.last_b is None:
        unknown = {name: pl.lit(None, pl.Float64) for name in ("value_share", "cumulative_value_share")}
        return customers.with_columns(**unknown, pareto_class=pl.lit(None, pl.String)).drop(THROUGH)

    def share(name: str) -> pl.Expr:
        return pl.col(name).map_batches(
            lambda amounts: fractions_of(amounts.to_numpy(), ranking.total),
            return_dtype=pl.Float64,
            is_elementwise=True,
        )

    below = (pl.col(RANK) > ranking.last_a).cast(pl.UInt8) + (pl.col(RANK) > ranking.last_b)
    return customers.with_columns(
        value_share=share("value"),
        cumulative_value_share=share(THROUGH),
        pareto_class=pl.lit(CLASSES).gather(below),
    ).drop(THROUGH)


def with_concentration(customers: pl.DataFrame) -> pl.DataFrame:
    """Add value_rank and what `with_ranking` adds, from `value`, to customers in memory, in any order."""
    ranking = ranking_of(checked_values(customers["value"].to_numpy()))
    beside = (column.alias(name) for name, column in ranking.columns.items())
    return with_ranking(customers.lazy().with_columns(beside), ranking).collect()
