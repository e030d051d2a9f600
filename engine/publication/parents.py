"""The directories above what is written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def parents_of(target: Path) -> Iterator[None]:
    """The directories above the target, made where they are missing; gone again if nothing was left in them."""
    missing = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # not empty
            for parent in missing:
                parent.rmdir()
