"""Records of delimited text: bytes of any compression and encoding -> tables of cells, each cell as it is written.

Text is cut after whole records, block by block, and Arrow splits each block into cells. Arrow asks for records with as
many cells as there are columns, and says which have not. It does not mind quotes that neither open nor close a cell,
and takes what follows for a part of it, so a block with such a quote is split line by line instead.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.formats.kinds import GZIP, ZSTD

BLOCK = 8 * 2**20
"""Bytes that are split at once: what is in memory of a file, several times over."""

MOST_RECORD = 4 * BLOCK
"""Bytes in which a quote that opened must close; else it is taken for a stray one."""

MOST_LINES = 100
"""Lines that a record may have in a block with stray quotes."""

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
SEPARATOR_LINE = re.compile(r'\A"?sep=.{0,2}"?\r?\n')
"""A line above the names by which spreadsheets tell each other the separator."""
QUOTE, LINE_END, RETURN = 34, 10, 13


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is cut into cells; `encoding` None for UTF-8, or what a byte order mark says."""

    separator: str
    encoding: str | None = None


@contextmanager
def text_pieces(path: str, encoding: str | None, n_bytes: int | None = None) -> Iterator[Iterator[bytes]]:
    """The bytes of a file in pieces, decompressed, as UTF-8 without a byte order mark."""
    with Path(path).open("rb") as file:
        yield _pieces(_decompressed(file), path, encoding, n_bytes or BLOCK)


def _decompressed(file: BinaryIO) -> Any:  # noqa: ANN401 - Arrow is untyped
    head = file.read(4)
    file.seek(0)
    codec = "gzip" if head.startswith(GZIP) else "zstd" if head.startswith(ZSTD) else None
    return file if codec is None else pa.CompressedInputStream(file, codec)


def _pieces(stream: Any, path: str, encoding: str | None, n_bytes: int) -> Iterator[bytes]:  # noqa: ANN401
    piece = _read(stream, n_bytes, path)
    mark, marked = next(((mark, name) for mark, name in BOMS if piece.startswith(mark)), (b"", None))
    piece, encoding = piece[len(mark) :], marked or encoding or "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)()
    n_lines, is_first = 0, True
    while True:
        is_last = not piece
        try:
            text = decoder.decode(piece, final=is_last)
        except UnicodeDecodeError as error:
            line = 1 + n_lines + error.object[: error.start].count(b"\n")
            raise InputError(
                f"{path}: not {encoding.upper()} (byte 0x{error.object[error.start]:02x} in line {line:,}); "
                f"convert it by `whalecurve convert` with its encoding, as {setting('encoding', 'latin-1')}"
            ) from error
        if text:
            n_lines += text.count("\n")
            yield (SEPARATOR_LINE.sub("", text, count=1) if is_first else text).encode()
            is_first = False
        if is_last:
            return
        piece = _read(stream, n_bytes, path)


def _read(stream: Any, n_bytes: int, path: str) -> bytes:  # noqa: ANN401
    try:
        return bytes(stream.read(n_bytes))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read to its end ({reason(error)}); export the file again, or exclude it"
        ) from error


def records(path: str, names: list[str], dialect: Dialect, wanted: list[str], fault: str) -> Iterator[pl.DataFrame]:
    """The records below the header, block by block: the wanted columns as text, an empty cell as null, and `fault`.

    Where no column is wanted, the first one comes.

    `fault` says what is wrong with a record whose cells cannot be told; its cells are null then.
    """
    splitter = _Splitter(names, dialect.separator, wanted, fault)
    with text_pieces(path, dialect.encoding) as pieces, ThreadPoolExecutor(max_workers=1) as ahead:
        tables = splitter.tables(pieces)
        following = ahead.submit(next, tables, None)
        try:
            while (table := following.result()) is not None:
                following = ahead.submit(next, tables, None)
                yield table
        finally:
            following.cancel()


