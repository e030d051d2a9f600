"""Rows that come once and are read several times: in a file without a name.

Several readers, each with a place of its own, open such a file through /proc/self/fd, which is Linux's: elsewhere
/dev/fd gives all of them one place, and a name would have to be removed by whoever outlives the process.
"""

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator

import pyarrow as pa

from whalecurve.engine.errors import InputError
from whalecurve.engine.paths import not_written

ROWS = 65_536
"""Rows that are written, and later read, together."""


class Spool:
    """Rows in an Arrow file that has no name. It is gone with the last reference to this, and with the process."""

    def __init__(self) -> None:
        """An empty file, in the system's place for such."""
        with tempfile.TemporaryFile(prefix="whalecurve-") as file:
            self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)
        self.n_rows = 0

    @property
    def path(self) -> str:
        """Where the file can be opened, as often as is wanted, as long as this is referred to."""
        return f"/proc/self/fd/{self._descriptor}"

    def write(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Write rows of these columns."""
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(self.path, "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
            for batch in _of_some_size(batches):
                writer.write(batch)
                self.n_rows += batch.num_rows


def spooled(batches: Iterable[pa.RecordBatch], schema: pa.Schema, name: str) -> Spool:
    """The rows, written; `name` is what messages call their source.

    Raises
    ------
    InputError
        They cannot be written where the system has its temporary files.
    """
    place = "the directory of temporary files"
    try:
        place = tempfile.gettempdir()  # which fails where none of the usual ones can be written to
        spool = Spool()
        spool.write(batches, schema)
    except OSError as error:
        raise InputError(
            f"{name}: {not_written('the answer', place, error)}, or name another directory with the environment "
            f"variable TMPDIR"
        ) from error
    return spool


def _of_some_size(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows in batches of about so many: drivers give a thousand at a time, or a million."""
    waiting: list[pa.RecordBatch] = []
    n_waiting = 0
    for batch in batches:
        waiting.append(batch)
        n_waiting += batch.num_rows
        if n_waiting >= ROWS:
            yield from _rechunked(waiting)
            waiting, n_waiting = [], 0
    if n_waiting:
        yield from _rechunked(waiting)


def _rechunked(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from pa.Table.from_batches(batches).combine_chunks().to_batches(max_chunksize=ROWS)
