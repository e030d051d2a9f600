"""Paths as they are given: URLs, names that no file can have, and what lies at a path."""

import errno
import os
import re
import stat
from pathlib import Path

from whalecurve.engine.errors import InputError, reason, setting

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?=/|$)")
"""The scheme of a URL, also where `Path` has folded its two slashes into one. A letter alone is none."""

KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a disk, a quota or a file that can hold no more."""


def is_url(path: str) -> bool:
    """Whether a path names an object store rather than a local file."""
    return "://" in path


OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "adl")
"""Schemes of URLs whose store lists its objects: Amazon S3 and what speaks its language, Google, Azure."""


def is_object_url(path: str) -> bool:
    """Whether a path names objects of a store that can list them."""
    return is_url(path) and path.partition("://")[0].lower() in OBJECT_STORES


def is_web_url(path: str) -> bool:
    """Whether a path is any other URL, as of plain HTTP: Polars opens what is behind it, and nobody lists it."""
    return is_url(path) and not is_object_url(path)


def unfolded(path: str | os.PathLike[str]) -> str:
    """A path as text, and a URL of an object store with both of its slashes, of which `Path` keeps one."""
    text = os.fspath(path)
    scheme = URL.match(text)
    if scheme is None or scheme[0][:-1].lower() not in OBJECT_STORES:
        return text
    return f"{scheme[0]}//{text[scheme.end() :].lstrip('/')}"


def refuse_url(path: str | os.PathLike[str], name: str) -> None:
    """Make sure that what is to be written has a local path; `name` is the setting that gives it.

    Raises
    ------
    InputError
        The path is a URL: nothing is written there, and a local directory of that name is not what is meant.
    """
    text = os.fspath(path)
    if scheme := URL.match(text):
        host = "///" if scheme[0] == "file:" else "//"
        url = scheme[0] + host + text[scheme.end() :].lstrip("/")
        raise InputError(
            f"{setting(name, url)}: a URL, and only local paths are written; name one, and copy it there later"
        )


def refuse_other_url(path: str | os.PathLike[str], name: str) -> None:
    """Make sure that what is to be written has a local path, or a URL of an object store.

    Raises
    ------
    InputError
        Another URL, of which nobody could say that something was written there whole.
    """
    if URL.match(os.fspath(path)) and not is_object_url(unfolded(path)):
        refuse_url(path, name)


def refuse_impossible(path: str | os.PathLike[str], place: str) -> None:
    """Make sure that the system and the libraries can take a name at all, whether or not anything lies there.

    Raises
    ------
    InputError
        The name holds a NUL or bytes that are no UTF-8, is longer than the system allows, or links to itself.
    """
    text = os.fspath(path)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{place}: the name is not UTF-8; rename it") from error
    if "\0" in text:
        raise InputError(f"{place}: the name holds a NUL character, which no file can have; correct it")
    try:
        os.stat(text)  # noqa: PTH116 - Path.stat answers the same, and makes an object of an impossible name
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # for the caller to say, who knows what was to be there
    except OSError as error:  # too long, a circle of links, a device that fails
        raise InputError(f"{place}: no usable path ({error.strerror}); correct it") from error


def irregular(path: str | os.PathLike[str]) -> str | None:
    """What lies at a path if it is no regular file ("a named pipe"); None for a file, a link to one, and nothing.

    To open a pipe would wait for a writer, perhaps for ever; a device may never end.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - half the time of Path, and there may be thousands
    except OSError:
        return None
    return next((words for is_of_kind, words in KINDS if is_of_kind(mode)), None)


def not_written(what: str, place: str | os.PathLike[str], error: OSError) -> str:
    """Why `what` cannot be written to a directory, and what to do: there is no room, or it may not be written to."""
    why = error.strerror or reason(error)
    if error.errno in FULL:
        return f"no room in {place} for {what} ({why}); free some space"
    return f"{place} takes no file for {what} ({why}); make sure that it is there and can be written to"


def read_text(path: str | os.PathLike[str], advice: str) -> str:
    """The text of a small file, such as one of settings.

    Raises
    ------
    InputError
        No regular file, or one that cannot be read; the message ends with the advice.
    UnicodeDecodeError
        The content is not UTF-8.
    """
    refuse_impossible(path, str(path))
    if kind := irregular(path):
        raise InputError(f"{path}: cannot be read ({kind}, expected a file); {advice}")
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {advice}") from error
