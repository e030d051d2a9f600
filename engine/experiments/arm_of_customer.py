"""Who gets into which arm: bounds of places between the arms, for everybody or in each stratum."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import positions
from whalecurve.engine.experiments.hash_places import PLACES, first_place, places_of
from whalecurve.engine.experiments.shares import Arm
from whalecurve.kernels.arrays import Int64


def hash_bounds(arms: Sequence[Arm]) -> Int64:
    """The first place of each arm but the first, for everybody: from 0 to 1, each arm is as wide as its share."""
    return np.array([first_place(before) for before in accumulate(arm.share for arm in arms[:-1])])


def balanced_bounds(
    places: Int64, strata: pl.Series, arms: Sequence[Arm], present: Mapping[str, Sequence[int]], salt: str
) -> Int64:
    """The same of each stratum, such that its arms get what is due to them, new customers in the order of their places.

    Parameters
    ----------
    places, strata
        Of the customers to be placed; strata are an Enum.
    present
        Of each stratum, how many customers its arms have already; they stay where they are.
    salt
        Of the experiment; whose turn it is where customers cannot be divided is decided by it.

    Returns
    -------
    int64[strata, arms - 1], strata in the order of the Enum's categories

    Notes
    -----
    Of two customers of one stratum with one place, which one in 2^53 pairs has, both get into the same arm.
    """
    assert isinstance(strata.dtype, pl.Enum), "strata are an Enum"
    names, codes = strata.dtype.categories, positions(strata)
    ordered = places[np.argsort(codes, kind="stable")]  # a radix sort: by stratum
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    turns = places_of(names, salt)
    bounds = np.full((len(names), len(arms) - 1), PLACES)
    for at, (name, own) in enumerate(zip(names, np.split(ordered, ends[:-1]), strict=True)):
        due = due_to(own.size, [arm.share for arm in arms], present.get(name, [0] * len(arms)))
        firsts = np.cumsum(in_turn(due, Fraction(int(turns[at]), PLACES)))[:-1]
        within = np.flatnonzero(firsts < own.size)
        if within.size:
            bounds[at, within] = np.partition(own, firsts[within])[firsts[within]]
    return bounds


def arms_at(places: Int64, bounds: Int64, strata: pl.Series | None = None) -> NDArray[np.uint16]:
    """The arm of each customer, as its number; strata are needed where bounds are those of each stratum."""
    codes = positions(strata) if bounds.ndim > 1 and strata is not None else None
    numbers = np.zeros(places.size, np.uint16)
    for k in range(bounds.shape[-1]):
        numbers += places >= (bounds[k] if codes is None else bounds[codes, k])
    return numbers


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
