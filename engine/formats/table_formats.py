"""Tables of a format (Delta Lake, Hudi, Iceberg), whose directories hold the files of past versions too.

To read all Parquet files of one would count replaced rows, and money twice, without a word. So a file is refused
wherever a table's log lies in a directory above it, however the file was named: the shell may have expanded a pattern.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.formats.kinds import SUFFIXES
from whalecurve.engine.formats.urls import can_list, opening_options
from whalecurve.engine.object_stores import Found, Location, has_below

DELTA, HUDI, ICEBERG = "a Delta Lake table", "a Hudi table", "an Iceberg table"
LOGS = {
    "_delta_log/*.json": DELTA,
    ".hoodie/*.properties": HUDI,
    "metadata/*.metadata.json": ICEBERG,
}
"""Files that a table has below its directory."""

FOLDERS = ("_delta_log", ".hoodie")
"""Folders that no other directory has: on disk, where one can ask for a folder, they are enough."""


def refuse_tables(files: Iterable[str]) -> None:
    """Make sure that no local file belongs to a table of a format.

    Raises
    ------
    InputError
        One does; the message names the table.
    """
    format_at = cache(format_of)
    folders = dict.fromkeys(os.path.dirname(file) for file in files)  # noqa: PTH120 - there may be thousands
    for directory in (Path(folder).absolute() for folder in folders):
        for above in (directory, *directory.parents):
            if kind := format_at(above):
                raise InputError(_refusal(_as_given(above, files), kind, is_here=True))


def refuse_tables_behind(url: str) -> None:
    """The same for a URL, which may be a pattern or a directory; a store that lists no files is not asked.

    Raises
    ------
    InputError
        There is a table's log above the files, or below a directory.
    """
    if not can_list(url):
        return
    with ThreadPoolExecutor(max_workers=8) as pool:
        probes = [(place, kind, f"{place}/{log}") for place in _places(url) for log, kind in LOGS.items()]
        for (place, kind, _), is_there in zip(probes, pool.map(lambda probe: _is_match(probe[2]), probes), strict=True):
            if is_there:
                raise InputError(_refusal(place, kind))


def refuse_tables_among(found: Found, tables: Mapping[Location, str]) -> None:
    """The same for the objects of a store, of which the list says what lies beside them.

    Raises
    ------
    InputError
        An object belongs to a table.
    """
    for one in (*found.own, *found.below):
        for place, kind in tables.items():
            if place.holds(one.location):
                raise InputError(_refusal(place.url, kind, is_here=kind == DELTA))


def table_prefixes(found: Found) -> dict[Location, str]:
    """The prefixes of tables with their formats: those in a list of objects, and those above it."""
    logs = [(log.partition("/")[0], log.rpartition("*")[2], kind) for log, kind in LOGS.items()]
    tables: dict[Location, str] = {}
    for key in found.keys:
        *above, folder, name = ["", "", *key.split("/")]
        for log, ending, kind in logs:
            if folder == log and name.endswith(ending):
                tables[Location(found.prefix.root, "/".join(above[2:]))] = kind
    asked = found.prefix.above() if found.below else [found.prefix, *found.prefix.above()]
    probes = [(place, log, ending, kind) for place in asked for log, ending, kind in logs]
    with ThreadPoolExecutor(max_workers=8) as pool:
        is_there = pool.map(lambda probe: has_below(*probe[:3]), probes)
        tables |= {place: kind for (place, _, _, kind), there in zip(probes, is_there, strict=True) if there}
    return tables


def _refusal(place: str, kind: str, *, is_here: bool = False) -> str:
    way_out = "name the table alone" if is_here and kind != HUDI else "export its current rows to Parquet"
    return f"{place}: {kind}, whose directory also holds replaced rows; {way_out}"


def format_of(directory: Path) -> str | None:
    """The format of the table whose directory this is; None where it is none."""
    for log, kind in LOGS.items():
        folder, _, names = log.partition("/")
        if os.path.isdir(directory / folder) and (  # noqa: PTH112 - no error where it may not be looked at
            folder in FOLDERS or any((directory / folder).glob(names))
        ):
            return kind
    return None


def _as_given(directory: Path, files: Iterable[str]) -> str:
    """The directory as the paths name it, relative where they are."""
    for file in files:
        for parent in Path(file).parents:
            if parent.absolute() == directory:
                return str(parent)
    return str(directory)


def _places(url: str) -> Iterator[str]:
    """The directories that a URL names: itself and all below it, if it may be one, and those above."""
    scheme, _, rest = url.partition("://")
    parts = rest.rstrip("/").split("/")
    if not parts[-1].lower().endswith(SUFFIXES["parquet"]):
        yield f"{scheme}://{'/'.join(parts)}/**"
    for n in range(len(parts), 0, -1):
        yield f"{scheme}://{'/'.join(parts[:n])}"


def _is_match(pattern: str) -> bool:
    try:
        lines = pl.scan_lines(pattern, include_file_paths="file", storage_options=opening_options(), n_rows=1)
        return lines.select("file").collect().height > 0
    except (pl.exceptions.PolarsError, OSError):  # may not be listed, or is no text: not known to be there
        return False
