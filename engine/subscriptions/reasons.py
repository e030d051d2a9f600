"""Why contracts end: wanted by the customer, or not, as where a payment fails."""

import polars as pl

RUNNING, VOLUNTARY, INVOLUNTARY, UNKNOWN = "running", "voluntary", "involuntary", "unknown"
ENDS = (VOLUNTARY, INVOLUNTARY, UNKNOWN)

NOT_WANTED = frozenset(
    (
        *("payment_failed", "payment_disputed", "payment_failure", "failed_payment", "failed", "payment", "billing"),
        *("card_declined", "card_expired", "expired_card", "declined", "dunning", "past_due", "unpaid", "nonpayment"),
        *("billing_error", "charge_failed", "dispute", "disputed", "chargeback", "fraud", "involuntary"),
        *("incomplete_expired", "insufficient_funds"),
    )
)
"""Reasons that are no wish of the customer, those of Stripe (`cancellation_details.reason`) first."""


def kind_of(reason: pl.Expr) -> pl.Expr:
    """`INVOLUNTARY` for a reason known as such, however it is spelt; `UNKNOWN` without one; else `VOLUNTARY`."""
    plain = reason.str.strip_chars().str.to_lowercase().str.replace_all("[^a-z0-9]+", "_").str.strip_chars("_")
    return (
        pl.when(plain.is_null() | (plain == ""))
        .then(pl.lit(UNKNOWN))
        .when(plain.is_in(sorted(NOT_WANTED)))
        .then(pl.lit(INVOLUNTARY))
        .otherwise(pl.lit(VOLUNTARY))
    )
