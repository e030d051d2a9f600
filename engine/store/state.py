"""Lines on disk that a run has added up, so that the next one reads new files alone.

A state directory holds the lines of every customer, those of one day, order and kind as one, the counts of lines by
day, and a record of the files and settings behind them. Lines of new files join them, whatever their days. A file is
known by its path; it is the same as long as its size and time of change are, or, where only the time differs, its
content. An object of a store is the same as long as its size and ETag are.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from whalecurve.engine.errors import InputError, setting, shown
from whalecurve.engine.order_files import OrderFile
from whalecurve.engine.orders import Orders
from whalecurve.engine.paths import is_object_url, is_web_url
from whalecurve.engine.settings import Window
from whalecurve.engine.store.day_counts import DayCounts
from whalecurve.engine.store.line_batches import bytes_of, ends_and_bytes, from_bytes, hashes_orders, is_text, read_only
from whalecurve.engine.store.store import Collected, flags_of
from whalecurve.engine.store.totals_tables import text_ids
from whalecurve.kernels.store import IS_RETURN, IS_UNNAMED, NO_BYTES, NO_NUMBERS, Lines

FORMAT = 4
RECORD, COUNTS, REFUSED = "state.json", "lines_by_day.parquet", "refused.parquet"
AT_ONCE = 1 << 18
"""Rows that are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """A file whose lines are held, or an object; `sha256` of its content, of an object its ETag instead."""

    path: str
    bytes: int
    modified_ns: int | None
    sha256: str | None
    e_tag: str | None = None

    def has_content_of(self, other: "SeenFile") -> bool:
        """Whether the content is the same."""
        if self.e_tag is not None or other.e_tag is not None:
            return (self.bytes, self.e_tag) == (other.bytes, other.e_tag)
        return self.sha256 == other.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Lines on disk, and the files that they came from."""

    directory: Path
    seen: tuple[SeenFile, ...]

    def new_files(self, orders: Orders) -> list[OrderFile]:
        """The files of the log whose lines are not held.

        Raises
        ------
        InputError
            A file whose lines are held has changed, or is no longer among the orders.
        """
        given = {_place(file.path): file for file in orders.files}
        for seen in self.seen:
            file = given.pop(seen.path, None)
            if file is None:
                raise InputError(
                    f"{setting('state', self.directory)}: holds {seen.path}, which is not among the orders any more; "
                    f"name it too, or start again in a new directory"
                )
            if not _fingerprint(file, before=seen).has_content_of(seen):
                raise InputError(
                    f"{setting('state', self.directory)}: {seen.path} has changed since it was added; start again in "
                    f"a new directory"
                )
        return list(given.values())

    def counts(self) -> DayCounts:
        """The lines counted so far."""
        return DayCounts.of(pl.read_parquet(self.directory / COUNTS))

    def refused(self) -> pl.DataFrame:
        """The refused lines kept so far."""
        return pl.read_parquet(self.directory / REFUSED)

    def n_lines(self) -> int:
        """How many rows there are, lines added up."""
        return sum(int(pq.read_metadata(path).num_rows) for path in self._files())

    def lines(self, orders: Orders) -> Iterator[Lines]:
        """The lines held, those of a customer, day, order and kind as one."""
        for path in self._files():
            file = pl.read_parquet(path, memory_map=False)
            for start in range(0, file.height, AT_ONCE):
                yield _lines_of(file[start : start + AT_ONCE], orders)

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob("lines-*.parquet"))


def _lines_of(table: pl.DataFrame, orders: Orders) -> Lines:
    ids, kind = table["customer"], table["kind"].to_numpy()
    ends, text, key = NO_NUMBERS, NO_BYTES, ids
    if is_text(orders):
        dtype = orders.mapping.roles["customer"].dtype
        ids = bytes_of(from_bytes(ids, dtype))
        ends, text = ends_and_bytes(ids)
        key = ids.hash()
    return read_only(
        Lines(
            key=key.to_numpy(writable=True).view(np.int64),
            day=table["day"].to_numpy(writable=True),
            amount=table["amount"].to_numpy(writable=True),
            margin=table["margin"].to_numpy(writable=True) if orders.has_margin else NO_NUMBERS,
            order=table["order"].to_numpy(writable=True) if orders.has_order_id else NO_NUMBERS,
            order_is_null=flags_of(kind, IS_UNNAMED) if orders.has_order_id else NO_BYTES,
            is_return=flags_of(kind, IS_RETURN),
            ends=ends,
            text=text,
            n_lines=table["n_lines"].to_numpy(writable=True),
        )
    )


def state_settings(orders: Orders, window: Window) -> dict[str, Any]:
    """What decides which lines count and how: a state serves runs of the same settings only.

    `order_hash` tells versions of Polars apart that give order ids other numbers.
    """
    return {
        "format": FORMAT,
        "columns": {role: filled.mapping for role, filled in orders.mapping.roles.items()},
        "customer_type": str(orders.mapping.roles["customer"].dtype),
        "order_type": str(orders.mapping.roles["order"].dtype) if orders.has_order_id else None,
        "where": orders.mapping.where_text,
        "missing": orders.mapping.missing,
        "nobody": list(orders.mapping.nobody) or None,
        **orders.mapping.further,
        "since": window.since.isoformat() if window.since else None,
        "timezone": window.timezone,
        **_attributes_of(orders),
        "order_hash": int(pl.Series(["an order id"]).hash()[0]) if hashes_orders(orders) else None,
    }


def _attributes_of(orders: Orders) -> dict[str, Any]:
    """The files of attributes by which lines are selected, and what is in them; none where none are."""
    mapping = orders.mapping
    if not mapping.filters_by_attributes:
        return {}
    files = [file for part in mapping.attributes for file in part.source.file.files]
    if any(file.source is not None or is_web_url(file.path) for file in files):
        raise InputError(
            f"{setting('state')}: {setting('where')} reads attributes that cannot be told apart from others; write "
            f"them to a file first"
        )
    seen = [_fingerprint(file) for file in files]
    return {"attributes": [f"{one.path} {one.sha256 or one.e_tag}" for one in seen]}


def read_state(directory: Path, orders: Orders, window: Window) -> State | None:
    """The state in a directory; None where there is none yet.

    Raises
    ------
    InputError
        Something else is there; it was made with other settings; orders that have no files of their own.
    """
    if apart := next((file.kind for file in orders.files if file.source is not None), None):
        what = {"table": "orders in a table", "query": "the answer to a query"}.get(apart, "orders in a frame")
        raise InputError(f"{setting('state', directory)}: {what} cannot be told apart; write them to files first")
    if any(is_web_url(file.path) for file in orders.files):
        raise InputError(
            f"{setting('state', directory)}: orders behind a web address cannot be told apart; copy them to files first"
        )
    if orders.mapping.order_total:
        raise InputError(
            f"{setting('state', directory)}: with {setting('order_total', True)} all lines of an order must be read at "
            f"once, and a state reads new files alone; leave one of them out"
        )
    for file in (file for file in orders.files if not is_object_url(file.path)):
        if Path(file.path).resolve().is_relative_to(directory.resolve()):
            raise InputError(
                f"{setting('state', directory)}: holds the orders themselves ({file.path}); name another directory"
            )
    if not directory.exists() or not any(directory.iterdir()):
        return None
    try:
        record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
        seen = tuple(SeenFile(**file) for file in record["files"])
        made_with = _by_name(record["settings"])
        form = record["settings"].get("format")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{setting('state', directory)}: not a state of whalecurve; name a new or empty directory"
        ) from error
    if form != FORMAT:
        raise InputError(
            f"{setting('state', directory)}: is of another version of whalecurve (format {form}, this one keeps "
            f"{FORMAT}); start again in a new directory"
        )
    asked = _by_name(state_settings(orders, window))
    for name in (*asked, *(name for name in made_with if name not in asked)):
        if made_with.get(name) != asked.get(name):
            raise InputError(
                f"{setting('state', directory)}: was made with {name} {shown(made_with.get(name))}, now it is "
                f"{shown(asked.get(name))}; use the same settings, or another directory"
            )
    return State(directory=directory, seen=seen)


def _by_name(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings, each column by the name of its role."""
    columns = {f"columns.{role}": text for role, text in dict(settings["columns"]).items()}
    return {name: value for name, value in settings.items() if name != "columns"} | columns


