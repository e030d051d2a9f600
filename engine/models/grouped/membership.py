"""Which group each customer is in."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.kernels.arrays import Int64

MOST_GROUPS = 200
"""Groups at most: each is fitted by itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Membership:
    """Groups of customers by a dimension of the first order, or by the year of the first purchase.

    by : the dimension, or "cohort"
    names : of the groups, in order; the last one is None where some customers have no value, or several
    codes : int64[n], the group of each customer; -1 for those in none
    n_several : customers in the last group for having several values on the first order
    """

    by: str
    names: tuple[str | None, ...]
    codes: Int64
    n_several: int = 0

    @classmethod
    def named(cls, by: str, values: pl.Series, n_several: int = 0) -> Self:
        """The groups of customers, each of whom has a name of a group, or null for none.

        Raises
        ------
        InputError
            More groups than `MOST_GROUPS`.
        """
        names = values.drop_nulls().unique().sort().to_list()
        if len(names) > MOST_GROUPS:
            raise InputError(
                f'{setting("fit_by")} "{by}" has {len(names):,} values, more than {MOST_GROUPS}: too many models to '
                f"fit; group them into fewer with an SQL expression"
            )
        known = pl.DataFrame({"value": names, "code": np.arange(len(names))}, schema_overrides={"value": pl.String})
        codes = values.to_frame("value").join(known, on="value", how="left", maintain_order="left")["code"]
        has_none = codes.null_count() > 0
        return cls(
            by=by,
            names=(*names, *([None] if has_none else [])),
            codes=codes.fill_null(len(names)).cast(pl.Int64).to_numpy(),
            n_several=n_several,
        )

    def of(self, customers: Int64) -> Self:
        """The groups of some of the customers, by their places."""
        return replace(self, codes=self.codes[customers])
