"""Numbers and tables as plain text, readable in a terminal, a log and a mail; "-" stands for what there is not."""

from collections.abc import Callable, Collection, Sequence

MOST_ROWS = 25  # of a table that may be long


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Columns as wide as they need, those at the positions `right` set flush right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (header, ["-" * w for w in widths], *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


def first_rows(header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """A table of the first `MOST_ROWS` rows; the others are counted."""
    more = len(rows) - MOST_ROWS
    note = f"\n... and {count(more, 'row')} more: --format json, or --out" if more > 0 else ""
    return table(header, rows[:MOST_ROWS], right) + note


def number(value: float | None, decimals: int = 0) -> str:
    """A number with separators."""
    return "-" if value is None else f"{value:z,.{decimals}f}"


def ratio(value: float | None) -> str:
    """How many times as much, to the hundredth."""
    return number(value, 2)


def money(amount: float | None) -> str:
    """Whole units of currency with separators."""
    return number(amount)


def percent(share: float | None, sign: str = "") -> str:
    """A share as a percentage with one decimal; with sign "+" of a gain, too."""
    return "-" if share is None else f"{share:{sign}.1%}"


def interval(low: float | None, high: float | None, shown: Callable[[float | None], str]) -> str:
    """Two bounds, shown alike."""
    return "-" if low is None or high is None else f"{shown(low)} to {shown(high)}"


def named(value: object) -> str:
    """A value of a dimension; lines without one have a name, too, and so has one that could not be seen."""
    return "(none)" if value is None else str(value) if str(value).strip() else "(empty)"


def mark(marks: str | None) -> str:
    """Whether a value is more or less frequent in a segment than elsewhere, as a sign."""
    return {"more": "+", "less": "-"}.get(marks or "", "")


def count(n: int, noun: str) -> str:
    """A number with its noun, in the plural where it is due."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def size(n_bytes: int) -> str:
    """Bytes in the unit that suits."""
    return f"{n_bytes / 1e3:,.1f} kB" if n_bytes < 1e5 else f"{n_bytes / 1e6:,.1f} MB"
