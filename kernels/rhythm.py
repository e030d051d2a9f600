"""Days on which purchases are due by customers' rhythms: a loop over the customers each. See `engine.segments.Rhythm`.

A customer's rhythm is k gaps between purchase days, the days that they add up to, and everybody's curve.
"""

import numpy as np

from whalecurve.kernels.arrays import Int32, Int64, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import FEW_ROWS, in_parts

NEVER = -1


@scalar
def longer(k: float, span: float, days: int, curve: Vector, own_gaps: float) -> float:
    """The share of gaps that are longer than so many days, 0 or more.

    Parameters
    ----------
    k, span
        Gaps, and the days that they add up to, 1 or more where there are any.
    curve
        float64[m], the share of everybody's gaps that are longer than 0, 1, 2 ... days; the last holds for all beyond.
    own_gaps
        Gaps that count as much as everybody's.
    """
    everybody = curve[min(days, curve.shape[0] - 1)]
    if k == 0.0:
        return everybody
    weight = k / (k + own_gaps)
    return weight * (span / (span + days)) ** k + (1.0 - weight) * everybody


@scalar
def first_day(k: float, span: float, left: float, after: int, until: int, curve: Vector, own_gaps: float) -> int:
    """The first day beyond `after` and up to `until` after which no more than the share `left` of gaps goes on.

    `NEVER` where it does not come to that. Steps are doubled and then halved: most days are near.
    """
    below, above, step = after, after + 1, 1
    while above < until and longer(k, span, above, curve, own_gaps) > left:
        step *= 2
        below, above = above, above + step
    if above >= until:
        above = until
        if longer(k, span, until, curve, own_gaps) > left:
            return NEVER
    while above - below > 1:
        middle = (below + above) // 2
        if longer(k, span, middle, curve, own_gaps) > left:
            below = middle
        else:
            above = middle
    return above


@scalar
def _points(
    first: int, end: int, k: Vector, span: Vector, left: float, most_spans: int, curve: Vector, own_gaps: float,
    days: Int64,
) -> None:  # fmt: skip
    for i in range(first, end):
        days[i] = NEVER
        if k[i] >= 0.0:
            until = np.int64(span[i]) * most_spans + curve.shape[0]
            days[i] = first_day(k[i], max(span[i], 1.0), left, -1, until, curve, own_gaps)


def points(k: Vector, span: Vector, left: float, most_spans: int, curve: Vector, own_gaps: float) -> Int64:
    """The day after a purchase after which no more than the share `left` of each customer's gaps goes on.

    Parameters
    ----------
    k, span : float64[n]
        Gaps, below 0 for a customer without a purchase; the days that they add up to.
    most_spans
        Multiples of the span within which the day is looked for, beside everybody's curve.
    curve, own_gaps
        As in `longer`.

    Returns
    -------
    int64[n], `NEVER` where that day is never reached, and without a purchase
    """
    days = np.empty(k.size, np.int64)
    in_parts(
        lambda first, end: _points(first, end, k, span, left, most_spans, curve, own_gaps, days), k.size, few=FEW_ROWS
    )
    return days


@scalar
def _next_days(
    first: int, end: int, k: Vector, span: Vector, silence: Int64, most_days: int, curve: Vector, own_gaps: float,
    days: Int32,
) -> None:  # fmt: skip
    for i in range(first, end):
        days[0, i] = days[1, i] = days[2, i] = NEVER
        if k[i] < 0.0:
            continue
        own, since, until = max(span[i], 1.0), silence[i], silence[i] + most_days
        left = longer(k[i], own, since, curve, own_gaps)
        median = first_day(k[i], own, left * 0.5, since, until, curve, own_gaps)
        if median == NEVER:
            continue
        days[0, i] = median
        if k[i] > own_gaps:
            days[1, i] = first_day(k[i], own, left * 0.75, since, median, curve, own_gaps)
            days[2, i] = first_day(k[i], own, left * 0.25, median - 1, until, curve, own_gaps)


def next_days(k: Vector, span: Vector, silence: Int64, most_days: int, curve: Vector, own_gaps: float) -> Int32:
    """The days after the last purchase by whose end a half, a quarter and three quarters of gaps as long are over.

    As long as the silence so far; by one day more than it at the earliest.

    Parameters
    ----------
    k, span : float64[n]; curve, own_gaps
        As in `points`.
    silence : int64[n]
        Days since the last purchase.
    most_days
        Days beyond the silence within which they are looked for.

    Returns
    -------
    int32[3, n], the half first; `NEVER` where it is not reached, and without a purchase. The other two are told of
    customers with more than `own_gaps` gaps and a half that is reached.
    """
    days = np.empty((3, k.size), np.int32)
    in_parts(
        lambda first, end: _next_days(first, end, k, span, silence, most_days, curve, own_gaps, days),
        k.size,
        few=FEW_ROWS,
    )
    return days
