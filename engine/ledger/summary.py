"""Stage: order lines -> one row per customer (frequency, recency, T, monetary value)."""

from collections.abc import Iterator

import polars as pl

from whalecurve.engine.errors import NothingObservedError
from whalecurve.engine.ledger.one_pass import read_totals
from whalecurve.engine.ledger.order_free import customer_totals
from whalecurve.engine.ledger.sorted_runs import HELPERS, totals_schema
from whalecurve.engine.ledger.totals import STREAMED_ROWS, Totals
from whalecurve.engine.money import UNITS, quotient, to_currency
from whalecurve.engine.orders import (
    Orders,
    audit_orders,
    day_bounds,
    failures_named,
    last_complete,
    period_of,
    value_column,
)
from whalecurve.engine.runtime import Budget, Columns, lazy_tables, memory_budget
from whalecurve.engine.settings import ObservedWindow, Window


def customer_summary(orders: Orders, window: Window | None = None, value: str | None = None) -> pl.LazyFrame:
    """Reduce orders to one row per customer, the sufficient statistics of the models among its columns.

    Orders of one customer on one day are one purchase. The first purchase opens the relationship: it is no
    repeat, so it enters neither `frequency` nor `monetary_value`. `recency` and `T` are in `window.unit`s,
    `days_since_last` in days. A customer with returns only has no purchase: `n_purchase_days` is 0 and
    what rests on a purchase is null.

    An open window (`as_of` None) ends with the last day in the data, which is looked up at once. The orders are read
    when the query runs, in one pass where their order allows, each time anew; customers come sorted by id.
    """
    window, value = _settled(orders, window or Window()), value_column(orders, value)

    def tables(names: list[str] | None) -> Iterator[pl.DataFrame]:
        try:
            totals = read_totals(orders, window, memory_budget(None, orders.n_rows))
        except NothingObservedError:
            return
        try:
            yield from totals.tables(STREAMED_ROWS, names)
        finally:
            totals.close()

    summary = with_history(lazy_tables(tables, totals_schema(orders)), window, value)
    if window.period is None:
        return summary
    return with_opportunities(summary, customer_totals(orders, window, period=window.period), window, value)


def order_free_summary(orders: Orders, window: Window, value: str | None = None) -> pl.LazyFrame:
    """The same customers in no particular order, from one lazy query that does not care how lines come."""
    return _summary(orders, _settled(orders, window), value_column(orders, value), None)


def _settled(orders: Orders, window: Window) -> ObservedWindow:
    return audit_orders(orders, window).window if window.as_of is None else window.observed(window.as_of)


def collect_summary(orders: Orders, window: Window, value: str, budget: Budget | None = None) -> pl.DataFrame:
    """The customer summary in memory, sorted by customer; the memory `budget` is for the way there.

    A settled window in which nothing happened has no customers.

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
        return _summary(orders, window.observed(window.as_of), value, pl.lit(value=False)).collect()
    try:
        return summary_of(totals, value).collect(engine="streaming")
    finally:
        totals.close()


def summary_of(totals: Totals, value: str, columns: Columns | None = None) -> pl.LazyFrame:
    """The customer summary of totals, sorted by customer, with more columns beside it, by position."""
    window = totals.audit.window
    summary = with_history(totals.lazy(columns), window, value, beside=tuple(columns or ()))
    if window.period is None:
        return summary
    return with_opportunities(summary, _period_totals(totals, value).lazy(), window, value)


def _period_totals(totals: Totals, value: str) -> pl.DataFrame:
    """Totals by period, of all customers: the order-free plan's."""
    plan = customer_totals(totals.orders, totals.audit.window, period=totals.audit.window.period)
    columns = dict.fromkeys(["customer_id", "first_day", "last_day", "n_purchase_days", value, f"first_day_{value}"])
    with failures_named(totals.orders):
        return plan.select(*columns).collect(engine="streaming")


def _summary(orders: Orders, window: ObservedWindow, value: str, mine: pl.Expr | None) -> pl.LazyFrame:
    summary = with_history(customer_totals(orders, window, mine), window, value)
    if window.period is None:
        return summary
    return with_opportunities(summary, customer_totals(orders, window, mine, window.period), window, value)


def with_history(
    totals: pl.LazyFrame, window: ObservedWindow, value: str, *, beside: tuple[str, ...] = ()
) -> pl.LazyFrame:
    """Purchase history and money in the words of the models, from exact totals.

    Columns `beside` them are kept, and, where days are logged, `HELPERS`.
    """
    as_of, present = day_bounds(window)[1], totals.collect_schema().names()
    has_purchase = pl.col("n_purchase_days") > 0
    frequency = pl.when(has_purchase).then(pl.col("n_purchase_days") - 1)
    first, last = pl.col("first_day"), pl.col("last_day")
    repeat_value = quotient(pl.col(value) - pl.col(f"first_day_{value}"), frequency * UNITS)
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
    helpers = HELPERS if "place" in present else ()
    return totals.select("customer_id", **kept, **{name: pl.col(name) for name in (*helpers, *beside)})


def with_opportunities(summary: pl.LazyFrame, totals: pl.LazyFrame, window: ObservedWindow, value: str) -> pl.LazyFrame:
    """The summary with frequency, recency, T and monetary value counted in periods.

    Frequency is the number of periods after the first with a purchase, recency the number of the last of them, T the
    number of periods there were: 0 for a customer whose first is not over yet. Null where purchases and returns of
    the same period leave none.
    """
    assert window.period is not None, "called for a window with a period"
    last = last_complete(window.as_of, window.period)
    frequency = pl.when(pl.col("n_purchase_days") > 0).then(pl.col("n_purchase_days") - 1)
    repeat_value = quotient(pl.col(value) - pl.col(f"first_day_{value}"), frequency * UNITS)
    counted = totals.select(
        "customer_id",
        frequency=frequency.cast(pl.UInt32),
        recency=(pl.col("last_day") - pl.col("first_day")).cast(pl.Float64),
        T=(last - pl.col("first_day")).cast(pl.Float64),
        monetary_value=pl.when(frequency > 0).then(repeat_value).when(frequency == 0).then(0.0),
    )
    replaced = ["frequency", "recency", "T", "monetary_value"]
    first_period = period_of(pl.col("first_purchase").cast(pl.Int32), window.period)
    joined = summary.join(counted, on="customer_id", how="left", suffix="_counted", maintain_order="left")
    is_new = first_period > last
    return joined.with_columns(
        pl.when(is_new).then(pl.lit(0)).otherwise(pl.col(f"{name}_counted")).cast(dtype).alias(name)
        for name, dtype in zip(replaced, (pl.UInt32, pl.Float64, pl.Float64, pl.Float64), strict=True)
    ).drop(f"{name}_counted" for name in replaced)
