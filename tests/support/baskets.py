"""Baskets as plain Python, and as the flat arrays that kernels take."""

from itertools import combinations, pairwise

import numpy as np
import polars as pl

ORDERS = {
    1: [{"bread", "butter"}, {"bread", "butter", "jam"}],
    2: [{"bread", "butter"}],
    3: [{"bread", "butter"}],
    4: [{"bread"}, {"butter"}],
    5: [{"tea"}],
    6: [{"tea"}],
    7: [{"tea", "jam"}],
    8: [{"bread", "tea"}],
    9: [{"butter"}],
    10: [{"jam"}],
    11: [{"bread", "butter"}],
    12: [{"tea", "jam"}],
}
"""The baskets of a dozen customers, each on another day."""

KIND = {"bread": "bakery", "butter": "spread", "jam": "spread", "tea": "drink"}
PRICE = {"bread": 2.0, "butter": 1.5, "jam": 3.5, "tea": 4.0}


def lines_of(orders, first_day=20_000):
    """An order log of baskets, an order every tenth day, each item on one line."""
    rows = [
        (customer, first_day + 10 * i, f"{customer}-{i}", item, KIND.get(item), PRICE.get(item, 1.0))
        for customer, baskets in orders.items()
        for i, basket in enumerate(baskets)
        for item in sorted(basket)
    ]
    names = ["customer_id", "day", "order_id", "product", "kind", "amount"]
    table = pl.DataFrame(rows, schema=names, orient="row")
    return table.select(
        "customer_id", pl.exclude("customer_id", "day"), order_ts=pl.col("day").cast(pl.Int32).cast(pl.Date)
    )


def flat(baskets):
    """Lists of customers' lists of groups of whole numbers -> customers, starts, items, read-only as Polars' are."""
    groups = [sorted(group) for own in baskets for group in own]
    arrays = (
        np.cumsum([0, *(len(own) for own in baskets)]).astype(np.int64),
        np.cumsum([0, *map(len, groups)]).astype(np.int64),
        np.array([item for group in groups for item in group], dtype=np.int32),
    )
    for array in arrays:
        array.flags.writeable = False
    return arrays


def together(baskets):
    """Of each pair of numbers, how often each customer has both in a group: {(a, b): {customer: times}}, a < b."""
    found = {}
    for customer, own in enumerate(baskets):
        for group in own:
            for pair in combinations(sorted(group), 2):
                times = found.setdefault(pair, {})
                times[customer] = times.get(customer, 0) + 1
    return found


def following(baskets):
    """Of each ordered pair, how often a group with the second follows one with the first."""
    found = {}
    for customer, own in enumerate(baskets):
        for before, after in pairwise(own):
            for a in before:
                for b in after:
                    times = found.setdefault((a, b), {})
                    times[customer] = times.get(customer, 0) + 1
    return found


def random_baskets(rng, n_customers=30, n_items=7, most=4):
    """Some customers with up to `most` groups each, some of them empty."""
    return [
        [{int(item) for item in rng.integers(0, n_items, rng.integers(0, 5))} for _ in range(rng.integers(1, most + 1))]
        for _ in range(n_customers)
    ]
