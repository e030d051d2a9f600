"""Two results side by side, customer by customer: who is new, lost, come back, put at risk, and since when where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.money import UNITS
from whalecurve.engine.publication import Result
from whalecurve.engine.segments import LABELS, RANKED

MONEY = ("value", "clv", "clv_total")
AMOUNTS = ("value", "clv_total")
"""Those that are summed by where customers moved."""

NEW, LOST = "(new)", "(lost)"
"""Where customers of one result alone come from and go to. In brackets, as "new" is a lifecycle stage."""

STATUS = pl.Enum(["kept", "new", "lost"])
FLAGS = ("has_bought_since", "has_come_back", "is_put_at_risk")

OPTIONAL = ("clv_tier", "lifecycle_stage", "loyalty_tier")
"""Schemes that are compared where both results have them."""

ORDERS = {"clv_tier": ["high", "middle", "low"], "lifecycle_stage": ["new", "active", "dormant", "churned"]}
"""Order of labels that `segments.parquet` need not list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of a scheme in its order, those of the old result first where the two differ.

    is_ranked : whether the order is from best to worst
    """

    scheme: str
    column: str
    names: tuple[str, ...]
    is_ranked: bool

    @property
    def dtype(self) -> pl.Enum:
        """One byte a customer instead of a word."""
        return pl.Enum(self.names)


def labels_of(old: Result, new: Result) -> tuple[Labels, ...]:
    """The schemes whose labels both results have. Looks the labels up, in one pass over each result.

    Raises
    ------
    InputError
        A column that a result does not have, a label that stands for something else here.
    """
    shared = [
        (scheme, column)
        for scheme, column in LABELS.items()
        if scheme not in OPTIONAL or (column in old.columns and column in new.columns)
    ]
    columns = [column for _, column in shared]
    labels_by_result = [_labels_found(result, columns) for result in (old, new)]
    if any({NEW, LOST} & set(labels) for names in labels_by_result for labels in names.values()):
        raise InputError(f'{old.path}: a segment is called "{NEW}" or "{LOST}", which stand for who is; rename it')
    return tuple(
        Labels(
            scheme=scheme,
            column=column,
            names=tuple(dict.fromkeys(label for names in labels_by_result for label in names[column])),
            is_ranked=scheme in RANKED and any(column in known for known in (ORDERS, _listed(old))),
        )
        for scheme, column in shared
    )


def _listed(result: Result) -> dict[str, list[str]]:
    """Labels in the order of `segments.parquet`, by column."""
    return {
        LABELS[name]: table["segment"].drop_nulls().to_list()
        for (name,), table in result.segments.partition_by("scheme", as_dict=True, maintain_order=True).items()
        if name in LABELS
    }


def _labels_found(result: Result, columns: Sequence[str]) -> dict[str, list[str]]:
    """Labels in the scheme's order, and after them any that customers have all the same."""
    order = ORDERS | _listed(result)
    uniques = [result.take(column).unique().sort(column) for column in columns]
    tables = pl.collect_all(uniques, engine="streaming")
    return {
        column: list(dict.fromkeys([*order.get(column, []), *table[column].drop_nulls().to_list()]))
        for column, table in zip(columns, tables, strict=True)
    }


def check_ids(old: Result, new: Result) -> None:
    """Refuse results whose customers are told apart by ids of different types: none would be found again.

    Raises
    ------
    InputError
        They are, or one has no ids.
    """
    before, after = (dict(result.take("customer_id").collect_schema())["customer_id"] for result in (old, new))
    if before != after:
        raise InputError(
            f"{new.path}: customer_id is {after}, in {old.path} it is {before}; score one of them again, with the id "
            f"cast to the type of the other, as {setting('customer', 'CAST(customer_id AS BIGINT)')}"
        )


