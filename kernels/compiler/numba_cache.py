"""Our place and our rule of what is stale, told to numba's own cache."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba.core.config
from numba.core.caching import InTreeCacheLocator

from whalecurve.kernels.compiler.cache import HERE, PLACE, SOURCES

config: Any = numba.core.config  # whose names are made as it is imported


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
        Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)


_one_at_a_time = threading.Lock()


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
