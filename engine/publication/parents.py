"""The directories above what is written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from whalecurve.engine.unfinished import undone_if_stopped


@contextmanager
def parents_of(target: Path) -> Iterator[None]:
    """The directories above the target, made where they are missing; gone again if nothing was left in them."""
    missing = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    remove = partial(_remove_empty, missing)
    try:
        with undone_if_stopped(remove):
            yield
    finally:
        remove()


def _remove_empty(directories: list[Path]) -> None:
    with suppress(OSError):  # not empty
        for directory in directories:
            directory.rmdir()