def side_by_side(old: Result, new: Result, labels: Sequence[Labels]) -> pl.LazyFrame:
    """One row per customer of either result, in no order.

    status : kept (in both), new (not in the old result), lost (not in the new one)
    has_bought_since : in both, with a purchase day after the old as-of, up to the new one
    has_come_back : of those, who was at high risk at the old as-of
    is_put_at_risk : in both, at low risk at the old as-of and at high risk at the new one
    previous_x, current_x : label or amount in the old and in the new result; null where the customer is not in it

    Raises
    ------
    InputError
        A column that a result does not have.
    """
    before = _side(old, labels, "previous", was_there=True)
    after = _side(new, labels, "current", is_there=True, has_bought=pl.col("last_purchase") > old.as_of)
    is_kept = pl.col("was_there").is_not_null() & pl.col("is_there").is_not_null()
    has_bought_since = is_kept & pl.col("has_bought").fill_null(value=False)
    was_at_risk, is_at_risk = pl.col("previous_is_at_risk"), pl.col("current_is_at_risk")  # null where nobody knows
    status = (
        pl.when(is_kept).then(pl.lit("kept")).when(pl.col("is_there")).then(pl.lit("new")).otherwise(pl.lit("lost"))
    )
    return before.join(after, on="customer_id", how="full", coalesce=True).with_columns(
        status=status.cast(STATUS),
        has_bought_since=has_bought_since,
        has_come_back=has_bought_since & was_at_risk.fill_null(value=False),
        is_put_at_risk=is_kept & (~was_at_risk & is_at_risk).fill_null(value=False),
    )


def _side(result: Result, labels: Sequence[Labels], prefix: str, **own: bool | pl.Expr) -> pl.LazyFrame:
    """What is needed of one result, in few bytes a customer; `own` columns keep their names."""
    return result.take("customer_id", *(x.column for x in labels), *MONEY, "last_purchase", "risk").select(
        "customer_id",
        *(pl.col(x.column).cast(x.dtype).name.prefix(f"{prefix}_") for x in labels),
        *(pl.col(amount).name.prefix(f"{prefix}_") for amount in MONEY),
        (pl.col("risk") == "high").alias(f"{prefix}_is_at_risk"),
        **{name: pl.lit(column) if isinstance(column, bool) else column for name, column in own.items()},
    )


def cells_of(customers: pl.LazyFrame, labels: Sequence[Labels]) -> pl.LazyFrame:
    """Customers and their amounts by everything that moves: what all tables add up from.

    Amounts are whole millionths of the currency unit, Int128, so that sums do not depend on the order of rows;
    null where no customer has them.
    """
    by = [f"{when}_{x.column}" for x in labels for when in ("previous", "current")]
    sums = {
        f"{amount}_{which}": (pl.col(f"{when}_{amount}") * UNITS).round().cast(pl.Int128)
        for amount in AMOUNTS
        for which, when in (("old", "previous"), ("new", "current"))
    }
    return (
        customers.select("status", *FLAGS, *by, **sums)
        .group_by("status", *FLAGS, *by)
        .agg(*added_up(*sums), customers=pl.len().cast(pl.Int64))
    )


def added_up(*columns: str) -> list[pl.Expr]:
    """Sums, null where nothing is known."""
    return [pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in columns]


def compared_customers(
    customers: pl.LazyFrame, labels: Sequence[Labels], earlier: pl.LazyFrame | None, *, old: date, new: date
) -> pl.LazyFrame:
    """What is written of each customer, sorted by customer.

    `segment_since` is the as-of day from which on the customer has been seen in the current RFM segment: the new
    one for who is new or has moved, else the one that `earlier` (customer_id, segment_since) has for the old
    result, and the old as-of where there is none. Null for who is lost.
    """
    has_stayed = pl.col("previous_rfm_segment").eq_missing(pl.col("current_rfm_segment"))
    dated = customers.with_columns(segment_since=pl.lit(None, pl.Date))
    if earlier is not None:
        dated = customers.join(earlier.select("customer_id", "segment_since"), on="customer_id", how="left")
    since = (
        pl.when((pl.col("status") == "kept") & has_stayed)
        .then(pl.coalesce("segment_since", pl.lit(old)))
        .when(pl.col("status") != "lost")
        .then(pl.lit(new))
    )
    moving = [*(x.column for x in labels), *MONEY]
    return (
        dated.select(
            "customer_id",
            "status",
            *FLAGS,
            *(f"{when}_{name}" for name in moving for when in ("previous", "current")),
            segment_since=since,
        )
        .sort("customer_id")
        .with_columns(pl.col(pl.Enum).cast(pl.String))
    )
