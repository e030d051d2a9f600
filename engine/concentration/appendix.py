"""Stage: values -> measures of inequality for the appendix: HHI, Theil T, Hoover, Palma, Pareto tail exponent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.concentration.curves import defined, sorted_values
from whalecurve.engine.errors import InputError
from whalecurve.kernels import concentration as kernel
from whalecurve.kernels.arrays import Vector

LEAST_TAIL = 50
"""Values that a tail exponent rests on at least: its standard error is then a seventh of it."""

GroupLabels = pl.Series | Sequence[Any] | NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theil:
    """Theil's T of all values, and its split into what lies between groups and what lies within them.

    None where a value is negative or the total is not positive: a logarithm of shares has no meaning there. The two
    parts are None as well where no groups are given.
    """

    total: float | None
    between: float | None
    within: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix:
    """Measures of inequality of n values.

    All but the tail exponent are of shares in a whole: None where a value is negative or the total is not positive.
    """

    hhi: float | None
    """Sum of squared shares."""
    effective_number: float | None
    """1 / HHI: so many equal values would be as concentrated."""
    theil: float | None
    theil_between: float | None
    """Between groups; None where none are given."""
    theil_within: float | None
    hoover: float | None
    palma: float | None
    """Share of the best tenth over that of the last four tenths; None also where those have nothing."""
    tail_exponent: float | None
    """Of a Pareto tail, by maximum likelihood over the values above the 90th percentile, which is the least value with
    nine tenths of the values at or below it; None where it is not positive, or fewer than `LEAST_TAIL` values are above
    it."""
    tail_standard_error: float | None
    """tail_exponent / sqrt(tail_n)."""
    tail_from: float | None
    """The 90th percentile, in currency; None for no values."""
    tail_n: int
    """Values above it."""
    tail_undefined: str | None
    """Why there is no tail exponent; None where there is."""
    undefined: str | None
    """Why there are no measures of shares; None where there are."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def appendix(values: Vector, groups: GroupLabels | None = None) -> Appendix:
    """Measures of inequality of n values, in any order; `groups` has the group of each, null being one of them.

    Raises InputError for NaN or infinite values, or where values and groups differ in number.
    """
    ascending = sorted_values(values)
    split = _split(ascending, values, groups)
    hhi = defined(kernel.herfindahl(ascending))
    start = int(kernel.tail_start(ascending))
    n_tail = ascending.size - start
    exponent = defined(kernel.tail_exponent(ascending, start)) if n_tail >= LEAST_TAIL else None
    return Appendix(
        hhi=hhi,
        effective_number=None if hhi is None else 1.0 / hhi,
        theil=split.total,
        theil_between=split.between,
        theil_within=split.within,
        hoover=defined(kernel.hoover(ascending)),
        palma=defined(kernel.palma(ascending)),
        tail_exponent=exponent,
        tail_standard_error=None if exponent is None else float(exponent / np.sqrt(n_tail)),
        tail_from=float(ascending[start - 1]) if ascending.size else None,
        tail_n=n_tail,
        tail_undefined=_why_no_tail(n_tail) if exponent is None else None,
        undefined=_why_no_shares(ascending) if hhi is None else None,
    )


def theil(values: Vector, groups: GroupLabels | None = None) -> Theil:
    """Theil's T of n values, in any order, split by the group of each where groups are given."""
    return _split(sorted_values(values), values, groups)


def _split(ascending: Vector, values: Vector, groups: GroupLabels | None) -> Theil:
    total = defined(kernel.theil(ascending))
    if groups is None:
        return Theil(total=total, between=None, within=None)
    of_group = pl.Series("group", groups)
    if of_group.len() != len(values):
        raise InputError(f"Theil's T: {len(values):,} values and {of_group.len():,} groups; give one group to each")
    if total is None:
        return Theil(total=None, between=None, within=None)
    grouped = pl.DataFrame([of_group, pl.Series("value", values, dtype=pl.Float64)]).sort("group", "value")
    ends = grouped["group"].rle().struct.field("len").cast(pl.Int64).cum_sum().to_numpy()
    between, within = kernel.theil_split(grouped["value"].to_numpy(), ends)
    return Theil(total=total, between=defined(between), within=defined(within))


def _why_no_shares(ascending: Vector) -> str:
    n_negative = int(np.searchsorted(ascending, 0.0))
    return f"{n_negative:,} of {ascending.size:,} values are negative" if n_negative else "the total is not positive"


def _why_no_tail(n_tail: int) -> str:
    few = f"fewer than {LEAST_TAIL} values are above the 90th percentile: {n_tail}"
    return few if n_tail < LEAST_TAIL else "the 90th percentile is not positive"
