"""Arrays that are wanted again later: in memory while there is room, then in a file without a name."""

import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from io import FileIO
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError
from whalecurve.engine.paths import not_written

Array = NDArray[Any]

ALIGNED = 64


class Scratch:
    """Room for arrays, from several threads at once; gone when closed, and when the process ends, however it ends."""

    def __init__(self, folder: Path | None, in_memory: int, what: str) -> None:
        """Keep so many bytes in memory, and the rest in `folder` (None: the system's); `what` names it in messages."""
        self._folder, self._left, self._what = folder, in_memory, what
        self._lock = threading.Lock()
        self._file: FileIO | None = None
        self._end = 0

    @property
    def n_filed(self) -> int:
        """Bytes that went to the file."""
        return self._end

    def put(self, array: Array) -> "Kept":
        """Keep an array of one dimension, which must not change any more."""
        with self._lock:
            if array.nbytes <= self._left:
                self._left -= array.nbytes
                return Kept(array=array, scratch=self, at=0, dtype=array.dtype, size=array.size)
            if self._file is None:
                try:
                    self._file = tempfile.TemporaryFile(prefix="whalecurve-", dir=self._folder, buffering=0)  # noqa: SIM115 - closed with this
                except OSError as error:
                    raise self._refusal(error) from error
            at, self._end = self._end, self._end + array.nbytes
        self._write(np.ascontiguousarray(array).data.cast("B"), at)
        return Kept(array=None, scratch=self, at=at, dtype=array.dtype, size=array.size)

    def read(self, at: int, into: Array) -> None:
        """Fill an array with what was written at a place of the file."""
        assert self._file is not None, "something was written"
        left = into.data.cast("B")
        while left:
            n = os.preadv(self._file.fileno(), [left], at)
            if n == 0:
                raise EOFError(f"the file of {self._what} is shorter than what was written to it")
            left, at = left[n:], at + n

    def close(self) -> None:
        """Let go of everything in the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, left: memoryview, at: int) -> None:
        assert self._file is not None, "opened before"
        try:
            while left:
                n = os.pwrite(self._file.fileno(), left, at)
                left, at = left[n:], at + n
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> InputError:
        place = self._folder or tempfile.gettempdir()
        return InputError(f"{not_written(self._what, place, error)}, or write to another disk")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """An array that was put into a `Scratch`."""

    array: Array | None
    scratch: Scratch
    at: int
    dtype: np.dtype[Any]
    size: int

    def read(self, start: int = 0, end: int | None = None) -> Array:
        """Its values from start to end; not to be written to."""
        end = self.size if end is None else end
        if self.array is not None:
            return self.array[start:end]
        values = np.empty(end - start, dtype=self.dtype)
        self.scratch.read(self.at + start * self.dtype.itemsize, values)
        return values


def read_together(kept: Mapping[str, Kept]) -> dict[str, Array]:
    """Several arrays at once; what comes from the file is in one piece of memory, which goes back to the system."""
    sizes = [-(-part.size * part.dtype.itemsize // ALIGNED) * ALIGNED for part in kept.values()]
    room, arrays = np.empty(sum(sizes), dtype=np.uint8), dict[str, Array]()
    for (name, part), start in zip(kept.items(), accumulate(sizes, initial=0), strict=False):
        if part.array is not None:
            arrays[name] = part.array
            continue
        arrays[name] = room[start : start + part.size * part.dtype.itemsize].view(part.dtype)
        part.scratch.read(part.at, arrays[name])
    return arrays
