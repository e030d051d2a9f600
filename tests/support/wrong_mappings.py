"""A shop's order lines, sound in all, and the twelve ways in which such a log is often read wrongly."""

from datetime import date, timedelta

import numpy as np
import polars as pl

FIRST, DAYS = date(2022, 1, 3), 600


def shop(n_customers=300, seed=5):
    """Lines of customers who buy at random: text ids, one to three lines an order, a status of sales throughout."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(n_customers):
        day = float(rng.uniform(0, 400))
        while day < DAYS:
            ordered = (f"c{customer:04}", FIRST + timedelta(days=int(day)), f"o{len(rows):05}")
            products = rng.choice(50, rng.integers(1, 4), replace=False).tolist()
            rows += [(*ordered, f"p{product}", round(float(rng.gamma(2.0, 20.0)) + 1, 2)) for product in products]
            day += 1 + float(rng.exponential(90.0))
    lines = pl.DataFrame(rows, schema=["customer_id", "order_ts", "order_id", "product", "amount"], orient="row")
    return lines.with_columns(status=pl.lit("paid"), currency=pl.lit("EUR"), refunded_amount=pl.lit(0.0))


def _by_order(lines, choices, shares, seed=1):
    """One of the choices a line, the same on all lines of an order."""
    orders = lines["order_id"].unique(maintain_order=True)
    drawn = np.random.default_rng(seed).choice(np.array(choices, dtype=object), orders.len(), p=shares)
    return lines["order_id"].replace_strict(orders, pl.Series(drawn.tolist()))


def order_totals(lines):
    """The amount is the order's, on each line."""
    return lines.with_columns(pl.col("amount").sum().round(2).over("order_id"))


def one_large_id(lines):
    """A till that sells to whoever comes."""
    is_till = _by_order(lines, [True, False], [0.1, 0.9])
    return lines.with_columns(customer_id=pl.when(is_till).then(pl.lit("till-7")).otherwise("customer_id"))


def placeholders(lines):
    """Guests, who have an id of their own."""
    is_guest = _by_order(lines, [True, False], [0.02, 0.98])
    return lines.with_columns(customer_id=pl.when(is_guest).then(pl.lit("Guest")).otherwise("customer_id"))


def ids_in_any_case(lines):
    """Ids as people type them."""
    is_typed = _by_order(lines, [True, False], [0.3, 0.7])
    return lines.with_columns(
        customer_id=pl.when(is_typed).then(pl.col("customer_id").str.to_uppercase() + " ").otherwise("customer_id")
    )


def cancelled(lines):
    """Orders that are no sales beside those that are."""
    states = ["paid", "Cancelled", "refunded", "voided", "wc-pending", "test"]
    return lines.with_columns(status=_by_order(lines, states, [0.9, 0.02, 0.02, 0.02, 0.02, 0.02]))


def currencies(lines):
    """Money of two kinds."""
    return lines.with_columns(currency=_by_order(lines, ["EUR", "USD"], [0.8, 0.2]))


def lines_twice(lines):
    """A month that was loaded twice."""
    return pl.concat([lines, lines.head(200)])


def nobodys(lines):
    """Lines without a customer."""
    is_none = _by_order(lines, [True, False], [0.1, 0.9])
    return lines.with_columns(customer_id=pl.when(~is_none).then("customer_id"))


def short(lines):
    """Two months, in which few are seen to come back, and late."""
    rng = np.random.default_rng(4)
    first = rng.integers(0, 8, 60)
    days = np.stack([first, first + rng.integers(36, 60, 60)]).ravel()
    return pl.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(60)] * 2,
            "order_ts": [FIRST + timedelta(days=int(min(day, 59))) for day in days],
            "order_id": [f"o{i}" for i in range(120)],
            "amount": [1.0 + i for i in range(120)],
        }
    )


def subscriptions(lines):
    """A box a month, on the day of the month on which it was first ordered."""
    months = [(2022 + month // 12, month % 12 + 1) for month in range(20)]
    rows = [
        (f"c{i}", date(year, month, 1 + i % 28), f"o{i}-{year}-{month}", 5.0 + i)
        for i in range(80)
        for year, month in months[i % 6 :]
    ]
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "order_id", "amount"], orient="row")


def refunds(lines):
    """What was given back stands beside the amount."""
    return lines.with_columns(refunded_amount=pl.when(pl.int_range(pl.len()) % 40 == 0).then("amount").otherwise(0.0))


WRONG = {
    order_totals: "give --order-total, else map the amount of the line",
    one_large_id: 'customer "till-7" alone has ',
    placeholders: 'customer ids that look like placeholders: "Guest" with ',
    ids_in_any_case: "give --normalise-ids trim,lower",
    cancelled: "--keep \"COALESCE(status, '') NOT IN (",
    currencies: '"currency" names several currencies',
    lines_twice: "lines equal to another one in all ",
    nobodys: "lines that name no customer: ",
    short: "days, fewer than 2 median gaps between the purchase days of a customer",
    subscriptions: "as subscribers do: the models assume customers who may buy at any time",
    refunds: "give --refund refunded_amount",
}
"""What each is read for, as `check` says it. The twelfth is a file under two names."""
