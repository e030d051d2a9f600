"""What is in an order: products, amounts, discounts, margins, and what comes back later.

Amounts follow Gamma-Gamma (Colombo & Jiang 1999; Fader & Hardie 2013): each order's is Gamma(p, nu), nu
being the customer's own draw from Gamma(q, v).
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.simulation.draws import Stream, exponential, log_gamma_variate, pick, stream_start, uniform
from whalecurve.kernels.simulation.market import DAY, Market, Record, Records, clock, fill_basket

SHORTEST_RETURN = 2
LONGEST_RETURN = 60
"""Whole days; at least one, or a return could fall on a day already written."""


@scalar
def due_returns(pending: Records, n_pending: int, until: int, due: Records) -> tuple[int, int]:
    """Move the returns before `until` (microseconds) from `pending` to `due`; how many are in each."""
    n_due = 0
    i = 0
    while i < n_pending:
        if pending[i].time < until:
            due[n_due] = pending[i]
            n_due += 1
            n_pending -= 1
            pending[i] = pending[n_pending]
        else:
            i += 1
    return n_pending, n_due


@scalar
def turn_back(stream: Stream, market: Market, line: Record) -> None:
    """Make a sale line the line of its return: later, amount and margin taken back, handling to be paid."""
    wait = min(SHORTEST_RETURN + int(market.return_wait * exponential(stream)), LONGEST_RETURN)
    line.time = clock(line.time // DAY + wait + uniform(stream), market.time_of_day)
    line.amount = -line.amount
    line.margin = (-np.rint(100.0 * line.margin) - np.rint(100.0 * market.handling_cost)) / 100.0


@scalar
def write_order(
    stream: Stream,
    order: Record,
    order_id: int,
    market: Market,
    shape: float,
    products: NDArray[np.int64],
    lines: Records,
    place: tuple[int, int],
    pending: Records,
) -> tuple[int, int]:
    """Draw one order's lines into `lines`, its returns into `pending`; `place` is how many are in each.

    The order's amount is Gamma(shape, spend_rate) in whole cents, at least one a line, split
    at random. Cost is a share of list price, so with a discount d and a cost share c, the
    margin is amount · (1 − c / (1 − d)): deep discounts make losses.
    """
    k, n_pending = place
    n = fill_basket(stream, market, products)
    left = max(float(n), np.rint(100.0 * math.exp(log_gamma_variate(stream, shape)) / order.spend_rate))
    channel = pick(stream, market.channel)
    discount = pick(stream, market.discount[order.habit])
    for i in range(n):
        rest = n - 1 - i
        cents = left if rest == 0 else 1.0 + math.floor(uniform(stream) * (left - rest))
        left -= cents
        product = products[i]
        cost = market.product_cost[product] + order.cost
        margin = np.rint(cents * (1.0 - cost / (1.0 - market.discount_share[discount])))
        line = lines[k]
        line.time = order.time
        line.number = order.number
        line.order = order_id
        line.amount = cents / 100.0
        line.margin = margin / 100.0
        line.product = product
        line.city = order.city
        line.channel = channel
        line.campaign = order.campaign if order.n_orders == 0 else -1
        line.discount = discount
        k += 1
        if uniform(stream) < market.product_return[product] * market.habit_return[order.habit]:
            pending[n_pending] = line
            turn_back(stream, market, pending[n_pending])
            n_pending += 1
    return k, n_pending


@scalar
def write_lines(
    seed: np.uint64,
    sequence: NDArray[np.int64],
    orders: Records,
    due: Records,
    first_id: int,
    market: Market,
    shape: float,
    lines: Records,
    pending: Records,
    n_pending: int,
) -> tuple[int, int]:
    """Write a day's lines in `sequence`, which counts the orders first and then the returns due.

    Orders are numbered from `first_id` as they come. Returns how many lines were written and how
    many returns are pending. The caller guarantees room for a full basket an order in both.
    """
    stream = np.empty(1, np.uint64)
    products = np.empty(market.basket.shape[0], np.int64)
    k = 0
    for event in sequence:
        if event >= orders.shape[0]:
            lines[k] = due[event - orders.shape[0]]
            k += 1
            continue
        order: Record = orders[event]
        stream[0] = stream_start(seed, order.number, 2 * order.n_orders + 2)
        k, n_pending = write_order(stream, order, first_id, market, shape, products, lines, (k, n_pending), pending)
        first_id += 1
    return k, n_pending
