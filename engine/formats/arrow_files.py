"""Arrow IPC files, which Feather is too, and IPC streams: columns, rows, and the rows batch by batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

FILE_MAGIC = b"ARROW1"


@contextmanager
def _opened(path: str, columns: list[str] | None) -> Iterator[Any]:
    """A reader of the file or stream, and whether it is a file."""
    with pa.OSFile(path) as head:
        is_file = head.read(len(FILE_MAGIC)) == FILE_MAGIC
    with pa.memory_map(path) as content:
        options = None
        if columns is not None:
            with (pa.ipc.open_file if is_file else pa.ipc.open_stream)(content) as names:
                options = pa.ipc.IpcReadOptions(included_fields=[names.schema.get_field_index(c) for c in columns])
            content.seek(0)
        with (pa.ipc.open_file if is_file else pa.ipc.open_stream)(content, options=options) as reader:
            yield reader


def arrow_schema(path: str) -> pa.Schema:
    """The columns of a file, without its rows."""
    with _opened(path, None) as reader:
        return reader.schema


def arrow_batches(path: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows, batch by batch, of the named columns at least."""
    with _opened(path, columns) as reader:
        if hasattr(reader, "num_record_batches"):
            for i in range(reader.num_record_batches):
                yield reader.get_batch(i)
        else:
            yield from reader


def n_arrow_rows(path: str) -> int:
    """How many rows a file has; no column is read for it."""
    return sum(batch.num_rows for batch in arrow_batches(path, []))
