"""Stage: order lines -> baskets of numbered items, a share of the customers at a time; kept to be gone through again.

A basket is what a customer bought in an order, or on a day where a line has no order id; returns are left out, and an
item that is there several times is there once. The day of a basket is that of its first line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.baskets.coded_share import CodedShare, by_customer
from whalecurve.engine.baskets.items import Level, Numbering, categories_of, products_of, pruned, with_tiers
from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.customer_shares import Share, shares_of
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.mapping import is_missing
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import Orders, as_text, dimension_column, failures_named, observed_lines
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import Scratch

PRICED_AT_ONCE = 20_000_000
"""Prices of items in baskets whose medians are worked out at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedLog:
    """All baskets.

    shares : of the customers
    items : one row per item by its first number: item, number, category, customers, baskets, price, tier
    products, categories : what pairs are made of; None where there are no categories
    n_lines, n_returns, n_without_item : lines in baskets, returns, and sales without an item
    """

    shares: tuple[CodedShare, ...]
    items: pl.DataFrame
    products: Level
    categories: Level | None
    n_lines: int
    n_returns: int
    n_without_item: int

    @property
    def n_baskets(self) -> int:
        """How many baskets there are."""
        return sum(share.days.size for share in self.shares)

    @property
    def n_customers(self) -> int:
        """Customers with a basket."""
        return sum(share.ids.len() for share in self.shares)


def coded_log(orders: Orders, window: ObservedWindow, asked: Basketing, n_passes: int, scratch: Scratch) -> CodedLog:
    """Read the baskets of an order log, in as many passes as there are shares of the customers.

    Raises
    ------
    InputError
        A price that is no number; no line names an item; no item is bought by `min_customers`.
    """
    _check_price(orders, asked)
    numbering, shares, counts = Numbering(), [], np.zeros(3, dtype=np.int64)
    with failures_named(orders):
        for share in shares_of(n_passes):
            rows, categories, lines = _rows(orders, window, asked, share)
            counts += np.array(lines, dtype=np.int64)
            shares.append(_coded(rows, categories, numbering, scratch))
    if counts[0] == 0:
        raise InputError(f'{setting("by")} "{asked.by}": no line of a sale names one; name another column')
    items = with_tiers(_priced(numbering.table(), shares))
    products = products_of(items, asked.min_customers)
    if products.n == 0:
        raise InputError(
            f'{setting("by")} "{asked.by}": nothing is bought by {asked.min_customers} customers; lower '
            f"{setting('min_customers')}, or name what tells kinds of products apart, as a category"
        )
    return CodedLog(
        shares=tuple(shares),
        items=items,
        products=products,
        categories=_categories(items, shares, asked),
        n_lines=int(counts[0]),
        n_returns=int(counts[1]),
        n_without_item=int(counts[2]),
    )


def _check_price(orders: Orders, asked: Basketing) -> None:
    if asked.price is None:
        return
    dtype = orders.mapping.dimensions[asked.price].dtype
    if not dtype.is_numeric():
        raise InputError(f'{setting("price")} "{asked.price}" is {dtype}, expected a number; name another column')


def _rows(
    orders: Orders, window: ObservedWindow, asked: Basketing, share: Share
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[int, int, int]]:
    """Items of the baskets of a share; lines by item and category; lines in baskets, returns, sales without an item."""
    lines = observed_lines(orders, window, share)
    schema = lines.collect_schema()
    item, price = dimension_column(asked.by), pl.col("amount")
    is_named = ~is_missing(pl.col(item), schema[item])
    sold = lines.filter(~pl.col("is_return") & is_named).select(
        "customer_id",
        "day",
        item=as_text(schema[item], item),
        order=_order(orders, schema),
        category=_text(asked.category, schema),
        price=price if asked.price is None else pl.col(dimension_column(asked.price)).cast(pl.Float64),
    )
    alone = pl.when(pl.col("order").is_null()).then("day").alias("alone")
    cost = pl.col("price")
    cost = cost.sum().cast(pl.Float64) / pl.len() / UNITS if asked.price is None else cost.fill_nan(None).median()
    rows = sold.group_by("customer_id", "order", alone, "item").agg(day=pl.col("day").min(), price=cost)
    categories = sold.group_by("item", "category").agg(lines=pl.len().cast(pl.Int64))
    counts = lines.select(
        n=(~pl.col("is_return") & is_named).sum().cast(pl.Int64),
        returns=pl.col("is_return").sum().cast(pl.Int64),
        without=(~pl.col("is_return") & ~is_named).sum().cast(pl.Int64),
    )
    table, usual, counted = pl.collect_all([rows, categories, counts], engine="streaming")
    n, returns, without = counted.row(0)
    return table, usual, (int(n or 0), int(returns or 0), int(without or 0))


