"""What assigned customers did before and after they entered an experiment: one pass over the order lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.audit import Audit, audit_orders
from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.money import to_fixed
from whalecurve.engine.orders import Orders, day_number, dimension_column, failures_named, observed_lines
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.runtime import Budget
from whalecurve.engine.settings import ObservedWindow, Window
from whalecurve.engine.stages import OnLines
from whalecurve.engine.store import ChosenLines, customer_days, lines_of_chosen
from whalecurve.engine.trials.planned import Planned

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


def read_lines(
    orders: Orders,
    window: Window,
    plan: Planned,
    budget: Budget,
    *,
    discount: str | None = None,
    on_lines: OnLines | None = None,
) -> tuple[Audit, ChosenLines | None]:
    """Audit the orders and, in the same pass, take the lines of the plan's customers for `outcomes`.

    There are no lines where memory does not hold them, or where they are wanted with a discount: `outcomes` then reads
    the orders anew.

    Raises
    ------
    InputError
        As `audit_orders`, or a file that cannot be read to its end.
    """
    if discount is not None:
        return audit_orders(orders, window), None
    last = None if plan.entry == "rolling" else day_number(plan.day_after(plan.days))
    days = _first_day(plan.customers, plan.days), last
    return lines_of_chosen(orders, window, plan.customers[CUSTOMER], days, plan.value, budget.store, on_lines)


def outcomes(
    orders: Orders,
    window: ObservedWindow,
    assigned: pl.DataFrame,
    spans: Spans,
    n_passes: int = 1,
    lines: ChosenLines | None = None,
) -> pl.DataFrame:
    """The sums of each assigned customer, 0 where there is no order line, in the order of the assignment.

    Parameters
    ----------
    assigned
        A row a customer: customer_id, `entered`, the first day of the outcome, and `known_until`, the last day that was
        known at assignment.
    n_passes, lines
        Passes over the orders, each for its share of the customers; or the lines of these very customers up to the end
        of the window, as `read_lines` has them: then the orders are not read.

    Returns
    -------
    The assignment with `n_lines`, all that are observed of the customer, `value_then`, the sums of `COUNTS` and `MONEY`
    in the outcome's days and before them, and those of the looks: Int64.

    Raises
    ------
    InputError
        A file that cannot be read to its end.
    """
    sums = _sums(orders, spans)
    if lines is None:
        found = _by_customer(orders, window, assigned, spans, sums, n_passes)
    else:
        found = _by_place(orders, assigned, sums, lines)
    zeros = [pl.col(name).fill_null(0).cast(pl.Int64) for name in found.columns if name in {*sums, DISCOUNT}]
    bought = {f"{prefix}bought": f"{prefix}purchases" for prefix in ("", PRE)}
    if spans.metric == "bought":
        bought |= {name: name for name in _looks(spans, spans.looks)}
    told = [(pl.col(counted) > 0).cast(pl.Int64).alias(name) for name, counted in bought.items()]
    return found.with_columns(zeros).with_columns(told).drop(f"{PRE}purchases", f"{PRE}sold")


def _by_customer(
    orders: Orders,
    window: ObservedWindow,
    assigned: pl.DataFrame,
    spans: Spans,
    sums: dict[str, pl.Expr],
    n_passes: int,
) -> pl.DataFrame:
    """The assignment with the sums, null where there is no line, by queries over the orders."""
    entered = assigned.lazy().select(CUSTOMER, pl.col("entered", "known_until").cast(pl.Int32))
    first, parts = _first_day(assigned, spans.before), []
    for share in shares_of(n_passes):
        lines = observed_lines(orders, window, share)
        days = _named(customer_days(lines.filter(pl.col("day") >= first), orders))
        joined = days.join(entered, on=CUSTOMER, how="inner").with_columns(at=pl.col("day") - pl.col("entered"))
        past = lines.filter(pl.col("day") < first).group_by(CUSTOMER).agg(**_past(spans))
        given = [_discounts(lines, orders, entered, spans)] if spans.discount is not None else []
        terms = pl.concat([past, joined.select(CUSTOMER, **sums), *given], how="diagonal")
        with failures_named(orders):
            parts.append(terms.group_by(CUSTOMER).agg(pl.all().sum()).collect(engine="streaming"))
    return assigned.join(pl.concat(parts), on=CUSTOMER, how="left", maintain_order="left")


def _by_place(orders: Orders, assigned: pl.DataFrame, sums: dict[str, pl.Expr], lines: ChosenLines) -> pl.DataFrame:
    """The same from lines that are there already, told by the places of the customers."""
    days = _named(customer_days(lines.late.lazy(), orders)).collect(engine="streaming")
    place = days[CUSTOMER].to_numpy()
    of_customer = {name: assigned[name].cast(pl.Int32).gather(place) for name in ("entered", "known_until")}
    terms = days.with_columns(**of_customer).with_columns(at=pl.col("day") - pl.col("entered"))
    added = terms.select(CUSTOMER, **sums).group_by(CUSTOMER).agg(pl.all().sum())
    early = {"n_lines": lines.n_early, "value_then": lines.early_value}
    rows, columns = added[CUSTOMER].to_numpy(), dict[str, pl.Series]()
    for name in sums:
        column = early[name].copy() if name in early else np.zeros(assigned.height, np.int64)
        column[rows] += added[name].to_numpy()
        columns[name] = pl.Series(name, column)
    return assigned.with_columns(**columns)


def _first_day(assigned: pl.DataFrame, before: int) -> int:
    """The first day that is told apart from others, so many days before the first customers entered."""
    first, known = (assigned[name].cast(pl.Int32).min() for name in ("entered", "known_until"))
    assert isinstance(first, int), "somebody is assigned"
    assert isinstance(known, int), "somebody is assigned"
    return min(first - before, known + 1)


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


def _named(days: pl.LazyFrame) -> pl.LazyFrame:
    """Days with counts and money by the names that they have here."""
    return days.with_columns(
        purchases=pl.col("n_purchases"), orders=pl.col("n_orders"), returned=pl.col("sold") - pl.col("revenue")
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
