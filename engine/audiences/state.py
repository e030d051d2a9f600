"""What the last export of each list held, so that the next one writes only what changed.

A directory with `state.json`, which names a file for each list: ids of customers, and a digest of the row of each. A
new state is laid beside the old one before its lists are published, and recorded as pending, with the mark that the
lists will bear; it takes the old one's place once they are. A run that is killed in between leaves it pending: the next
one looks whether lists of that mark are there. If they are, they were exported; if not, they were not.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.paths import is_object_url, unfolded
from whalecurve.engine.publication import CUSTOMER, publish_file, read_record, record_at, write_table

RECORD, FORMAT = "state.json", 1
NAME = "changed_since"
DIGEST_BYTES = 16


@dataclass(slots=True, kw_only=True)
class ExportState:
    """The state in a directory, held by this run.

    lists : the file of each list, by its key
    mark : what the manifest of this run's lists says, so that they are known again
    """

    directory: Path
    lists: dict[str, str]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def before(self, key: str, dtype: pl.DataType) -> pl.DataFrame:
        """The customers of a list's last export: customer_id, digest; empty before the first.

        Raises
        ------
        InputError
            A state of customers with other ids, or a file of it that cannot be read.
        """
        if key not in self.lists:
            return pl.DataFrame(schema={CUSTOMER: dtype, "digest": pl.Binary})
        path = self.directory / self.lists[key]
        try:
            rows = pl.read_parquet(path, glob=False, hive_partitioning=False)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(
                f"{path}: cannot be read ({reason(error)}); restore it, or start again elsewhere"
            ) from error
        if rows.schema[CUSTOMER] != dtype:
            raise InputError(
                f"{setting(NAME, self.directory)}: holds ids of {rows.schema[CUSTOMER]}, and those of the result are "
                f"{dtype}; name another directory"
            )
        return rows

    def prepare(self, tables: Mapping[str, pl.DataFrame], out: Path) -> None:
        """Lay the new state beside the old one, pending until the lists are at `out`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        pending = {key: f"{uuid.uuid4().hex}.parquet" for key in tables}
        for key, name in pending.items():
            write_table(tables[key], self.directory / name)
        place = unfolded(out)
        is_local = not is_object_url(place)
        self._record({"mark": self.mark, "out": str(out.resolve()) if is_local else place, "lists": pending})

    def settle(self) -> None:
        """Take the pending state for the state, as the lists are published."""
        record = read_record(self.directory / RECORD, "lists", "pending")
        self.lists |= (record["pending"] or {"lists": {}})["lists"]
        self._record(None)
        self._sweep()

    def _record(self, pending: Mapping[str, Any] | None) -> None:
        record = {"format": FORMAT, "lists": self.lists, "pending": pending}
        publish_file(self.directory / RECORD, json.dumps(record, indent=2) + "\n", NAME)

    def _sweep(self) -> None:
        """Remove files that no list needs any more."""
        for path in self.directory.glob("*.parquet"):
            if path.name not in self.lists.values():
                path.unlink(missing_ok=True)


def open_state(directory: Path) -> ExportState:
    """The state in a directory, which may be new or empty; what a killed run left pending is settled.

    Raises
    ------
    InputError
        Something else is there.
    """
    if not (directory / RECORD).exists():
        if directory.is_dir() and any(directory.iterdir()):
            raise InputError(f"{setting(NAME, directory)}: holds no state of an export; name a new or empty directory")
        return ExportState(directory=directory, lists={})
    record = read_record(directory / RECORD, "lists", "pending")
    state = ExportState(directory=directory, lists=dict(record["lists"]))
    if record["pending"] is not None and _is_there(record["pending"]):
        state.settle()
    return state


def _is_there(pending: Mapping[str, Any]) -> bool:
    """Whether the lists that a pending state waits for were published."""
    return bool((record_at(pending["out"]) or {}).get("export_mark") == pending["mark"])


def digests(table: pl.DataFrame) -> pl.Series:
    """A digest of each row, headers and cells: the same in every version, for rows that are written alike."""
    texts = table.select(
        pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in table.columns], separator="\x1f")
    ).to_series()
    headers = hashlib.blake2b("\x1f".join(table.columns).encode(), digest_size=DIGEST_BYTES)
    rows = []
    for text in texts.to_list():
        digest = headers.copy()
        digest.update(b"\x1e" + text.encode())
        rows.append(digest.digest())
    return pl.Series("digest", rows, dtype=pl.Binary)
