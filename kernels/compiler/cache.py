"""Where compiled kernels are kept, and what makes them stale.

numba keeps compiled code beside the sources or else below the home directory, and raises where it can write to
neither. And it compares nothing but the file that a function stands in: after an upgrade that changed `special.py`
alone, the old code of every file that calls it would go on running. So here all kernel files together are what
cached code is compared with, and where no place is at hand one of the user's own is made.
"""

import hashlib
import logging
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numba.core.config
from numba.core.caching import InTreeCacheLocator

logger = logging.getLogger(__name__)
config: Any = numba.core.config  # whose names are made as it is imported

HERE = Path(__file__).parents[1]
BELOW = f"whalecurve-{hashlib.sha256(str(HERE).encode()).hexdigest()[:16]}"
"""Name of the directory for these kernels below one that several packages share."""


def _sources() -> bytes:
    """A hash of all kernel files; empty where there are none to read, as in a frozen application."""
    files = sorted(HERE.rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(HERE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.digest() if files else b""


SOURCES = _sources()


def _takes_files(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


def _is_trusted(directory: Path) -> bool:
    """Whether only this user, root and the owner of these sources can put code there: what lies there is run."""
    try:
        found = directory.lstat()
    except OSError:
        return False
    owners = (0, os.getuid(), HERE.stat().st_uid)
    return stat.S_ISDIR(found.st_mode) and found.st_uid in owners and not found.st_mode & stat.S_IWOTH


def _private() -> Path | None:
    """A directory of this user's below the one for temporary files, which everyone can write to."""
    try:
        path = Path(tempfile.gettempdir()) / f"whalecurve-{os.getuid()}"
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()  # of the name itself: another user may have put a link there
    except OSError:
        return None
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) == 0o700
    return path if is_ours else None


def _place() -> Path | None:
    """The first that can be written to: NUMBA_CACHE_DIR, beside the sources, the user's cache, a private directory."""
    if not SOURCES:
        return None
    shared = [Path(config.CACHE_DIR) / BELOW] if config.CACHE_DIR else []
    shared.append(HERE / "__pycache__")
    for place in shared:
        if _takes_files(place):
            return place
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / BELOW  # noqa: PTH111 - may fail
    # Without any home it still begins with "~"; and who owns the directory above could put another in its place.
    if home.is_absolute() and _takes_files(home) and _is_trusted(home) and _is_trusted(home.parent):
        return _filled(home, shared)
    private = _private()
    if private is not None and _takes_files(private / BELOW):
        logger.warning("no cache directory can be written to; kernels are kept in %s (or set NUMBA_CACHE_DIR)", private)
        return _filled(private / BELOW, shared)
    logger.warning("no cache directory can be written to; kernels are compiled in every process: set NUMBA_CACHE_DIR")
    return None


def _filled(place: Path, shared: list[Path]) -> Path:
    """The place, if empty with what a read-only one holds, as in an image that another user warmed up."""
    if any(place.glob("*.nbi")):
        return place
    for source in filter(_is_trusted, shared):
        for pattern in ("*.nbc", "*.nbi"):  # the index last: it promises the data
            for file in source.glob(pattern):
                with suppress(OSError):  # what is missing is compiled
                    copy = place / f"{file.name}.{os.getpid()}"
                    shutil.copyfile(file, copy)
                    copy.replace(place / file.name)
    return place


PLACE = _place()
"""The directory; None where there is none, and kernels are compiled in memory."""


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
