"""Which files an order log is made of, and what each file's footer says."""

import glob
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.orders.patterns import Walk, entries_of, matching
from whalecurve.engine.orders.table_formats import refuse_tables, refuse_tables_behind
from whalecurve.engine.orders.urls import opening_options, refuse_unreachable
from whalecurve.engine.paths import irregular, is_url, refuse_impossible
from whalecurve.engine.publication import is_result
from whalecurve.engine.runtime import refuse_lost_pool

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

SUFFIXES = (".parquet", ".pq", ".parq")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """One Parquet file. `n_rows` and `n_bytes` are None for an object-store URL, which Polars opens itself.

    schema : columns of the file and of its path
    partitions : the columns of its path (`year=2024/shop=north/`); where the file has them too, the path decides
    """

    path: str
    n_rows: int | None
    n_bytes: int | None
    schema: dict[str, pl.DataType]
    partitions: tuple[str, ...] = ()


def find_files(orders: Paths) -> list[OrderFile]:
    """Files behind paths, directories, globs and URLs, in path order, each once.

    In directories and globs, hidden files, a writer's side files (`_SUCCESS`) and whalecurve's own results are
    no order files.

    Raises
    ------
    InputError
        A path that does not exist, a directory or glob without Parquet files, a file that is not Parquet; a forked
        child of a process that had used Polars.
    """
    refuse_lost_pool()
    given = [orders] if isinstance(orders, str | os.PathLike) else list(orders)
    if not given:
        raise InputError("no order files given; name Parquet files, directories or globs")
    found: dict[str, str] = {}
    for path in given:
        for file in _expanded(os.fspath(path)):
            found.setdefault(file if is_url(file) else os.path.realpath(file), file)
    refuse_tables([file for file in found.values() if not is_url(file)])
    with ThreadPoolExecutor(max_workers=8) as pool:
        files = list(pool.map(_read_footer, sorted(found.values())))
    return _with_partitions(files)


def named(files: Sequence[OrderFile]) -> str:
    """What messages call a log of these files."""
    return files[0].path if len(files) == 1 else f"{files[0].path} and {len(files) - 1} more"


def scan_url(
    path: str, *, file: str | None = None, row: str | None = None, is_first_look: bool = False
) -> pl.LazyFrame:
    """The rows behind a URL, with the columns of its path, and columns for file and row number where named.

    A first look gives up on a store that does not answer.
    """
    hive = True if "=" in path else None  # None: for directories
    return pl.scan_parquet(
        path,
        hive_partitioning=hive,
        extra_columns="ignore",
        include_file_paths=file,
        row_index_name=row,
        use_statistics=False,  # see `scan_rows`
        storage_options=opening_options() if is_first_look else None,
    )


def _expanded(path: str) -> list[str]:
    if is_url(path):
        return [path]
    refuse_impossible(path, path)
    if Path(path).is_dir():
        files = _below(path)
        if not files:
            held = "only a whalecurve result" if _is_inside_result(path) else "no Parquet file"
            raise InputError(f"{path}: a directory with {held} in it; name the directory that holds the orders")
        return files
    if Path(path).is_file():
        return [path]
    if kind := irregular(path):
        raise InputError(f"{path}: {kind}, neither a file nor a directory; name a Parquet file")
    if glob.has_magic(path):
        return _matching(path)
    raise InputError(f"{path}: no such file or directory; check the path")


def _matching(pattern: str) -> list[str]:
    files = []
    for match in matching(pattern):
        if Path(match).is_dir():
            files += _below(match)
        elif not Path(match).name.startswith((".", "_")) and not _is_inside_result(match):
            files.append(match)
    if not files:
        raise InputError(f"{pattern}: the pattern matches no order file; check it, and quote it against the shell")
    return files


def _below(root: str) -> list[str]:
    """Data files below a directory, through links too, but not in hidden directories and results."""
    if _is_inside_result(root):
        return []
    files: list[str] = []
    walk = Walk()
    walk.add(root)
    for directory, _ in walk:
        for entry in entries_of(directory):
            name = entry.path.rpartition("/")[2]
            if name.startswith((".", "_")):
                continue
            if not entry.is_directory:
                files += [entry.path] if name.lower().endswith(SUFFIXES) else []
            elif not is_result(Path(entry.path)):
                walk.add(entry.path, is_linked=entry.is_link)
    return files


def _is_inside_result(path: str) -> bool:
    here = Path(path).absolute()
    return any(is_result(directory) for directory in (here, *here.parents))


def _read_footer(path: str) -> OrderFile:
    try:
        if is_url(path):
            return _opened(path)
        _refuse_irregular(path)
        lines = pl.scan_parquet(path, hive_partitioning=False, glob=False)
        schema = dict(lines.collect_schema())
        return OrderFile(path=path, n_rows=_n_rows(path, lines), n_bytes=Path(path).stat().st_size, schema=schema)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file ({reason(error)}); check the path") from error
    except PermissionError as error:
        raise InputError(f"{path}: may not be read ({reason(error)}); check its permissions") from error
    except (pa.ArrowInvalid, pl.exceptions.PolarsError, OSError) as error:
        raise InputError(
            f"{path}: not a readable Parquet file ({reason(error)}); write it again, or leave it out"
        ) from error


def _opened(url: str) -> OrderFile:
    refuse_unreachable(url)
    schema = dict(scan_url(url, is_first_look=True).collect_schema())
    refuse_tables_behind(url)
    return OrderFile(path=url, n_rows=None, n_bytes=None, schema=schema)


def _refuse_irregular(path: str) -> None:
    """Among many files, what would be waited for, or never ends."""
    refuse_impossible(path, path)
    if kind := irregular(path):
        raise InputError(f"{path}: {kind}, expected a file; move it elsewhere, or name the files of orders alone")


def _n_rows(path: str, lines: pl.LazyFrame) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except pa.ArrowNotImplementedError:  # a type that Polars alone knows, such as Int128
        return int(lines.select(pl.len()).collect().item())


def _with_partitions(files: list[OrderFile]) -> list[OrderFile]:
    """Add the columns of the paths, each of the type that all its values share."""
    keys = [_partition_names(file.path) for file in files]
    alike = {
        names: [file.path for file, own in zip(files, keys, strict=True) if own == names]
        for names in set(keys)
        if names
    }
    types = {
        names: pl.scan_parquet(paths, hive_partitioning=True, glob=False).collect_schema()
        for names, paths in alike.items()
    }
    return [
        replace(file, partitions=names, schema=file.schema | {name: types[names][name] for name in names})
        for file, names in zip(files, keys, strict=True)
    ]


def _partition_names(path: str) -> tuple[str, ...]:
    if is_url(path):
        return ()
    named = (part.partition("=") for part in Path(path).parts[:-1] if part.count("=") == 1)
    return tuple(dict.fromkeys(name for name, _, value in named if "*" not in value))  # what Polars takes for one