def _order(orders: Orders, schema: pl.Schema) -> pl.Expr:
    """The order id where there is one."""
    if not orders.has_order_id:
        return pl.lit(None, dtype=pl.Int8)
    return pl.when(~is_missing(pl.col("order_id"), schema["order_id"])).then("order_id")


def _text(dimension: str | None, schema: pl.Schema) -> pl.Expr:
    """A dimension as text, null for blank ones."""
    if dimension is None:
        return pl.lit(None, dtype=pl.String)
    name = dimension_column(dimension)
    return pl.when(~is_missing(pl.col(name), schema[name])).then(as_text(schema[name], name))


def _coded(rows: pl.DataFrame, categories: pl.DataFrame, numbering: Numbering, scratch: Scratch) -> CodedShare:
    """Put the baskets of a share into arrays."""
    numbered = rows.with_columns(
        number=numbering.numbers(rows["item"]), day=pl.col("day").min().over("customer_id", "order", "alone")
    ).drop("item", "alone")
    placed = numbered.sort("customer_id", "day", "order", "number")
    is_new = _differs("customer_id")
    begins = placed.select(
        customer=is_new, basket=is_new | _differs("day") | _differs("order"), first=pl.int_range(pl.len())
    )
    starts = begins.filter("basket")
    customers = starts.select(at=pl.int_range(pl.len()), is_first="customer").filter("is_first")["at"]
    who = begins["customer"].cast(pl.Int64).cum_sum()
    counts = (
        placed.select("number", who=who)
        .group_by("number")
        .agg(customers=pl.col("who").n_unique().cast(pl.Int64), baskets=pl.len().cast(pl.Int64))
    )
    numbering.count(counts, categories)
    firsts = placed.filter(begins["basket"])
    return CodedShare(
        ids=placed.filter(begins["customer"])["customer_id"],
        customers=scratch.put(np.append(customers.to_numpy(), firsts.height).astype(np.int64)),
        days=scratch.put(firsts["day"].cast(pl.Int32).to_numpy()),
        starts=scratch.put(np.append(starts["first"].to_numpy(), placed.height).astype(np.int64)),
        items=scratch.put(placed["number"].to_numpy()),
        prices=scratch.put(placed["price"].cast(pl.Float64).fill_null(float("nan")).to_numpy()),
    )


def _differs(column: str) -> pl.Expr:
    """Whether a row has another value than the one before; the first has."""
    other = pl.col(column).ne_missing(pl.col(column).shift(1))
    return pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value=True)).otherwise(other)


def _priced(items: pl.DataFrame, shares: list[CodedShare]) -> pl.DataFrame:
    """Add the median price of each item over its baskets; null where none is known."""
    n_rows = sum(share.items.size for share in shares)
    n_parts = max(1, -(-n_rows // PRICED_AT_ONCE))
    medians = []
    for part in range(n_parts):
        found = []
        for share in shares:
            numbers = share.items.read()
            mine = numbers % n_parts == part
            found.append(pl.DataFrame({"number": numbers[mine], "price": share.prices.read()[mine]}))
        prices = pl.concat(found).with_columns(pl.col("price").fill_nan(None))
        medians.append(prices.group_by("number").agg(pl.col("price").median()))
    return items.join(pl.concat(medians), on="number", how="left", maintain_order="left")


def _categories(items: pl.DataFrame, shares: list[CodedShare], asked: Basketing) -> Level | None:
    """The categories that enough customers bought; None where there are fewer than two."""
    if asked.category is None:
        return None
    every = categories_of(items)
    customers = np.zeros(every.n, dtype=np.int64)
    for share in shares:
        customers += np.bincount(by_customer(share, every).items, minlength=every.n)
    level = pruned(every, customers.tolist(), asked.min_customers)
    if level.n < 2:
        raise InputError(
            f'{setting("category")} "{asked.category}": fewer than two are bought by {asked.min_customers} customers; '
            f"name another column, or leave it out"
        )
    return level


def levels_of(log: CodedLog) -> Iterator[Level]:
    """What pairs are made of: categories first."""
    if log.categories is not None:
        yield log.categories
    yield log.products
