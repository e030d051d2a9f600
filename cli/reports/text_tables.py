"""Numbers and tables as plain text, readable in a terminal, a log and a mail."""

from collections.abc import Collection, Sequence


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


def money(amount: float | None) -> str:
    """Whole units of currency with separators; "-" where there is none."""
    return "-" if amount is None else f"{amount:z,.0f}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; "-" where there is none."""
    return "-" if share is None else f"{share:.1%}"


def count(n: int, noun: str) -> str:
    """A number with its noun, in the plural where it is due."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def size(n_bytes: int) -> str:
    """Bytes in the unit that suits."""
    return f"{n_bytes / 1e3:,.1f} kB" if n_bytes < 1e5 else f"{n_bytes / 1e6:,.1f} MB"
