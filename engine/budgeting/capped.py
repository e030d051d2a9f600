"""The same with limits on offers, or on all contacts: a linear program with several limits that segments share.

Where money ends exactly between two steps, its price is one between what the last unit brought and what the next would.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.budgeting.frontier import Option, Solution


def programmed(
    options: Sequence[Option],
    sizes: Sequence[float],
    money: Sequence[float],
    *,
    by_segment: bool,
    most: float | None,
    most_of_offer: Mapping[int, float],
    share: Mapping[tuple[int, int], float],
) -> Solution:
    """Solve the program by the simplex method of HiGHS (`scipy.optimize.linprog`), whose answers are corners.

    Parameters
    ----------
    sizes
        How many customers of each segment may be contacted, each by one offer.
    money
        The budget; `by_segment`, one for each.
    most, most_of_offer
        Most customers who are contacted, and of each offer that has a limit.
    share
        The most customers of a segment for an option that has a limit, by segment and offer.
    """
    from scipy.optimize import linprog  # imported late: few budgets have such limits

    n = len(options)
    if not n:
        return Solution(customers={}, shadow_price=0.0)
    rows: list[NDArray[np.float64]] = []
    limits: list[float] = []
    cost = np.array([option.cost for option in options])
    of_segment = np.array([option.segment for option in options])
    of_offer = np.array([option.offer for option in options])
    for at, amount in enumerate(money):
        rows.append(np.where(of_segment == at, cost, 0.0) if by_segment else cost)
        limits.append(amount)
    for at, size in enumerate(sizes):
        rows.append((of_segment == at).astype(np.float64))
        limits.append(size)
    for offer, limit in most_of_offer.items():
        rows.append((of_offer == offer).astype(np.float64))
        limits.append(limit)
    if most is not None:
        rows.append(np.ones(n))
        limits.append(most)
    bounds = [(0.0, share.get((option.segment, option.offer))) for option in options]
    lost = np.array([-option.net for option in options])
    found = linprog(lost, A_ub=np.array(rows), b_ub=limits, bounds=bounds, method="highs-ds")
    assert found.x is not None, found.message  # nothing at all is feasible, and money bounds what there is
    customers = {
        (option.segment, option.offer): float(x) for option, x in zip(options, found.x, strict=True) if x > 0.0
    }
    price = 0.0 if by_segment else max(0.0, -float(found.ineqlin.marginals[0]))
    return Solution(customers=customers, shadow_price=price)
