"""Customer ids that differ in case, or in white space at their ends, and may be one customer each."""

import polars as pl

from whalecurve.engine.errors import Message, setting
from whalecurve.engine.orders import normal_form
from whalecurve.engine.settings import NORMALISATIONS

REMARKABLE = 0.001
"""Share of the ids from which it is said: of codes in which case tells, a few are alike without it by chance."""


def alike_ids(ids: pl.Series) -> list[Message]:
    """What a reader should be told of distinct ids: one sentence, or none."""
    if not isinstance(ids.dtype, pl.String):
        return []
    n_ids = ids.len()
    n_left = {steps: _n_left(ids, steps) for steps in (NORMALISATIONS, *((one,) for one in NORMALISATIONS))}
    n_customers = n_left[NORMALISATIONS]
    if n_ids - n_customers < max(1.0, REMARKABLE * n_ids):
        return []
    needed = next((one for one in ((NORMALISATIONS[0],), (NORMALISATIONS[1],)) if n_left[one] == n_customers), None)
    return [
        Message(
            f"customer ids that differ in case or white space alone: the {n_ids:,} ids are {n_customers:,} without; if "
            f"those are one customer each, give {setting('normalise_ids', needed or NORMALISATIONS)}"
        )
    ]


def _n_left(ids: pl.Series, steps: tuple[str, ...]) -> int:
    return int(ids.to_frame("id").select(normal_form(pl.col("id"), steps).n_unique()).item())
