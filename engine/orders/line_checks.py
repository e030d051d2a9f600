"""Order lines: mapped, checked line by line, each with the reason if it is refused."""

from collections.abc import Sequence

import polars as pl

from whalecurve.engine.customer_shares import EVERYBODY, Share
from whalecurve.engine.mapping import FAULT, IS_NEGATIVE, IS_REPEATED, IS_UNCLEAR, is_marked, is_return
from whalecurve.engine.money import LIMIT, to_fixed
from whalecurve.engine.orders.days import END_OF_CALENDAR, day_bounds, day_of, in_window
from whalecurve.engine.orders.log import FILE, ROW, Orders, dimension_column, mapped_rows, scan_rows
from whalecurve.engine.orders.nobody import is_named_nobody, without_id
from whalecurve.engine.orders.refunds import is_all_given_back, leaves_too_much, refunded
from whalecurve.engine.settings import ObservedWindow, Window

REFUSALS = (
    "",  # usable
    "null_customer",
    "named_nobody",
    "null_time",
    "time_before_1970",
    "time_out_of_range",
    "null_amount",
    "amount_not_finite",
    "amount_out_of_range",
    "null_margin",
    "margin_not_finite",
    "margin_out_of_range",
    "after_as_of",
    "before_since",
    "unreadable",  # a cell, or the whole line, of a text file
    "unclear_order_total",  # several amounts in an order whose total is on each line
)


CODE = {name: code for code, name in enumerate(REFUSALS)}


def checked_lines(orders: Orders, window: Window, *, places: bool = False, times: bool = False) -> pl.LazyFrame:
    """Order lines with their day and exact money, and `refusal`, an index into `REFUSALS` (0: usable).

    Columns: customer_id, day (Int32, days since 1970), amount and margin (Int64, fixed-point), order_id where mapped,
    `dim:...` for each dimension, is_return, was_positive_return, was_unflagged_return, is_below_resolution, refusal
    (UInt8). A negative line is a return whatever its flag. A flagged return with a positive amount is taken off all the
    same: its amount and margin change sign. What is mapped as refunded is taken off the line's amount, and off the
    margin that cost makes; a line of which all was given back, or more, is a return. `places=True` adds file and row
    number, and what was found there; `times=True` adds the time as it stands.
    """
    return checked(
        mapped_rows(scan_rows(orders.files, orders.mapping, places=places), orders.mapping, places=places),
        orders,
        window,
        places=places,
        times=times,
    )


def observed_lines(
    orders: Orders, window: ObservedWindow, share: Share = EVERYBODY, *, times: bool = False
) -> pl.LazyFrame:
    """The usable lines of the observed days, as `checked_lines` has them, of a share of the customers."""
    return share.of(checked_lines(orders, window, times=times).filter(in_window(*day_bounds(window))))


