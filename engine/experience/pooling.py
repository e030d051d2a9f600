"""Groups too small to be told on their own: put together, so that nobody can be made out."""

from collections.abc import Sequence

import polars as pl

from whalecurve.engine.statistics import small_groups

POOLED = "(small groups)"
"""What groups are called that are told together."""


def pooled_values(groups: pl.DataFrame, keys: Sequence[str], least: int) -> pl.DataFrame:
    """Under which value each group is told.

    Groups of fewer than `least` customers are told as one, see `small_groups`; groups of nobody who answered, as they
    are.

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
        sizes = {value: int(n) for value, n in table.select("value", "customers").iter_rows()}
        small = small_groups(((value, n) for value, n in sizes.items() if n), least)
        n_small = sum(sizes[value] for value in small)
        for value, n in sizes.items():
            told: str | None = value if value is not None else NONE
            if n and value in small:
                told = POOLED if n_small >= least else None
            rows.append((*key, value, told))
    schema = {name: groups.schema[name] for name in keys} | {"value": pl.String, "told": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


NONE = "\x00none"
"""Stands for the value of customers without one, beside null for what is not told."""
