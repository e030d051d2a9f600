"""Results on disk: staged beside their place, published whole or not at all."""

import ctypes
import errno
import fcntl
import glob
import hashlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow.parquet as pq

from whalecurve.engine.coded_words import in_words
from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.paths import is_object_url, is_url, refuse_impossible, refuse_other_url, unfolded
from whalecurve.engine.publication.descriptions import described, table_of
from whalecurve.engine.publication.layout import is_result
from whalecurve.engine.publication.on_store import check_store_target, published_on_store
from whalecurve.engine.publication.parents import parents_of, refuse_unwritable, refuse_within
from whalecurve.engine.unfinished import settling, undone_if_stopped

Layout = Literal["hive", "flat"]
LAYOUTS = ("hive", "flat")
ROWS_PER_FILE = 5_000_000
ROW_GROUP = 65_536
LEVEL = 1  # of zstd: floats take twice the time at level 3, and are 11 % smaller
REMOVALS, ABSENT, PAUSE = 40, 6, 0.05  # tries, tries in a row, seconds
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def check_target(
    out: Path, *, overwrite: bool, orders: Iterable[str] = (), results: Iterable[str | Path | None] = ()
) -> None:
    """Make sure, before any work, that a result can be published at `out` without loss.

    Raises
    ------
    InputError
        `out` holds something and `overwrite` is not given, or holds something that is no result; it would
        replace the orders, or lie within a result that is read or hold it; it cannot be written, or is a URL of no
        object store.
    """
    refuse_other_url(out, "out")
    if is_object_url(unfolded(out)):
        check_store_target(out, overwrite=overwrite, orders=orders, results=results)
        return
    refuse_impossible(out, setting("out", out))
    target = out.resolve()
    for path in orders:
        if not is_url(path) and Path(path).resolve().is_relative_to(target):
            raise InputError(f"{setting('out', out)}: holds the orders themselves ({path}); choose another directory")
    for result in (path for path in results if path is None or not is_object_url(unfolded(path))):
        if result is not None and Path(result).resolve().is_relative_to(target):
            raise InputError(
                f"{setting('out', out)}: holds the result that is read ({result}); choose another directory"
            )
        refuse_within(target, result, setting("out", out), "directory")
    if target.exists() and not target.is_dir():
        raise InputError(f"{setting('out', out)}: a file; name a directory")
    if target == Path.cwd() or target.is_mount():
        what = "a mount point" if target.is_mount() else "the working directory"
        raise InputError(
            f"{setting('out', out)}: {what}, which cannot be replaced; name a directory below it, as {out / 'scores'}"
        )
    if _holds_files(target):
        if not overwrite:
            raise InputError(
                f"{setting('out', out)}: exists; choose another directory, or replace it with "
                f"{setting('overwrite', True)}"
            )
        if not is_result(target):
            raise InputError(
                f"{setting('out', out)}: holds files that are not a whalecurve result; choose another directory"
            )
    refuse_unwritable(target, setting("out", out), "directory")


@contextmanager
def published(out: Path, name: str = "out") -> Iterator[Path]:
    """A staging directory that becomes `out` when the block ends well, and vanishes when it does not.

    A previous result stays as it is until the new one takes its place in one step. Of an object store, the staging
    directory is on the local disk, where the system has such: see `on_store`.

    Raises
    ------
    InputError
        The system or the store does not let the block, or the publication, write; `out` is a URL of another kind.
    """
    refuse_other_url(out, name)
    if is_object_url(unfolded(out)):
        with _unwritten_told(setting(name, unfolded(out))):
            target = _beside_store(unfolded(out))
            _sweep(target)
            with _staging(target, mode=0o700) as staging, published_on_store(out, name, staging):
                yield staging
        return
    refuse_impossible(out, setting(name, out))
    target = out.resolve()
    with _unwritten_told(setting(name, out)):
        replaces = _holds_files(target)
        with parents_of(target):
            _sweep(target)
            with _staging(target) as staging:
                yield staging
                with settling(), _not_meanwhile(setting(name, out)):
                    _publish(staging, target, replaces=replaces)


def _beside_store(url: str) -> Path:
    """What stands on the local disk for a place on a store, so that later runs to it find what a killed one left."""
    return Path(tempfile.gettempdir()).resolve() / f"whalecurve-{hashlib.sha256(url.encode()).hexdigest()[:16]}"


@contextmanager
def _unwritten_told(what: str) -> Iterator[None]:
    """Turn the failure of a write into InputError, one line."""
    try:
        yield
    except OSError as error:
        raise InputError(_unwritable(what, error)) from error
    except pl.exceptions.ComputeError as error:
        if not ("os error" in str(error) or str(error).startswith("parquet: ")):  # what Polars makes of a failed write
            raise
        raise InputError(_unwritable(what, error)) from error


@contextmanager
def set_aside(staging: Path) -> Iterator[Path]:
    """A directory in the staging one, for what memory cannot hold; gone when the block ends."""
    directory = staging / ".aside"
    directory.mkdir()
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def write_customers(customers: pl.LazyFrame, directory: Path, layout: Layout) -> None:
    """Write one row per customer, in the frame's order, below `directory`; by segment unless `layout` is flat."""
    key = "rfm_segment" if layout == "hive" else None
    target = pl.PartitionBy(directory, key=key, include_key=False if key else None, max_rows_per_file=ROWS_PER_FILE)
    schema = {name: dtype for name, dtype in customers.collect_schema().items() if name != key}
    customers.sink_parquet(
        target,
        mkdir=True,
        compression="zstd",
        compression_level=LEVEL,
        row_group_size=ROW_GROUP,
        statistics=True,
        arrow_schema=described(pl.Schema(schema), table_of("score", directory.name, "*.parquet")),
    )


