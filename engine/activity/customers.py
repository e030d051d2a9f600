"""What customers did, a row each: in whole numbers, then in segments, then as it is written."""

import polars as pl

from whalecurve.engine.activity.rates import ALL, SEGMENT
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.money import UNITS, to_currency
from whalecurve.engine.publication import CUSTOMER

COUNTS = ("events", "sessions", "recent_sessions", "carts", "abandoned_carts", "recovered_carts", "abandoned_value")
RECENT = ("email_sent", "email_opened", "email_clicked", "support")


ACTIVE, CART, WINDOW, ENGAGED, UNREACHABLE, REST = SEGMENTS = (
    "active buyer",
    "cart abandoner",
    "window shopper",
    "engaged but silent",
    "unreachable",
    "rest",
)

"""Segments of activity, in the order of their precedence."""

DAYS = ("last_activity", "last_cart")
ORDERED = {"by": (ALL, SEGMENT), "activity_segment": SEGMENTS}
AMOUNTS = ("abandoned_value", "open_cart_value")
COLUMNS = (
    CUSTOMER,
    "rfm_segment",
    "activity_segment",
    "last_activity",
    "events",
    "sessions",
    "recent_sessions",
    "recent_email_sent",
    "recent_email_opened",
    "recent_email_clicked",
    "recent_support",
    "carts",
    "last_cart",
    "abandoned_carts",
    "abandoned_value",
    "recovered_carts",
    "has_open_cart",
    "open_cart_value",
    "preferred_channel",
    "preferred_channel_share",
    "churn_risk",
)
"""Of `customers.parquet`; `churn_risk_with_activity` follows where activity tells more than the model."""


def activity_of(
    customers: pl.DataFrame,
    slots: pl.DataFrame,
    sessions: pl.DataFrame,
    carts: pl.DataFrame,
    purchases: pl.DataFrame,
    as_of: int,
    settings: ActivitySettings,
) -> pl.DataFrame:
    """One row per customer of the share, in their order, beside what is known of them.

    Adds events, sessions, carts and the like as Int64, 0 where there are none; `recent_...`, of the last days;
    last_activity, last_purchase and last_cart as Int32 days, null without any; has_open_cart (the last cart has not
    been bought by now) and open_cart_value (fixed-point, null where there is no such cart, or no value).
    """
    since = as_of - settings.recent_days
    is_recent = pl.col("day") > since
    of_events = slots.group_by(CUSTOMER).agg(
        events=pl.col("events").sum(),
        last_activity=pl.col("day").filter(pl.col("acts") > 0).max(),
        **{f"recent_{name}": pl.col(name).filter(is_recent).sum() for name in RECENT},
    )
    of_sessions = sessions.group_by(CUSTOMER).agg(
        sessions=pl.len().cast(pl.Int64), recent_sessions=is_recent.sum().cast(pl.Int64)
    )
    is_abandoned = pl.col("state") == "abandoned"
    is_open = pl.col("taken").is_null().last()
    of_carts = carts.group_by(CUSTOMER, maintain_order=True).agg(
        carts=pl.len().cast(pl.Int64),
        last_cart=pl.col("last").last(),
        abandoned_carts=is_abandoned.sum().cast(pl.Int64),
        recovered_carts=pl.col("recovered").sum().cast(pl.Int64),
        abandoned_value=pl.col("value").filter(is_abandoned).sum(),
        has_open_cart=is_open,
        open_cart_value=pl.when(is_open).then(pl.col("value").last()),
    )
    bought = purchases.group_by(CUSTOMER).agg(last_purchase=pl.col("day").max())
    joined = customers
    for table in (of_events, of_sessions, of_carts, bought):
        joined = joined.join(table, on=CUSTOMER, how="left", maintain_order="left")
    zeros = [*COUNTS, *(f"recent_{name}" for name in RECENT)]
    return joined.with_columns(pl.col(zeros).fill_null(0), pl.col("has_open_cart").fill_null(value=False))


def with_activity_segment(
    customers: pl.DataFrame, as_of: int, first_day: int | None, settings: ActivitySettings
) -> pl.DataFrame:
    """The customers with `activity_segment`, in this order of precedence.

    active buyer : bought in the last `recent_days`
    cart abandoner : put something into a cart in these days, and has not bought since
    window shopper : `window_sessions` sessions or more in these days
    engaged but silent : any activity of their own in these days: a visit, an opened or clicked e-mail, a contact
    unreachable : no such activity for `unreachable_days`, or ever; nobody, where events do not go back so far
    rest : what is left

    Parameters
    ----------
    first_day
        Of the events; None where there are none.
    """
    since = as_of - settings.recent_days
    quiet = as_of - settings.unreachable_days
    is_told = first_day is not None and first_day <= quiet + 1
    is_silent = (pl.col("last_activity") <= quiet).fill_null(value=True) & pl.lit(is_told)
    tests = [
        (pl.col("last_purchase") > since, ACTIVE),
        ((pl.col("last_cart") > since) & pl.col("has_open_cart"), CART),
        (pl.col("recent_sessions") >= settings.window_sessions, WINDOW),
        (pl.col("last_activity") > since, ENGAGED),
        (is_silent, UNREACHABLE),
    ]
    label = pl.lit(REST)
    for test, name in reversed(tests):
        label = pl.when(test).then(pl.lit(name)).otherwise(label)
    return customers.with_columns(activity_segment=label)


def written_customers(customers: pl.DataFrame, *, has_value: bool) -> pl.DataFrame:
    """The columns that are written, days as dates and amounts in currency."""
    further = [name for name in ("churn_risk_with_activity",) if name in customers.columns]
    nothing = pl.lit(None, dtype=pl.Float64)
    amounts = [(_currency(name) if has_value else nothing).alias(name) for name in AMOUNTS]
    return (
        customers.rename({"segment": "rfm_segment"})
        .with_columns(pl.col(DAYS).cast(pl.Date), *amounts)
        .select(*COLUMNS, *further)
    )


def _currency(name: str) -> pl.Expr:
    """An amount in currency; null stays."""
    return pl.when(pl.col(name).is_not_null()).then(to_currency(pl.col(name).fill_null(0)))


def segments_of(customers: pl.DataFrame) -> pl.DataFrame:
    """Customers and their value by segment of activity: of all, then by RFM segment."""
    units = (pl.col("value") * UNITS).round().cast(pl.Int64)
    parts = [
        customers.group_by("activity_segment", rfm_segment=segment).agg(
            by=pl.lit(by).first(), customers=pl.len().cast(pl.Int64), total=units.sum()
        )
        for by, segment in ((ALL, pl.lit(None, dtype=pl.String)), (SEGMENT, pl.col("segment")))
    ]
    places = [pl.col(name).replace_strict({one: i for i, one in enumerate(order)}) for name, order in ORDERED.items()]
    return (
        pl.concat(parts)
        .sort(*places, "rfm_segment", nulls_last=True)
        .select(
            "activity_segment",
            "by",
            "rfm_segment",
            "customers",
            share=pl.col("customers") / customers.height,
            total_value=to_currency(pl.col("total")),
        )
    )
