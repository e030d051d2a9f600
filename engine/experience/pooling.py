"""Groups too small to be told on their own: put together, so that nobody can be made out."""

from collections.abc import Sequence

import polars as pl

POOLED = "(small groups)"
"""What groups are called that are told together."""


def pooled_values(groups: pl.DataFrame, keys: Sequence[str], least: int) -> pl.DataFrame:
    """Under which value each group is told.

    Groups of fewer than `least` customers are told as one; where these are too few as well, the smallest of the others
    join them, since what is left out could be found by subtraction. Groups of nobody who answered are told as they are.

    Parameters
    ----------
    groups
        The keys, value and customers, one row a group.

    Returns
    -------
    DataFrame
        The keys, value and told; told is null where a group cannot be told at all.
    """
    rows = []
    for key, table in groups.group_by(*keys, maintain_order=True):
        sized = sorted(table.select("customers", "value").rows(), key=lambda one: (one[0], one[1] is not None, one[1]))
        small = [value for n, value in sized if 0 < n < least]
        others = [(n, value) for n, value in sized if n >= least]
        n_small = sum(n for n, _ in sized if 0 < n < least)
        while small and n_small < least and others:
            n, value = others.pop(0)
            small.append(value)
            n_small += n
        for n, value in sized:
            told: str | None = value if value is not None else NONE
            if value in small and n:
                told = POOLED if n_small >= least else None
            rows.append((*key, value, told))
    schema = {name: groups.schema[name] for name in keys} | {"value": pl.String, "told": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


NONE = "\x00none"
"""Stands for the value of customers without one, beside null for what is not told."""
