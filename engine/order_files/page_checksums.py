"""Checksums of pages, where a file has some: Polars ignores them, and a flipped bit is often a valid number."""

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path

import pyarrow.parquet as pq

from whalecurve.engine.errors import InputError
from whalecurve.engine.formats import pages
from whalecurve.engine.order_files.footers import OrderFile


def verify_pages(files: list[OrderFile], columns: list[str]) -> None:
    """Compare the pages of these columns with their checksums, in all files that have some.

    The stored bytes of the columns are read once more for it; a file that has not changed since is not read again.

    Raises
    ------
    InputError
        A page that is not what was written.
    """
    checked = [file for file in files if file.has_checksums]
    with ThreadPoolExecutor(max_workers=4) as pool:
        for fault in pool.map(partial(_fault, columns=columns), checked):
            if fault is not None:
                raise InputError(fault)


def _fault(file: OrderFile, columns: list[str]) -> str | None:
    try:
        status = Path(file.path).stat()
        own = tuple(name for name in columns if name in file.schema and name not in file.partitions)
        column = _damaged_column(file.path, status.st_mtime_ns, status.st_size, own)
    except OSError:  # gone since it was opened: the reader says so
        return None
    if column is None:
        return None
    return (
        f'{file.path}: cannot be read to its end (a page of column "{column}" does not match its checksum); export the '
        f"file again, or exclude it"
    )


@lru_cache(maxsize=100_000)
def _damaged_column(path: str, modified_ns: int, n_bytes: int, columns: tuple[str, ...]) -> str | None:
    """The first of the columns with a page that does not match its checksum; the time and size say which file it is."""
    with Path(path).open("rb") as file:
        footer = pq.read_metadata(file)
        for group in range(footer.num_row_groups):
            for leaf in range(footer.num_columns):
                chunk = footer.row_group(group).column(leaf)
                name = next((column for column in columns if f"{chunk.path_in_schema}.".startswith(f"{column}.")), None)
                if name is not None and not all(_matches(file.fileno(), *page) for page in pages(file.fileno(), chunk)):
                    return name
    return None


def _matches(descriptor: int, start: int, size: int, checksum: int) -> bool:
    return zlib.crc32(os.pread(descriptor, size, start)) == checksum
