"""The simulation's clock: kernels called day after day, and the arrays they fill."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.simulation.drawn import Acquired
from whalecurve.engine.simulation.treatment import Treated
from whalecurve.kernels.simulation import (
    CUSTOMER,
    DAY,
    LINE,
    Market,
    Model,
    Records,
    acquire,
    due_orders,
    due_returns,
    time_sequence,
    write_lines,
)


class Day(NamedTuple):
    """One day's lines in time order (ties by customer); how many orders they are of, how many are returns."""

    lines: Records
    n_orders: int
    n_returns: int


def grown(records: NDArray[Any], capacity: int) -> NDArray[Any]:
    """Return the array itself where it has room, else a copy at least twice as long."""
    if len(records) >= capacity:
        return records
    larger = np.empty(max(capacity, 2 * len(records), 1024), dtype=records.dtype)
    larger[: len(records)] = records
    return larger


def day_sequence(orders: Records, returns: Records, day: int) -> NDArray[np.int64]:
    """Return the time sequence of orders, counted first, and returns."""
    time = np.concatenate([orders["time"], returns["time"]])
    number = np.concatenate([orders["number"], returns["number"]])
    sequence: NDArray[np.int64] = time_sequence(time, number, day * DAY)
    return sequence


def days_of_lines(
    model: Model,
    market: Market,
    first_number: list[int],
    seed: int,
    treated: Treated | None = None,
    acquired: Acquired | None = None,
) -> Iterator[Day]:
    """Draw a log day by day.

    first_number : number of the first customer of each day, and as the last entry how many there are.
    treated : customers with an effect on them; None: nobody.
    acquired : keeps what is drawn of customers as they come; None: nothing is kept.
    Times of lines are microseconds since midnight of the first day.
    """
    key = np.uint64(seed)
    end = len(first_number) - 1
    horizon = end if treated is None else treated.horizon(end)
    customers, next_order, orders = np.empty(0, CUSTOMER), np.empty(0), np.empty(0, CUSTOMER)
    pending, lines = np.empty(0, LINE), np.empty(0, LINE)
    n_active, n_pending, order_id = 0, 0, 1
    for day in range(end):
        numbers = first_number[day], first_number[day + 1]
        room = n_active + numbers[1] - numbers[0]
        customers, next_order = grown(customers, room), grown(next_order, room)
        place = (0, acquire(key, numbers, day, model, market, customers, next_order, n_active), 0)
        if acquired is not None:
            acquired.add(customers[n_active : place[1]])
        if treated is not None:
            treated.applied(day, customers, next_order, place[1])
        while place[0] < place[1]:
            orders = grown(orders, place[2] + 1)
            clocks = market.time_of_day, market.season
            place = due_orders(key, (day + 1, horizon), *clocks, customers, next_order, place, orders)
        _, n_active, n_orders = place
        due = np.empty(n_pending, LINE)
        n_pending, n_due = due_returns(pending, n_pending, (day + 1) * DAY, due)
        today, back = orders[:n_orders], due[:n_due]
        most = n_orders * len(market.basket)
        lines, pending = grown(lines, n_due + most), grown(pending, n_pending + most)
        sequence = day_sequence(today, back, day)
        n_lines, n_pending = write_lines(
            key, sequence, today, back, order_id, market, model.p, lines, pending, n_pending
        )
        order_id += n_orders
        yield Day(lines[:n_lines].copy(), n_orders, n_due)
