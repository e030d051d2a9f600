"""CLV tier, stage of the life cycle and loyalty tier together: what is known of all customers, and applying it.

Cutoffs are found once, in memory; applying them is a lazy, row-by-row expression that gives the very same tiers, to
these customers or to those of another log.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes import Scheme
from whalecurve.engine.segments.clv_tiers import ClvCutoffs, clv_cutoffs, with_clv_tier
from whalecurve.engine.segments.lifecycle import with_lifecycle_stage, with_spend_falling
from whalecurve.engine.segments.loyalty import LoyaltyCutoffs, loyalty_cutoffs, with_loyalty_tier
from whalecurve.engine.segments.next_purchase import with_is_overdue
from whalecurve.engine.segments.rhythm import NOT_BACK, PERCENTS, Rhythm
from whalecurve.engine.statistics import Survival
from whalecurve.kernels.arrays import Vector

RHYTHM = "gap_days_by_percent"
KEYS = ("clv_tier", "loyalty_tier", RHYTHM)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCutoffs:
    """What the tiers and stages of a scheme rest on; None where no customer could tell.

    clv : least clv of the high and of the middle tier
    rhythm : how long until the next purchase of a customer
    year_value : least value of the last 365 days for each loyalty tier but the last
    """

    clv: ClvCutoffs | None
    rhythm: Rhythm
    year_value: LoyaltyCutoffs | None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], scheme: Scheme) -> Self:
        """Read the form of `tier_record` back, to apply it with a scheme that has tiers of these names.

        Raises
        ------
        InputError
            It is not that form, or it is of other tiers.
        """
        missing = [key for key in KEYS if key not in data]
        if missing:
            raise InputError(f"tier thresholds: no {', '.join(missing)}; pass the thresholds of a model.json")
        clv, year_value = (_read(data[key], key, names, scheme.source) for key, names in _names(scheme).items())
        if year_value is not None and min(year_value) <= 0:
            raise InputError(f"tier thresholds: loyalty_tier has {min(year_value):g}, expected amounts above 0")
        return cls(clv=clv, rhythm=rhythm_of(data), year_value=year_value)


def tier_cutoffs(clv: Vector, earned: Vector, gaps: Survival, scheme: Scheme) -> TierCutoffs:
    """Cutoffs from the customers' clv, from what they earned us in a year, and the curve of all gaps.

    clv : float64[n], of the customers with one, in any order; earned : float64[m], as `loyalty.earning` gives it. Both
    are put into another order.
    """
    return TierCutoffs(
        clv=clv_cutoffs(clv, scheme.clv_tiers),
        rhythm=Rhythm.of(gaps),
        year_value=loyalty_cutoffs(earned, scheme.loyalty),
    )


def with_tiers(customers: pl.LazyFrame, scheme: Scheme, cuts: TierCutoffs, observed_days: int) -> pl.LazyFrame:
    """Add clv_tier, spend_falling, lifecycle_stage, is_overdue and loyalty_tier.

    observed_days : of the log that the customers are of, first and last day included
    """
    tiered = with_clv_tier(customers, scheme.clv_tiers, cuts.clv)
    falling = with_spend_falling(tiered.with_columns(cuts.rhythm.not_back()), scheme.lifecycle, observed_days)
    staged = with_is_overdue(with_lifecycle_stage(falling, scheme.lifecycle)).drop(NOT_BACK)
    return with_loyalty_tier(staged, scheme.loyalty, cuts.year_value)


def tier_record(cuts: TierCutoffs, scheme: Scheme) -> dict[str, Any]:
    """The cutoffs for `model.json`: by the name of the tier that begins there, in currency, and the rhythm."""
    tiers = {
        key: dict(zip(names, values or [None] * len(names), strict=True))
        for (key, names), values in zip(_names(scheme).items(), (cuts.clv, cuts.year_value), strict=True)
    }
    return {**tiers, RHYTHM: None if cuts.rhythm.days is None else list(cuts.rhythm.days)}


def _names(scheme: Scheme) -> dict[str, list[str]]:
    """Names of the tiers that have a cutoff, best first."""
    return {
        "clv_tier": [tier.name for tier in scheme.clv_tiers.labels[:-1]],
        "loyalty_tier": [tier.name for tier in scheme.loyalty.labels[:-1]],
    }


def _read(cuts: object, key: str, names: Sequence[str], source: str) -> tuple[float, ...] | None:
    if not isinstance(cuts, Mapping):
        raise InputError(f"tier thresholds: {key} is {cuts!r}, expected a number for each tier")
    if set(cuts) != set(names):
        given, expected = (", ".join(map(str, tiers)) for tiers in (cuts, names))
        raise InputError(
            f"tier thresholds: {key} has {given}, and {source} has {expected} and a last tier; "
            f"pass the scheme that the thresholds were found with"
        )
    numbers = [cuts[name] for name in names]
    if all(cut is None for cut in numbers):
        return None
    if not all(_is_number(cut) for cut in numbers) or any(better < worse for better, worse in pairwise(numbers)):
        raise InputError(f"tier thresholds: {key} has {numbers}, expected numbers that do not rise, or null for all")
    return tuple(map(float, numbers))


def rhythm_of(thresholds: Mapping[str, Any]) -> Rhythm:
    """The rhythm of everybody, as `tier_record` has it.

    Raises
    ------
    InputError
        It is none.
    """
    days = thresholds.get(RHYTHM)
    if days is None:
        return Rhythm(days=None)
    if (
        not isinstance(days, list)
        or len(days) != len(PERCENTS)
        or not all(isinstance(day, int) and not isinstance(day, bool) and day >= 1 for day in days)
        or any(day > later for day, later in pairwise(days))
    ):
        raise InputError(
            f"tier thresholds: {RHYTHM} is {days!r}, expected {len(PERCENTS)} whole days, 1 or more, that do not fall, "
            f"or null"
        )
    return Rhythm(days=tuple(days))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
