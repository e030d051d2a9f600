"""Order days far away from all others: a wrong year or a placeholder date rather than a sale.

A few lines apart from the rest decide what is observed: one order of 2034 behind a log that ends in 2024 makes
everybody churned.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import Message, counted, setting
from whalecurve.engine.orders import day_at
from whalecurve.engine.settings import Window

SMALL = 0.01
"""Share of the lines that those apart stay below."""
QUIET_DAYS, TIMES_USUAL, USUAL = 31, 3, 0.999
"""Least days of silence before, or after, lines that are apart; and how many times the silences that are usual, which
are this quantile of the gaps between the other days. A season that begins a little late is not three times as long."""
GAPS_TO_JUDGE = 10
"""Gaps from which there is something usual."""
LONELY_DAYS, TIMES_OBSERVED = 1096, 10
"""In a log too small for shares: a lone day is apart after so many days of silence, and so many times the days that all
others span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Lines far from all others, and the silence between them.

    edge : the last day of the others, or, of early lines, their first
    """

    n_lines: int
    n_days: int
    first: date
    last: date
    n_silent: int
    edge: date
    is_late: bool

    def said(self) -> Message:
        """What a reader should be told, and what to do."""
        when = f"on {self.first}" if self.n_days == 1 else f"on {self.n_days:,} days from {self.first} to {self.last}"
        side, ends, limit = ("after", "end", "as_of") if self.is_late else ("before", "begin", "since")
        return Message(
            f"{counted(self.n_lines, 'line')} {when}: {self.n_silent:,} days {side} all others, "
            f"which {ends} on {self.edge}; if the dates are wrong, give {setting(limit, self.edge)}"
        )


def apart(used: pl.DataFrame, window: Window) -> list[Apart]:
    """The lines that are far from all others, at the ends of the window that were left open.

    used : day and number of lines n, sorted by day
    """
    days, n = used["day"].to_numpy(), used["n"].to_numpy()
    small, start, end = SMALL * int(n.sum()), 0, days.size
    while True:  # a silence may hide behind a longer one, of either end
        cut_at = start, end
        if window.as_of is None:
            end -= _n_apart(days[start:end], n[start:end], small - int(n[end:].sum()))
        if window.since is None:
            start += _n_apart(-days[start:end][::-1], n[start:end][::-1], small - int(n[:start].sum()))
        if cut_at == (start, end):
            break
    others = days[start:end]
    early = [] if start == 0 else [_described(days[:start], n[:start], others, is_late=False)]
    return early + ([] if end == days.size else [_described(days[end:], n[end:], others, is_late=True)])


def _n_apart(days: NDArray[np.int32], n: NDArray[np.int64], small: float) -> int:
    """How many of the last days come after the first silence that sets so few lines apart."""
    gaps = np.diff(days)
    left = n[::-1].cumsum()[::-1][1:]  # lines after each gap
    for at in np.flatnonzero((gaps >= QUIET_DAYS) & (left < small)).tolist():
        if at >= GAPS_TO_JUDGE and gaps[at] > TIMES_USUAL * np.quantile(gaps[:at], USUAL, method="higher"):
            return days.size - at - 1
    is_lone = days.size > 2 and gaps[-1] >= LONELY_DAYS and gaps[-1] > TIMES_OBSERVED * (days[-2] - days[0] + 1)
    return int(is_lone)


def _described(days: NDArray[np.int32], n: NDArray[np.int64], others: NDArray[np.int32], *, is_late: bool) -> Apart:
    edge = int(others[-1] if is_late else others[0])
    near = int(days[0] if is_late else days[-1])
    return Apart(
        n_lines=int(n.sum()),
        n_days=days.size,
        first=day_at(int(days[0])),
        last=day_at(int(days[-1])),
        n_silent=abs(near - edge),
        edge=day_at(edge),
        is_late=is_late,
    )
