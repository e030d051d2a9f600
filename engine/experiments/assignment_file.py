"""The file of assignments: which customer is in which arm, and what was known of them then."""

from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.order_files import UNREADABLE
from whalecurve.engine.publication import CUSTOMER

ASSIGNMENT = "assignment.parquet"

EVERYBODY = "all"
"""The stratum where there are no strata."""

KNOWN: dict[str, pl.DataType] = {
    "value": pl.Float64(),
    "n_purchase_days": pl.UInt32(),
    "frequency": pl.UInt32(),
    "recency": pl.Float64(),
    "T": pl.Float64(),
    "days_since_last": pl.Int32(),
    "monetary_value": pl.Float64(),
    "clv": pl.Float64(),
}
"""What a result says of a customer on the day before they enter, by the names of its columns; null where it does not.

These are covariates: nothing of them can be an effect of the experiment.
"""

COLUMNS: dict[str, pl.DataType] = {
    "arm": pl.String(),
    "stratum": pl.String(),
    "segment": pl.String(),
    "entered": pl.Date(),
    "bucket": pl.Float64(),
    "in_holdout": pl.Boolean(),
    **KNOWN,
}
"""Columns after `customer_id`, which has the type of the result; a row each customer, in the order of ids.

arm : name of the arm; null for those in the universal holdout, who are in no arm
stratum : `EVERYBODY` without strata; else the labels of the schemes, " / " between them, "none" for no label
segment : label of the scheme that the design names; null for none
entered : the first day on which the customer is followed
bucket : the customer's place in the experiment, from 0 to below 1: see `buckets`
in_holdout : whether they are in the universal holdout
"""


def scan_assignment(directory: str | Path) -> pl.LazyFrame:
    """The assignments of the experiment in a directory; nothing is read until collected.

    Raises
    ------
    InputError
        The file is missing, unreadable, or has other columns.
    """
    path = Path(directory) / ASSIGNMENT
    try:
        rows = pl.scan_parquet(path, glob=False)
        schema = rows.collect_schema()
    except UNREADABLE as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); restore it") from error
    if {CUSTOMER: schema.get(CUSTOMER)} | COLUMNS != dict(schema):
        raise InputError(f"{path}: has other columns than an assignment; restore it")
    return rows
