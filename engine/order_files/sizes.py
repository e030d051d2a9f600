"""How much files hold, to tell whether they are the ones of before: their rows and bytes, wherever they lie."""

from collections.abc import Iterable

from whalecurve.engine.errors import counted

Sizes = list[tuple[int, int]]
"""Rows and bytes of each file, smallest first."""


def sizes_of(files: Iterable[tuple[int | None, int | None]]) -> Sizes:
    """Rows and bytes of files; what is not known of one, as the bytes of a query, counts as 0."""
    return sorted((n_rows or 0, n_bytes or 0) for n_rows, n_bytes in files)


def sizes_in_words(sizes: Sizes) -> str:
    """How many files, and what they hold in all."""
    n, n_rows, n_bytes = len(sizes), sum(rows for rows, _ in sizes), sum(size for _, size in sizes)
    return f"{counted(n, 'file')} of {n_rows:,} rows in {n_bytes:,} bytes"
