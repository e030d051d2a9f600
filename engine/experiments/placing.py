"""Who gets into which arm: bounds of places between the arms, for everybody or in each stratum."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.experiments.buckets import PLACES, first_place, places_of
from whalecurve.engine.experiments.shares import Arm
from whalecurve.kernels.arrays import Int64

Bounds = dict[str, tuple[int, ...]]
"""Of each stratum, the first place of each arm but the first."""


def hash_bounds(arms: Sequence[Arm]) -> tuple[int, ...]:
    """The same for everybody: arms follow one another from 0 to 1, each as wide as its share."""
    return tuple(first_place(before) for before in accumulate(arm.share for arm in arms[:-1]))


def balanced_bounds(new: pl.DataFrame, arms: Sequence[Arm], present: Mapping[str, Sequence[int]], salt: str) -> Bounds:
    """Of each stratum such that its arms get what is due to them, new customers in the order of their places.

    Parameters
    ----------
    new
        `stratum` and `place` of the customers to be placed.
    present
        Of each stratum, how many customers its arms have already; they stay where they are.
    salt
        Of the experiment; whose turn it is where customers cannot be divided is decided by it.

    Notes
    -----
    Of two customers of one stratum with one place, which one in 2^53 pairs has, both get into the same arm.
    """
    bounds: Bounds = {}
    for (stratum,), own in new.sort("stratum", "place").group_by("stratum", maintain_order=True):
        name, places = str(stratum), own["place"]
        due = due_to(places.len(), [arm.share for arm in arms], present.get(name, [0] * len(arms)))
        seats = in_turn(due, Fraction(int(places_of(pl.Series([name]), salt)[0]), PLACES))
        firsts = list(accumulate(seats))[:-1]
        bounds[name] = tuple(int(places[first]) if first < places.len() else PLACES for first in firsts)
    return bounds


def due_to(n_new: int, shares: Sequence[Fraction], present: Sequence[int]) -> list[Fraction]:
    """How many of the new customers each arm should get, so that all together are divided by the shares.

    An arm that has more than its share already gets none, and the others share what is left.
    """
    due = [Fraction(0)] * len(shares)
    open_ = list(range(len(shares)))
    while True:
        whole = sum(shares[k] for k in open_)
        n = n_new + sum(present[k] for k in open_)
        for k in open_:
            due[k] = n * shares[k] / whole - present[k]
        over = [k for k in open_ if due[k] < 0]
        if not over:
            return due
        for k in over:
            due[k] = Fraction(0)
        open_ = [k for k in open_ if k not in over]


def in_turn(due: Sequence[Fraction], turn: Fraction) -> list[int]:
    """Whole numbers with the same sum, each the one below or above what is due, by where the turn is, 0 to below 1.

    Over all turns each arm gets what is due on average (systematic sampling: Madow 1949, Annals of Mathematical
    Statistics 20, 333-354). By the largest remainder, all customers of many small strata would go to the largest arm.
    """
    ends = [floor(total + turn) for total in accumulate(due, initial=Fraction(0))]
    return [end - start for start, end in pairwise(ends)]


def arms_at(places: Int64, strata: pl.Series, bounds: tuple[int, ...] | Bounds) -> NDArray[np.intp]:
    """The arm of each customer, as its number."""
    if isinstance(bounds, tuple):
        return np.searchsorted(np.array(bounds), places, side="right")
    width = len(next(iter(bounds.values())))
    firsts = pl.DataFrame(
        {"stratum": list(bounds), **{str(k): [own[k] for own in bounds.values()] for k in range(width)}},
        schema_overrides={"stratum": pl.String},
    )
    own = strata.to_frame("stratum").join(firsts, on="stratum", how="left", maintain_order="left")
    numbers: NDArray[np.intp] = np.sum([places >= own[str(k)].to_numpy() for k in range(width)], axis=0)
    return numbers
