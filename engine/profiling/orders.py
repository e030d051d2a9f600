"""The order lines of a result, with the dimensions that are asked for."""

from collections.abc import Sequence

from whalecurve.engine.customer_shares import passes_for
from whalecurve.engine.mapping import each_once
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Reading, scan_orders, scored_columns, scored_files
from whalecurve.engine.profiling.settings import Profiling
from whalecurve.engine.publication import Result, window_of
from whalecurve.engine.settings import Window

USUAL = {
    "by": ("category", "brand", "product"),
    "first_by": ("channel", "campaign", "city"),
    "next_by": ("category",),
}
"""Columns that are taken for dimensions, where the files have them, and none are named."""


def orders_of(result: Result, moved: Paths | None, asked: Profiling) -> tuple[Reading, dict[str, tuple[str, ...]]]:
    """The order lines of a result, with the dimensions that are asked for, and these by what is asked of them.

    Columns, condition, time zone and days are those of `model.json`; the files those of `manifest.json`, or `moved`.

    Raises
    ------
    InputError
        Files that are gone, or that are not what was scored; dimensions that they do not have.
    """
    files = scored_files(result, moved)
    available = {name for file in files for name in file.schema}
    by = {role: _dimensions(role, getattr(asked, role), available) for role in USUAL}
    every = {name: role for role, names in reversed(by.items()) for name in names}
    window = window_of(result, Window())
    orders = scan_orders(files, scored_columns(result), every, window.timezone)
    reading = Reading(
        orders=orders,
        window=window,
        value=result.definitions["value"],
        n_passes=passes_for(int(result.manifest["rows"]["used"])),
        money=None,
    )
    return reading, by


def _dimensions(role: str, asked: Sequence[str] | None, available: set[str]) -> tuple[str, ...]:
    return tuple(name for name in USUAL[role] if name in available) if asked is None else tuple(each_once(asked, role))
