"""What is in a log twice: files with the same content, and lines that are equal in every column."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.audit.samples import sample_of_lines
from whalecurve.engine.object_stores import opened
from whalecurve.engine.order_files import OrderFile, agreed_types
from whalecurve.engine.orders import FAILURES, Orders, failures_named, rows_with

PROBE = 65_536
"""Bytes at the start, in the middle and at the end of a file; the end has the statistics of its columns."""
REMARKABLE = 0.001
"""Share of equal lines from which they are remarked: of two years, a day that was loaded twice is a little more."""


def same_content(files: Sequence[OrderFile]) -> list[list[OrderFile]]:
    """The files that have the same bytes as another, together, in the order of the files.

    Only files of equal size and rows are opened, only those whose ends and middle are equal are read whole.
    """
    groups = [[file for file in files if file.n_bytes is not None and file.n_rows != 0]]
    keys: tuple[Callable[[OrderFile], Hashable], ...] = (lambda file: (file.n_bytes, file.n_rows), _probe, _digest)
    for key in keys:
        groups = [alike for group in groups for alike in _alike(group, key)]
    return groups


def copies_note(groups: Sequence[Sequence[OrderFile]]) -> list[str]:
    """What a reader should be told of the groups that `same_content` finds: one sentence, or none."""
    copies = [(copy, group[0]) for group in groups for copy in group[1:]]
    if not copies:
        return []
    copy, first = copies[0]
    counts = [file.n_rows for file, _ in copies]
    n_lines = sum(n or 0 for n in counts)
    lines = f"{n_lines:,} lines count twice" if n_lines != 1 else "1 line counts twice"
    lines = f"{'its' if len(counts) == 1 else 'their'} lines count twice" if None in counts else lines
    if len(copies) == 1:
        return [f"{copy.path} is a copy of {first.path}: {lines}; exclude it"]
    return [f"{len(copies):,} files are copies of others, as {copy.path} of {first.path}: {lines}; exclude them"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualLines:
    """Lines that are equal to an earlier one.

    n_lines : lines looked at: all that `where` selects, or those of a sample of contents
    n_equal : of those, the ones that have the content of another; the first of each content is not among them
    columns : which were compared
    """

    n_lines: int
    n_equal: int
    is_sample: bool
    columns: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the lines that are equal to an earlier one."""
        return self.n_equal / self.n_lines if self.n_lines else 0.0

    def notes(self) -> list[str]:
        """What a reader should be told: one sentence, or none."""
        if not self.n_equal or self.share < REMARKABLE:
            return []
        of = f"a sample of {self.n_lines:,}" if self.is_sample else f"{self.n_lines:,}"
        return [
            f"lines equal to another one in all {len(self.columns)} columns: {self.n_equal:,} of {of} "
            f"({self.share:.1%}); if they were loaded twice, their amounts count twice"
        ]


def equal_lines(orders: Orders, n_lines: int) -> EqualLines:
    """Count the lines that are equal to another in every column that can be compared, of a log of so many lines.

    Lines that differ in what the mapping reads are not equal, so that the other columns are read only where many are
    equal in those.

    Raises
    ------
    InputError
        A file that cannot be read to its end.
    """
    with failures_named(orders):
        in_mapped = _equal_in(orders, orders.mapping.inputs, n_lines)
    more = _comparable(orders) | orders.mapping.inputs
    if in_mapped.share < REMARKABLE or len(more) == len(orders.mapping.inputs):
        return in_mapped
    try:
        return _equal_in(orders, more, n_lines)
    except FAILURES:
        return in_mapped  # a column that nobody mapped cannot be read


def _equal_in(orders: Orders, columns: dict[str, pl.DataType], n_lines: int) -> EqualLines:
    rows = rows_with(orders, columns)
    compared = [name for name, dtype in columns.items() if not dtype.is_nested()]
    content = rows.select(pl.struct(compared).hash(seed=0).alias("content"))
    share = sample_of_lines(n_lines)
    content = share.of_hashes(content, pl.col("content"))
    n, n_distinct = content.select(pl.len(), distinct=pl.col("content").n_unique()).collect(engine="streaming").row(0)
    return EqualLines(n_lines=n, n_equal=n - n_distinct, is_sample=share.n > 1, columns=tuple(compared))


def _comparable(orders: Orders) -> dict[str, pl.DataType]:
    """The columns that every file has, of plain types that files agree on."""
    n = len(orders.files)
    return agreed_types(orders.files, lambda _, types: len(types) == n and all(map(_is_plain, types)))


def _is_plain(dtype: pl.DataType) -> bool:
    plain = pl.String | pl.Binary | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Time | pl.Duration
    return dtype.is_numeric() or isinstance(dtype, plain) or (isinstance(dtype, pl.Datetime) and not dtype.time_zone)


def _alike(files: Iterable[OrderFile], key: Callable[[OrderFile], Hashable]) -> list[list[OrderFile]]:
    groups = defaultdict(list)
    for file in files:
        groups[key(file)].append(file)
    return [group for group in groups.values() if len(group) > 1]


def _probe(file: OrderFile) -> bytes:
    size = file.n_bytes or 0
    with opened(file.path, file.n_bytes) as content:
        digest = hashlib.sha256()
        for start in (0, max(0, (size - PROBE) // 2), max(0, size - PROBE)):
            content.seek(start, os.SEEK_SET)
            digest.update(content.read(PROBE))
    return digest.digest()


def _digest(file: OrderFile) -> bytes:
    with opened(file.path, file.n_bytes) as content:
        return hashlib.file_digest(content, "sha256").digest()
