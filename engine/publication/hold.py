"""A directory that outlives runs, such as a state, held by one run at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.paths import refuse_impossible, refuse_url
from whalecurve.engine.publication.parents import parents_of
from whalecurve.engine.unfinished import undone_if_stopped


@contextmanager
def held(directory: Path | None, name: str) -> Iterator[None]:
    """Hold a directory, which need not be there yet, until the block ends or the process dies; None holds nothing.

    `name` is the setting that names the directory.

    The lock is on a file beside the directory, which is removed with the hold: the directory itself may be replaced
    meanwhile.

    Raises
    ------
    InputError
        Another run holds it; the system does not let it be held; it is a URL.
    """
    if directory is None:
        yield
        return
    refuse_url(directory, name)
    refuse_impossible(directory, setting(name, directory))
    target = directory.resolve()
    if target.exists() and not target.is_dir():
        raise InputError(f"{setting(name, directory)}: no directory; name a new or empty one")
    mark = target.with_name(f".{target.name}.lock")
    with ExitStack() as hold:
        try:
            hold.enter_context(parents_of(target))
            descriptor = _locked(mark)
        except BlockingIOError as error:
            raise InputError(
                f"{setting(name, directory)}: another run uses it; wait for its end, or name another directory"
            ) from error
        except OSError as error:
            why = error.strerror
            raise InputError(f"{setting(name, directory)}: cannot be locked ({why}); fix permissions there") from error
        hold.callback(os.close, descriptor)
        remove = partial(mark.unlink, missing_ok=True)
        hold.callback(remove)  # first, while it is locked: whoever finds it next sees it is gone
        hold.enter_context(undone_if_stopped(remove))
        yield


def _locked(mark: Path) -> int:
    """A descriptor of a file that this process alone has locked, and that still is the one of its name."""
    while True:
        descriptor = os.open(mark, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, mark):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder removed it between the two steps


def _is_at(descriptor: int, mark: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), mark.stat())
    except FileNotFoundError:
        return False
