"""Headers of the pages that a Parquet column is stored in: size and checksum of each.

A header is a struct in Thrift's compact protocol, whose third field is the number of stored bytes that follow, and the
fourth, where it is there, their CRC-32. Spark and parquet-java write it, Arrow on request. Source: the Apache Parquet
format, parquet.thrift, `PageHeader`.
"""

import os
from collections.abc import Iterator
from typing import Any

HEADER = 1_024  # bytes that hold most page headers; statistics of long texts make some longer
MOST_HEADER = 16 * 2**20
SIZE, CHECKSUM = 3, 4  # fields of a page header
STOP, TRUE, FALSE, BYTE, INTEGERS, DOUBLE, BINARY, STRUCT = 0, 1, 2, 3, (4, 5, 6), 7, 8, 12
"""Types of Thrift's compact protocol; a page header holds no lists and maps."""


def pages(descriptor: int, chunk: Any) -> Iterator[tuple[int, int, int]]:  # noqa: ANN401 - Arrow is untyped
    """Start, stored bytes and checksum of every page of a column in a row group; none where the first page has none."""
    offset = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        offset = min(offset, chunk.dictionary_page_offset)
    end = offset + chunk.total_compressed_size
    while offset < end:
        fields, length = _header(descriptor, offset)
        if CHECKSUM not in fields:
            return
        yield offset + length, fields[SIZE], fields[CHECKSUM] & 0xFFFFFFFF
        offset += length + fields[SIZE]


def has_checksum(descriptor: int, footer: Any) -> bool:  # noqa: ANN401
    """Whether the first page of a file has a checksum; a writer gives one to all pages or to none."""
    if footer.num_row_groups == 0 or footer.num_columns == 0:
        return False
    try:
        return next(pages(descriptor, footer.row_group(0).column(0)), None) is not None
    except (IndexError, KeyError):  # a damaged header: the reader says so
        return False


def _header(descriptor: int, offset: int) -> tuple[dict[int, int], int]:
    """Whole numbers among the fields of a page header, and its length in bytes."""
    n_bytes = HEADER
    while True:
        content = os.pread(descriptor, n_bytes, offset)
        try:
            return _struct(content, 0)
        except IndexError:
            if len(content) < n_bytes or n_bytes >= MOST_HEADER:
                raise
            n_bytes *= 4


def _struct(content: bytes, at: int) -> tuple[dict[int, int], int]:
    """Whole numbers of a struct by field, and where it ends."""
    fields: dict[int, int] = {}
    field = 0
    while content[at] != STOP:
        kind, step = content[at] & 0x0F, content[at] >> 4
        at += 1
        if step:
            field += step
        else:
            field, at = _integer(content, at)
        if kind in INTEGERS:
            fields[field], at = _integer(content, at)
        else:
            at = _after(content, at, kind)
    return fields, at + 1


def _after(content: bytes, at: int, kind: int) -> int:
    """Where a value that does not matter ends."""
    if kind in (TRUE, FALSE):
        return at
    if kind == BYTE:
        return at + 1
    if kind in INTEGERS:
        return _integer(content, at)[1]
    if kind == DOUBLE:
        return at + 8
    if kind == BINARY:
        length, at = _unsigned(content, at)
        return at + length
    if kind == STRUCT:
        return _struct(content, at)[1]
    raise IndexError(f"no page header: type {kind} at byte {at}")


def _integer(content: bytes, at: int) -> tuple[int, int]:
    """A whole number in zigzag code, and where it ends."""
    number, at = _unsigned(content, at)
    return (number >> 1) ^ -(number & 1), at


def _unsigned(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
