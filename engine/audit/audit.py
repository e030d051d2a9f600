"""Stage: checked order lines -> what is usable, what is refused and why, and which days are observed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from whalecurve.engine.audit.copies import same_content
from whalecurve.engine.audit.float_ids import refuse_inexact_ids
from whalecurve.engine.audit.messages import log_warnings, nothing_observed, nothing_usable
from whalecurve.engine.errors import InputError, NothingObservedError, setting
from whalecurve.engine.mapping import FAULT
from whalecurve.engine.money import LIMIT, UNITS
from whalecurve.engine.order_files import OrderFile, count_rows, verify_pages
from whalecurve.engine.orders import (
    CODE,
    FILE,
    REFUSALS,
    ROW,
    Orders,
    checked_lines,
    day_at,
    day_bounds,
    failures_named,
    in_window,
    observed_lines,
)
from whalecurve.engine.settings import ObservedWindow, Window

OUTSIDE_WINDOW = ("after_as_of", "before_since")
"""Reasons that say what was asked for, not that a line is bad."""
NOBODY = ("null_customer", "named_nobody")
"""Reasons that say that a line names no customer."""
USUAL_LIMIT = 0.05
REFUSED_ROWS_KEPT = 10_000  # per reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the order lines hold. `n_read` = `n_filtered` + `n_used` + the sum of `refused`.

    n_filtered : lines that `where` does not select: they are what was asked for, so they are not refused
    window : the window, now that the last day is known
    first_day, last_day : first and last day used
    n_return_lines : return lines among the used
    n_unflagged_return_lines : those of them that are returns for their negative amount, although a flag is mapped
        and does not mark them
    n_below_resolution : used lines whose amount is not 0 and becomes 0 in fixed point
    turnover : sum of absolute amounts used, in currency
    copies : files with the same content, together
    """

    n_read: int
    n_filtered: int
    n_used: int
    refused: dict[str, int]
    window: ObservedWindow
    first_day: date
    last_day: date
    n_return_lines: int
    n_unflagged_return_lines: int
    n_below_resolution: int
    turnover: float
    warnings: tuple[str, ...]
    copies: tuple[tuple[OrderFile, ...], ...]

    @property
    def kinds(self) -> dict[str, int]:
        """How many of the lines used are of a kind that a reader of the numbers may want to know of."""
        return {
            "returns": self.n_return_lines,
            "unflagged_returns": self.n_unflagged_return_lines,
            "below_resolution": self.n_below_resolution,
        }

    @property
    def as_of(self) -> date:
        """The last day observed."""
        return self.window.as_of

    @property
    def observed_from(self) -> date:
        """The first day observed: as the window has it, else the first with a line."""
        return self.window.since or self.first_day

    @property
    def observed_days(self) -> int:
        """How many days were observed, the first and the last included."""
        return (self.as_of - self.observed_from).days + 1

    @property
    def rows(self) -> dict[str, Any]:
        """Lines read, filtered by `where`, used, and refused by reason, as a record says them."""
        return {"read": self.n_read, "filtered": self.n_filtered, "used": self.n_used, "refused": self.refused}


def audit_orders(orders: Orders, window: Window) -> Audit:
    """Count every line once, by day and by reason, and find the last day observed where none is given.

    Parameters
    ----------
    orders
        A log, as `scan_orders` opens it.
    window
        The days observed.

    Returns
    -------
    Audit
        Lines by day and by reason, and the window with its last day.

    Raises
    ------
    InputError
        No line at all, none usable, none in the window, ids that floats do not tell apart, or a file that turns out
        to be damaged.

    Examples
    --------
    >>> from whalecurve import engine
    >>> orders = engine.scan_orders("shop/orders")
    >>> audit = engine.audit_orders(orders, engine.Window())
    >>> audit.window.as_of
    datetime.date(2025, 12, 30)
    """
    verify_pages(orders.files, list(orders.mapping.inputs))
    return audit_of(orders, window, _count_by_day(orders, window))


