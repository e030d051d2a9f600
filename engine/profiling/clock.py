"""The time of day of order lines, which the other stages have no use for: they know days."""

from dataclasses import replace

import polars as pl

from whalecurve.engine.customer_shares import EVERYBODY, Share
from whalecurve.engine.mapping import Role
from whalecurve.engine.orders import Reading

CLOCK = "time of day"
HOUR = 3_600_000_000_000
"""Nanoseconds."""


def has_clock(reading: Reading) -> bool:
    """Whether times are more than dates."""
    return isinstance(reading.orders.mapping.roles["time"].dtype, pl.Datetime)


def lines_with_clock(reading: Reading, share: Share = EVERYBODY) -> pl.LazyFrame:
    """The lines of `Reading.lines` with nanoseconds since midnight in the reading's time zone as `by`; 0 for dates."""
    if not has_clock(reading):
        return reading.lines(share=share).with_columns(by=pl.lit(0, dtype=pl.Int64))
    orders, zone = reading.orders, reading.window.timezone
    role = orders.mapping.roles["time"]
    is_zoned = isinstance(role.dtype, pl.Datetime) and role.dtype.time_zone is not None
    time = role.expr.dt.convert_time_zone(zone) if is_zoned and zone is not None else role.expr
    clock = Role(mapping=CLOCK, expr=time.dt.time().cast(pl.Int64), dtype=pl.Int64())
    mapping = replace(orders.mapping, dimensions=orders.mapping.dimensions | {CLOCK: clock})
    return replace(reading, orders=replace(orders, mapping=mapping)).lines(CLOCK, share)
