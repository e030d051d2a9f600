"""A log read for all customers, a share of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.customer_shares import EVERYBODY, Share, passes_for, shares_of
from whalecurve.engine.errors import InputError
from whalecurve.engine.orders.line_checks import observed_lines
from whalecurve.engine.orders.log import Orders, dimension_column
from whalecurve.engine.orders.read_failures import failures_named
from whalecurve.engine.runtime import Budget
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.statistics import RESOLUTION

CAP = 10
"""A line's money counts up to this many times the mean absolute amount of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Of all lines, fixed-point: margin and net amount; of a line, the mean absolute amount and the mean size.

    The size is the greater of absolute amount and absolute margin: in units of its mean, sums of squares are bounded.
    """

    margin: int
    amount: int
    mean_amount: float
    mean_size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the lines are read: observed days, passes over the customers, money of all lines.

    The money is None where lines carry no margin, or no money at all: then there is no margin rate.
    """

    orders: Orders
    window: ObservedWindow
    value: str
    n_passes: int
    money: Money | None

    def lines(self, dimension: str | None = None, share: Share = EVERYBODY) -> pl.LazyFrame:
        """The usable lines of a share of the customers, in fixed-point money; the dimension, if one is named, is `by`.

        Columns: customer_id, day, is_return, amount, margin (0 where there is none), value, order_id where mapped, by,
        and margin_y, margin_x: margin and amount in units; robust_y, robust_x: the same, both scaled down alike where
        one of them is beyond the cap.
        """
        lines = observed_lines(self.orders, self.window, share)
        columns = ["customer_id", "day", "is_return", "amount", *(["order_id"] if self.orders.has_order_id else [])]
        value = pl.col("margin" if self.value == "margin" else "amount")
        return lines.select(
            *columns,
            value=value,
            margin=pl.col("margin") if self.orders.has_margin else pl.lit(0, pl.Int64),
            **({} if dimension is None else {"by": pl.col(dimension_column(dimension))}),
            **self._in_units(),
        )

    def shares(self) -> Iterator[Share]:
        """The customers of each pass."""
        return shares_of(self.n_passes)

    def check_ids(self, dtype: pl.DataType, place: str) -> None:
        """Raise InputError where a table's customer_id is of another type than the orders': none would be found."""
        ours = self.orders.mapping.roles["customer"].dtype
        if dtype != ours:
            raise InputError(f"{place}: customer_id is {dtype}, in the orders it is {ours}; score them again")

    def _in_units(self) -> dict[str, pl.Expr]:
        if self.money is None:
            return dict.fromkeys(("margin_y", "margin_x", "robust_y", "robust_x"), pl.lit(0, pl.Int64))
        amount, margin = pl.col("amount").cast(pl.Float64), pl.col("margin").cast(pl.Float64)
        cap, unit = CAP * self.money.mean_amount, self.money.mean_size / RESOLUTION
        scale = RESOLUTION / self.money.mean_amount * cap / pl.max_horizontal(amount.abs(), margin.abs(), pl.lit(cap))
        amounts = {
            "margin_y": margin / unit, "margin_x": amount / unit, "robust_y": margin * scale, "robust_x": amount * scale
        }  # fmt: skip
        return {name: money.round().cast(pl.Int64) for name, money in amounts.items()}


def reading_of(orders: Orders, window: ObservedWindow, value: str, n_lines: int, budget: Budget) -> Reading:
    """How the lines of the observed days are read; looks up the money where there is margin.

    The budget asks for more passes over the lines, by what it leaves beside what the process holds already.
    """
    money = _money(orders, window) if orders.has_margin else None
    n_passes = max(passes_for(n_lines), budget.passes(n_lines))
    return Reading(orders=orders, window=window, value=value, n_passes=n_passes, money=money)


def _money(orders: Orders, window: ObservedWindow) -> Money | None:
    amount, margin = pl.col("amount"), pl.col("margin")
    terms = {"margin": margin, "amount": amount, "absolute": amount.abs()}
    terms["size"] = pl.max_horizontal(amount.abs(), margin.abs())
    lines = observed_lines(orders, window)
    sums = lines.select(**{name: term.cast(pl.Int128).sum() for name, term in terms.items()}, n=pl.len())
    with failures_named(orders):
        totals = {name: int(total) for name, total in sums.collect(engine="streaming").row(0, named=True).items()}
    if totals["absolute"] == 0:
        return None
    return Money(
        margin=totals["margin"],
        amount=totals["amount"],
        mean_amount=totals["absolute"] / totals["n"],
        mean_size=totals["size"] / totals["n"],
    )


def as_text(dtype: pl.DataType, name: str = "value") -> pl.Expr:
    """A column of any plain type as text, see `text_of`."""
    return text_of(pl.col(name), dtype)


def text_of(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value of any plain type as text, another one for each: bytes in hexadecimal, spans as ISO 8601 has them.

    A time of day has its fraction of a second, which a cast leaves out.
    """
    if isinstance(dtype, pl.Binary):
        return value.bin.encode("hex")
    return value.dt.to_string("iso") if isinstance(dtype, pl.Duration | pl.Time) else value.cast(pl.String)
