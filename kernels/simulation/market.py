"""What simulated customers are and meet: the records and tables that the kernels of simulation share."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.simulation.draws import Stream, pick

Records = NDArray[Any]
"""Arrays of CUSTOMER or LINE; an element is a record, and its fields are attributes in compiled code."""

Record = Any

DAY = 86_400_000_000
"""Microseconds in a day."""

CUSTOMER = np.dtype(
    [
        ("number", np.int64),  # from 0, in order of acquisition day
        ("time", np.int64),  # in a list of orders: of the order, microseconds
        ("rate", np.float64),  # orders a day while active
        ("dropout", np.float64),  # probability of leaving after a repeat order (BG/NBD, else 0)
        ("death", np.float64),  # day of leaving (Pareto/NBD, else infinite)
        ("spend_rate", np.float64),  # rate of the gamma that the orders' amounts are drawn from, 1/currency
        ("cost", np.float32),  # added to each product's cost share
        ("n_orders", np.int32),  # placed before
        ("city", np.int8),
        ("campaign", np.int8),
        ("habit", np.int8),  # row of Market.discount
        ("stages", np.int8),  # exponential stages of a gap between orders
        ("may_leave_first", np.int8),  # 1: after the first order, too
    ],
    align=True,
)
"""A customer; a list of orders holds the customer's record as it was when ordering."""

LINE = np.dtype(
    [
        ("time", np.int64),
        ("number", np.int64),  # of the customer
        ("order", np.int64),
        ("amount", np.float64),
        ("margin", np.float64),
        ("product", np.int16),
        ("city", np.int8),
        ("channel", np.int8),
        ("campaign", np.int8),  # of a first order; -1 on later ones
        ("discount", np.int8),  # index of Market.discount_share
    ],
    align=True,
)
"""An order line, sold or returned. Dimensions are indices of `Market`'s tables."""


class Model(NamedTuple):
    """Parameters of the purchase process, in days, and of spend, in currency."""

    has_lifetime: bool  # Pareto/NBD; else BG/NBD
    r: float
    alpha: float
    a: float  # s, where there is a lifetime
    b: float  # beta, where there is a lifetime
    p: float
    q: float
    v: float
    stages: int = 1  # of each gap, exponential; above 1 the rate is that of stages ((M)BG/CNBD-k)
    may_leave_first: bool = False  # whether customers may leave after the first order, too (MBG)


class Market(NamedTuple):
    """What customers meet. Tables called after a dimension hold cumulative probabilities."""

    city: Vector
    campaign: Vector
    channel: Vector
    product: Vector
    basket: Vector  # 1, 2, ... lines an order
    discount: NDArray[np.float64]  # one row a habit
    discount_share: Vector  # of list price
    city_dropout: Vector  # factor on the tendency to leave
    campaign_rate: Vector  # factor on the rate
    product_rate: Vector  # factor on the rate of who finds it in the first order; the least one counts
    product_cost: Vector  # share of list price
    product_return: Vector  # probability that a line comes back
    habit_share: float  # of customers with habit 1
    habit_return: Vector  # factor on product_return
    cost_spread: float  # standard deviation of a customer's cost share
    handling_cost: float  # currency, for each line returned
    return_wait: float  # mean days to a return, beyond the shortest
    time_of_day: Vector  # quantiles of the time of day at equal steps, 0 to 1
    season: Vector  # operational days at each midnight, from the first to the last; none where rates have no season


@scalar
def clock(t: float, time_of_day: Vector) -> int:
    """Microseconds for a time in days: the day stays, the hour follows the shop's rhythm. Monotone."""
    day = math.floor(t)
    x = (t - day) * (time_of_day.shape[0] - 1)
    i = min(int(x), time_of_day.shape[0] - 2)
    share = time_of_day[i] + (x - i) * (time_of_day[i + 1] - time_of_day[i])
    return int(day) * DAY + min(int(share * DAY), DAY - 1)


@scalar
def later(t: float, wait: float, season: Vector) -> float:
    """When `wait` operational days after t (days) are over; infinite where that is after the last midnight of a season.

    Within a day the season's factor is steady, so time runs through it evenly.
    """
    if season.shape[0] == 0:
        return t + wait
    day = int(t)
    reached = season[day] + (t - day) * (season[day + 1] - season[day]) + wait
    if reached >= season[-1]:
        return math.inf
    day = int(np.searchsorted(season, reached, side="right")) - 1
    return day + (reached - season[day]) / (season[day + 1] - season[day])


@scalar
def fill_basket(stream: Stream, market: Market, products: NDArray[np.int64]) -> int:
    """Draw an order's products into `products`; the number of lines."""
    n = 1 + pick(stream, market.basket)
    for i in range(n):
        products[i] = pick(stream, market.product)
    return n