def write_table(table: pl.DataFrame, path: Path, *, of: str | None = None) -> None:
    """Write a small table, words for labels; `of`: the command that writes it, whose descriptions the columns carry."""
    table = in_words(table)
    about = None if of is None else described(table.schema, table_of(of, path.parent.name, path.name))
    table.write_parquet(path, compression="zstd", statistics=True, arrow_schema=about)


def write_table_parts(parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write a table that comes in parts of one schema, one or more, of which one at a time is in memory."""
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for part in parts:
            rows = part.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                writer = stack.enter_context(pq.ParquetWriter(path, rows.schema, compression="zstd"))
            writer.write_table(rows)


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write plain data as JSON; NaN and infinity are not JSON and not allowed."""
    path.write_text(json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def outputs_below(directory: Path) -> list[dict[str, Any]]:
    """Path, rows and bytes of every file written so far (rows of Parquet files alone)."""
    return [
        {
            "path": path.relative_to(directory).as_posix(),
            "rows": _n_rows(path) if path.suffix == ".parquet" else None,
            "bytes": path.stat().st_size,
        }
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    ]


def _n_rows(path: Path) -> int:
    """From the footer, by Polars: Arrow does not read the footers of files with integers of 128 bits."""
    return int(pl.scan_parquet(path, hive_partitioning=False, glob=False).select(pl.len()).collect().item())


def _unwritable(what: str, error: Exception) -> str:
    why = getattr(error, "strerror", None) or reason(error)
    return f"{what}: cannot be written ({why}); make room or fix permissions, or choose another directory"


def _holds_files(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())


@contextmanager
def _staging(target: Path, mode: int = 0o777) -> Iterator[Path]:
    """A new directory beside the target, marked as in use for as long as this process lives; removed at the end.

    `mode` says who may enter it: where all put their temporary files, nobody else.

    The mark is a lock on a file of its own beside the directory, so that there is no moment without one.
    """
    staging = target.parent / f".{target.name}.staging-{uuid.uuid4().hex[:12]}"
    mark = _mark_of(staging)
    descriptor = os.open(mark, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with undone_if_stopped(partial(_remove_with, staging, mark)):
            staging.mkdir(mode)
            yield staging
            shutil.rmtree(staging, ignore_errors=True)  # after an exchange it holds the previous result
    except BaseException:
        _remove(staging)
        raise
    finally:
        mark.unlink(missing_ok=True)
        os.close(descriptor)


def _remove(directory: Path) -> None:
    """Remove a directory into which threads of a failed query may still be writing, until it stays away."""
    absent = 0
    for _ in range(REMOVALS):
        shutil.rmtree(directory, ignore_errors=True)
        time.sleep(PAUSE)
        absent = 0 if directory.exists() else absent + 1
        if absent == ABSENT:
            return


def _remove_with(staging: Path, mark: Path) -> None:
    _remove(staging)
    mark.unlink(missing_ok=True)


def _mark_of(staging: Path) -> Path:
    return staging.with_name(staging.name + ".lock")


def _set_aside(staging: Path) -> Path:
    """Where the previous result waits while the new one takes its place, on systems without an exchange."""
    return staging.with_name(staging.name + ".previous")


def _sweep(target: Path) -> None:
    """Remove what runs that were killed left beside the target; put back a result that one had set aside."""
    prefix = f".{target.name}.staging-"
    left = target.parent.glob(f"{glob.escape(prefix)}*")
    for run in sorted({path.name.removeprefix(prefix).partition(".")[0] for path in left}):
        staging = target.with_name(prefix + run)
        with _unless_at_work(_mark_of(staging)) as is_over:
            if not is_over:
                continue
            if _set_aside(staging).exists() and not target.exists():
                _set_aside(staging).rename(target)
            for directory in (staging, _set_aside(staging)):
                shutil.rmtree(directory, ignore_errors=True)
            _mark_of(staging).unlink(missing_ok=True)


@contextmanager
def _unless_at_work(mark: Path) -> Iterator[bool]:
    """Whether the run of a mark is over: nobody holds the mark, or it is gone; held for the block if it is there."""
    try:
        descriptor = os.open(mark, os.O_RDWR)
    except FileNotFoundError:
        yield True
        return
    except PermissionError:  # somebody else's
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_over = True
    except BlockingIOError:
        is_over = False
    try:
        yield is_over
    finally:
        os.close(descriptor)


@contextmanager
def _not_meanwhile(what: str) -> Iterator[None]:
    """Say that another run was sooner, where a publication finds its place taken."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise InputError(f"{what}: another run wrote it meanwhile; choose another directory, or run again") from error


def _publish(staging: Path, target: Path, *, replaces: bool) -> None:
    if not replaces:
        staging.rename(target)  # an empty directory is replaced; what came meanwhile is not, and fails
    elif not _exchange(staging, target):
        previous = _set_aside(staging)
        target.rename(previous)
        try:
            staging.rename(target)
        finally:
            if not target.exists():
                previous.rename(target)
        shutil.rmtree(previous, ignore_errors=True)


def _exchange(a: Path, b: Path) -> bool:
    """Swap two directories in one step, where the system can."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) == 0)
