"""A single file that a reader asks for, written whole or not at all."""

import uuid
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.paths import irregular, refuse_impossible, refuse_url
from whalecurve.engine.publication.parents import parents_of, refuse_unwritable, refuse_within
from whalecurve.engine.unfinished import settling, undone_if_stopped


def check_place(path: Path, name: str, results: Iterable[str | Path | None] = ()) -> None:
    """Make sure, before any work, that something can be written at a path that is given by the setting `name`.

    Raises
    ------
    InputError
        A URL, no usable path, one within a result that is read, or one below a directory that cannot be written.
    """
    refuse_url(path, name)
    refuse_impossible(path, setting(name, path))
    target = path.resolve()
    for result in results:
        refuse_within(target, result, setting(name, path), "place")
    refuse_unwritable(target, setting(name, path), "place")


def check_file(path: Path, name: str, *, overwrite: bool, results: Iterable[str | Path | None] = ()) -> None:
    """The same of a file: there is none yet, or a regular one that may be replaced.

    Raises
    ------
    InputError
        As `check_place`; a directory, a device or a pipe; a file, and `overwrite` is not given.
    """
    check_place(path, name, results)
    if kind := irregular(path):
        raise InputError(f"{setting(name, path)}: {kind}, expected a file; choose another name")
    if path.exists() and not overwrite:
        raise InputError(
            f"{setting(name, path)}: exists; choose another file, or replace it with {setting('overwrite', True)}"
        )


def publish_file(path: Path, content: str | bytes, name: str) -> None:
    """Write bytes, or a text as UTF-8, in one step: a reader sees what was there before, or all of it.

    Raises
    ------
    InputError
        The system does not let it be written.
    """
    target = path.resolve()
    staging = target.with_name(f".{target.name}.staging-{uuid.uuid4().hex}")
    remove = partial(staging.unlink, missing_ok=True)
    try:
        with parents_of(target), undone_if_stopped(remove):
            try:
                staging.write_bytes(content.encode() if isinstance(content, str) else content)
                with settling():
                    staging.replace(target)
            finally:
                remove()
    except OSError as error:
        raise InputError(
            f"{setting(name, path)}: cannot be written ({error.strerror}); make room or fix permissions, or choose "
            f"another place"
        ) from error
