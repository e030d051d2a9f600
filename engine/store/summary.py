"""Stage: totals -> one row per customer (frequency, recency, T, monetary value)."""

from collections.abc import Iterator

import polars as pl

from whalecurve.engine.audit import audit_orders
from whalecurve.engine.errors import NothingObservedError
from whalecurve.engine.money import UNITS, quotient, to_currency
from whalecurve.engine.orders import Orders, day_bounds, last_complete, period_of, value_column
from whalecurve.engine.runtime import Budget, SeriesByName, lazy_tables, memory_budget
from whalecurve.engine.settings import Given, ObservedWindow, Window, taken
from whalecurve.engine.store.lines_to_totals import read_totals
from whalecurve.engine.store.totals_tables import BLOCK, HELPERS, Totals, totals_schema

RULES_OF_RETURNS = {
    True: "off the first sale under their order id, else off the last purchase until then",
    False: "off the last purchase until then",
}
"""What returns are taken off, with order ids and without, as results record it; see `kernels.store`."""


def returns_rule(orders: Orders) -> str:
    """Which purchase returns are taken off."""
    return RULES_OF_RETURNS[orders.has_order_id]


def customer_summary(orders: Orders, window: Window | Given | None = None, value: str | None = None) -> pl.LazyFrame:
    """Reduce orders to one row per customer, the sufficient statistics of the models among its columns.

    Orders of one customer on one day are one purchase. The first purchase opens the relationship: it is no
    repeat, so it enters neither `frequency` nor `monetary_value`. A return is taken off the purchase that it belongs
    to. `recency` and `T` are in `window.unit`s, `days_since_last` in days. A customer with returns only has no
    purchase: `n_purchase_days` is 0 and what rests on a purchase is null.

    An open window (`as_of` None) ends with the last day in the data, which is looked up at once. The orders are read
    when the query runs, once, each time anew; customers come sorted by id.

    Parameters
    ----------
    orders
        A log, as `scan_orders` opens it.
    window
        The days observed, and the unit of `recency` and `T`. None: all days, in days.
    value
        "margin" or "revenue"; None takes margin where lines carry it.

    Returns
    -------
    LazyFrame
        customer_id, frequency, recency, T, monetary_value and more, one row per customer, sorted by id.

    Raises
    ------
    InputError
        Orders without a usable line, or margin that lines do not carry.

    Examples
    --------
    >>> import whalecurve as wc
    >>> summary = wc.customer_summary(wc.scan_orders("shop/orders")).collect()
    >>> summary.columns[:4]
    ['customer_id', 'first_purchase', 'last_purchase', 'n_purchase_days']
    """
    window, value = _observed(orders, taken(Window, window) or Window()), value_column(orders, value)

    def tables(names: list[str] | None) -> Iterator[pl.DataFrame]:
        try:
            totals = read_totals(orders, window, memory_budget(None, orders.n_rows))
        except NothingObservedError:
            return
        try:
            yield from totals.tables(BLOCK, names)
        finally:
            totals.close()

    return with_history(lazy_tables(tables, totals_schema(orders, has_period=window.period is not None)), window, value)


def _observed(orders: Orders, window: Window) -> ObservedWindow:
    return audit_orders(orders, window).window if window.as_of is None else window.observed(window.as_of)


def collect_summary(orders: Orders, window: Window, value: str, budget: Budget | None = None) -> pl.DataFrame:
    """The customer summary in memory, sorted by customer; the memory `budget` is for the way there.

    An observed window in which nothing happened has no customers.

    Raises
    ------
    InputError
        A file that has become unreadable since the audit.
    """
    try:
        totals = read_totals(orders, window, budget or memory_budget(None, orders.n_rows))
    except NothingObservedError:
        if window.as_of is None:
            raise
        nobody = pl.LazyFrame(schema=totals_schema(orders, has_period=window.period is not None))
        return with_history(nobody, window.observed(window.as_of), value).collect()
    try:
        return summary_of(totals, value).collect(engine="streaming")
    finally:
        totals.close()


