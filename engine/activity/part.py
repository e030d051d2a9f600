"""All that is computed of a share of the customers: what adds up, and what is a row each."""

from dataclasses import dataclass
from typing import Self

import polars as pl

from whalecurve.engine.activity.carts import carts_of
from whalecurve.engine.activity.channels import channel_days
from whalecurve.engine.activity.customers import activity_of
from whalecurve.engine.activity.events import Events
from whalecurve.engine.activity.histories import bought_within, histories_at
from whalecurve.engine.activity.rates import cart_sums, rate_sums
from whalecurve.engine.activity.sessions import sessions_of
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.activity.slots import DAY, slots_of
from whalecurve.engine.customer_shares import Share
from whalecurve.engine.orders import Orders, day_number, failures_named, observed_lines
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import customer_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is computed of a share of the customers.

    customers : a row each, as `activity_of` has them
    channels : as `channel_days` has them
    rates, carts : sums by group
    then, now : histories at the split, with what came after it, and on the last day observed; then is empty where
        nothing is held out
    first_day, last_day : of events, since 1970; None without any
    has_times : whether any event has a time of day
    """

    customers: pl.DataFrame
    channels: pl.DataFrame
    rates: pl.DataFrame
    carts: pl.DataFrame
    then: pl.DataFrame
    now: pl.DataFrame
    first_day: int | None
    last_day: int | None
    has_times: bool

    @classmethod
    def of(
        cls,
        share: Share,
        customers: pl.DataFrame,
        orders: Orders,
        events: Events,
        window: ObservedWindow,
        split: int | None,
        settings: ActivitySettings,
    ) -> Self:
        """Read events and orders of the share once.

        Parameters
        ----------
        customers
            All customers of the result: customer_id, `segment`, and whatever else is to stand beside their activity.
        split
            The last day before the holdout; None for none.
        """
        mine, as_of = share.of(customers), day_number(window.as_of)
        with failures_named(orders):
            days = customer_days(observed_lines(orders, window, share), orders)
            purchases = (
                days.filter(pl.col("purchase_day").is_not_null())
                .select(CUSTOMER, day="purchase_day")
                .collect(engine="streaming")
            )
        slots = slots_of(events, mine, settings)
        sessions = sessions_of(slots, purchases, settings.session_minutes)
        carts = carts_of(slots, purchases, as_of, settings)
        segments = mine.select(CUSTOMER, "segment")
        active = slots.filter(pl.col("acts") > 0).select(CUSTOMER, "day").unique()
        carted = slots.filter(pl.col("cart") > 0).select(CUSTOMER, "day").unique()
        now = histories_at(as_of, active, carted, purchases, settings.recent_days)
        then = (
            now.clear().with_columns(has_bought=pl.lit(value=True))
            if split is None
            else _then(split, as_of, active, carted, purchases, settings.recent_days)
        )
        return cls(
            customers=activity_of(mine, slots, sessions, carts, purchases, as_of, settings),
            channels=channel_days(slots),
            rates=rate_sums(sessions, carts, segments),
            carts=cart_sums(carts, segments),
            then=then,
            now=now,
            first_day=slots["day"].min(),  # type: ignore[arg-type]  # whole numbers
            last_day=slots["day"].max(),  # type: ignore[arg-type]
            has_times=bool((slots["began"].drop_nulls() % DAY != 0).any()),
        )


def _then(
    split: int, as_of: int, active: pl.DataFrame, carted: pl.DataFrame, purchases: pl.DataFrame, recent_days: int
) -> pl.DataFrame:
    """Histories at the split, with whether a purchase came after it."""
    known = histories_at(split, active, carted, purchases, recent_days)
    came = bought_within(split + 1, as_of, purchases)
    return known.join(came, on=CUSTOMER, how="left", maintain_order="left").with_columns(
        pl.col("has_bought").fill_null(value=False)
    )
