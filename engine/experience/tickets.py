"""Tickets: how many are solved, how soon, how often they are reopened, and how many there are an order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.customer_shares import Share
from whalecurve.engine.experience.pooling import NONE, pooled_values
from whalecurve.engine.experience.scores import ALL, mean_columns, ratio_columns, ratio_sums, share_columns
from whalecurve.engine.experience.settings import ExperienceSettings
from whalecurve.engine.money import UNITS
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, failures_named, observed_lines
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.segments import LABELS
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.side_inputs import REFUSED, SideInput, SideRole, open_side_input
from whalecurve.engine.statistics import kaplan_meier
from whalecurve.engine.store import customer_days
from whalecurve.kernels.arrays import Vector

ROLES = (
    SideRole(
        name="customer_id",
        setting="ticket_customer",
        kind="customer",
        usual=("customer_id", "customer", "requester_id", "email"),
    ),
    SideRole(
        name="opened", setting="ticket_opened", kind="time", usual=("opened", "opened_at", "created_at", "created")
    ),
    SideRole(
        name="solved",
        setting="ticket_solved",
        kind="time",
        usual=("solved", "solved_at", "closed_at", "resolved_at"),
        is_required=False,
    ),
    SideRole(
        name="reopened",
        setting="ticket_reopened",
        kind="flag",
        usual=("reopened", "is_reopened"),
        is_required=False,
    ),
    SideRole(
        name="rating",
        setting="ticket_rating",
        kind="money",
        usual=("rating", "satisfaction_score", "score"),
        is_required=False,
    ),
)
LATE, BACKWARDS = "after the last day observed", "solved before it was opened"

OWN = ("tickets", "solved", "known", "reopened", "rated", "rating", "orders")
"""What is counted of a customer; `known` are tickets of which it is known whether they were reopened."""

RATIOS = {
    "resolution_rate": (("solved",), "tickets"),
    "reopened_rate": (("reopened",), "known"),
    "rating_mean": (("rating",), "rated"),
    "contacts_per_order": (("tickets",), "orders"),
}
HALF, MOST = 0.5, 0.9


def open_tickets(tickets: Paths, asked: ExperienceSettings, window: ObservedWindow) -> SideInput:
    """Open the file of tickets."""
    given = asked.columns_of("ticket_")
    named = {"customer_id": given.pop("customer"), **given}
    return open_side_input(tickets, ROLES, named, window.timezone, of="tickets", preset=asked.tickets_preset)


def checked_tickets(source: SideInput, ids: pl.DataType, window: ObservedWindow, steps: Sequence[str]) -> pl.LazyFrame:
    """All rows: customer_id, day (Int32), hours (until solved or the end, Int64), is_solved, reopened, rating, refused.

    A ticket that was solved after the last day observed is open on it.
    """
    rows = source.rows(ids, timezone=window.timezone, normalise_ids=steps)
    absent: dict[str, Any] = {"solved": pl.Datetime("us"), "reopened": pl.Boolean, "rating": pl.Int64}
    rows = rows.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items() if name not in source.roles
    )
    opened, solved = pl.col("opened"), pl.col("solved")
    is_solved = (solved.dt.date() <= window.as_of).fill_null(value=False)
    end = pl.lit(window.as_of).cast(pl.Datetime("us")).dt.offset_by("1d")
    refused = (
        pl.when(pl.col(REFUSED).is_not_null())
        .then(pl.col(REFUSED))
        .when(opened.dt.date() > window.as_of)
        .then(pl.lit(LATE))
        .when(solved < opened)
        .then(pl.lit(BACKWARDS))
    )
    return rows.select(
        CUSTOMER,
        opened.dt.date().to_physical().cast(pl.Int32).alias("day"),
        (pl.when(is_solved).then(solved).otherwise(end) - opened).dt.total_hours().alias("hours"),
        "reopened",
        "rating",
        is_solved=is_solved,
        refused=refused,
    )


def used_tickets(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that nothing speaks against."""
    return rows.filter(pl.col(REFUSED).is_null()).drop(REFUSED)


def orders_since(orders: Orders, window: ObservedWindow, share: Share, first_day: int) -> pl.DataFrame:
    """Orders of the customers of a share from a day on: customer_id, orders; without order ids purchase days count."""
    with failures_named(orders):
        lines = observed_lines(orders, window, share).filter(pl.col("day") >= first_day)
        if orders.has_order_id:
            sold = lines.filter(~pl.col("is_return")).group_by(CUSTOMER)
            found = sold.agg(orders=pl.col("order_id").drop_nulls().n_unique().cast(pl.Int64))
        else:
            days = customer_days(lines, orders).filter(pl.col("purchase_day").is_not_null())
            found = days.group_by(CUSTOMER).agg(orders=pl.len().cast(pl.Int64))
        return found.collect(engine="streaming")


