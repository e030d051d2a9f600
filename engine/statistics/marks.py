"""What marks a group among many values: tested as one family, marked where it is significant and material."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.statistics.proportions import adjusted
from whalecurve.kernels.arrays import Vector


def marks_of(
    p: Vector,
    is_tested: NDArray[np.bool_],
    is_more: NDArray[np.bool_],
    is_less: NDArray[np.bool_],
    fdr: float,
    *,
    n_tests: int | None = None,
) -> tuple[Vector, pl.Series]:
    """q-values of what is tested, NaN elsewhere, and marks: "more", "less" or null.

    Parameters
    ----------
    p
        p-values, float64[n].
    is_more, is_less
        Where a difference would be worth a mark; it is one where its q-value is at most `fdr`.
    n_tests
        Tests of the family, where it has others that came to nothing, with p-values of 1; None: those given.
    """
    q = np.full(p.shape, np.nan)
    q[is_tested] = adjusted(p[is_tested], (is_more | is_less)[is_tested])
    if n_tests is not None:
        q = np.minimum(q * n_tests / max(int(is_tested.sum()), 1), 1.0)
    is_sure = is_tested & (np.nan_to_num(q, nan=1.0) <= fdr)
    marks = np.where(is_sure & is_more, "more", np.where(is_sure & is_less, "less", ""))
    return q, pl.Series(marks, dtype=pl.String).replace("", None)


def vector_of(table: pl.DataFrame, name: str) -> Vector:
    """A column of numbers as float64, NaN where it is null."""
    return table[name].cast(pl.Float64).to_numpy()


def columns_of(vectors: Mapping[str, Vector]) -> dict[str, pl.Series]:
    """Vectors as columns, null where a number is not finite."""
    return {
        name: pl.Series(np.where(np.isfinite(vector), vector, np.nan), nan_to_null=True)
        for name, vector in vectors.items()
    }


def marked_first(rows: pl.DataFrame, count: str, top: int) -> pl.DataFrame:
    """The rows of values that mark the group, more before less and surest first; then `top` others by their `count`.

    Needs value, marks, lift_low and lift_high.
    """
    sure = pl.max_horizontal("lift_low", 1.0 / pl.col("lift_high")).fill_nan(None)
    marked = rows.drop_nulls("marks").sort(
        pl.col("marks") == "less", -sure, "value", nulls_last=True, maintain_order=True
    )
    others = rows.filter(pl.col("marks").is_null()).sort(-pl.col(count), "value", nulls_last=True)
    return pl.concat([marked, others.head(top)])
