"""Events of a share of the customers, added up by slots of time no longer than a silence that ends a session.

Within a slot there is no such silence, so its first and last event say all that sessions need; and a slot never crosses
midnight. What is left is some rows a visit, however many pages it saw.
"""

import polars as pl

from whalecurve.engine.activity.events import Events, event_day
from whalecurve.engine.activity.kinds import KINDS, NO_ACT, SITE
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.side_inputs import REFUSED

MINUTE = 60_000_000
"""Microseconds."""

DAY = 1440 * MINUTE

COUNTED = ("cart", "checkout", "email_sent", "email_opened", "email_clicked", "support")


def slots_of(events: Events, customers: pl.DataFrame, settings: ActivitySettings) -> pl.DataFrame:
    """One row per customer, slot and channel, in no particular order.

    Parameters
    ----------
    customers
        Those of the share, in `customer_id`.

    Returns
    -------
    polars.DataFrame
        customer_id, day (Int32 since 1970), slot, channel (an Enum in alphabetical order)
        began, ended : Int64, microseconds since 1970 of the first and last event of a session; null without one
        events, acts, visits : Int64, of all kinds, of customers themselves, and of those of a session
        cart, checkout, email_sent, email_opened, email_clicked, support : Int64, of these kinds
        valued, value : Int64, things put into a cart with a value, and the sum of it, fixed-point
    """
    at, kind = pl.col("time").to_physical(), pl.col("kind")
    is_visit = kind.is_in([KINDS.index(name) for name in SITE])
    is_cart = kind == KINDS.index("cart")
    mine = customers.lazy().select(CUSTOMER)
    rows = (
        events.rows.filter(pl.col(REFUSED).is_null())
        .select(CUSTOMER, "time", "type", "channel", "value")
        .join(mine, on=CUSTOMER, how="semi")
        .join(events.kinds.lazy(), on="type", how="left")
        .select(
            CUSTOMER,
            "channel",
            day=event_day(),
            slot=at.mod(DAY) // (settings.session_minutes * MINUTE),
            began=pl.when(is_visit).then(at),
            ended=pl.when(is_visit).then(at),
            acts=(kind != KINDS.index(NO_ACT)).cast(pl.Int64),
            visits=is_visit.cast(pl.Int64),
            value=pl.when(is_cart).then("value"),
            **{name: (kind == KINDS.index(name)).cast(pl.Int64) for name in COUNTED},
        )
    )
    added = rows.group_by(CUSTOMER, "day", "slot", "channel").agg(
        pl.col("began").min(),
        pl.col("ended").max(),
        pl.col("acts", "visits", *COUNTED).sum(),
        events=pl.len().cast(pl.Int64),
        valued=pl.col("value").count().cast(pl.Int64),
        value=pl.col("value").sum(),
    )
    with events.source.read():
        slots = added.collect(engine="streaming")
    channels = pl.Enum(slots["channel"].drop_nulls().unique().sort())
    return slots.with_columns(pl.col("channel").cast(channels))
