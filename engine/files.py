"""Which files an order log is made of, and what each file's footer says."""

import glob
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from whalecurve.engine.errors import InputError

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """One Parquet file. `n_rows` and `n_bytes` are None for an object-store URL, which Polars opens itself."""

    path: str
    n_rows: int | None
    n_bytes: int | None
    schema: dict[str, pl.DataType]
    is_hive: bool


def find_files(orders: Paths) -> list[OrderFile]:
    """Files behind paths, directories, globs and URLs, in path order, each once.

    Raises
    ------
    InputError
        A path that does not exist, a directory or glob without Parquet files, a file that is not Parquet.
    """
    given = [orders] if isinstance(orders, str | os.PathLike) else list(orders)
    if not given:
        raise InputError("no order files given; name Parquet files, directories or globs")
    found: dict[str, str] = {}
    for path in given:
        for file in _expanded(os.fspath(path)):
            found.setdefault(file if is_url(file) else os.path.realpath(file), file)
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(_read_footer, sorted(found.values())))


def is_url(path: str) -> bool:
    """Whether a path names an object store rather than a local file."""
    return "://" in path


def _expanded(path: str) -> list[str]:
    if is_url(path):
        return [path]
    if Path(path).is_dir():
        _refuse_table_format(Path(path))
        files = [str(p) for p in sorted(Path(path).rglob("*")) if _is_data_file(p, Path(path))]
        if not files:
            raise InputError(f"{path}: a directory without Parquet files; name the directory that holds *.parquet")
        return files
    if Path(path).is_file():
        return [path]
    if glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))
        files = [file for match in matches for file in (_expanded(match) if Path(match).is_dir() else [match])]
        if not files:
            raise InputError(f"{path}: the pattern matches no file; check it, and quote it against the shell")
        return files
    if Path(path).exists():
        raise InputError(f"{path}: neither a file nor a directory; name a Parquet file")
    raise InputError(f"{path}: no such file or directory; check the path")


def _refuse_table_format(root: Path) -> None:
    """A table format's directory holds files of past versions too: reading them all would count money twice."""
    if (root / "_delta_log").is_dir():
        kind = "a Delta Lake table"
    elif any(root.glob("metadata/*.metadata.json")):
        kind = "an Iceberg table"
    else:
        return
    raise InputError(f"{root}: {kind}, whose directory also holds replaced rows; export its current rows to Parquet")


def _is_data_file(path: Path, root: Path) -> bool:
    """Whether a file below a directory is data: Parquet by name, and not hidden or a writer's side file."""
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(root).parts)
    return path.suffix in (".parquet", ".pq", ".parq") and not hidden and path.is_file()


def _read_footer(path: str) -> OrderFile:
    is_hive = any("=" in part for part in Path(path).parts[:-1])
    if is_url(path):
        schema = dict(pl.scan_parquet(path, hive_partitioning=is_hive).collect_schema())
        return OrderFile(path=path, n_rows=None, n_bytes=None, schema=schema, is_hive=is_hive)
    try:
        n_rows = pq.read_metadata(path).num_rows
        schema = dict(pl.scan_parquet(path, hive_partitioning=is_hive).collect_schema())
    except (pa.ArrowInvalid, pl.exceptions.ComputeError) as error:
        raise InputError(f"{path}: not a readable Parquet file; remove it, or write it again ({reason(error)})") from error
    except PermissionError as error:
        raise InputError(f"{path}: may not be read ({error.strerror}); check its permissions") from error
    return OrderFile(path=path, n_rows=n_rows, n_bytes=Path(path).stat().st_size, schema=schema, is_hive=is_hive)


def reason(error: BaseException) -> str:
    """The first line of a library's complaint."""
    return str(error).strip().partition("\n")[0].rstrip(".")
