"""Which files an order log is made of, and what each file's footer says."""

import glob
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.files.footers import OrderFile, read_footer, scan_url
from whalecurve.engine.files.odd_columns import rows_by_arrow
from whalecurve.engine.files.patterns import Walk, entries_of, matching
from whalecurve.engine.files.table_formats import refuse_tables
from whalecurve.engine.paths import irregular, is_url, refuse_impossible
from whalecurve.engine.publication import is_result
from whalecurve.engine.runtime import lazy_tables, refuse_lost_pool

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

SUFFIXES = (".parquet", ".pq", ".parq")
PATTERN = "named like a pattern of names"
NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def find_files(orders: Paths) -> list[OrderFile]:
    """Files behind paths, directories, globs and URLs, in path order, each once; see `find_all`."""
    return find_all(orders).files


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFiles:
    """The order files behind some paths, and the other files of directories, which are passed over for their names."""

    files: list[OrderFile]
    passed_over: tuple[str, ...]


def find_all(orders: Paths) -> FoundFiles:
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
    by_real_path: dict[str, str] = {}
    others: list[str] = []
    for path in given:
        for file in _expanded(os.fspath(path), others):
            by_real_path.setdefault(file if is_url(file) else os.path.realpath(file), file)
    refuse_tables([file for file in by_real_path.values() if not is_url(file)])
    with ThreadPoolExecutor(max_workers=8) as pool:
        files = list(pool.map(read_footer, sorted(by_real_path.values())))
    passed_over = {os.path.realpath(path): path for path in others}
    kept = tuple(sorted(path for real, path in passed_over.items() if real not in by_real_path))
    return FoundFiles(files=_with_partitions(files), passed_over=kept)


def named(files: Sequence[OrderFile]) -> str:
    """What messages call a log of these files."""
    return files[0].path if len(files) == 1 else f"{files[0].path} and {len(files) - 1} more"


def scan_file(file: OrderFile) -> pl.LazyFrame:
    """The rows of a file, with the columns of its path, but those that cannot be read."""
    if is_url(file.path):
        return scan_url(file.path)
    if file.is_odd:
        return scan_odd(file, [name for name in file.schema if name not in file.unreadable])
    return pl.scan_parquet(file.path, hive_partitioning=bool(file.partitions), glob=False, use_statistics=False)


def scan_odd(file: OrderFile, columns: list[str]) -> pl.LazyFrame:
    """The named columns of a file over which Polars stumbles, in order; and those of its path."""
    own = [name for name in columns if name not in file.partitions]
    types = {name: file.schema[name] for name in own}

    def tables(asked: list[str] | None) -> Iterator[pl.DataFrame]:
        names = own if asked is None else asked
        for table in rows_by_arrow(file.path, names):  # times of 96 bits come in another type than the writer says
            yield table.cast({name: types[name] for name in names})

    lines = lazy_tables(tables, pl.Schema(types))
    return lines.with_columns(_partition(file, name) for name in file.partitions)


def _partition(file: OrderFile, name: str) -> pl.Expr:
    value = dict(part.split("=") for part in Path(file.path).parts[:-1] if part.count("=") == 1)[name]
    text = None if value == NO_PARTITION else unquote(value)
    return pl.lit(text, dtype=pl.String).cast(file.schema[name]).alias(name)


def _expanded(path: str, others: list[str]) -> list[str]:
    """The files behind a path; what else its directories hold goes to `others`."""
    if is_url(path):
        return [path]
    refuse_impossible(path, path)
    if Path(path).is_dir():
        files = _below(path, others)
        if not files:
            held = "only a whalecurve result" if _is_inside_result(path) else "no Parquet file"
            raise InputError(f"{path}: a directory with {held} in it; name the directory that holds the orders")
        return files
    if Path(path).is_file():
        return [path]
    if kind := irregular(path):
        raise InputError(f"{path}: {kind}, neither a file nor a directory; name a Parquet file")
    if glob.has_magic(path):
        return _matching(path, others)
    raise InputError(f"{path}: no such file or directory; check the path")


def _matching(pattern: str, others: list[str]) -> list[str]:
    files = []
    for match in matching(pattern):
        if Path(match).is_dir():
            files += _below(match, others)
        elif not Path(match).name.startswith((".", "_")) and not _is_inside_result(match):
            files.append(match)
    if not files:
        raise InputError(f"{pattern}: the pattern matches no order file; check it, and quote it against the shell")
    return files


def _below(root: str, others: list[str]) -> list[str]:
    """Data files below a directory, through links too, but not in hidden directories and results; others apart."""
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
                (files if name.lower().endswith(SUFFIXES) else others).append(entry.path)
            elif not is_result(Path(entry.path)):
                walk.add(entry.path, is_linked=entry.is_link)
    return files


def _is_inside_result(path: str) -> bool:
    here = Path(path).absolute()
    return any(is_result(directory) for directory in (here, *here.parents))


def _with_partitions(files: list[OrderFile]) -> list[OrderFile]:
    """Add the columns of the paths, each of the type that all its values share."""
    keys = [_partition_names(file.path) for file in files]
    alike = {
        names: [file.path for file, own in zip(files, keys, strict=True) if own == names]
        for names in set(keys)
        if names
    }
    types = {
        names: pl.scan_parquet(paths, schema={}, hive_partitioning=True, glob=False).collect_schema()
        for names, paths in alike.items()
    }
    return [
        _without_patterns(replace(file, partitions=names, schema=file.schema | {n: types[names][n] for n in names}))
        for file, names in zip(files, keys, strict=True)
    ]


def _without_patterns(file: OrderFile) -> OrderFile:
    """The file with those columns unreadable whose names are to Polars patterns of names, which stand for others."""
    patterns = {name: PATTERN for name in file.schema if name == "*" or (name.startswith("^") and name.endswith("$"))}
    return replace(file, unreadable=file.unreadable | patterns) if patterns else file


def _partition_names(path: str) -> tuple[str, ...]:
    if is_url(path):
        return ()
    named = (part.partition("=") for part in Path(path).parts[:-1] if part.count("=") == 1)
    return tuple(dict.fromkeys(name for name, _, value in named if "*" not in value))  # what Polars takes for one