class StateWriter:
    """Writes a state into a directory that is published later."""

    def __init__(self, directory: Path) -> None:
        """Nothing written yet."""
        self._directory, self._n_tables = directory, 0

    def add(self, lines: Collected, orders: Orders) -> None:
        """Write the lines of some customers, added up."""
        has_text = lines.ends.size > 0
        columns: dict[str, object] = {
            "customer": text_ids(lines.ends, lines.text) if has_text else lines.key,
            "day": lines.day,
            "amount": lines.amount,
            "kind": lines.kind,
            "n_lines": lines.n_lines,
        }
        columns |= {"margin": lines.margin} if orders.has_margin else {}
        columns |= {"order": lines.order} if orders.has_order_id else {}
        path = self._directory / f"lines-{self._n_tables:06}.parquet"
        pl.DataFrame(columns).write_parquet(path, compression_level=1, statistics=False)
        self._n_tables += 1

    def finish(
        self, orders: Orders, window: Window, counts: DayCounts, refused: pl.DataFrame, before: State | None
    ) -> None:
        """Write what goes with the customers."""
        counts.to_frame().write_parquet(self._directory / COUNTS)
        refused.write_parquet(self._directory / REFUSED)
        seen = {file.path: file for file in before.seen} if before else {}
        with ThreadPoolExecutor(max_workers=4) as pool:
            files = list(pool.map(lambda file: _fingerprint(file, seen.get(_place(file.path))), orders.files))
        record = {"settings": state_settings(orders, window), "files": [asdict(file) for file in files]}
        text = json.dumps(record, indent=2, ensure_ascii=False)
        (self._directory / RECORD).write_text(text + "\n", encoding="utf-8")


def _place(path: str) -> str:
    """What a state knows a file by."""
    return path if is_object_url(path) else str(Path(path).resolve())


def _fingerprint(file: OrderFile, before: SeenFile | None = None) -> SeenFile:
    if is_object_url(file.path):
        n_bytes, e_tag = file.n_bytes or 0, str(file.origin["e_tag"])
        return SeenFile(path=file.path, bytes=n_bytes, modified_ns=None, sha256=None, e_tag=e_tag)
    path = Path(file.path).resolve()
    status = path.stat()
    if before is not None and (before.bytes, before.modified_ns) == (status.st_size, status.st_mtime_ns):
        return before
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return SeenFile(path=str(path), bytes=status.st_size, modified_ns=status.st_mtime_ns, sha256=digest)
