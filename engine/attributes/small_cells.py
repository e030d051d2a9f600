"""Values that few customers share, pooled, so that nobody can be told apart by them."""

import polars as pl

OTHER = "(other)"


def kept_values(counts: pl.DataFrame, least: int) -> pl.Series | None:
    """The values that are told by their own names; the others are pooled. None where all are.

    Values of fewer than `least` customers are pooled. Where these together are fewer, the next larger ones join them,
    of equal ones the first by name, until the pool is large enough: else the pool itself would tell of a few. Null is
    no value.

    Parameters
    ----------
    counts
        value : String; n : customers with it
    least
        The fewest customers that a cell may have.
    """
    values = counts.drop_nulls("value").sort("n", "value")
    n_few = int((values["n"] < least).sum())
    if n_few == 0:
        return None
    pooled = values["n"].cum_sum() - values["n"]  # customers pooled before the value
    at = values.height if int(values["n"].sum()) < least else int((pooled < least).sum())
    return values["value"][max(n_few, at) :]
