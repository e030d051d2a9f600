"""Work in the making, and how it is undone when the process must end before its owners can do so.

Whoever makes files that are to vanish on failure removes them as the exception unwinds. A program that is told to stop
while a long query or kernel runs cannot wait for that: it calls `undo_all` and ends. Nothing here is called otherwise.
"""

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

_undos: dict[object, Callable[[], None]] = {}
_settling = threading.Lock()


@contextmanager
def undone_if_stopped(undo: Callable[[], None]) -> Iterator[None]:
    """Know how to undo what the block makes, for as long as it runs. `undo` may be called from another thread."""
    key = object()
    _undos[key] = undo
    try:
        yield
    finally:
        _undos.pop(key, None)


@contextmanager
def temporary_directory(parent: Path | None = None) -> Iterator[Path]:
    """A directory that goes with the block, in the system's place for such unless another is named."""
    with (
        tempfile.TemporaryDirectory(prefix="whalecurve-", dir=parent) as folder,
        undone_if_stopped(partial(shutil.rmtree, folder, ignore_errors=True)),
    ):
        yield Path(folder)


def directory_of_this_process() -> Path:
    """A new directory, in the system's place for such, that is gone when the process ends or is stopped."""
    folder, process = tempfile.mkdtemp(prefix="whalecurve-"), os.getpid()

    def remove() -> None:
        if os.getpid() == process:  # and no fork of it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    _undos[object()] = remove
    return Path(folder)


@contextmanager
def settling() -> Iterator[None]:
    """Let a result take its place without being undone half-way; waits for ever once `undo_all` has begun."""
    with _settling:
        yield


def undo_all() -> None:
    """Undo what is in the making, last things first. The process must end then: nothing can be published any more."""
    _settling.acquire()
    for undo in reversed(list(_undos.values())):
        with suppress(OSError):
            undo()
