"""The past in stretches of equal length, counted back from the last day: what each customer did in each of them.

One pass over the order lines serves all windows: a window of m stretches, the m before it, and all that was before.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.experiments import PLACES, places_of
from whalecurve.engine.orders import Orders, day_number, failures_named, observed_lines
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import customer_days
from whalecurve.kernels.arrays import Int64, Vector

MOST_CUSTOMERS = 1_000_000
"""Customers whose history is looked at: variances of more are no better known. Who they are, their hash decides."""

SALT = "plan"
"""What ids are hashed with to draw them."""

SUMS = ("revenue", "margin", "orders", "purchases")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Sums by customer and stretch of those that are not empty, in the order of customers.

    ids : of the customers, who are numbered in this order; draw : int64[n], their places by `SALT`
    days : of a stretch; as_of, first_day : the last day of stretch 0, and the first one observed, since 1970
    n_stretches : whole ones that were observed and are told apart; what came before them has this number or a greater
    customer, stretch : int64[m]; last_day : int64[m], of the last purchase, -1 without one
    sums : by name, float64[m], exact whole numbers (money in fixed-point units)
    """

    ids: pl.Series
    draw: Int64
    days: int
    as_of: int
    first_day: int
    n_stretches: int
    customer: Int64
    stretch: Int64
    last_day: Int64
    sums: dict[str, Vector]

    @property
    def n(self) -> int:
        """Customers."""
        return self.ids.len()

    def within(self, name: str, first: int, end: int | None) -> Vector:
        """A sum of each customer over stretches from `first` to before `end`, or to the beginning."""
        is_in = self._is_in(first, end)
        total = np.bincount(self.customer[is_in], weights=self.sums[name][is_in], minlength=self.n)
        return total.astype(np.float64, copy=False)

    def last_purchase(self, first: int) -> Int64:
        """The last purchase day of each customer in stretch `first` or before; -1 without one."""
        is_in = self._is_in(first, None)
        last = np.full(self.n, -1, np.int64)
        np.maximum.at(last, self.customer[is_in], self.last_day[is_in])
        return last

    def _is_in(self, first: int, end: int | None) -> NDArray[np.bool_]:
        return (self.stretch >= first) & (True if end is None else self.stretch < end)


def history_of(
    orders: Orders,
    window: ObservedWindow,
    customers: pl.Series,
    days: int,
    n_stretches: int,
    n_passes: int,
    most: int = MOST_CUSTOMERS,
) -> History:
    """Read what customers did, stretch by stretch.

    Parameters
    ----------
    customers
        Ids of those who count; of more than `most`, about that many are drawn.
    n_stretches
        Whole stretches that are told apart; what was before is taken together.

    Raises
    ------
    InputError
        A file that cannot be read to its end.
    """
    drawn = _drawn(customers, most)
    as_of, parts = day_number(window.as_of), []
    for share in shares_of(n_passes):
        lines = observed_lines(orders, window, share)
        own = lines.join(drawn.lazy().select(CUSTOMER), on=CUSTOMER, how="semi")
        found = customer_days(own, orders).with_columns(
            stretch=((as_of - pl.col("day")) // days).clip(upper_bound=n_stretches).cast(pl.Int64)
        )
        with failures_named(orders):
            ends = {"last_day": pl.col("purchase_day").max(), "first_day": pl.col("day").min()}
            sums = found.group_by(CUSTOMER, "stretch").agg(**_terms(orders), **ends)
            parts.append(sums.collect(engine="streaming"))
    table = pl.concat(parts).sort(CUSTOMER, "stretch")
    ids, first_day = table[CUSTOMER].unique(maintain_order=True), int(table["first_day"].min())  # type: ignore[arg-type]
    places = drawn.join(ids.to_frame(), on=CUSTOMER, how="semi").sort(CUSTOMER)["place"]
    return History(
        ids=ids,
        draw=places.to_numpy(),
        days=days,
        as_of=as_of,
        first_day=first_day,
        n_stretches=min(n_stretches, (as_of - first_day + 1) // days),
        customer=table[CUSTOMER].rle_id().cast(pl.Int64).to_numpy(),
        stretch=table["stretch"].to_numpy(),
        last_day=table["last_day"].cast(pl.Int64).fill_null(-1).to_numpy(),
        sums={name: table[name].cast(pl.Float64).to_numpy() for name in SUMS if name in table.columns},
    )


def _drawn(customers: pl.Series, most: int) -> pl.DataFrame:
    table = customers.alias(CUSTOMER).to_frame().with_columns(place=pl.Series(places_of(customers, SALT)))
    if table.height <= most:
        return table
    return table.filter(pl.col("place") < PLACES * most // table.height)


def _terms(orders: Orders) -> dict[str, Any]:
    return {
        "revenue": pl.col("revenue").sum(),
        **({"margin": pl.col("margin").sum()} if orders.has_margin else {}),
        "orders": pl.col("n_orders").sum(),
        "purchases": pl.col("n_purchases").sum(),
    }
