"""Lines of a customer, day, order and kind added up: all that later lines need to know of earlier ones."""

import numpy as np

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.store.columns import Rows


@scalar
def combine(
    rows: Rows,
    by_customer: Int32,
    starts: Int64,
    customers: Int64,
    customer: Int32,
    day: Int32,
    amount: Int64,
    margin: Int64,
    order: Int64,
    kind: Bytes,
    n_lines: Int32,
) -> int:
    """Add up lines of m customers that no sum can tell apart.

    Parameters
    ----------
    rows, by_customer, starts : as `group` puts them
    customers : int64[m], those to go over, in this order
    customer, day, amount, margin, order, kind, n_lines : of as many rows as there are lines, set; `customer` counts
        from 0 in the order of `customers`; margin and order empty where the log has none. Within a customer rows come
        in order of day and order.

    Returns
    -------
    The number of rows set
    """
    n, has_margin, has_order = 0, rows.margin.shape[0] > 0, rows.order.shape[0] > 0
    for i in range(customers.shape[0]):
        at, end = starts[customers[i]], starts[customers[i] + 1]
        while at < end:
            first = at
            while at < end and rows.day[by_customer[at]] == rows.day[by_customer[first]]:
                at += 1
            own = by_customer[first:at].copy()
            if has_order and at - first > 1:
                own = own[np.argsort(rows.order[own], kind="mergesort")]
            begin = n
            for j in range(own.shape[0]):
                row = own[j]
                if j > 0 and has_order and rows.order[row] != rows.order[own[j - 1]]:
                    begin = n
                place = begin
                while place < n and kind[place] != rows.kind[row]:
                    place += 1
                if place == n:
                    customer[n], day[n], kind[n], amount[n], n_lines[n] = i, rows.day[row], rows.kind[row], 0, 0
                    if has_margin:
                        margin[n] = 0
                    if has_order:
                        order[n] = rows.order[row]
                    n += 1
                amount[place] += rows.amount[row]
                n_lines[place] += rows.n_lines[row] if rows.n_lines.shape[0] > 0 else 1
                if has_margin:
                    margin[place] += rows.margin[row]
    return n