def summary_of(totals: Totals, value: str, columns: SeriesByName | None = None) -> pl.LazyFrame:
    """The customer summary of totals, sorted by customer, with more columns beside it, by position."""
    helpers = HELPERS if totals.value is not None else ()
    return with_history(totals.lazy(columns), totals.audit.window, value, beside=(*helpers, *(columns or ())))


def with_history(
    totals: pl.LazyFrame, window: ObservedWindow, value: str, *, beside: tuple[str, ...] = ()
) -> pl.LazyFrame:
    """Purchase history and money in the words of the models, from exact totals.

    Columns `beside` them are kept.
    """
    as_of, present = day_bounds(window)[1], totals.collect_schema().names()
    has_purchase = pl.col("n_purchase_days") > 0
    frequency = pl.when(has_purchase).then(pl.col("n_purchase_days") - 1)
    first, last = pl.col("first_day"), pl.col("last_day")
    repeat_value = quotient(_repeat_value(value), frequency * UNITS)
    columns: dict[str, pl.Expr | None] = {
        "first_purchase": first.cast(pl.Date),
        "last_purchase": last.cast(pl.Date),
        "n_purchase_days": pl.col("n_purchase_days").cast(pl.UInt32),
        "n_orders": pl.col("n_orders").cast(pl.UInt32),
        "n_lines": pl.col("n_lines").cast(pl.UInt32),
        "n_return_lines": pl.col("n_return_lines").cast(pl.UInt32),
        "frequency": frequency.cast(pl.UInt32),
        "recency": quotient(last - first, pl.lit(window.days_per_unit)),
        "T": quotient(as_of - first, pl.lit(window.days_per_unit)),
        "days_since_last": (as_of - last).cast(pl.Int32),
        "revenue": to_currency(pl.col("revenue")),
        "margin": to_currency(pl.col("margin")) if "margin" in present else None,
        "value": to_currency(pl.col(value)),
        "monetary_value": pl.when(frequency > 0).then(repeat_value).when(has_purchase).then(0.0),
        "return_rate": pl.when(pl.col("sold") > 0).then(quotient(pl.col("returned"), pl.col("sold"))),
        "average_order_value": pl.when(pl.col("n_orders") > 0).then(
            quotient(to_currency(pl.col("revenue")), pl.col("n_orders"))
        ),
    }
    kept = {name: expr for name, expr in columns.items() if expr is not None}
    if window.period is not None:
        kept |= _opportunities(window, value)
    return totals.select("customer_id", **kept, **{name: pl.col(name) for name in beside})


def _repeat_value(value: str, prefix: str = "") -> pl.Expr:
    """The value of all purchases but the first: not in it is what came before, and what belongs to the first."""
    of = (pl.col(f"{prefix}{name}") for name in (value, f"early_{value}", f"first_{value}"))
    whole, early, first = of
    return whole - early - first


def _opportunities(window: ObservedWindow, value: str) -> dict[str, pl.Expr]:
    """Frequency, recency, T and monetary value counted in periods.

    Frequency is the number of periods after the first with a purchase, recency the number of the last of them, T the
    number of periods there were: 0 for a customer whose first is not over yet. Null where purchases and returns of
    the same period leave none.
    """
    assert window.period is not None, "called for a window with a period"
    last = last_complete(window.as_of, window.period)
    n, start = pl.col("period_n_purchase_days"), pl.col("period_first_day")
    frequency = pl.when(n > 0).then(n - 1)
    repeat_value = quotient(_repeat_value(value, "period_"), frequency * UNITS)
    is_new = period_of(pl.col("first_day"), window.period) > last
    counted = {
        "frequency": (frequency, pl.UInt32()),
        "recency": (pl.col("period_last_day") - start, pl.Float64()),
        "T": (last - start, pl.Float64()),
        "monetary_value": (
            pl.when(frequency > 0).then(repeat_value).when(frequency == 0).then(0.0),
            pl.Float64(),
        ),
    }
    return {
        name: pl.when(is_new).then(pl.lit(0)).otherwise(expression).cast(dtype)
        for name, (expression, dtype) in counted.items()
    }
