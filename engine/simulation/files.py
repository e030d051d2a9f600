"""Simulated order lines -> Parquet files, encoded on threads of their own while the next lines are drawn."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from whalecurve.engine.simulation import catalogue
from whalecurve.kernels.simulation import Records

ROWS_PER_GROUP = 500_000
WRITERS = 2
ENCODING: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": [
        *("amount", "margin", "discount"),
        *("product", "category", "brand", "city", "channel", "campaign"),
    ],
    "column_encoding": {"order_ts": "DELTA_BINARY_PACKED", "order_id": "DELTA_BINARY_PACKED"},
    "store_schema": False,  # else readers get Arrow's dictionary type back instead of strings
}


def labels(codes: NDArray[np.integer], names: Sequence[str]) -> pa.Array:
    """Make strings of codes, null where the code is negative; readers of the files see plain strings."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(list(names)))


def customer_ids(numbers: NDArray[np.int64], ids: str) -> pa.Array:
    """Name customers, from 1 on; as strings, by "C" and ten digits."""
    called = numbers + 1
    if ids == "integer":
        return pa.array(called)
    return ("C" + pl.Series(called).cast(pl.String).str.zfill(10)).to_arrow().cast(pa.string())


def order_table(lines: Records, *, epoch: int, ids: str) -> pa.Table:
    """Columns of the log for kernel records; `epoch` is the log's first midnight in Unix microseconds."""
    articles = catalogue.products(catalogue.NEUTRAL)
    product = lines["product"]
    brand = np.array([catalogue.BRANDS.index(article.brand) for article in articles], dtype=np.int8)
    category = np.array([catalogue.CATEGORIES.index(article.category) for article in articles], dtype=np.int8)
    return pa.table(
        {
            "customer_id": customer_ids(lines["number"], ids),
            "order_ts": pa.array(lines["time"] + epoch).cast(pa.timestamp("us")),
            "order_id": pa.array(np.ascontiguousarray(lines["order"])),
            "amount": pa.array(np.ascontiguousarray(lines["amount"])),
            "margin": pa.array(np.ascontiguousarray(lines["margin"])),
            "product": labels(np.ascontiguousarray(product), [article.name for article in articles]),
            "category": labels(category[product], catalogue.CATEGORIES),
            "brand": labels(brand[product], catalogue.BRANDS),
            "city": labels(np.ascontiguousarray(lines["city"]), list(catalogue.CITIES)),
            "channel": labels(np.ascontiguousarray(lines["channel"]), list(catalogue.CHANNELS)),
            "campaign": labels(np.ascontiguousarray(lines["campaign"]), list(catalogue.CAMPAIGNS)),
            "discount": pa.array(np.array(catalogue.DISCOUNTS)[lines["discount"]]),
        }
    )


def write_part(path: Path, chunks: list[Records], *, epoch: int, ids: str) -> int:
    """Write one file, zstd, with statistics; its size in bytes."""
    lines = np.concatenate(chunks)
    schema = order_table(lines[:0], epoch=epoch, ids=ids).schema
    with pq.ParquetWriter(path, schema, **ENCODING) as writer:
        for start in range(0, len(lines), ROWS_PER_GROUP):
            writer.write_table(order_table(lines[start : start + ROWS_PER_GROUP], epoch=epoch, ids=ids))
    return path.stat().st_size


class OrderFiles:
    """`part-00000.parquet`, `part-00001.parquet`, ... of `rows_per_file` lines each, the last one of what is left.

    Use as a context: leaving it without `finish` drops what is not written. At most one file more than
    there are writers is held in memory.
    """

    def __init__(self, directory: Path, *, rows_per_file: int, epoch: int, ids: str) -> None:
        self._directory = directory
        self._rows_per_file = rows_per_file
        self._encoding: dict[str, Any] = {"epoch": epoch, "ids": ids}
        self._chunks: list[Records] = []
        self._n_held = 0
        self._n_files = 0
        self._n_bytes = 0
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="order-files")
        self._in_flight: deque[Future[int]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writers.shutdown(cancel_futures=True)

    def add(self, lines: Records) -> None:
        """Take lines, later than all before; the caller does not touch them again."""
        while self._n_held + len(lines) >= self._rows_per_file:
            fits = self._rows_per_file - self._n_held
            self._chunks.append(lines[:fits])
            self._send()
            lines = lines[fits:]
        if len(lines) > 0:
            self._chunks.append(lines)
            self._n_held += len(lines)

    def finish(self) -> int:
        """Write the rest and wait; the size of all files in bytes."""
        if self._chunks:
            self._send()
        while self._in_flight:
            self._n_bytes += self._in_flight.popleft().result()
        return self._n_bytes

    def _send(self) -> None:
        while len(self._in_flight) >= WRITERS:
            self._n_bytes += self._in_flight.popleft().result()
        path = self._directory / f"part-{self._n_files:05d}.parquet"
        self._in_flight.append(self._writers.submit(write_part, path, self._chunks, **self._encoding))
        self._chunks, self._n_held = [], 0
        self._n_files += 1
