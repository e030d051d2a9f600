"""How many sessions lead on to a cart, a checkout and a purchase, and what becomes of carts: of all, and by group.

The sessions of one customer go together, so each count of sessions or carts is worth as many independent ones as its
design effect tells (Rao & Scott 1992, see `RatioSums`), and intervals are Wilson's of these.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl

from whalecurve.engine.money import to_currency
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.statistics import RatioSums, wilson_interval

ALL, SEGMENT, CHANNEL = "all", "segment", "channel"
GROUP = ["by", "value"]

OF_SESSIONS = {
    "session_to_cart": (pl.col("cart"), pl.col("is_any")),
    "cart_to_checkout": (pl.col("checkout"), pl.col("cart")),
    "checkout_to_purchase": (pl.col("bought"), pl.col("checkout")),
    "cart_to_purchase": (pl.col("bought"), pl.col("cart")),
    "session_to_purchase": (pl.col("bought"), pl.col("is_any")),
}
"""Sessions that had it, of those that could; both hold of what is counted."""

OF_CARTS = {
    "cart_abandoned": (pl.col("state") == "abandoned", pl.col("state") != "open"),
    "cart_recovered": (pl.col("recovered"), pl.col("decided")),
}
"""The same of carts: abandoned ones of those whose days have passed, recovered ones of those of which it is decided."""

MEASURES = (*OF_SESSIONS, *OF_CARTS)

SUMS = ("y", "x", "yy", "yx", "xx")


def rate_sums(sessions: pl.DataFrame, carts: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Sums over customers of what rates are made of, by group and measure, which add up over shares of customers.

    Parameters
    ----------
    sessions, carts
        As `sessions_of` and `carts_of` have them.
    segments
        customer_id and `segment`.

    Returns
    -------
    polars.DataFrame
        by, value, measure, customers, y, x, yy, yx, xx: Int64
    """
    parts = []
    for table, measures in ((sessions, OF_SESSIONS), (carts, OF_CARTS)):
        told = table.join(segments, on=CUSTOMER, how="left", maintain_order="left").with_columns(is_any=True)
        for by, value in _groups():
            parts.append(_summed(told.with_columns(by=pl.lit(by), value=value), measures))
    return added(parts)


def added(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Tables of sums as one."""
    keys = [*GROUP, "measure"]
    return pl.concat(parts).group_by(keys).agg(pl.col("customers", *SUMS).sum()).sort(keys, nulls_last=True)


def _groups() -> list[tuple[str, pl.Expr]]:
    channel = pl.col("channel").cast(pl.String)
    return [(ALL, pl.lit(None, dtype=pl.String)), (SEGMENT, pl.col("segment")), (CHANNEL, channel)]


def _summed(table: pl.DataFrame, measures: dict[str, tuple[pl.Expr, pl.Expr]]) -> pl.DataFrame:
    counts: dict[str, pl.Expr] = {}
    for name, (has, may) in measures.items():
        counts |= {f"{name}:y": (has & may).sum().cast(pl.Int64), f"{name}:x": may.sum().cast(pl.Int64)}
    own = table.group_by(*GROUP, CUSTOMER).agg(**counts)
    parts = []
    for name in measures:
        y, x = pl.col(f"{name}:y"), pl.col(f"{name}:x")
        sums = {"y": y, "x": x, "yy": y * y, "yx": y * x, "xx": x * x}
        parts.append(
            own.filter(x > 0)
            .group_by(GROUP)
            .agg(customers=pl.len().cast(pl.Int64), **{key: term.sum() for key, term in sums.items()})
            .select(*GROUP, pl.lit(name).alias("measure"), "customers", *SUMS)
        )
    return pl.concat(parts)


def rates_of(sums: pl.DataFrame, level: float) -> pl.DataFrame:
    """One row per group and measure: by, value, measure, customers, n, k, rate, low, high; of all first.

    Null where nothing could have it: of all there is a row of every measure.
    """
    of_all = pl.DataFrame({"by": ALL, "value": None, "measure": MEASURES}, schema_overrides={"value": pl.String})
    missing = of_all.join(sums, on=[*GROUP, "measure"], how="anti", nulls_equal=True)
    empty = missing.with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("customers", *SUMS))
    tables = []
    for measure in MEASURES:
        told = sums.filter(measure=measure)
        ratios = RatioSums(**{name: told[name].cast(pl.Float64).to_numpy() for name in SUMS})
        worth = ratios.design_effect if told.height else np.ones(0)
        low, high = wilson_interval(ratios.y / worth, ratios.x / worth, level)
        found = {"rate": ratios.ratio, "low": low, "high": high}
        with_rates = told.with_columns(pl.Series(name, values) for name, values in found.items())
        untold = empty.filter(measure=measure).with_columns(
            pl.lit(None, dtype=pl.Float64).alias(name) for name in found
        )
        own = pl.concat([with_rates, untold.select(with_rates.columns)])
        tables.append(
            own.select(*GROUP, "measure", "customers", n="x", k="y", **{name: pl.col(name) for name in found})
        )
    places = pl.DataFrame({"measure": MEASURES, "place": range(len(MEASURES))})
    ordered = pl.concat(tables).join(places, on="measure")
    order = pl.col("by").replace_strict({ALL: 0, SEGMENT: 1, CHANNEL: 2})
    columns = [*GROUP, "measure", "customers", "n", "k", "rate", "low", "high"]
    return ordered.sort(order, "value", "place", nulls_last=True).select(columns)


def cart_sums(carts: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Carts by group and state, and their value in fixed-point units, which add up over shares of customers."""
    told = carts.join(segments, on=CUSTOMER, how="left", maintain_order="left")
    state = pl.col("state")
    parts = [
        told.with_columns(by=pl.lit(by), value_of=value)
        .group_by("by", value="value_of")
        .agg(
            carts=pl.len().cast(pl.Int64),
            bought=(state == "bought").sum().cast(pl.Int64),
            abandoned=(state == "abandoned").sum().cast(pl.Int64),
            recovered=pl.col("recovered").sum().cast(pl.Int64),
            open=(state == "open").sum().cast(pl.Int64),
            cart_value=pl.col("value").sum(),
            abandoned_value=pl.col("value").filter(state == "abandoned").sum(),
            recovered_value=pl.col("value").filter(pl.col("recovered")).sum(),
        )
        for by, value in _groups()
    ]
    return pl.concat(parts)


def carts_by_group(parts: Iterable[pl.DataFrame], *, has_value: bool) -> pl.DataFrame:
    """One row per group of carts, of all first; values in currency, null where events have none."""
    table = pl.concat(parts).group_by(GROUP).agg(pl.exclude(GROUP).sum())
    amounts = ("cart_value", "abandoned_value", "recovered_value")
    told = to_currency if has_value else _nothing
    order = pl.col("by").replace_strict({ALL: 0, SEGMENT: 1, CHANNEL: 2})
    return table.sort(order, "value", nulls_last=True).with_columns(told(pl.col(name)).alias(name) for name in amounts)


def _nothing(_: pl.Expr) -> pl.Expr:
    return pl.lit(None, dtype=pl.Float64)
