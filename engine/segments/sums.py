"""Whole-number sums of customers by segment, cell, tier and stage, of one batch of them after the other."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import filled, positions
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.money import UNITS
from whalecurve.engine.runtime import frozen
from whalecurve.engine.segments.columns import AMOUNTS, LABELS, SUMMED
from whalecurve.kernels.group_sums import LOW, MOST_ROWS, MOST_STEPS, add_up

SUMS_SCHEMA = {
    "scheme": pl.String(),
    "segment": pl.String(),
    **dict.fromkeys(("customers", "orders", "n_with_risk"), pl.Int64()),
    **dict.fromkeys(("risk", *AMOUNTS), pl.Int128()),
}


def segment_sums(customers: pl.LazyFrame | pl.DataFrame) -> pl.DataFrame:
    """Sums of some customers by the segments of each scheme that they have labels of: they add up to those of all.

    Labels are strings or Enums; an Enum is read at no cost. `risk` is in `RISK_STEPS`, amounts are in millionths of
    the currency unit; null where no customer of the segment has the number, or the column is missing. Each scheme has
    a row for customers without a label, be there any or not. Needs n_orders.

    Raises
    ------
    InputError
        An amount too large for exact sums.
    """
    if isinstance(customers, pl.LazyFrame):
        present = customers.collect_schema().names()
        needed = customers.select(name for name in (*LABELS.values(), "n_orders", *SUMMED) if name in present)
        table = needed.collect(engine="streaming")
    else:
        table = customers
    rows = [row for start in range(0, max(table.height, 1), MOST_ROWS) for row in _rows(table[start:][:MOST_ROWS])]
    return pl.DataFrame(rows, schema=SUMS_SCHEMA, orient="row")


def _rows(batch: pl.DataFrame) -> Iterator[tuple[str | int | None, ...]]:
    """The sums of at most `MOST_ROWS` customers, one row per scheme and label."""
    labels = {scheme: _coded(batch[column]) for scheme, column in LABELS.items() if column in batch.columns}
    names = [[*words, None] for words, _ in labels.values()]
    starts = np.cumsum([0, *map(len, names)])
    absent = frozen(np.empty(0, np.uint16))
    codes = [codes for _, codes in labels.values()] + [absent] * (len(LABELS) - len(labels))
    numbers = tuple(_numbers(batch, column) for column in SUMMED)
    sums = np.zeros((starts[-1], 2 + 3 * len(SUMMED)), np.int64)
    # one kind of arguments, whatever columns there are: numba compiles the kernel once
    firsts = np.resize(starts, len(LABELS))
    plain = frozen(filled(batch["n_orders"].cast(pl.Int64), 0))
    wrong = add_up(tuple(codes), firsts, plain, numbers, np.array([*SUMMED.values()], np.float64), sums)
    if wrong >= 0:
        raise InputError(
            f"{[*SUMMED][wrong]}: a customer has more than {MOST_STEPS / UNITS:.1g}, too much for exact sums; "
            f"leave such orders out with {setting('where')}"
        )
    for scheme, words, start in zip(labels, names, starts, strict=False):
        for word, row in zip(words, sums[start:].tolist(), strict=False):
            if row[0] or word is None:
                yield scheme, word, *row[:2], row[2], *_wholes(row[2:])


def _wholes(parts: list[int]) -> list[int | None]:
    """Sums as whole numbers, from how many have the number and the two parts of the sum; None where nobody has it."""
    counts, highs, lows = parts[0::3], parts[1::3], parts[2::3]
    return [high * int(LOW) + low if count else None for count, high, low in zip(counts, highs, lows, strict=True)]


def _coded(labels: pl.Series) -> tuple[list[str], NDArray[np.uint16]]:
    """The labels that there may be, and for each customer the position of its own; their number for null."""
    if not isinstance(labels.dtype, pl.Enum):
        labels = labels.cast(pl.Enum(labels.drop_nulls().unique().sort()))
    assert isinstance(labels.dtype, pl.Enum), "it has just become one"
    return labels.dtype.categories.to_list(), frozen(positions(labels))


def _numbers(batch: pl.DataFrame, column: str) -> NDArray[np.float64]:
    """A column, NaN for null; empty where it is missing."""
    return frozen(batch[column].cast(pl.Float64).to_numpy() if column in batch.columns else np.empty(0))
