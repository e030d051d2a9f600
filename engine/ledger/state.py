"""The ledger on disk: what a run has added up, so that the next one reads new files alone.

A state directory holds the ledger of every customer, the counts of lines by day, and a record of the files and
settings behind them. A file is known by its path; it is the same as long as its size and time of change are, or, where
only the time differs, its content.
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

from whalecurve.engine.errors import InputError, setting, shown
from whalecurve.engine.ledger.day_counts import DayCounts
from whalecurve.engine.ledger.part import LedgerPart
from whalecurve.engine.ledger.sorted_runs import ROWS, ids_at
from whalecurve.engine.orders import OrderFile, Orders
from whalecurve.engine.paths import is_url
from whalecurve.engine.settings import Window
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.ledger import COLD_WORDS, ENTRY_WORDS, HOT_WORDS

FORMAT = 3
RECORD, COUNTS, REFUSED = "state.json", "lines_by_day.parquet", "refused.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """A file that the ledger holds; `sha256` of its content."""

    path: str
    bytes: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A ledger on disk, and the files that it holds."""

    directory: Path
    seen: tuple[SeenFile, ...]

    def new_files(self, orders: Orders) -> list[OrderFile]:
        """The files of the log that the ledger does not hold.

        Raises
        ------
        InputError
            A file that it holds has changed, or is no longer among the orders.
        """
        given = {Path(file.path).resolve(): file for file in orders.files}
        for seen in self.seen:
            file = given.pop(Path(seen.path), None)
            if file is None:
                raise InputError(
                    f"{setting('state', self.directory)}: holds {seen.path}, which is not among the orders any more; "
                    f"name it "
                    f"too, or begin anew in another directory"
                )
            if _fingerprint(file, known=seen).sha256 != seen.sha256:
                raise InputError(
                    f"{setting('state', self.directory)}: {seen.path} has changed since it was added; begin anew in "
                    f"another "
                    f"directory"
                )
        return list(given.values())

    def counts(self) -> DayCounts:
        """The lines counted so far."""
        return DayCounts.of(pl.read_parquet(self.directory / COUNTS))

    def refused(self) -> pl.DataFrame:
        """The refused lines kept so far."""
        return pl.read_parquet(self.directory / REFUSED)

    def days(self) -> Iterator[Int64]:
        """The day log, customers numbered in the order in which they were kept."""
        for path in sorted(self.directory.glob("days-*.parquet")):
            yield np.ascontiguousarray(pl.read_parquet(path).to_numpy())

    def ledgers(self) -> Iterator[tuple[pl.Series, Int64, Int64]]:
        """Ids of customers with their rows of the ledger, part by part."""
        for path in sorted(self.directory.glob("ledger-*.parquet")):
            table = pl.read_parquet(path)
            words = np.ascontiguousarray(table.drop("customer_id").to_numpy())
            yield table["customer_id"], words[:, :HOT_WORDS].copy(), words[:, HOT_WORDS:].copy()


def settings_of(orders: Orders, window: Window) -> dict[str, Any]:
    """What decides which lines count and how: a state serves runs of the same settings only."""
    return {
        "format": FORMAT,
        "columns": {role: filled.mapping for role, filled in orders.mapping.roles.items()},
        "customer_type": str(orders.mapping.roles["customer"].dtype),
        "order_type": str(orders.mapping.roles["order"].dtype) if orders.has_order_id else None,
        "where": orders.mapping.where_text,
        "missing": orders.mapping.missing,
        "nobody": list(orders.mapping.nobody) or None,
        "since": window.since.isoformat() if window.since else None,
        "timezone": window.timezone,
    }


def read_state(directory: Path, orders: Orders, window: Window) -> State | None:
    """The state in a directory; None where there is none yet.

    Raises
    ------
    InputError
        Something else is there; it was made with other settings; orders that have no files of their own.
    """
    if any(is_url(file.path) for file in orders.files):
        raise InputError(
            f"{setting('state', directory)}: orders in an object store cannot be told apart; copy them to files first"
        )
    for file in orders.files:
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
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{setting('state', directory)}: not a state of whalecurve; name a new or empty directory"
        ) from error
    asked = _by_name(settings_of(orders, window))
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
    return {name: setting for name, setting in settings.items() if name != "columns"} | columns


class StateWriter:
    """Writes a state into a directory that is published later."""

    def __init__(self, directory: Path) -> None:
        """Nothing written yet."""
        self._directory, self._n_tables, self._n_customers = directory, 0, 0
        self._n_day_tables = 0

    def add(self, part: LedgerPart, orders: Orders) -> None:
        """Write all customers of a part."""
        state, n = part.state, part.n_customers
        for start in range(0, n, 4 * ROWS):
            rows = np.arange(start, min(start + 4 * ROWS, n))
            words = np.concatenate([state.hot[rows], state.cold[rows]], axis=1)
            columns = {f"word_{i}": words[:, i] for i in range(HOT_WORDS + COLD_WORDS)}
            table = pl.DataFrame({"customer_id": ids_at(state.hot, state.text, rows, orders), **columns})
            table.write_parquet(self._directory / f"ledger-{self._n_tables:05}.parquet", compression_level=1)
            self._n_tables += 1
        if part.days is not None:
            part.take_days()
            for entries in part.days.entries(4 * ROWS):
                self._add_days(entries)
        self._n_customers += n

    def _add_days(self, entries: Int64) -> None:
        numbered = {f"word_{i}": entries[:, i] for i in range(ENTRY_WORDS)}
        numbered["word_0"] = numbered["word_0"] + (self._n_customers << 32)
        path = self._directory / f"days-{self._n_day_tables:05}.parquet"
        pl.DataFrame(numbered).write_parquet(path, compression_level=1)
        self._n_day_tables += 1

    def finish(
        self, orders: Orders, window: Window, counts: DayCounts, refused: pl.DataFrame, known: State | None
    ) -> None:
        """Write what goes with the customers."""
        counts.to_frame().write_parquet(self._directory / COUNTS)
        refused.write_parquet(self._directory / REFUSED)
        before = {Path(seen.path): seen for seen in known.seen} if known else {}
        with ThreadPoolExecutor(max_workers=4) as pool:
            files = list(pool.map(lambda file: _fingerprint(file, before.get(Path(file.path).resolve())), orders.files))
        record = {"settings": settings_of(orders, window), "files": [asdict(file) for file in files]}
        text = json.dumps(record, indent=2, ensure_ascii=False)
        (self._directory / RECORD).write_text(text + "\n", encoding="utf-8")


def _fingerprint(file: OrderFile, known: SeenFile | None = None) -> SeenFile:
    path = Path(file.path).resolve()
    status = path.stat()
    if known is not None and (known.bytes, known.modified_ns) == (status.st_size, status.st_mtime_ns):
        return known
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return SeenFile(path=str(path), bytes=status.st_size, modified_ns=status.st_mtime_ns, sha256=digest)
