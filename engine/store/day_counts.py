"""How many lines of each day there are and why others cannot be used: what an audit rests on."""

from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.kernels.store import DayLines, Lines, count_by_day, span


class LineFlags(NamedTuple):
    """What is odd about n usable lines, a flag for each, as `checked_lines` has them; None where no line is."""

    was_positive_return: NDArray[np.bool_] | None = None
    was_unflagged_return: NDArray[np.bool_] | None = None
    is_below_resolution: NDArray[np.bool_] | None = None


COUNTED = ("n_positive_return", "n_unflagged_return", "n_below_resolution", "n_null_order")
"""Columns that count odd lines: those of `LineFlags`, and lines without an order id."""

SCHEMA: dict[str, pl.DataType] = {
    "day": pl.Int32(),
    "refusal": pl.UInt8(),
    "n": pl.Int64(),
    "n_return": pl.Int64(),
    **dict.fromkeys(COUNTED, pl.Int64()),
    "turnover": pl.Float64(),
}


class DayCounts:
    """Counts of lines by day, added up batch by batch."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self._counts = np.zeros((0, len(DayLines)), dtype=np.int64)
        self._odd = np.zeros((0, len(COUNTED)), dtype=np.int64)
        self._turnover = np.zeros(0)
        self._n_refused: dict[int, int] = {}

    @classmethod
    def of(cls, table: pl.DataFrame) -> Self:
        """The counts that `to_frame` made the table of."""
        counts, used = cls(), table.filter(refusal=0)
        if used.height:
            days = used["day"].to_numpy()
            counts._make_room(int(days.max()) + 1)
            counts._counts[days] = used.select("n", "n_return").to_numpy()
            counts._odd[days] = used.select(COUNTED).to_numpy()
            counts._turnover[days] = used["turnover"].to_numpy()
        counts._n_refused = dict(table.filter(pl.col("refusal") != 0).select("refusal", "n").rows())
        return counts

    def add(self, lines: Lines, odd: LineFlags = LineFlags()) -> None:  # noqa: B008 - it cannot change
        """Count usable lines, and those of them that are odd."""
        if lines.day.size == 0:
            return
        self._make_room(span(lines.day)[1] + 1)
        count_by_day(lines.day, lines.amount, lines.is_return, 0, self._counts, self._turnover)
        for at, is_odd in enumerate((*odd, lines.order_is_null.view(np.bool_))):
            if is_odd is not None and is_odd.any():
                np.add.at(self._odd[:, at], lines.day[is_odd], 1)

    def add_refused(self, lines: pl.DataFrame) -> None:
        """Count the unusable among checked lines."""
        refused = lines.filter(pl.col("refusal") != 0).group_by("refusal").len()
        for code, n in refused.rows():
            self._n_refused[code] = self._n_refused.get(code, 0) + n

    def to_frame(self) -> pl.DataFrame:
        """One row per day with usable lines, and one per reason of refusal (its day is null)."""
        days = np.flatnonzero(self._counts[:, DayLines.LINES])
        used = pl.DataFrame(
            {
                "day": days.astype(np.int32),
                "refusal": np.zeros(days.size, dtype=np.uint8),
                "n": self._counts[days, DayLines.LINES],
                "n_return": self._counts[days, DayLines.RETURN_LINES],
                **{name: self._odd[days, at] for at, name in enumerate(COUNTED)},
                "turnover": self._turnover[days],
            },
            schema=SCHEMA,
        )
        refused = pl.DataFrame(sorted(self._n_refused.items()), schema=["refusal", "n"], orient="row")
        nothing = dict.fromkeys(("n_return", *COUNTED, "turnover"), pl.lit(0))
        refused = refused.with_columns(pl.lit(None).alias("day"), **nothing).select(
            pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()
        )
        return pl.concat([used, refused])

    def _make_room(self, n_days: int) -> None:
        more = n_days - self._turnover.size
        if more > 0:
            more += 366
            self._counts, self._odd, self._turnover = (
                np.concatenate([counts, np.zeros((more, *counts.shape[1:]), dtype=counts.dtype)])
                for counts in (self._counts, self._odd, self._turnover)
            )
