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
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path

logger = logging.getLogger(__name__)

HERE = Path(__file__).parents[1]
NUMBA_SETTINGS = ".numba_config.yaml"
"""The file in the working directory from which numba takes its settings, if it is there."""
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

PATTERNS = "*.kernel", "*.nbc"
"""Names of the files that are kept: machine code, and what numba makes other code from."""


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
        status = directory.lstat()
    except OSError:
        return False
    owners = (0, os.getuid(), HERE.stat().st_uid)
    return stat.S_ISDIR(status.st_mode) and status.st_uid in owners and not status.st_mode & stat.S_IWOTH


def _private() -> Path | None:
    """A directory of this user's below the one for temporary files, which everyone can write to."""
    try:
        path = Path(tempfile.gettempdir()) / f"whalecurve-{os.getuid()}"
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()  # of the name itself: another user may have put a link there
    except OSError:
        return None
    is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700
    return path if is_ours else None


def _named() -> str:
    """The directory that the user has told numba to use: by the environment, by a file, or in this process."""
    if "numba.core.config" in sys.modules or Path(NUMBA_SETTINGS).exists():
        return str(import_module("numba.core.config").CACHE_DIR)
    return os.environ.get("NUMBA_CACHE_DIR", "")


def _place() -> Path | None:
    """The first that can be written to: NUMBA_CACHE_DIR, beside the sources, the user's cache, a private directory."""
    if not SOURCES:
        return None
    named = _named()
    shared = [Path(named) / BELOW] if named else []
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
    if any(any(place.glob(pattern)) for pattern in PATTERNS):
        return place
    for source in filter(_is_trusted, shared):
        for pattern in PATTERNS:
            for file in source.glob(pattern):
                with suppress(OSError):  # what is missing is compiled
                    copy = place / f"{file.name}.{os.getpid()}"
                    shutil.copyfile(file, copy)
                    copy.replace(place / file.name)
    return place


PLACE = _place()
"""The directory; None where there is none, and kernels are compiled in memory."""
