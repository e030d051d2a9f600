"""Results on disk: staged beside their place, published whole or not at all."""

import ctypes
import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow.parquet as pq

from whalecurve.engine.errors import InputError
from whalecurve.engine.files import OrderFile, is_url

MANIFEST = "manifest.json"
Layout = Literal["hive", "flat"]
LAYOUTS = ("hive", "flat")
ROWS_PER_FILE = 5_000_000
ROW_GROUP = 250_000
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def check_target(out: Path, *, overwrite: bool, files: list[OrderFile]) -> None:
    """Make sure, before any work, that a result can be published at `out` without loss.

    Raises
    ------
    InputError
        `out` holds something and `overwrite` is not given, or holds something that is no result; it would
        replace the orders themselves; it cannot be written.
    """
    target = out.resolve()
    for file in files:
        if not is_url(file.path) and Path(file.path).resolve().is_relative_to(target):
            raise InputError(f"--out {out}: holds the orders themselves ({file.path}); choose another directory")
    if out.is_file():
        raise InputError(f"--out {out}: a file; name a directory")
    if out.is_dir() and any(out.iterdir()):
        if not overwrite:
            raise InputError(f"--out {out}: exists; choose another directory, or replace it with --overwrite")
        if not (out / MANIFEST).is_file():
            raise InputError(f"--out {out}: holds files that are no whalecurve result; choose another directory")
    parent = next(p for p in target.parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"--out {out}: {parent} cannot be written; choose another directory, or mend its permissions")


@contextmanager
def published(out: Path) -> Iterator[Path]:
    """A staging directory that becomes `out` when the block ends well, and vanishes when it does not.

    A previous result stays as it is until the new one takes its place in one step.
    """
    target = out.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    staging = target.parent / f".{target.name}.staging-{uuid.uuid4().hex[:12]}"
    staging.mkdir()
    lock = _locked(staging)
    try:
        yield staging
        (staging / ".lock").unlink()
        _publish(staging, target)
    finally:
        os.close(lock)
        shutil.rmtree(staging, ignore_errors=True)


def write_customers(customers: pl.LazyFrame, directory: Path, layout: Layout) -> None:
    """Write one row per customer, in the frame's order, below `directory`; by segment unless `layout` is flat."""
    key = "rfm_segment" if layout == "hive" else None
    target = pl.PartitionBy(directory, key=key, include_key=False if key else None, max_rows_per_file=ROWS_PER_FILE)
    customers.sink_parquet(target, mkdir=True, compression="zstd", row_group_size=ROW_GROUP, statistics=True)


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a small table."""
    table.write_parquet(path, compression="zstd", statistics=True)


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write plain data as JSON; NaN and infinity are not JSON and not allowed."""
    path.write_text(json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def outputs_below(directory: Path) -> list[dict[str, Any]]:
    """Path, rows and bytes of every file written so far (rows of Parquet files alone)."""
    return [
        {
            "path": path.relative_to(directory).as_posix(),
            "rows": pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None,
            "bytes": path.stat().st_size,
        }
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != ".lock"
    ]


def _locked(staging: Path) -> int:
    """A lock that lasts as long as this process: it tells a working directory from one left behind."""
    descriptor = os.open(staging / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _sweep(target: Path) -> None:
    """Remove what runs that were killed left beside the target."""
    for left in target.parent.glob(f".{target.name}.staging-*"):
        try:
            descriptor = os.open(left / ".lock", os.O_RDWR)
        except FileNotFoundError:  # about to be locked, or published this instant
            continue
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(descriptor)


def _publish(staging: Path, target: Path) -> None:
    if not target.exists() or not any(target.iterdir()):
        staging.rename(target)  # an empty directory is replaced
    elif not _exchange(staging, target):
        previous = staging.with_name(staging.name + "-previous")
        target.rename(previous)
        try:
            staging.rename(target)
        except OSError:
            previous.rename(target)
            raise
        shutil.rmtree(previous, ignore_errors=True)


def _exchange(a: Path, b: Path) -> bool:
    """Swap two directories in one step, where the system can."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) == 0)
