"""Values that few customers share, pooled, so that nobody can be told apart by them."""

import polars as pl

from whalecurve.engine.statistics import small_groups

OTHER = "(other)"


def kept_values(counts: pl.DataFrame, least: int) -> pl.Series | None:
    """The values that are told by their own names; the others are pooled. None where all are.

    Which are, `small_groups` says. Null is no value.

    Parameters
    ----------
    counts
        value : String; n : customers with it
    least
        The fewest customers that a cell may have.
    """
    values = counts.drop_nulls("value").sort("n", "value")
    n_pooled = len(small_groups(values.select("value", "n").iter_rows(), least))
    return values["value"][n_pooled:] if n_pooled else None
