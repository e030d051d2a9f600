"""What a reader of an audit should be told: why nothing is left, and what is odd about what is."""

from collections.abc import Sequence

import polars as pl

from whalecurve.engine.audit.copies import copies_note
from whalecurve.engine.audit.silences import apart
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.order_files import OrderFile
from whalecurve.engine.orders import CODE, REFUSALS, Orders, day_at
from whalecurve.engine.settings import Window

MUCH_TEXT = 100_000_000
"""Bytes of text that take a second to read; as Parquet the same lines took a tenth of the processor's time, measured
over four million lines of eight columns."""


def nothing_usable(orders: Orders, days: pl.DataFrame) -> str:
    """Why no line at all can be used."""
    counts = {REFUSALS[code]: int(n) for code, n in days.group_by("refusal").agg(pl.col("n").sum()).rows()}
    if set(counts) <= {"null_customer", "named_nobody"}:
        mapping = orders.mapping.roles["customer"].mapping
        named = f", or one that {setting('nobody')} names" if "named_nobody" in counts else ""
        other = f"map another column with {setting('customer', 'NAME')}"
        return f'{orders.name}: every customer id in "{mapping}" is null or empty{named}; {other}'
    refused = ", ".join(f"{n:,} {why}" for why, n in sorted(counts.items()))
    return f"{orders.name}: no usable row ({refused}); check the mapping with `whalecurve check`"


def nothing_observed(orders: Orders, window: Window, usable: pl.DataFrame) -> str:
    """Why no usable line lies in the window."""
    first, last = (day_at(usable["day"][i]) for i in (0, -1))
    ends = (("as_of", window.as_of), ("since", window.since))
    asked = " with ".join(setting(name, day) for name, day in ends if day is not None)
    return (
        f"{orders.name}: no order in the window ({asked}); orders run from {first} to {last}: choose days among those, "
        f"or name the files of others"
    )


def log_warnings(
    orders: Orders,
    window: Window,
    days: pl.DataFrame,
    used: pl.DataFrame,
    copies: Sequence[Sequence[OrderFile]],
) -> list[Message]:
    """What could mislead a reader of the numbers, a sentence each.

    Parameters
    ----------
    orders, window
        The log, and the window that was asked for.
    days, used
        Counts by day and refusal: of all lines, and of those used.
    copies
        Groups of files with the same content.
    """
    said = (
        *(silence.said() for silence in apart(used, window)),
        *copies_note(copies),
        *_files(orders, window),
        *_used_lines(orders, used),
        *_no_customer(days),
        *orders.notes,
    )
    return [Message(words) for words in said]


def _files(orders: Orders, window: Window) -> list[str]:
    """What of the files themselves could mislead, or cost."""
    warnings = []
    if orders.passed_over:
        warnings.append(
            f"files of the directories that are not read, as a directory is read as files of one kind, told by their "
            f"names: {len(orders.passed_over):,}, as {orders.passed_over[0]}; if they hold orders, name them"
        )
    n_bytes = sum(file.n_bytes or 0 for file in orders.files if file.layout is not None)
    if n_bytes >= MUCH_TEXT:
        warnings.append(
            f"{n_bytes / 1e6:,.0f} MB of the orders are text, which takes about ten times as long to read as Parquet; "
            f"`whalecurve convert` writes them as such"
        )
    if window.timezone is not None and orders.timezone is None:
        warnings.append(
            f"{setting('timezone', window.timezone)} changes nothing: the times carry no zone and are taken as they "
            f"stand"
        )
    return warnings


def _used_lines(orders: Orders, used: pl.DataFrame) -> list[str]:
    """What is odd about lines that are used."""
    warnings = []
    flipped = int(used["n_positive_return"].sum())
    if flipped:
        warnings.append(f"return lines with a positive amount: {flipped:,}; it was taken off all the same")
    unflagged = int(used["n_unflagged_return"].sum())
    if unflagged:
        warnings.append(
            f"lines with a negative amount that {setting('return_flag')} does not mark: {unflagged:,}; they count "
            f"as returns"
        )
    lost = int(used["n_below_resolution"].sum())
    if lost:
        warnings.append(
            f"lines with an amount other than 0 but less than half a millionth: {lost:,}; they count as 0, as money is "
            f"kept to six decimals; if that matters, scale it, as {setting('amount', 'amount * 1000')}"
        )
    unnamed = int(used["n_null_order"].sum()) if orders.has_order_id else 0
    if unnamed:
        warnings.append(f"lines without an order id: {unnamed:,}; those of one customer and day count as one order")
    return warnings


def _no_customer(days: pl.DataFrame) -> list[str]:
    """What share of the lines has no customer."""
    warnings = []
    nobody = int(days.filter(pl.col("refusal") == CODE["null_customer"])["n"].sum())
    if nobody:
        share = nobody / int(days["n"].sum())
        warnings.append(f"lines that name no customer: {nobody:,} ({share:.1%}); they are not counted for any customer")
    named = int(days.filter(pl.col("refusal") == CODE["named_nobody"])["n"].sum())
    if named:
        share = named / int(days["n"].sum())
        warnings.append(
            f"lines of ids that {setting('nobody')} names: {named:,} ({share:.1%}); they are not counted for any "
            f"customer"
        )
    return warnings
