"""The directories above what is written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal

from whalecurve.engine.errors import InputError
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


def refuse_within(target: Path, result: str | Path | None, what: str, other: Literal["directory", "place"]) -> None:
    """Refuse a target within a result that is read; `what` is the target's setting, `other` what to choose instead.

    Raises
    ------
    InputError
        It lies within the result.
    """
    if result is not None and target.is_relative_to(Path(result).resolve()):
        raise InputError(
            f"{what}: lies within the result that is read ({result}), which stays as its run wrote it; choose another "
            f"{other}"
        )


def refuse_unwritable(target: Path, what: str, other: Literal["directory", "place"]) -> None:
    """Refuse a target whose nearest directory above that exists takes no files; `what` and `other` as before.

    Raises
    ------
    InputError
        It cannot be written.
    """
    parent = next(p for p in target.parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"{what}: {parent} cannot be written; choose another {other}, or fix its permissions")


def _remove_empty(directories: list[Path]) -> None:
    with suppress(OSError):  # not empty
        for directory in directories:
            directory.rmdir()