class _Splitter:
    """Splits text into tables of cells."""

    def __init__(self, names: list[str], separator: str, wanted: list[str], fault: str) -> None:
        self._names, self._separator, self._fault = names, separator, fault
        self._wanted = wanted or names[:1]  # a table without columns would have no rows
        self._is_header_next = True

    def tables(self, pieces: Iterator[bytes]) -> Iterator[pl.DataFrame]:
        rest = b""
        for piece in pieces:
            table, rest = self._split(rest + piece, is_last=False)
            if table is not None:
                yield table
        while rest:
            table, rest = self._split(rest, is_last=True)
            if table is not None:
                yield table

    def _split(self, text: bytes, *, is_last: bool) -> tuple[pl.DataFrame | None, bytes]:
        """A table of whole records, and the text after them."""
        end, is_sound = _end_of_records(text, self._separator, is_last=is_last)
        if is_sound:
            table = self._by_arrow(text[:end]) if end else None
        else:
            table, end = self._by_line(text, is_last=is_last)
        if table is not None and self._is_header_next:
            table, self._is_header_next = table[1:], table.height == 0
        return table, text[end:]

    def _by_arrow(self, block: bytes) -> pl.DataFrame:
        odd: list[tuple[int, int]] = []

        def note(row: Any) -> str:  # noqa: ANN401
            odd.append((row.number - 1, row.actual_columns))
            return "skip"

        table = pc.read_csv(
            pa.BufferReader(block),
            read_options=pc.ReadOptions(column_names=self._names, use_threads=False, block_size=len(block) + 1),
            parse_options=pc.ParseOptions(delimiter=self._separator, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                include_columns=self._wanted,
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,
            ),
        )
        cells = pl.from_arrow(table)
        assert isinstance(cells, pl.DataFrame), "a table is a frame"
        cells.columns = self._wanted  # Polars calls a column without a name by its place
        return self._with_faults(cells, {row: self._said(n) for row, n in odd})

    def _by_line(self, text: bytes, *, is_last: bool) -> tuple[pl.DataFrame | None, int]:
        lines = text.splitlines(keepends=True) if is_last else text[: text.rfind(b"\n") + 1].splitlines(keepends=True)
        rows: list[list[str | None]] = []
        faults: dict[int, str] = {}
        at = end = 0
        while at < len(lines):
            taken, cells, why = _record(lines, at, self._separator, len(self._names), is_last=is_last)
            if taken == 0:
                break
            end += sum(map(len, lines[at : at + taken]))
            at += taken
            if cells is None and why is None:
                continue
            if why is not None:
                faults[len(rows) + len(faults)] = why
            else:
                rows.append([cell or None for cell in cells or []])
        places = [self._names.index(name) for name in self._wanted]
        table = pl.DataFrame(
            {name: [row[place] for row in rows] for name, place in zip(self._wanted, places, strict=True)},
            schema=dict.fromkeys(self._wanted, pl.String),
        )
        return self._with_faults(table, faults), end

    def _with_faults(self, cells: pl.DataFrame, faults: dict[int, str]) -> pl.DataFrame:
        """The table with a row of nulls in each of these places, and what is wrong there."""
        if not faults:
            return cells.with_columns(pl.lit(None, dtype=pl.String).alias(self._fault))
        n = cells.height + len(faults)
        is_sound = np.ones(n, dtype=np.bool_)
        is_sound[list(faults)] = False
        rows = pl.Series(np.where(is_sound, np.cumsum(is_sound) - 1, -1))
        taken = cells.select(pl.all().gather(rows.replace(-1, None)))
        said = [faults.get(row) for row in range(n)]
        return taken.with_columns(pl.Series(self._fault, said, dtype=pl.String))

    def _said(self, n_cells: int) -> str:
        return f"{n_cells} cells, expected {len(self._names)}"


def _end_of_records(text: bytes, separator: str, *, is_last: bool) -> tuple[int, bool]:
    """Where the last whole record ends, and whether all quotes up to there open or close a cell, or stand for one."""
    if QUOTE not in text:
        return (len(text) if is_last else text.rfind(b"\n") + 1), True
    content = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(content == QUOTE)
    if is_last:
        end = len(text)
        if quotes.size % 2:
            return end, False
    else:
        line_ends = np.flatnonzero(content == LINE_END)
        outside = line_ends[np.searchsorted(quotes, line_ends) % 2 == 0]
        end = int(outside[-1]) + 1 if outside.size else 0
        if end == 0 and len(text) > MOST_RECORD:
            return 0, False
    return end, _are_sound(content, quotes if end == 0 else quotes[quotes < end], ord(separator))


def _are_sound(content: np.ndarray[Any, np.dtype[np.uint8]], quotes: np.ndarray[Any, Any], separator: int) -> bool:
    """Whether every other quote opens a cell, and every other one closes it, but for pairs that stand for one."""
    opening, closing = quotes[::2], quotes[1::2]
    before = content[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | np.isin(before, (separator, LINE_END, QUOTE))
    after = content[np.minimum(closing + 1, content.size - 1)]
    closes = (closing == content.size - 1) | np.isin(after, (separator, LINE_END, RETURN, QUOTE))
    return bool(opens.all() and closes.all())


def _record(
    lines: list[bytes], at: int, separator: str, n: int, *, is_last: bool
) -> tuple[int, list[str] | None, str | None]:
    """Lines that the record at a line takes, its cells, and what is wrong with it; no cells and no fault if empty.

    No lines: more of them are needed.
    """
    first = lines[at].decode()
    if not first.strip("\r\n"):
        return 1, None, None
    for taken in range(1, MOST_LINES + 1):
        if at + taken > len(lines):
            if not is_last:
                return 0, None, None
            break
        record = [line.decode() for line in lines[at : at + taken]]
        try:
            cells = next(csv.reader(record, delimiter=separator, strict=True))
        except csv.Error as error:
            if "end of data" not in str(error):
                break
            continue
        if len(cells) == n:
            return taken, cells, None
        return 1, None, f"{len(cells)} cells, expected {n}" if taken == 1 else "a stray quote"
    return 1, None, "a stray quote"
