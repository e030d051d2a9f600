"""Contracts, read and checked, and counted by how many renewals they have seen.

A contract is renewed period after period from its first day. It is not renewed at the T-th renewal where it ends on
that day, or before it and after the one before. What a period that is not over has brought is not known of all, and
counts for nobody: a contract that ended in it is observed up to its last renewal, as one that still runs is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.side_inputs import REFUSED, SideInput, SideRole, open_side_input
from whalecurve.engine.subscriptions.reasons import RUNNING, kind_of
from whalecurve.engine.subscriptions.settings import MONTHS, SubscriptionSettings

ROLES = (
    SideRole(
        name="customer_id",
        setting="contract_customer",
        kind="customer",
        usual=("customer_id", "customer", "user_id", "email"),
    ),
    SideRole(
        name="start",
        setting="contract_start",
        kind="time",
        usual=("start", "started_at", "start_date", "created", "created_at"),
    ),
    SideRole(
        name="end",
        setting="contract_end",
        kind="time",
        usual=("end", "ended_at", "end_date", "canceled_at", "cancelled_at"),
        is_required=False,
    ),
    SideRole(
        name="reason",
        setting="contract_reason",
        kind="text",
        usual=("reason", "cancellation_reason", "cancellation_details_reason"),
        is_required=False,
    ),
    SideRole(
        name="plan",
        setting="contract_plan",
        kind="text",
        usual=("plan", "plan_id", "plan_name", "product"),
        is_required=False,
    ),
    SideRole(name="price", setting="contract_price", kind="money", usual=("price", "amount", "mrr"), is_required=False),
)
LATE, BACKWARDS = "that begin after the last day observed", "that end before they begin"
COUNTED = ("contracts", "payments")
"""What is added up: contracts, and their prices (fixed-point; 0 without prices)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """All contracts that are used, counted.

    table : plan, cohort, reason, kind (`RUNNING` of those that have not ended), segment (null without a result), reach
        (renewals that were due by the last day), age (renewals seen, the last one included where the contract was not
        renewed at it), has_left, and `COUNTED`
    customers : how many have one
    n_without_price : contracts without a usable price, where the file has prices; they count as free
    """

    table: pl.DataFrame
    rows: dict[str, object]
    customers: int
    has_prices: bool
    has_plans: bool
    n_without_price: int = 0


def open_contracts(contracts: Paths, asked: SubscriptionSettings) -> SideInput:
    """Open the file of contracts.

    Raises
    ------
    InputError
        No column of ends, or what `open_side_input` refuses.
    """
    given = asked.columns()
    named = {"customer_id": given.pop("customer"), **given}
    source = open_side_input(contracts, ROLES, named, of="contracts", preset=asked.contracts_preset)
    if "end" not in source.roles:
        raise InputError(
            f"{source.place}: no column end, ended_at or end_date; name one with {setting('contract_end')}"
        )
    return source


def last_day_of(source: SideInput, rows: pl.LazyFrame) -> date:
    """The day on which the last contract began."""
    with source.read():
        last = rows.select(pl.col("start").dt.date().max()).collect(engine="streaming").item()
    if last is None:
        raise InputError(
            f"{source.place}: no contract with a start that can be read; check {setting('contract_start')}"
        )
    return last  # type: ignore[no-any-return]


def checked_contracts(source: SideInput, ids: pl.DataType, timezone: str | None, steps: Sequence[str]) -> pl.LazyFrame:
    """All rows: customer_id, start and end (dates), reason, plan, price (fixed-point), refused."""
    rows = source.rows(ids, timezone=timezone, normalise_ids=steps)
    absent: dict[str, pl.DataType] = {"reason": pl.String(), "plan": pl.String(), "price": pl.Int64()}
    rows = rows.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items() if name not in source.roles
    )
    backwards = pl.col("end") < pl.col("start")
    refused = pl.when(pl.col(REFUSED).is_null() & backwards).then(pl.lit(BACKWARDS)).otherwise(pl.col(REFUSED))
    return rows.select(
        CUSTOMER,
        pl.col("start").dt.date(),
        pl.col("end").dt.date(),
        "reason",
        "plan",
        "price",
        refused=refused,
    )