def audit_of(orders: Orders, window: Window, days: pl.DataFrame) -> Audit:
    """The audit that the counts by day and refusal make; raises what `audit_orders` raises."""
    refuse_inexact_ids(orders)
    n_selected = int(days["n"].sum())
    n_read = _rows_in_files(orders, n_selected)
    if n_read == 0:
        raise InputError(f"{orders.name}: no rows at all; name the files that hold the orders")
    if n_selected == 0:
        raise InputError(f"{orders.name}: {setting('where')} matches none of {n_read:,} rows; check the condition")
    usable = days.filter(pl.col("refusal") == 0).sort("day")
    if usable.is_empty():
        raise InputError(nothing_usable(orders, days))
    last_day = day_at(usable["day"][-1])
    if window.since is not None and window.since > last_day:
        raise NothingObservedError(nothing_observed(orders, window, usable))
    observed = window.observed(last_day)
    used = usable.filter(in_window(*day_bounds(observed)))
    if used.is_empty():
        raise NothingObservedError(nothing_observed(orders, window, usable))
    copies = tuple(map(tuple, same_content(orders.files)))
    return Audit(
        n_read=n_read,
        n_filtered=n_read - n_selected,
        n_used=int(used["n"].sum()),
        refused=_refused(days, usable, observed),
        window=observed,
        first_day=day_at(used["day"][0]),
        last_day=day_at(used["day"][-1]),
        n_return_lines=int(used["n_return"].sum()),
        n_unflagged_return_lines=int(used["n_unflagged_return"].sum()),
        n_below_resolution=int(used["n_below_resolution"].sum()),
        turnover=float(used["turnover"].sum()) / UNITS,
        warnings=tuple(log_warnings(orders, window, days, used, copies)),
        copies=copies,
    )


def refused_rows(orders: Orders, audit: Audit) -> pl.DataFrame:
    """The lines that could not be used: file, row (0-based, in its file), reason, and what was found there.

    At most `REFUSED_ROWS_KEPT` of each reason, the first ones in file order; the audit counts all of them. Lines
    that `where` leaves out are counted only. Where a file is text, `found` has the cell that cannot be read.

    Parameters
    ----------
    orders
        The log.
    audit
        What `audit_orders` found in it.

    Returns
    -------
    DataFrame
        file, row, reason, found.

    Raises
    ------
    InputError
        A file that was changed or damaged since.

    Examples
    --------
    >>> from whalecurve import engine
    >>> orders = engine.scan_orders("shop/orders")
    >>> audit = engine.audit_orders(orders, engine.Window())
    >>> engine.refused_rows(orders, audit).columns
    ['file', 'row', 'reason', 'customer_id', 'time', 'amount']
    """
    lines = checked_lines(orders, audit.window, places=True)
    first, last = day_bounds(audit.window)
    is_early = pl.lit(value=False) if first is None else pl.col("day") < first
    code = (
        pl.when(pl.col("refusal") != 0)
        .then(pl.col("refusal"))
        .when(pl.col("day") > last)
        .then(pl.lit(CODE["after_as_of"], dtype=pl.UInt8))
        .when(is_early)
        .then(pl.lit(CODE["before_since"], dtype=pl.UInt8))
        .otherwise(pl.lit(0, dtype=pl.UInt8))
    )
    refusals = lines.with_columns(refusal=code)
    reasons = [name for name in audit.refused if name in CODE]
    samples = [refusals.filter(pl.col("refusal") == CODE[name]).head(REFUSED_ROWS_KEPT) for name in reasons]
    columns = [
        pl.col(FILE).alias("file"),
        pl.col(ROW).alias("row"),
        pl.col("refusal").replace_strict(dict(enumerate(REFUSALS)), return_dtype=pl.String).alias("reason"),
        "customer_id",
        "time",
        pl.col("amount_found").cast(pl.Float64).alias("amount"),
        *([pl.col(FAULT).alias("found")] if orders.mapping.fault is not None else []),
    ]
    if not samples:
        return refusals.clear().select(columns).collect()
    with failures_named(orders):
        frames = pl.collect_all([sample.select(columns) for sample in samples], engine="streaming")
    return pl.concat(frames).sort("file", "row")


