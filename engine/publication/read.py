"""A result on disk, read back: what `whalecurve score` has published, checked before anything is computed from it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, Message, reason
from whalecurve.engine.object_stores import location_of
from whalecurve.engine.paths import irregular, is_object_url, read_text, refuse_impossible, unfolded
from whalecurve.engine.publication.layout import FORMAT, MANIFEST, MEASURES, MODEL, is_result
from whalecurve.engine.publication.manifest import not_reliable, warnings_of
from whalecurve.engine.publication.store_copy import at_hand, local_copy
from whalecurve.engine.settings import ObservedWindow, Window

CUSTOMERS, SEGMENTS = "customers", "segments.parquet"
PARTITION = "rfm_segment"


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """A published result of `whalecurve score`.

    path : the directory, as it was given, or the URL of a place on an object store
    segments : `segments.parquet`
    model, manifest : `model.json`, `manifest.json`
    as_of : the last day observed
    copy : where its files are at hand, if not at `path`; see `directory`
    """

    path: Path | str
    segments: pl.DataFrame
    model: dict[str, Any]
    manifest: dict[str, Any]
    as_of: date
    copy: Path | None = None

    def __fspath__(self) -> str:
        """The directory or URL: a result is taken wherever one is named."""
        return str(self.path)

    @cached_property
    def directory(self) -> Path:
        """Where the files are: `path`, or of a result on a store a copy of them, made with the first need of it.

        Raises
        ------
        InputError
            The store does not give them, or has another run by now.
        """
        if self.copy is not None or not isinstance(self.path, str):
            return self.copy or Path(self.path)
        copy = local_copy(self.path)
        now = read_record(copy / MANIFEST, "run_id", "created")
        if any(now[key] != self.manifest[key] for key in ("run_id", "created")):
            raise InputError(f"{self.path}: another run was published there meanwhile; open it again")
        return copy

    @cached_property
    def customers(self) -> pl.LazyFrame:
        """One row per customer, with `rfm_segment` in either layout. Nothing is read until collected."""
        return _scan(self.directory / CUSTOMERS)

    @cached_property
    def measures(self) -> dict[str, Any] | None:
        """What `measures.json` says; None where the result has no measures over time."""
        record = self.directory / MEASURES
        return read_record(record) if record.is_file() else None

    @property
    def identity(self) -> dict[str, str]:
        """Which result it is, as the records of what is made of it say: path, run_id, as_of."""
        return {"path": str(self.path), "run_id": self.manifest["run_id"], "as_of": self.as_of.isoformat()}

    @property
    def not_reliable(self) -> list[str]:
        """A sentence on why CLV and risk are not reliable; none where they are, or where the result does not say."""
        words = not_reliable(self.manifest)
        return [] if words is None else [words]

    @property
    def columns(self) -> dict[str, pl.DataType]:
        """The columns of `customers` with their types."""
        return dict(self.customers.collect_schema())

    @property
    def definitions(self) -> dict[str, Any]:
        """Every setting that shaped a number."""
        settings: dict[str, Any] = self.model["definitions"]
        return settings

    def take(self, *columns: str) -> pl.LazyFrame:
        """These columns of the customers.

        Raises
        ------
        InputError
            The result does not have them all.
        """
        missing = [name for name in columns if name not in self.columns]
        if missing:
            raise InputError(
                f"{self.path}: customers have no column {', '.join(missing)}; the result is of whalecurve "
                f"{self.manifest.get('version', 'unknown')}: score its orders again"
            )
        return self.customers.select(columns)


def open_result(path: str | Path) -> Result:
    """Open what `whalecurve score` wrote to a directory, or to a place on an object store.

    Parameters
    ----------
    path
        Directory that `whalecurve score` wrote, or its place on an object store.

    Returns
    -------
    Result
        Its customers as a lazy frame, its segments as a frame, its records as dicts.

    Raises
    ------
    InputError
        No such directory, no result of `whalecurve score`, a file of it that is missing, foreign or unreadable.

    Examples
    --------
    >>> from whalecurve import engine
    >>> result = engine.open_result("scores")
    >>> result.customers.select("customer_id", "clv_total").collect().height
    300
    """
    url = unfolded(path)
    with at_hand(path) as directory:
        result = _opened(directory)
    return replace(result, path=location_of(url).url, copy=directory) if is_object_url(url) else result


def _opened(directory: Path) -> Result:
    refuse_impossible(directory, str(directory))
    if not directory.is_dir():
        what = "a file" if directory.is_file() else irregular(directory) or "no such directory"
        raise InputError(f"{directory}: {what}; name a directory that whalecurve score wrote")
    if not is_result(directory):
        raise InputError(f"{directory}: no whalecurve result; name a directory that whalecurve score wrote")
    command = read_record(directory / MANIFEST).get("command")
    if command not in (None, "score") or not (directory / CUSTOMERS).is_dir():
        what = f"a result of whalecurve {command}" if command else "a result"
        raise InputError(f"{directory}: {what}, but not of whalecurve score; name a directory that score wrote")
    manifest = read_record(directory / MANIFEST, "as_of", "outputs", "run_id", "rows")
    if "warnings" in manifest:  # an old result may have none
        manifest["warnings"] = _warnings(directory / MANIFEST, manifest)
    with _readable(directory / SEGMENTS):
        segments = pl.read_parquet(directory / SEGMENTS, glob=False, hive_partitioning=False)
    _check_customers(directory, manifest)
    result = Result(
        path=directory,
        segments=segments,
        model=read_record(directory / MODEL, "definitions", "thresholds", "transactions", "spend"),
        manifest=manifest,
        as_of=_day(directory / MANIFEST, manifest["as_of"]),
    )
    _ = result.customers  # that they can be read is found out here
    return result


def read_record(path: Path, *keys: str) -> dict[str, Any]:
    """A JSON object from a file of a result, with at least these keys.

    Raises
    ------
    InputError
        The file cannot be read, is not such an object, or was written in a form that only a newer version knows.
    """
    try:
        record = json.loads(read_text(path, "restore it, or make the result again"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({reason(error)}); restore it, or make the result again") from error
    form = record.get("format", 0) if isinstance(record, dict) else 0
    if not isinstance(form, int) or form > FORMAT:
        raise InputError(
            f"{path}: has format {form}, and whalecurve {version('whalecurve')} reads up to {FORMAT}; read it with the "
            f"newer version that wrote it, or make the result again with this one"
        )
    missing = [key for key in keys if not isinstance(record, dict) or key not in record]
    if missing:
        raise InputError(f"{path}: has no {', '.join(missing)}; make the result again, with this version of whalecurve")
    return dict(record)


def _day(path: Path, text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise InputError(f'{path}: as_of is "{text}", expected a day like 2025-06-30; score again') from error


def _warnings(path: Path, manifest: dict[str, Any]) -> list[Message]:
    try:
        return warnings_of(manifest)
    except ValueError as error:
        raise InputError(f"{path}: warnings were changed ({reason(error)}); score again, or restore it") from error


def _check_customers(directory: Path, manifest: dict[str, Any]) -> None:
    """Raise InputError where the files of customers are not those of the run."""
    root = directory / CUSTOMERS
    try:
        recorded = {str(file["path"]): file["bytes"] for file in manifest["outputs"]}
    except (TypeError, KeyError) as error:
        raise InputError(f"{directory / MANIFEST}: outputs is not a list of files; score again") from error
    listed = {path: n for path, n in recorded.items() if path.startswith(f"{CUSTOMERS}/") and path.endswith(".parquet")}
    sizes = {path.relative_to(directory).as_posix(): path.stat().st_size for path in root.rglob("*.parquet")}
    if listed != sizes:
        name = min(path for path in listed | sizes if listed.get(path) != sizes.get(path))
        what = "missing" if name not in sizes else "changed" if name in listed else "not of the run"
        raise InputError(
            f"{directory}: {name} is {what}, by its manifest; score again, or restore the files of the run"
        )


def _scan(path: Path) -> pl.LazyFrame:
    is_partitioned = any(path.glob(f"{PARTITION}=*"))
    schema = {PARTITION: pl.String} if is_partitioned else None
    with _readable(path):
        rows = pl.scan_parquet(path, glob=False, hive_partitioning=is_partitioned, hive_schema=schema)
        rows.collect_schema()
    return rows


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); score again, or restore it") from error


def window_of(result: Result, window: Window) -> ObservedWindow:
    """The days that the result observed."""
    since = result.definitions.get("since")
    return replace(
        window.observed(result.as_of),
        as_of=result.as_of,
        since=window.since if since is None else type(result.as_of).fromisoformat(since),
        timezone=window.timezone or result.definitions.get("timezone"),
    )
