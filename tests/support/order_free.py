"""Totals of an order log by the oracle's plain Python, from its checked lines."""

import polars as pl

from tests.oracle.totals import Line, by_customer, days_of, totals_of
from whalecurve.engine.audit.audit import audit_orders
from whalecurve.engine.orders.days import day_bounds, in_window
from whalecurve.engine.orders.line_checks import checked_lines
from whalecurve.engine.orders.log import value_column
from whalecurve.engine.store.summary import with_history
from whalecurve.engine.store.totals_tables import totals_schema

YEAR = 365


def lines_of(orders, window):
    """The usable lines of a settled window."""
    rows = checked_lines(orders, window).filter(in_window(*day_bounds(window))).collect()
    return [
        Line(
            customer=row["customer_id"],
            day=row["day"],
            amount=row["amount"],
            margin=row.get("margin") or 0,
            order=row.get("order_id"),
            is_return=row["is_return"],
        )
        for row in rows.iter_rows(named=True)
    ]


def customer_totals(orders, window, value="revenue"):
    """What `read_totals` gives, sorted by customer; of a window without a period."""
    lines, until = lines_of(orders, window), day_bounds(window)[1]
    own = by_customer(lines)
    rows = []
    for customer, found in totals_of(lines, has_orders=orders.has_order_id).items():
        days = [
            (until - day, {"revenue": revenue, "margin": margin}[value])
            for day, _, revenue, margin in days_of(own[customer])
        ]
        spent = {
            "year_value": sum(money for ago, money in days if ago < YEAR),
        }
        rows.append(
            {"customer_id": customer}
            | {k: None if v == -1 and k.endswith("_day") else v for k, v in found._asdict().items()}
            | spent
        )
    schema = totals_schema(orders, has_period=False)
    table = pl.DataFrame(rows, schema={name: dtype for name, dtype in schema.items() if name != "position"})
    return table.sort("customer_id").with_columns(position=pl.int_range(pl.len(), dtype=pl.Int64))


def order_free_summary(orders, window, value=None):
    """The customer summary of these totals."""
    window = audit_orders(orders, window).window if window.as_of is None else window
    return with_history(customer_totals(orders, window).lazy(), window, value_column(orders, value))
