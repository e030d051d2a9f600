"""Kernels as Polars expressions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl


def kernel_expr(kernel: Callable[..., Any], *columns: str, params: tuple[float, ...]) -> pl.Expr:
    """Row by row, the value of a ufunc over `columns` and then `params` (Float64).

    Null where any column is null: a kernel never sees the NaN that NumPy would make of it. NaN where the kernel
    says that it has no answer.
    """
    kernel(*(1.0 for _ in columns), *params)  # compiled here, once: Polars calls `run` from several threads

    def run(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        is_complete = frame.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        arrays = (frame[name].cast(pl.Float64).fill_null(0.0).to_numpy() for name in frame.columns)
        values = np.asarray(kernel(*arrays, *params), dtype=np.float64)
        result = pl.Series(rows.name, values)
        if is_complete.all():
            return result
        return pl.select(pl.when(is_complete).then(result)).to_series().alias(rows.name)

    return pl.struct(columns).map_batches(run, return_dtype=pl.Float64, is_elementwise=True)
