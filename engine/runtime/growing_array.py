"""Memory that grows and shrinks in place: an array whose bytes are never copied to make room."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRAIN = 1 << 21
"""A huge page: what the system gives at once, and moves without copying."""


class GrowingArray:
    """Zeroed memory for a one- or two-dimensional array. What is not touched takes no memory.

    `array` is a view for as long as the size stays; views from before a change of size must be gone by then.
    """

    def __init__(self, dtype: type[np.generic], words: int = 0, length: int = 0) -> None:
        """Room for `length` rows of `words` values (0: a plain vector)."""
        self._dtype, self._words = np.dtype(dtype), words
        self._map = _anonymous(self._bytes(length))
        self.array = self._view(length)

    def __len__(self) -> int:
        """Rows that there is room for."""
        return int(self.array.shape[0])

    @property
    def n_bytes(self) -> int:
        """Bytes of address space that are taken."""
        return len(self._map)

    def resize(self, length: int) -> None:
        """Make room for `length` rows; rows beyond the old length are zero.

        Raises
        ------
        BufferError
            A view from before is still alive.
        """
        kept = len(self._map) // (max(self._words, 1) * self._dtype.itemsize)
        self.array[length:kept] = 0  # what is left of the last grain would come back when it grows
        del self.array
        self._map.resize(self._bytes(length))
        if hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.array = self._view(length)

    def _bytes(self, length: int) -> int:
        wanted = length * max(self._words, 1) * self._dtype.itemsize
        return max(1, -(-wanted // GRAIN)) * GRAIN

    def _view(self, length: int) -> NDArray[Any]:
        count = length * max(self._words, 1)
        flat: NDArray[Any] = np.frombuffer(self._map, self._dtype, count=count)
        return flat.reshape(length, self._words) if self._words else flat


def _anonymous(n_bytes: int) -> mmap.mmap:
    memory = mmap.mmap(-1, n_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)  # random access to half a gigabyte: the translation of addresses counts
    return memory
