"""Customer ids that differ in case, or in white space at their ends, and may be one customer each."""

import polars as pl

from whalecurve.engine.errors import Message, setting
from whalecurve.engine.mapping import normal_form
from whalecurve.engine.settings import NORMALISATIONS

REMARKABLE = 0.001
"""Share of the ids from which it is said: of codes in which case tells, a few are alike without it by chance."""


def alike_ids(ids: pl.Series) -> list[Message]:
    """What a reader should be told of distinct ids: one sentence, or none."""
    if not isinstance(ids.dtype, pl.String):
        return []
    n_ids, n_customers = ids.len(), _n_left(ids, NORMALISATIONS)
    if n_ids - n_customers < max(1.0, REMARKABLE * n_ids):
        return []
    alone = ((step,) for step in NORMALISATIONS)
    needed = next((step for step in alone if _n_left(ids, step) == n_customers), NORMALISATIONS)
    return [
        Message(
            f"customer ids that differ in case or white space alone: the {n_ids:,} ids are {n_customers:,} without; if "
            f"those are one customer each, give {setting('normalise_ids', needed)}"
        )
    ]


def _n_left(ids: pl.Series, steps: tuple[str, ...]) -> int:
    return int(ids.to_frame("id").select(normal_form(pl.col("id"), steps).n_unique()).item())