def counted_contracts(
    source: SideInput,
    rows: pl.LazyFrame,
    as_of: date,
    asked: SubscriptionSettings,
    segments: pl.LazyFrame | None,
) -> Contracts:
    """Count contracts.

    Parameters
    ----------
    rows
        As `checked_contracts` has them.
    segments
        customer_id and segment of the customers of a result; None without one.
    """
    late = pl.when(pl.col(REFUSED).is_null() & (pl.col("start") > as_of)).then(pl.lit(LATE)).otherwise(pl.col(REFUSED))
    rows = rows.with_columns(late.alias(REFUSED))
    used = rows.filter(pl.col(REFUSED).is_null()).drop(REFUSED)
    if segments is not None:
        used = used.join(segments, on=CUSTOMER, how="left")
    else:
        used = used.with_columns(segment=pl.lit(None, dtype=pl.String), is_known=pl.lit(None, dtype=pl.Boolean))
    observed = with_ages(used, as_of, asked).with_columns(
        cohort=_cohort(asked),
        kind=pl.when("has_ended").then(kind_of(pl.col("reason"))).otherwise(pl.lit(RUNNING)),
        reason=pl.when("has_ended").then(pl.col("reason")),
    )
    keys = ["plan", "cohort", "reason", "kind", "segment", "reach", "age", "has_left", "is_known"]
    table = observed.group_by(keys).agg(
        contracts=pl.len().cast(pl.Int64), payments=pl.col("price").fill_null(0).cast(pl.Int128).sum()
    )
    refused = rows.group_by(REFUSED).agg(n=pl.len().cast(pl.Int64)).sort(pl.col("n"), REFUSED, descending=[True, False])
    n_customers = used.select(pl.col(CUSTOMER).n_unique().cast(pl.Int64), unpriced=pl.col("price").null_count())
    with source.read():
        counts, by_reason, customers = pl.collect_all([table, refused, n_customers], engine="streaming")
    told = {why: n for why, n in by_reason.iter_rows() if why is not None}
    n_used = int(counts["contracts"].sum())
    matched = int(counts.filter("is_known")["contracts"].sum()) if segments is not None else None
    return Contracts(
        table=counts.drop("is_known").sort(keys[:-1], nulls_last=True),
        rows={"rows": n_used + sum(told.values()), "used": n_used, "refused": told, "of_customers_scored": matched},
        customers=int(customers[CUSTOMER].item()),
        has_prices="price" in source.roles,
        has_plans="plan" in source.roles,
        n_without_price=int(customers["unpriced"].item()) if "price" in source.roles else 0,
    )


def with_ages(contracts: pl.LazyFrame, as_of: date, asked: SubscriptionSettings) -> pl.LazyFrame:
    """Add reach, age, has_ended and has_left; see the head of this file."""
    last = pl.lit(as_of)
    has_ended = (pl.col("end") <= last).fill_null(value=False)
    columns = contracts.with_columns(
        reach=completed(pl.col("start"), last, asked.period),
        done=completed(pl.col("start"), pl.when(has_ended).then(pl.col("end")).otherwise(last), asked.period),
    )
    is_on_the_day = renewal(pl.col("start"), pl.col("done"), asked.period) == pl.col("end")
    left_at = pl.max_horizontal(pl.col("done") + pl.when(is_on_the_day).then(0).otherwise(1), pl.lit(1))
    columns = columns.with_columns(has_ended=has_ended, left_at=pl.when(has_ended).then(left_at))
    has_left = (pl.col("left_at") <= pl.col("reach")).fill_null(value=False)
    return columns.with_columns(
        has_left=has_left, age=pl.when(has_left).then(pl.col("left_at")).otherwise(pl.col("reach"))
    )


def renewal(start: pl.Expr, k: pl.Expr, period: str) -> pl.Expr:
    """The day of the k-th renewal."""
    if period == "week":
        return start + pl.duration(days=7 * k)
    return start.dt.offset_by((MONTHS[period] * k).cast(pl.String) + "mo")


def completed(start: pl.Expr, end: pl.Expr, period: str) -> pl.Expr:
    """How many renewals were due from the start to the end of a contract, that day included (Int32)."""
    if period == "week":
        return ((end - start).dt.total_days() // 7).cast(pl.Int32)
    months = (end.dt.year() - start.dt.year()) * 12 + end.dt.month().cast(pl.Int32) - start.dt.month().cast(pl.Int32)
    months = months - (renewal(start, months, "month") > end).cast(pl.Int32)
    return (months // MONTHS[period]).cast(pl.Int32)


def _cohort(asked: SubscriptionSettings) -> pl.Expr:
    """2025-03, 2025-Q1 or 2025; null without cohorts."""
    year = pl.col("start").dt.year().cast(pl.String)
    if asked.cohorts is None:
        return pl.lit(None, dtype=pl.String)
    if asked.cohorts == "quarter":
        return year + pl.lit("-Q") + pl.col("start").dt.quarter().cast(pl.String)
    return pl.col("start").dt.strftime("%Y-%m") if asked.cohorts == "month" else year
