"""A label held against what followed: those who carry it beside the others, with intervals, and a verdict."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.label_checks.claims import Claim
from whalecurve.engine.statistics import NORMAL_975, difference_interval, finite, lift, wilson_interval
from whalecurve.kernels.arrays import Vector

LEVEL = 0.95
"""Confidence level of the intervals, and the normal quantile that belongs to it."""

LEAST_CUSTOMERS = 30
"""Customers with a label, and without, from which on there is a verdict."""

HOLDS, WEAK, FEW = "holds", "weak", "too few"

Row = dict[str, Any]


def evidence_of(claim: Claim, is_labelled: NDArray[np.bool_], has_bought: NDArray[np.bool_], spent: Vector) -> Row:
    """Compare the customers of a label with others; the customer is the unit.

    Parameters
    ----------
    is_labelled, has_bought : bool[n]
    spent : float64[n], net value

    Returns
    -------
    customers, share, others : how many carry the label, their share of those compared, how many do not
    bought, others_bought : shares who bought again, with Wilson's intervals (_low, _high)
    lift : the ratio of the two, with the interval of `lift`
    auc : the chance that of a customer who bought again and one who did not, the label puts the former on the side
        that it claims, ties counting half; its interval is Newcombe's for the difference of two shares. Above 0.5 it
        tells, below it misleads. Towards "more" where the label claims nothing
    spent, others_spent : mean net value, with normal intervals
    verdict : `HOLDS` where the outcome of the claim is on the side that it claims, with both intervals apart; `WEAK`
        where it is not; `FEW` where fewer than `LEAST_CUSTOMERS` carry the label, or do not; None without a claim
    """
    groups = (is_labelled, ~is_labelled)
    n, m = (int(np.count_nonzero(group)) for group in groups)
    k, j = (int(np.count_nonzero(has_bought & group)) for group in groups)
    bought, others_bought = (_share(*counts) for counts in ((k, n), (j, m)))
    own, other = (_mean(spent[group]) for group in groups)
    pair = (bought, others_bought) if claim.outcome == "bought" else (own, other)
    return {
        "customers": n,
        "share": n / (n + m) if n + m else None,
        "others": m,
        **_named("bought", bought),
        **_named("others_bought", others_bought),
        **_named("lift", _numbers(lift(_one(k), _one(n), _one(j), _one(m), LEVEL))),
        **_named("auc", _auc(k, n, j, m, towards=-1.0 if claim.says == "less" else 1.0)),
        **_named("spent", own),
        **_named("others_spent", other),
        "verdict": None if claim.says is None else FEW if min(n, m) < LEAST_CUSTOMERS else _verdict(claim.says, *pair),
    }


Estimate = tuple[float | None, float | None, float | None]
"""A number and the ends of its interval; None where there is none."""


def _verdict(says: str, own: Estimate, other: Estimate) -> str:
    lower, higher = (own, other) if says == "less" else (other, own)
    high, low = lower[2], higher[1]
    return HOLDS if high is not None and low is not None and high < low else WEAK


def _share(k: int, n: int) -> Estimate:
    low, high = wilson_interval(_one(k), _one(n), LEVEL)
    return _numbers((_one(k / n if n else np.nan), low, high))


def _mean(amounts: Vector) -> Estimate:
    """The mean, with no interval of a single customer."""
    if amounts.size == 0:
        return None, None, None
    mean = float(amounts.mean())
    if amounts.size == 1:
        return mean, None, None
    half = NORMAL_975 * float(amounts.std(ddof=1)) / amounts.size**0.5
    return mean, mean - half, mean + half


def _auc(k: int, n: int, j: int, m: int, *, towards: float) -> Estimate:
    """From the shares of those who bought, and of those who did not, who carry the label."""
    buyers, others = k + j, n - k + m - j
    low, high = difference_interval(_one(k), _one(buyers), _one(n - k), _one(others), LEVEL)
    difference = k / buyers - (n - k) / others if buyers and others else np.nan
    ends = sorted((0.5 + towards * float(low[0]) / 2.0, 0.5 + towards * float(high[0]) / 2.0))
    return _numbers((_one(0.5 + towards * difference / 2.0), *map(_one, ends)))


def _one(count: float) -> Vector:
    return np.array([count], dtype=np.float64)


def _numbers(values: tuple[Vector, ...]) -> Estimate:
    """Numbers of JSON: None for NaN and infinity."""
    value, low, high = (finite(ends[0]) for ends in values)
    return value, low, high


def _named(name: str, estimate: Estimate) -> dict[str, float | None]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), estimate, strict=True))