def checked(
    lines: pl.LazyFrame, orders: Orders, window: Window, *, places: bool = False, times: bool = False
) -> pl.LazyFrame:
    """What `checked_lines` makes of mapped lines: of `orders.lines`, or of a batch of them."""
    roles = orders.mapping.roles
    found = to_fixed(pl.col("amount"), roles["amount"].dtype)
    amount, refund = _once(orders, found), refunded(orders)
    refund = None if refund is None else _once(orders, refund)
    money = {"amount": amount}
    if "margin" in roles:
        money["margin"] = to_fixed(pl.col("margin"), roles["margin"].dtype)
    elif "cost" in roles:
        money["margin"] = amount - to_fixed(pl.col("cost"), roles["cost"].dtype)
    has_flag = "return_flag" in roles
    is_flagged = is_marked(has_flag=has_flag)
    is_positive_return = is_flagged & (pl.col("amount") > 0)
    signed = {name: pl.when(is_positive_return).then(-units).otherwise(units) for name, units in money.items()}
    is_given_back = pl.lit(value=False)
    if refund is not None:
        is_given_back = is_all_given_back(signed["amount"], refund)
        signed |= {name: signed[name] - refund for name in ("amount", *(["margin"] if "cost" in roles else []))}
    beside = [pl.col(FILE), pl.col(ROW), pl.col("amount").alias("amount_found")] if places else []
    beside += [pl.col(FAULT)] if places and orders.mapping.fault is not None else []
    beside += [pl.col("time")] if places or times else []
    return lines.with_columns(day=day_of(roles["time"].dtype, window.timezone)).select(
        *beside,
        pl.when(~_is_nobody(orders)).then(pl.col("customer_id")) if orders.guests else "customer_id",
        "day",
        *(units.alias(name) for name, units in signed.items()),
        *(["order_id"] if orders.has_order_id else []),
        *map(dimension_column, orders.dimensions),
        is_return=is_return(has_flag=has_flag) | is_given_back,
        was_positive_return=is_positive_return,
        was_unflagged_return=(IS_NEGATIVE & ~is_flagged).fill_null(value=False),
        is_below_resolution=((pl.col("amount") != 0) & (found == 0)).fill_null(value=False),
        refusal=_refusal(orders),
    )


def _once(orders: Orders, units: pl.Expr) -> pl.Expr:
    """Money of the order on the one line that keeps it, and 0 on its others."""
    return units if orders.mapping.kept is None else pl.when(IS_REPEATED).then(pl.lit(0, pl.Int64)).otherwise(units)


def _is_nobody(orders: Orders) -> pl.Expr:
    """Whether a line names no customer."""
    return pl.any_horizontal(is_so for _, is_so in _nobody_tests(orders))


def _nobody_tests(orders: Orders) -> list[tuple[str, pl.Expr]]:
    named = is_named_nobody(orders)
    return [("null_customer", without_id(orders)), *([] if named is None else [("named_nobody", named)])]


def _refusal(orders: Orders) -> pl.Expr:
    roles, day = orders.mapping.roles, pl.col("day")
    tests = [
        *([] if orders.mapping.fault is None else [("unreadable", pl.col(FAULT).is_not_null())]),
        *([] if orders.guests else _nobody_tests(orders)),
        ("null_time", pl.col("time").is_null()),
        ("time_out_of_range", day.is_null() | (day >= END_OF_CALENDAR)),
        ("time_before_1970", day < 0),
        *_money_tests("amount", [("amount", roles["amount"].dtype)]),
    ]
    if "refund" in roles:
        tests += _money_tests("amount", [("refund", roles["refund"].dtype)])[1:]  # none is nothing given back
        tests.append(("amount_out_of_range", leaves_too_much()))
    if orders.mapping.kept is not None:
        tests = [(name, is_so & ~pl.col(IS_REPEATED) if name == "null_amount" else is_so) for name, is_so in tests]
        tests.append(("unclear_order_total", pl.col(IS_UNCLEAR)))
    tests += _money_tests("margin", [(role, roles[role].dtype) for role in ("margin", "cost") if role in roles])
    if "cost" in roles:
        margin = pl.col("amount").cast(pl.Float64) - pl.col("cost").cast(pl.Float64)
        tests.append(("margin_out_of_range", margin.abs() > LIMIT))
    code = pl.lit(0, dtype=pl.UInt8)
    for name, is_so in reversed(tests):
        code = pl.when(is_so).then(pl.lit(CODE[name], dtype=pl.UInt8)).otherwise(code)
    return code


def _money_tests(name: str, sources: Sequence[tuple[str, pl.DataType]]) -> list[tuple[str, pl.Expr]]:
    tests = []
    for column, dtype in sources:
        tests.append((f"null_{name}", pl.col(column).is_null()))
        if dtype.is_float():
            tests.append((f"{name}_not_finite", ~pl.col(column).is_finite()))
        tests.append((f"{name}_out_of_range", pl.col(column).cast(pl.Float64).abs() > LIMIT))
    return tests
