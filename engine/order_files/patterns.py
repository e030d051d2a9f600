"""What a glob matches, and what lies below a directory: through links too, but through no directory twice.

The standard library's `glob` follows two directories that link to each other as deep as the system lets it, in every
order, and passes over a directory that it may not list.
"""

import fnmatch
import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from whalecurve.engine.errors import InputError

ANY_DEPTH = "**"


@dataclass(slots=True)
class Walk:
    """Directories still to be visited, each once, those reached through a link after all others.

    So of two names of one directory the one without a link counts, whose path has the right columns (`year=2024/`).
    """

    own: list[tuple[str, int]] = field(default_factory=list)
    linked: list[tuple[str, int]] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def add(self, directory: str, step: int = 0, *, is_linked: bool = False) -> None:
        """Visit a directory later, for what is to be done there at a step."""
        (self.linked if is_linked else self.own).append((directory, step))

    def __iter__(self) -> Iterator[tuple[str, int]]:
        while self.own or self.linked:
            directory, step = (self.own or self.linked).pop()
            here = (os.path.realpath(directory or os.curdir), step)
            if here not in self.seen:
                self.seen.add(here)
                yield directory, step


def matching(pattern: str) -> list[str]:
    """Files and directories that match: `*`, `?` and `[...]` within a name, `**` for directories of any depth.

    A leading dot of a name is matched by a dot alone. As a last step, `**` matches files too, and a slash at the end
    takes directories alone.

    Raises
    ------
    InputError
        A directory on the way that cannot be listed.
    """
    steps = [step for step in pattern.split("/") if step]
    walk, paths = Walk(), set[str]()
    walk.add("/" if pattern.startswith("/") else "")
    for directory, i in walk:
        is_last, is_any_depth = i + 1 == len(steps), steps[i] == ANY_DEPTH
        if is_any_depth and is_last:
            paths.add(directory or os.curdir)
        elif is_any_depth:
            walk.add(directory, i + 1)
        for match in _matches(directory, steps[i]):
            if is_last and (match.is_directory or not pattern.endswith("/")):
                paths.add(match.path)
            if match.is_directory and (is_any_depth or not is_last):
                walk.add(match.path, i if is_any_depth else i + 1, is_linked=match.is_link)
    return sorted(paths)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a directory holds under a name."""

    path: str
    is_directory: bool
    is_link: bool


def entries_of(directory: str) -> Iterator[Entry]:
    """What a directory holds, by name.

    Raises
    ------
    InputError
        It cannot be listed.
    """
    try:
        with os.scandir(directory or os.curdir) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"{directory}: cannot be read ({error.strerror}); check its permissions") from error
    for entry in listed:
        path = os.path.join(directory, entry.name)  # noqa: PTH118 - half the time of Path, and there may be thousands
        yield Entry(path, _is_directory(entry), entry.is_symlink())


def _matches(directory: str, step: str) -> Iterator[Entry]:
    if not glob.has_magic(step):  # also "..", and directories that may be entered and not listed
        path = os.path.join(directory, step)  # noqa: PTH118
        if os.path.lexists(path):
            yield Entry(path, Path(path).is_dir(), Path(path).is_symlink())
        return
    is_like = re.compile(fnmatch.translate(step)).match
    for entry in entries_of(directory):
        name = entry.path.rpartition("/")[2]
        if is_like(name) and (step.startswith(".") or not name.startswith(".")):
            yield entry


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