def refuse_too_many(orders: Orders, audit: Audit, limit: float | None) -> None:
    """Stop a run that would rest on a log with too many bad lines.

    `limit` is the largest share of refused lines among those that `where` selects; what lies outside the window is not
    bad. None: `USUAL_LIMIT` of the lines that name a customer. Sales to nobody in particular are common (a guest
    at the till), so unless a limit is given, they are reported only.

    Raises
    ------
    InputError
        More bad lines than the limit allows.
    """
    apart = OUTSIDE_WINDOW if limit is not None else (*OUTSIDE_WINDOW, *NOBODY)
    bad = {name: n for name, n in audit.refused.items() if name not in apart}
    n_bad = sum(bad.values())
    n_looked_at = audit.n_read - audit.n_filtered - sum(audit.refused.get(name, 0) for name in apart)
    allowed = USUAL_LIMIT if limit is None else limit
    if n_bad > allowed * n_looked_at:
        counts = ", ".join(f"{n:,} {name}" for name, n in bad.items())
        raise InputError(
            f"{orders.name}: {n_bad:,} of {n_looked_at:,} rows ({n_bad / n_looked_at:.1%}) cannot be used ({counts}), "
            f"more than {setting('max_refused', allowed)}; fix or exclude them ({setting('where')}), or raise "
            f"{setting('max_refused')}"
        )


def turnover_is_safe(orders: Orders, audit: Audit) -> None:
    """Make sure that no customer's sums outgrow 64-bit fixed-point money.

    Raises
    ------
    InputError
        A customer's turnover is too large.
    """
    if audit.turnover < LIMIT:
        return
    money = [name for name in ("amount", "margin") if name == "amount" or orders.has_margin]
    sums = [pl.col(name).cast(pl.Float64).abs().sum() for name in money]
    lines = observed_lines(orders, audit.window)
    with failures_named(orders):
        most = (
            lines.group_by("customer_id").agg(sums).select(pl.max_horizontal(money).max()).collect(engine="streaming")
        )
    if most.item() / UNITS >= LIMIT:
        raise InputError(
            f"{orders.name}: a customer's turnover of {most.item() / UNITS:.3g} is too large to be summed exactly "
            f"(limit {LIMIT:.2g}); scale the money, as {setting('amount', 'amount / 1000')}"
        )


def _count_by_day(orders: Orders, window: Window) -> pl.DataFrame:
    counts = (
        checked_lines(orders, window)
        .group_by("day", "refusal")
        .agg(
            n=pl.len().cast(pl.Int64),
            n_return=pl.col("is_return").sum().cast(pl.Int64),
            n_positive_return=pl.col("was_positive_return").sum().cast(pl.Int64),
            n_unflagged_return=pl.col("was_unflagged_return").sum().cast(pl.Int64),
            n_below_resolution=pl.col("is_below_resolution").sum().cast(pl.Int64),
            n_null_order=pl.col("order_id").null_count().cast(pl.Int64) if orders.has_order_id else pl.lit(0),
            turnover=pl.col("amount").cast(pl.Float64).abs().sum(),
        )
    )
    with failures_named(orders):
        return counts.collect(engine="streaming")


def _rows_in_files(orders: Orders, n_selected: int) -> int:
    if all(file.n_rows is not None for file in orders.files):
        return sum(file.n_rows or 0 for file in orders.files)
    if orders.mapping.where is None:
        return n_selected
    with failures_named(orders):
        return count_rows(orders.files)


def _refused(days: pl.DataFrame, usable: pl.DataFrame, window: ObservedWindow) -> dict[str, int]:
    first, last = day_bounds(window)
    counts = {REFUSALS[code]: int(n) for code, n in days.group_by("refusal").agg(pl.col("n").sum()).rows() if code}
    counts["after_as_of"] = int(usable.filter(pl.col("day") > last)["n"].sum())
    counts["before_since"] = 0 if first is None else int(usable.filter(pl.col("day") < first)["n"].sum())
    return {name: counts[name] for name in REFUSALS if counts.get(name)}
