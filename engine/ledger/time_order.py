"""In which order files are read: that of the days they say they hold."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pyarrow.parquet as pq

from whalecurve.engine.orders import OrderFile, Orders, reordered
from whalecurve.engine.paths import is_url


def in_time_order(orders: Orders) -> Orders:
    """The same log, files with earlier times first as far as their statistics tell; ties keep the order of paths.

    Where the time is an expression, or a file has no statistics of it, the order of paths is the best guess for all.
    """
    name = orders.mapping.roles["time"].mapping
    if len(orders.files) < 2 or any(name not in file.schema or is_url(file.path) for file in orders.files):
        return orders
    with ThreadPoolExecutor(max_workers=8) as pool:
        spans = list(pool.map(partial(_span, name), orders.files))
    if any(span is None for span in spans) or not _are_comparable(spans):
        return orders
    ordered = sorted(zip(spans, range(len(spans)), orders.files, strict=True), key=lambda item: item[:2])
    return reordered(orders, [file for _, _, file in ordered])


def _are_comparable(spans: Sequence[Any]) -> bool:
    return len({(type(first), getattr(first, "tzinfo", None) is None) for first, _ in spans}) == 1


def _span(name: str, file: OrderFile) -> tuple[Any, Any] | None:
    """First and last time in a file, from its footer."""
    try:
        footer = pq.read_metadata(file.path)
        column = footer.schema.to_arrow_schema().names.index(name)
        found = [footer.row_group(i).column(column).statistics for i in range(footer.num_row_groups)]
        spans = [(one.min, one.max) for one in found if one is not None and one.has_min_max]
    except (ValueError, NotImplementedError, OverflowError):  # damaged, nested before it, or a time beyond Python's
        return None
    if len(spans) != len(found) or not spans:
        return None
    return min(first for first, _ in spans), max(last for _, last in spans)
