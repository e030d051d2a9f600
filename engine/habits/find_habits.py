"""Habits: when each customer buys, how much, what and how, and what is due to be bought again."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from whalecurve.engine.attributes import kept_values
from whalecurve.engine.audit import Audit, audit_orders, refuse_too_many
from whalecurve.engine.customer_shares import passes_for, shares_of
from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.habits.orders_of_customers import FACETS, WEEKDAYS, Done, done_by
from whalecurve.engine.habits.output import publish
from whalecurve.engine.habits.replenished import replenished
from whalecurve.engine.habits.results import Habits
from whalecurve.engine.habits.settings import HabitSettings
from whalecurve.engine.habits.usual import Everybody, Gathering
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, failures_named, scan_orders
from whalecurve.engine.publication import CUSTOMER, Result, check_target, window_of
from whalecurve.engine.replenishment import bought_again, rhythms
from whalecurve.engine.runtime import memory_budget
from whalecurve.engine.scoring import fitting
from whalecurve.engine.segments import LABELS, OWN_GAPS, Rhythm
from whalecurve.engine.settings import Columns, Given, Scoring, Window, taken
from whalecurve.engine.stages import OnStage, Stages

SEGMENT, SMALL = "segment", "(small segments)"


def find_habits(
    orders: Paths,
    settings: HabitSettings | Given | None = None,
    *,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scores: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> Habits:
    """Find the habits of each customer: usual weekday, hour, gap and basket, favourites, discounts, returns.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    settings
        What favourites are among, what is bought again, what a discount is.
    scores
        A result of `score` over the same orders, for its segments. None: nothing is said of segments.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    max_refused
        As for `score`.
    memory
        Bytes to keep to; None takes a fixed share of what is there. Lines that are too many for it are read part of the
        customers at a time, twice: once for what is usual, once for each customer. A row a customer comes on top.
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Habits
        A row per customer, and the totals of segments.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> from whalecurve import engine
    >>> found = engine.find_habits("shop/orders")
    >>> type(found).__name__
    'Habits'
    """
    columns, window = taken(Columns, columns) or Columns(), taken(Window, window) or Window()
    asked, stages = taken(HabitSettings, settings) or HabitSettings(), Stages(on_stage)
    with stages.stage("open"):
        scanned = scan_orders(orders, columns, asked.dimensions, window.timezone)
        _check_condition(scanned, asked)
        budget = memory_budget(memory, scanned.n_rows)
        result = None if scores is None else fitting(scores, scanned, window, Scoring())
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=scanned.paths, results=[scores])
    with stages.stage("audit"):
        audit = audit_orders(scanned, window if result is None else window_of(result, window))
        refuse_too_many(scanned, audit, max_refused)
        n_passes = max(passes_for(audit.n_used), budget.now.passes(audit.n_used))
    found = _found(scanned, audit, asked, result, n_passes, stages)
    if out is not None:
        publish(found, Path(out), scanned, audit.window, stages)
    return replace(found, out=None if out is None else Path(out))


def _check_condition(orders: Orders, asked: HabitSettings) -> None:
    if asked.discounted is None:
        return
    dtype = orders.mapping.dimensions[asked.discounted].dtype
    if dtype != pl.Boolean():
        raise InputError(
            f'{setting("discounted")} "{asked.discounted}" is {dtype}, expected a condition, which is true or false; '
            f'write one, as "discount > 0"'
        )


def _found(
    orders: Orders, audit: Audit, asked: HabitSettings, result: Result | None, n_passes: int, stages: Stages
) -> Habits:
    with stages.stage("usual"):
        everybody, rhythm, has_hours, kept = _everybody(orders, audit, asked, n_passes)
    with stages.stage("customers"), failures_named(orders):
        tables = [
            _habits(kept or done_by(orders, audit.window, asked, share), everybody, rhythm, has_hours=has_hours)
            for share in shares_of(n_passes)
        ]
        del kept
        customers = pl.concat(tables).sort(CUSTOMER)
    products = due = None
    if asked.product is not None:
        with stages.stage("replenishment"):
            products, due = replenished(orders, audit.window, asked.product, asked, n_passes)
    segments, n_nowhere = None, 0
    customers = customers.select(CUSTOMER, pl.lit(None, dtype=pl.String).alias(SEGMENT), pl.exclude(CUSTOMER))
    if result is not None:
        own = result.take(CUSTOMER, LABELS["rfm"]).select(
            CUSTOMER, pl.col(LABELS["rfm"]).cast(pl.String).alias(SEGMENT)
        )
        named = customers.drop(SEGMENT).join(
            own.collect(engine="streaming"), on=CUSTOMER, how="left", maintain_order="left"
        )
        customers = named.select(CUSTOMER, SEGMENT, pl.exclude(CUSTOMER, SEGMENT))
        segments, n_nowhere = _by_segment(customers, asked.min_customers), customers[SEGMENT].null_count()
    if not has_hours:
        everybody.pop("hour", None)
    return Habits(
        customers=customers,
        segments=segments,
        products=products,
        replenishment=due,
        everybody=everybody,
        rows=audit.rows,
        as_of=audit.as_of.isoformat(),
        settings=asked,
        scores=None if result is None else result.manifest["run_id"],
        warnings=(*audit.warnings, *map(Message, _notes(asked, n_nowhere, rhythm, has_hours=has_hours))),
    )


def _everybody(
    orders: Orders, audit: Audit, asked: HabitSettings, n_passes: int
) -> tuple[dict[str, Everybody], Rhythm, bool, Done | None]:
    """What is usual of each facet, the rhythm of all, whether orders have hours; and what was read, if that is all."""
    gathering, gaps, has_hours, kept = {name: Gathering() for name in FACETS}, [], False, None
    with failures_named(orders):
        for share in shares_of(n_passes):
            done = done_by(orders, audit.window, asked, share)
            for name, counts in done.facets.items():
                gathering[name].add(counts)
            gaps.append(bought_again(done.days, audit.as_of)[0])
            has_hours = has_hours or done.has_hours
            kept = done if n_passes == 1 else None
    known = {name: found.everybody() for name, found in gathering.items() if found.is_any}
    curves = rhythms(pl.concat(gaps))
    return known, curves.get("", Rhythm(days=None)), has_hours, kept


def _habits(done: Done, everybody: dict[str, Everybody], rhythm: Rhythm, *, has_hours: bool) -> pl.DataFrame:
    """One row per customer of a share."""
    own = done.days.group_by(CUSTOMER).agg(
        first_purchase=pl.col("day").first().cast(pl.Date),
        last_purchase=pl.col("day").last().cast(pl.Date),
        n_purchase_days=pl.len(),
    )
    gap = rhythm.point(own, 0.5) if rhythm.days is not None else pl.Series([None] * own.height, dtype=pl.Int64)
    basis = pl.when(pl.col("n_purchase_days") > OWN_GAPS).then(pl.lit("own")).otherwise(pl.lit("everybody"))
    table = done.totals.join(own.with_columns(gap_days=gap, gap_by=basis), on=CUSTOMER, how="left")
    for name in ("weekday", "hour", "favourite"):
        if name in everybody and (name != "hour" or has_hours):
            table = table.join(everybody[name].usual(done.facets[name], name), on=CUSTOMER, how="left")
        else:
            empty = {name: pl.String, f"{name}_share": pl.Float64, f"{name}_confidence": pl.Float64}
            table = table.with_columns(pl.lit(None, dtype=dtype).alias(column) for column, dtype in empty.items())
    for name, column in (("discounted", "discount_rate"), ("returned", "return_rate")):
        table = _with_rate(table, done, everybody, name, column)
    weekday = pl.col("weekday").replace_strict(dict(enumerate(WEEKDAYS)), default=None, return_dtype=pl.String)
    facets = [f"{name}{end}" for name in ("weekday", "hour", "favourite") for end in ("", "_share", "_confidence")]
    return table.with_columns(
        weekday=weekday,
        hour=pl.col("hour").cast(pl.Int64),
        gap_by=pl.when(pl.col("gap_days").is_not_null()).then("gap_by"),
    ).select(
        CUSTOMER, "n_orders", "gap_days", "gap_by", "basket_lines", "basket_value", *facets, "discount_share",
        "discount_rate", "return_rate",
    )  # fmt: skip


def _with_rate(
    table: pl.DataFrame, done: Done, everybody: dict[str, Everybody], name: str, column: str
) -> pl.DataFrame:
    if name not in everybody:
        return table.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
    counts = (
        done.facets[name]
        .group_by(CUSTOMER)
        .agg(n=pl.col("times").sum(), k=pl.col("times").filter(pl.col("value")).sum())
    )
    rate = everybody[name].rate(pl.col("k"), pl.col("n"))
    return table.join(counts.select(CUSTOMER, rate.alias(column)), on=CUSTOMER, how="left")


def _by_segment(customers: pl.DataFrame, least: int) -> pl.DataFrame:
    """Habits of each segment; those with fewer than `least` customers are put together, see `kept_values`."""
    known = customers.drop_nulls(SEGMENT)
    kept = kept_values(known.group_by(value=SEGMENT).agg(n=pl.len().cast(pl.Int64)), least)
    pooled = known
    if kept is not None:
        is_kept = pl.col(SEGMENT).is_in(kept.implode())
        pooled = known.with_columns(pl.when(is_kept).then(SEGMENT).otherwise(pl.lit(SMALL)).alias(SEGMENT))
    usual = {name: pl.col(name).drop_nulls().mode().sort().first() for name in ("weekday", "hour", "favourite")}
    means = ("n_orders", "basket_lines", "basket_value", "discount_share", "return_rate")
    return (
        pooled.group_by(SEGMENT)
        .agg(
            customers=pl.len().cast(pl.Int64),
            gap_days=pl.col("gap_days").median(),
            **{name: pl.col(name).cast(pl.Float64).mean() for name in means},
            **usual,
        )
        .sort(SEGMENT)
    )


def _notes(asked: HabitSettings, n_nowhere: int, rhythm: Rhythm, *, has_hours: bool) -> list[str]:
    said = []
    if not has_hours:
        said.append("no time of an order has an hour, so there is no usual hour")
    if rhythm.days is None:
        said.append("nobody bought on two days, so there are no gaps")
    if asked.by is None:
        said.append(f"there are no favourites: name what they are among with {setting('by')}")
    if n_nowhere:
        said.append(f"{n_nowhere:,} customers with a purchase are in no segment of {setting('scores')}")
    return said
