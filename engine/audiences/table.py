"""A list as a target wants it: its columns, filled for some thousand customers at a time."""

from collections.abc import Iterator

import polars as pl

from whalecurve.engine.audiences.contact_source import ContactSource
from whalecurve.engine.audiences.members import Audience
from whalecurve.engine.audiences.settings import Exporting
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.segments import LABELS
from whalecurve.engine.targets import PROPERTIES, Target, sha256

AT_ONCE = 1 << 17
"""Rows of a list in memory."""

MAY_LACK = ("next_purchase",)
"""Properties that a result need not have."""

DECIMALS = {"churn_risk": 4, "clv": 2, "value": 2}
"""Digits after the point of numbers in text files."""


def columns_of(result: Result, target: Target, source: ContactSource | None, asked: Exporting) -> dict[str, str]:
    """The field of each column that is written, by its header, in order.

    Raises
    ------
    InputError
        Properties that the target does not take.
    """
    takes = target.properties
    for name in asked.properties or ():
        if name not in takes:
            what = f"takes {', '.join(takes)}" if takes else "takes contacts alone; leave it out"
            raise InputError(f'{setting("properties")} "{name}": {target.title} {what}')
    wanted = takes if asked.properties is None else asked.properties
    contacts = () if source is None else tuple(source.columns)
    lacks = [name for name in MAY_LACK if name not in result.columns]
    return {
        header: field
        for header, field in target.columns.items()
        if (field in wanted and field not in lacks) or field in contacts or field == CUSTOMER
    }


def parts(
    result: Result, rows: pl.DataFrame, audience: Audience, columns: dict[str, str], target: Target, asked: Exporting
) -> Iterator[pl.DataFrame]:
    """The table of a list, in the order of ids, a part at a time, one at least; `rows` as those of `Chosen`."""
    label = LABELS[asked.scheme]
    told = [name for name in columns.values() if name in PROPERTIES and name not in ("segment", "reliability")]
    customers = result.take(*dict.fromkeys((CUSTOMER, label, *told)))
    if audience.segment is not None and asked.listed is None:  # of a list it is a trigger, or the part of a sample
        customers = customers.filter(pl.col(label) == audience.segment)
    for start in range(0, max(rows.height, 1), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        first, last = (pl.lit(some[CUSTOMER].slice(at, 1)).first() for at in (0, -1))
        near = customers.filter(pl.col(CUSTOMER).is_between(first, last)) if some.height else customers.clear()
        details = near.select(CUSTOMER, *told, segment=label).collect(engine="streaming")
        yield _written(some.join(details, on=CUSTOMER, how="left", maintain_order="left"), result, columns, target)


def leavers(rows: pl.DataFrame, columns: dict[str, str], target: Target) -> pl.DataFrame:
    """Those who are to be taken off a list, by what the target knows them by; `rows` as those of `Chosen`."""
    known = rows.with_columns(sha256(rows["email"]), sha256(rows["phone"])) if target.is_hashed else rows
    return known.select(pl.col(field).alias(header) for header, field in columns.items() if field not in PROPERTIES)


def _written(rows: pl.DataFrame, result: Result, columns: dict[str, str], target: Target) -> pl.DataFrame:
    if target.is_hashed:
        rows = rows.with_columns(sha256(rows["email"]), sha256(rows["phone"]))
    rows = rows.with_columns(pl.lit(_verdict(result), dtype=pl.String).alias("reliability"))
    rows = rows.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    if target.format == "csv":
        rounded = [name for name in DECIMALS if name in rows.columns]
        rows = rows.with_columns(pl.col(name).cast(pl.Float64).round(DECIMALS[name]) + 0.0 for name in rounded)
    return rows.select(pl.col(field).alias(header) for header, field in columns.items())


def _verdict(result: Result) -> str | None:
    """Whether the result's CLV and risk can be relied on; None where it does not say."""
    found = result.manifest.get("reliability")
    return None if found is None else "reliable" if found["is_reliable"] else "not reliable"
