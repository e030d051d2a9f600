"""Order lines of customers who are chosen beforehand, by one pass over the files that counts all lines as well.

What needs the days of some weeks needs no store: lines of earlier days are added up as they come, and those of the
weeks are kept as they are.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.audit import Audit, audit_of
from whalecurve.engine.order_files import refuse_replaced, verify_pages
from whalecurve.engine.orders import Orders, failures_named
from whalecurve.engine.settings import Window
from whalecurve.engine.stages import OnLines
from whalecurve.engine.store.day_counts import DayCounts
from whalecurve.engine.store.line_batches import bytes_of, integer_keys, is_text, line_batches
from whalecurve.engine.store.totals_tables import text_ids
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.store import Lines

Places = NDArray[np.intp]

BYTES_A_LINE = 120
"""What a line that is kept takes, with what is made of it later."""

ROOM_FOR_INTEGERS = 4
"""Ids that are whole numbers are looked up in a table of all numbers between them, if it has no more entries than so
many for each customer; else by bisection, which takes ten times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenLines:
    """Lines of n customers, who are told by their places among the chosen.

    n_early, early_value : int64[n], lines of days before the first that is kept, and what they add up to, fixed-point
    late : the lines from that day on, in any order, with the columns of checked lines; customer_id is the place, UInt32
    """

    n_early: Int64
    early_value: Int64
    late: pl.DataFrame


def lines_of_chosen(
    orders: Orders,
    window: Window,
    chosen: pl.Series,
    days: tuple[int, int | None],
    value: str,
    most_bytes: int,
    on_lines: OnLines | None = None,
) -> tuple[Audit, ChosenLines | None]:
    """Audit the orders, and take the lines of the chosen customers.

    Parameters
    ----------
    chosen
        Ids, in the type that they have in the orders, each once.
    days
        The first day whose lines are kept, and the last that counts at all, since 1970; None: all in the window.
    value
        "margin" or "revenue": what earlier lines are added up in.
    most_bytes
        For the lines that are kept. More, or two ids with one hash, and there are no lines.

    Raises
    ------
    InputError
        As `audit_orders`, or a file that cannot be read to its end.
    """
    counts = DayCounts()
    kept = _Kept(orders, chosen, days, value, most_bytes // BYTES_A_LINE)
    with failures_named(orders):
        verify_pages(orders.files, list(orders.mapping.inputs))
        for lines in line_batches(orders, window, counts, on_lines):
            kept.add(lines)
        refuse_replaced(orders.files)
    return audit_of(orders, window, counts.to_frame()), kept.lines()


class _Kept:
    """Lines of the chosen as they come."""

    def __init__(
        self, orders: Orders, chosen: pl.Series, days: tuple[int, int | None], value: str, most_lines: int
    ) -> None:
        self._orders, self._value, self._left = orders, value, most_lines
        self._first, self._last = days
        self._places = _places_among(chosen, is_text=is_text(orders))
        self._n_early, self._early_value = (np.zeros(chosen.len(), np.int64) for _ in range(2))
        self._late: list[pl.DataFrame] = []

    def add(self, lines: Lines) -> None:
        if self._left < 0 or self._places is None:
            return
        places = self._places.of(lines)
        is_chosen = places >= 0
        if self._last is not None:
            is_chosen &= lines.day <= self._last
        is_early = lines.day < self._first
        early = np.flatnonzero(is_chosen & is_early)
        value = lines.margin if self._value == "margin" else lines.amount
        np.add.at(self._n_early, places[early], 1)
        np.add.at(self._early_value, places[early], value[early])
        late = np.flatnonzero(is_chosen & ~is_early)
        self._left -= late.size
        if late.size:
            self._late.append(self._table(lines, places, late))

    def lines(self) -> ChosenLines | None:
        if self._left < 0 or self._places is None:
            return None
        late = pl.concat(self._late) if self._late else pl.DataFrame(schema=self._schema)
        return ChosenLines(n_early=self._n_early, early_value=self._early_value, late=late)

    @property
    def _schema(self) -> dict[str, pl.DataType]:
        margin = {"margin": pl.Int64()} if self._orders.has_margin else {}
        order = {"order_id": pl.Int64()} if self._orders.has_order_id else {}
        own: dict[str, pl.DataType] = {"customer_id": pl.UInt32(), "day": pl.Int32(), "amount": pl.Int64()}
        return own | {"is_return": pl.Boolean()} | margin | order

    def _table(self, lines: Lines, places: Places, at: Places) -> pl.DataFrame:
        amount = lines.amount[at]
        is_return = lines.is_return[at].astype(np.bool_) if lines.is_return.size else amount < 0
        columns: dict[str, object] = {
            "customer_id": places[at].astype(np.uint32),
            "day": lines.day[at],
            "amount": amount,
            "is_return": is_return,
        }
        if self._orders.has_margin:
            columns["margin"] = lines.margin[at]
        if self._orders.has_order_id:
            order = pl.Series(lines.order[at])
            is_null = lines.order_is_null[at].astype(np.bool_) if lines.order_is_null.size else None
            columns["order_id"] = order if is_null is None else order.set(pl.Series(is_null), None)
        return pl.DataFrame(columns, schema=self._schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlacesByKey:
    """Places of customers by their keys: those of whole numbers, or hashes of text.

    keys : int64[n], ascending; at : the place of each
    table : the place of each number from the least key on, -1 for none; None where they are bisected
    text : the ids of the chosen as bytes, by place; None of whole numbers
    """

    keys: Int64
    at: Places
    table: NDArray[np.int32] | None
    text: pl.Series | None

    def of(self, lines: Lines) -> Places:
        """The places of the customers of lines; -1 for others."""
        if self.table is not None:
            return self._looked_up(lines.key)
        found = np.minimum(np.searchsorted(self.keys, lines.key), self.keys.size - 1)
        is_one = self.keys[found] == lines.key
        if self.text is not None:
            theirs = text_ids(lines.ends, lines.text)
            is_one &= (self.text.gather(self.at[found]) == theirs).to_numpy()
        return np.where(is_one, self.at[found], -1)

    def _looked_up(self, key: Int64) -> Places:
        assert self.table is not None, "called where there is one"
        is_in = (key >= self.keys[0]) & (key <= self.keys[-1])
        return np.where(is_in, self.table[np.where(is_in, key - self.keys[0], 0)], -1)


def _places_among(chosen: pl.Series, *, is_text: bool) -> _PlacesByKey | None:
    """Where each of the chosen is; None for two ids with one hash, and of nobody."""
    text = bytes_of(chosen) if is_text else None
    keys = integer_keys(chosen) if text is None else text.hash().to_numpy().view(np.int64)
    at = np.argsort(keys, kind="stable")
    keys = keys[at]
    if keys.size == 0 or (keys[1:] == keys[:-1]).any():
        return None
    span, table = int(keys[-1]) - int(keys[0]) + 1, None
    if text is None and span <= max(ROOM_FOR_INTEGERS * keys.size, 1 << 16):
        table = np.full(span, -1, np.int32)
        table[keys - keys[0]] = at
    return _PlacesByKey(keys=keys, at=at, table=table, text=None if text is None else text.cast(pl.Binary))
