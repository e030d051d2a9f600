"""What assigned customers did before and after they entered an experiment: one pass over the order lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.money import to_fixed
from whalecurve.engine.orders import Orders, dimension_column, failures_named, observed_lines
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import customer_days

COUNTS = ("bought", "purchases", "orders")
"""Sums that count: whether a customer bought at all, purchase days, orders (purchase days without order ids)."""
MONEY = ("revenue", "margin", "sold", "returned")
"""Sums of money, in fixed-point units; margin where lines carry it."""

DISCOUNT = "discount"
"""The sum of what was taken off prices, where it is asked for."""

PRE = "pre_"
"""Before the name of a sum: of the days right before the customer entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Which days count, of each customer from the day on which they entered.

    days : of the outcome; before : days before it that are added up, too
    looks : days after which the sum of the metric so far is wanted, too: `look_7`, `pre_look_7`
    metric : the sum that is looked at
    value : margin or revenue; `value_then` is that of all days that were known when arms were assigned
    discount : the dimension of the order lines that is their discount, in currency; None: none is added up
    """

    days: int
    before: int
    looks: tuple[int, ...]
    metric: str
    value: str
    discount: str | None = None


def outcomes(
    orders: Orders, window: ObservedWindow, assigned: pl.DataFrame, spans: Spans, n_passes: int = 1
) -> pl.DataFrame:
    """The sums of each assigned customer, 0 where there is no order line, in the order of the assignment.

    Parameters
    ----------
    assigned
        A row a customer: customer_id, `entered`, the first day of the outcome, and `known_until`, the last day that was
        known at assignment.

    Returns
    -------
    The assignment with `n_lines`, all that are observed of the customer, `value_then`, the sums of `COUNTS` and `MONEY`
    in the outcome's days and before them, and those of the looks: Int64.

    Raises
    ------
    InputError
        A file that cannot be read to its end.
    """
    entered = assigned.lazy().select(CUSTOMER, pl.col("entered", "known_until").cast(pl.Int32))
    sums, first = _sums(orders, spans), _first_day(assigned, spans)
    parts = []
    for share in shares_of(n_passes):
        lines = observed_lines(orders, window, share)
        days = _with_orders(customer_days(lines.filter(pl.col("day") >= first), orders), orders)
        joined = days.join(entered, on=CUSTOMER, how="inner").with_columns(at=pl.col("day") - pl.col("entered"))
        past = lines.filter(pl.col("day") < first).group_by(CUSTOMER).agg(**_past(spans))
        given = [_discounts(lines, orders, entered, spans)] if spans.discount is not None else []
        terms = pl.concat([past, joined.select(CUSTOMER, **sums), *given], how="diagonal")
        with failures_named(orders):
            parts.append(terms.group_by(CUSTOMER).agg(pl.all().sum()).collect(engine="streaming"))
    found = assigned.join(pl.concat(parts), on=CUSTOMER, how="left", maintain_order="left")
    zeros = [pl.col(name).fill_null(0).cast(pl.Int64) for name in found.columns if name in {*sums, DISCOUNT}]
    bought = {f"{prefix}bought": f"{prefix}purchases" for prefix in ("", PRE)}
    if spans.metric == "bought":
        bought |= {name: name for name in _looks(spans, spans.looks)}
    told = [(pl.col(counted) > 0).cast(pl.Int64).alias(name) for name, counted in bought.items()]
    return found.with_columns(zeros).with_columns(told).drop(f"{PRE}purchases", f"{PRE}sold")


def _first_day(assigned: pl.DataFrame, spans: Spans) -> int:
    """The first day that is told apart from others."""
    first, known = (assigned[name].cast(pl.Int32).min() for name in ("entered", "known_until"))
    assert isinstance(first, int), "somebody is assigned"
    assert isinstance(known, int), "somebody is assigned"
    return min(first - spans.before, known + 1)


def _past(spans: Spans) -> dict[str, pl.Expr]:
    """What is wanted of all the days before the first one: not day by day, which takes as long again."""
    value = pl.col("amount" if spans.value == "revenue" else "margin")
    return {"n_lines": pl.len().cast(pl.Int64), "value_then": value.sum()}


def _discounts(lines: pl.LazyFrame, orders: Orders, entered: pl.LazyFrame, spans: Spans) -> pl.LazyFrame:
    """What was taken off the price in the outcome's days; that of a return is given back."""
    assert spans.discount is not None, "asked for"
    dtype = orders.mapping.dimensions[spans.discount].dtype
    units = to_fixed(pl.col(dimension_column(spans.discount)), dtype).fill_null(0)
    is_in = (pl.col("day") - pl.col("entered")).is_between(0, spans.days - 1)
    taken_off = lines.select(CUSTOMER, "day", units=pl.when("is_return").then(-units.abs()).otherwise(units.abs()))
    during = taken_off.join(entered, on=CUSTOMER, how="inner").filter(is_in)
    return during.group_by(CUSTOMER).agg(pl.col("units").sum().alias(DISCOUNT))


def _with_orders(days: pl.LazyFrame, orders: Orders) -> pl.LazyFrame:
    is_purchase = pl.col("purchase_day").is_not_null().cast(pl.Int64)
    return days.with_columns(
        purchases=is_purchase,
        orders=pl.col("n_orders").cast(pl.Int64) if orders.has_order_id else is_purchase,
        returned=pl.col("sold") - pl.col("revenue"),
    )


def _sums(orders: Orders, spans: Spans) -> dict[str, pl.Expr]:
    at = pl.col("at")
    names = [name for name in (*COUNTS, *MONEY) if name != "bought" and (name != "margin" or orders.has_margin)]
    windows = {"": at.is_between(0, spans.days - 1), PRE: at.is_between(-spans.before, -1)}
    sums = {"n_lines": pl.col("n_lines"), "value_then": _where(pl.col("day") <= pl.col("known_until"), spans.value)}
    for prefix, is_in in windows.items():
        sums |= {f"{prefix}{name}": _where(is_in, name) for name in names}
    return sums | _looks(spans, spans.looks)


def _where(is_in: pl.Expr, name: str) -> pl.Expr:
    """A sum's term on days that count, 0 on others."""
    return pl.when(is_in).then(name).otherwise(pl.lit(0, pl.Int64))


def _looks(spans: Spans, looks: Sequence[int]) -> dict[str, pl.Expr]:
    """The metric so far at each look, and as far into the days before."""
    at = pl.col("at")
    name = "purchases" if spans.metric == "bought" else spans.metric
    sums = {}
    for look in looks:
        sums[f"look_{look}"] = _where(at.is_between(0, look - 1), name)
        sums[f"{PRE}look_{look}"] = _where(at.is_between(-spans.before, look - 1 - spans.before), name)
    return sums