def ticket_counts(
    tickets: pl.DataFrame, ordered: pl.DataFrame, customers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers of each group with the same sums, and tickets of each group by hours.

    Returns
    -------
    by, value, the columns of `OWN`, customers; and by, value, hours, is_solved, n
    """
    own = tickets.group_by(CUSTOMER).agg(
        tickets=pl.len().cast(pl.Int64),
        solved=pl.col("is_solved").sum().cast(pl.Int64),
        known=pl.col("reopened").count().cast(pl.Int64),
        reopened=pl.col("reopened").sum().cast(pl.Int64),
        rated=pl.col("rating").count().cast(pl.Int64),
        rating=pl.col("rating").sum(),
    )
    joined = own.join(ordered, on=CUSTOMER, how="full", coalesce=True).with_columns(pl.col(list(OWN)).fill_null(0))
    labelled = joined.join(customers, on=CUSTOMER, how="inner")
    of_tickets = tickets.join(customers, on=CUSTOMER, how="left")
    groups = {ALL: pl.lit(None, dtype=pl.String)}
    groups |= {scheme: pl.col(column).cast(pl.String) for scheme, column in LABELS.items()}
    counts, hours = [], []
    for by, value in groups.items():
        named = {"by": pl.lit(by), "value": value}
        of_customers = labelled.with_columns(**named).group_by("by", "value", *OWN)
        counts.append(of_customers.agg(customers=pl.len().cast(pl.Int64)))
        by_hours = of_tickets.with_columns(**named).group_by("by", "value", "hours", "is_solved")
        hours.append(by_hours.agg(n=pl.len().cast(pl.Int64)))
    return pl.concat(counts), pl.concat(hours)


def tickets_of(counts: pl.DataFrame, hours: pl.DataFrame, least: int, level: float) -> pl.DataFrame:
    """Rates and times of every group, in the columns of `TICKETS_SCHEMA`, in no order of rows.

    Groups of customers of whom fewer than `least` have a ticket are told as one.
    """
    has_contact = pl.when(pl.col("tickets") > 0).then(pl.col("customers")).otherwise(0)
    sizes = counts.group_by("by", "value").agg(customers=has_contact.sum())
    names = pooled_values(sizes.sort("by", "value"), ["by"], least)
    counts, hours = _told(counts, names), _told(hours, names)
    sums = (
        counts.group_by("by", "value")
        .agg(
            customers=pl.col("customers").sum(),
            customers_with_ticket=has_contact.sum(),
            tickets=(pl.col("customers") * pl.col("tickets")).sum(),
            solved=(pl.col("customers") * pl.col("solved")).sum(),
            orders=(pl.col("customers") * pl.col("orders")).sum(),
            **ratio_columns(RATIOS),
        )
        .filter(pl.col("tickets") > 0)
        .sort("by", "value", nulls_last=True)
    )
    columns: dict[str, Vector] = {}
    for name in RATIOS:
        found = ratio_sums(sums, name)
        is_share = name in ("resolution_rate", "reopened_rate")
        unit = UNITS if name == "rating_mean" else 1
        columns |= share_columns(name, found, level) if is_share else mean_columns(name, found, level, unit)
    times = pl.DataFrame(
        [_times(hours, by, value) for by, value in sums.select("by", "value").rows()],
        schema={"hours_half": pl.Int64, "hours_most": pl.Int64, "solved_in_a_day": pl.Float64},
        orient="row",
    )
    kept = ("by", "value", "customers", "customers_with_ticket", "tickets", "solved", "orders")
    return (
        sums.select(kept)
        .hstack(times)
        .with_columns(pl.Series(name, vector).fill_nan(None) for name, vector in columns.items())
    )


def _told(table: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    told = table.join(names, on=["by", "value"], how="left", nulls_equal=True).filter(pl.col("told").is_not_null())
    return told.with_columns(value=pl.when(pl.col("told") != NONE).then(pl.col("told"))).drop("told")


def _times(hours: pl.DataFrame, by: str, value: str | None) -> tuple[Any, Any, Any]:
    """Hours by which half of the tickets, and 90 % are solved, and the share within a day; open ones are censored."""
    mine = hours.filter((pl.col("by") == by) & pl.col("value").eq_missing(pl.lit(value)))
    counts = []
    for is_solved in (True, False):
        part = mine.filter(is_solved=is_solved).group_by("hours").agg(pl.col("n").sum())
        ends = part["hours"].to_numpy()
        counted = np.zeros(int(ends.max()) + 1 if ends.size else 0, dtype=np.int64)
        counted[ends] = part["n"].to_numpy()
        counts.append(counted)
    curve = kaplan_meier(*counts)
    return curve.quantile(HALF), curve.quantile(MOST), curve.share_within(24)
