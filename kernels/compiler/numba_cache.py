"""Our place, our rule of what is stale and our files, told to numba's own cache."""

import hashlib
import io
import os
import pickle
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numba.core.config
import numba.core.serialize
import numpy as np
from numba.core.caching import FunctionCache, InTreeCacheLocator

from whalecurve.kernels.compiler.cache import HERE, PLACE, SOURCES
from whalecurve.kernels.compiler.whole_file import read_whole, write_whole

config: Any = numba.core.config  # whose names are made as it is imported
serialize: Any = numba.core.serialize


def _makers() -> tuple[object, ...]:
    """What made the code: our sources, and the versions of all that had a hand in it."""
    return numba.__version__, llvmlite.__version__, np.__version__, SOURCES


class KernelLocator(InTreeCacheLocator):
    """Tells numba where our kernels are cached and what to compare cached code with."""

    def get_cache_path(self) -> str:
        """One for all of them."""
        return str(PLACE)

    def get_disambiguator(self) -> str:
        """The file's path below the kernels beside the line: two packages may have a file of one name."""
        folder = Path(self._py_file).parent
        package = folder.relative_to(HERE).parts if folder.is_relative_to(HERE) else folder.parts[-1:]
        return ".".join([*package, str(self._lineno)])

    def get_source_stamp(self) -> bytes:
        """All kernel files."""
        return SOURCES

    def ensure_cache_path(self) -> None:
        """Make the directory if it is gone; that it takes files was asked once, not for every kernel."""
        with suppress(OSError):
            Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)


class KernelFiles:
    """What numba keeps of one function: a file for each signature, and none that lists them.

    numba reads a list, adds to it and writes it back; of two processes that do so at once, one may find under its
    signature the code for the other's, and either fails for good on a list that a full disk cut short.
    """

    def __init__(self, base: Path) -> None:
        self._base = base

    def _path(self, key: Any) -> Path:  # noqa: ANN401 - numba is untyped
        signature, machine, _ = key
        digest = hashlib.sha256(repr((signature, machine)).encode()).hexdigest()[:16]
        return self._base.with_name(f"{self._base.name}.{digest}.nbc")

    def flush(self) -> None:
        """Forget everything."""
        for path in self._base.parent.glob(f"{self._base.name}.*.nbc"):
            path.unlink(missing_ok=True)

    def save(self, key: Any, data: Any) -> None:  # noqa: ANN401
        """Keep the code for a signature, machine and function."""
        parts = _makers(), (key, data)
        write_whole(self._path(key), b"".join(map(serialize.dumps, parts)))

    def load(self, key: Any) -> Any:  # noqa: ANN401
        """What was kept; None if nothing was, or for other sources, or by other versions of what makes the code."""
        kept = read_whole(self._path(key))
        if kept is None:
            return None
        parts = io.BytesIO(kept)
        if pickle.load(parts) != _makers():
            return None
        kept_key, data = pickle.load(parts)
        return data if kept_key == key else None


def use_kernel_files(cache: Any) -> None:  # noqa: ANN401
    """Have a cache of numba's keep its code in our files; it may be one that keeps nothing."""
    if isinstance(cache, FunctionCache):
        own: Any = cache
        own._cache_file = KernelFiles(Path(own.cache_path) / own._impl.filename_base)


_one_at_a_time = threading.Lock()
if hasattr(os, "register_at_fork"):  # a forked process has no thread that would release it
    os.register_at_fork(
        before=_one_at_a_time.acquire, after_in_parent=_one_at_a_time.release, after_in_child=_one_at_a_time.release
    )


@contextmanager
def in_place() -> Iterator[None]:
    """Inside, what numba decorates is cached at `PLACE`; elsewhere numba's own rules hold, for other packages too."""
    with _one_at_a_time:
        before = config.CACHE_LOCATOR_CLASSES
        config.CACHE_LOCATOR_CLASSES = f"{__name__}.{KernelLocator.__name__}"
        try:
            yield
        finally:
            config.CACHE_LOCATOR_CLASSES = before
