"""Order logs drawn from the models, a day at a time: who comes, and who orders when.

Purchases follow BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284),
(M)BG/CNBD-k (Platzer & Reutterer 2017) or Pareto/NBD (Schmittlein, Morrison & Colombo 1987,
Management Science 33(1), 1-24).

A day runs through these kernels: `acquire` adds its new customers, `due_orders` takes the orders
that fall on it, `due_returns` the lines that come back on it, `time_sequence` sorts both, and
`write_lines` fills orders with products and money. Times of purchase are float64 days since the
log's first midnight; times of orders and lines are microseconds on the same clock. Random
numbers come from streams of their own for each customer and order (`draws`), so no
result depends on where a customer is stored.
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.simulation.draws import (
    Stream,
    beta_variate,
    exponential,
    log_gamma_variate,
    normal,
    pick,
    stream_start,
    uniform,
)
from whalecurve.kernels.simulation.market import DAY, Market, Model, Record, Records, clock, fill_basket, later


@scalar
def draw_customer(
    stream: Stream, first_rate: float, start: float, model: Model, market: Market, customer: Record
) -> None:
    """Draw a customer who first orders at `start` (days); `first_rate` is the factor that order puts on the rate."""
    customer.n_orders = 0
    customer.city = pick(stream, market.city)
    customer.campaign = pick(stream, market.campaign)
    customer.habit = 1 if uniform(stream) < market.habit_share else 0
    customer.cost = market.cost_spread * normal(stream)
    customer.spend_rate = math.exp(log_gamma_variate(stream, model.q)) / model.v
    factor = first_rate * market.campaign_rate[customer.campaign]
    customer.rate = factor * math.exp(log_gamma_variate(stream, model.r)) / model.alpha
    hazard = market.city_dropout[customer.city]
    if model.has_lifetime:
        mu = hazard * math.exp(log_gamma_variate(stream, model.a)) / model.b
        customer.death = later(start, exponential(stream) / mu, market.season)
        customer.dropout = 0.0
    else:
        customer.death = math.inf
        customer.dropout = min(1.0, hazard * beta_variate(stream, model.a, model.b))
    customer.stages = model.stages
    customer.may_leave_first = 1 if model.may_leave_first else 0


@scalar
def acquire(
    seed: np.uint64,
    numbers: tuple[int, int],
    day: int,
    model: Model,
    market: Market,
    customers: Records,
    next_order: Vector,
    n_active: int,
) -> int:
    """Append the customers numbered from `numbers[0]` up to, without, `numbers[1]`; the new n_active.

    customers : CUSTOMER[capacity], next_order : float64[capacity], filled up to n_active.
    The first order falls uniformly on the day. Its basket is drawn here and again, from the
    same stream, when its lines are written: what is in it may decide how often a customer returns.
    """
    stream = np.empty(1, np.uint64)
    products = np.empty(market.basket.shape[0], np.int64)
    for number in range(numbers[0], numbers[1]):
        stream[0] = stream_start(seed, number, 2)
        first_rate = 1.0
        for i in range(fill_basket(stream, market, products)):
            first_rate = min(first_rate, float(market.product_rate[products[i]]))
        stream[0] = stream_start(seed, number, 0)
        next_order[n_active] = day + uniform(stream)
        customers[n_active].number = number
        draw_customer(stream, first_rate, next_order[n_active], model, market, customers[n_active])
        n_active += 1
    return n_active


@scalar
def due_orders(
    seed: np.uint64,
    until: tuple[int, int],
    time_of_day: Vector,
    season: Vector,
    customers: Records,
    next_order: Vector,
    place: tuple[int, int, int],
    orders: Records,
) -> tuple[int, int, int]:
    """Take the orders that fall before `until[0]`, of a log that ends before `until[1]` (days).

    `place` is (customer to look at, n_active, orders taken), and so is what returns. It stops
    early when `orders` is full: call again with the place and a larger array. A customer whose
    next order lies beyond the log, or who has left, gives up the slot to the last one.
    BG/NBD: who may leave does so right after a repeat order, after the first one in MBG/NBD alone.
    With a `season` (see `Market`) the rates are those of operational days.
    """
    stream = np.empty(1, np.uint64)
    i, n_active, n = place
    while i < n_active and n < orders.shape[0]:
        if next_order[i] >= until[0]:
            i += 1
            continue
        customer = customers[i]
        orders[n] = customer
        orders[n].time = clock(next_order[i], time_of_day)
        n += 1
        stream[0] = stream_start(seed, customer.number, 2 * customer.n_orders + 1)
        leaves = uniform(stream) < customer.dropout and (customer.n_orders > 0 or customer.may_leave_first == 1)
        wait = exponential(stream)
        for _ in range(1, customer.stages):
            wait += exponential(stream)
        again = later(next_order[i], wait / customer.rate, season)
        if leaves or again > customer.death or again >= until[1]:
            n_active -= 1
            customers[i] = customers[n_active]
            next_order[i] = next_order[n_active]
        else:
            customer.n_orders += 1
            next_order[i] = again
    return i, n_active, n


@scalar
def time_sequence(time: NDArray[np.int64], number: NDArray[np.int64], start: int) -> NDArray[np.int64]:
    """Sequence by time, then customer number, of n times within the day from `start` (microseconds).

    A counting sort into n equal parts of the day, then insertion within each part.
    """
    n = time.shape[0]
    filled = np.zeros(n + 1, np.int64)
    for i in range(n):
        filled[(time[i] - start) * n // DAY + 1] += 1
    for part in range(n):
        filled[part + 1] += filled[part]
    begin = filled[:n].copy()
    sequence = np.empty(n, np.int64)
    for i in range(n):
        part = (time[i] - start) * n // DAY
        j = filled[part]
        filled[part] += 1
        while j > begin[part]:
            other = sequence[j - 1]
            if time[other] < time[i] or (time[other] == time[i] and number[other] <= number[i]):
                break
            sequence[j] = other
            j -= 1
        sequence[j] = i
    return sequence
