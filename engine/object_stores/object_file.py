"""An object as a file to be read here and there: its end, where formats have their footers, comes in one request."""

import io
import os
from pathlib import Path

from whalecurve.engine.object_stores.locations import location_of
from whalecurve.engine.object_stores.store import Store, store_of
from whalecurve.engine.paths import is_object_url

TAIL = 1 << 17
"""Bytes of the end that are fetched with the first read there: most footers whole."""


def opened(path: str, n_bytes: int | None = None) -> io.BufferedReader:
    """A local file, or an object of so many bytes, open to be read.

    Raises
    ------
    FileNotFoundError
        There is no such object; others as those of `Path.open`.
    """
    if not is_object_url(path):
        return Path(path).open("rb")
    location = location_of(path)
    store = store_of(location)
    if n_bytes is None:
        seen = store.look(location.key)
        if seen is None:
            raise FileNotFoundError(f"{path}: no such object")
        n_bytes = seen.n_bytes
    return io.BufferedReader(_ObjectFile(store, location.key, n_bytes), buffer_size=1 << 16)


class _ObjectFile(io.RawIOBase):
    """The raw bytes of an object."""

    def __init__(self, store: Store, key: str, n_bytes: int) -> None:
        self._store, self._key, self._n_bytes = store, key, n_bytes
        self._at = 0
        self._tail: bytes | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._n_bytes}[whence])
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        end = min(self._at + len(buffer), self._n_bytes)
        if end <= self._at:
            return 0
        piece = self._between(self._at, end)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _between(self, start: int, end: int) -> bytes:
        from_end = self._n_bytes - start
        if from_end > TAIL:
            return self._store.read(self._key, start, end)
        if self._tail is None:
            self._tail = self._store.read(self._key, max(0, self._n_bytes - TAIL), self._n_bytes)
        first = self._n_bytes - len(self._tail)
        return self._tail[start - first : end - first]
