"""The floor of any program that compiles with numba: its libraries imported, and one kernel called from the cache."""

import numba
import numpy as np
import polars as pl
import pyarrow as pa


@numba.njit(cache=True)
def total(values: np.ndarray) -> float:
    """Sum of an array."""
    added = 0.0
    for value in values:
        added += value
    return added


if __name__ == "__main__":
    assert total(pl.Series([1.0, 2.0]).to_numpy()) == pa.scalar(3.0).as_py()
