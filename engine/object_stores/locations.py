"""Where an object lies: the scheme of its store, the bucket (Azure: the container), the key."""

import os
from dataclasses import dataclass
from pathlib import PurePosixPath

from whalecurve.engine.errors import InputError
from whalecurve.engine.paths import is_object_url, unfolded


@dataclass(frozen=True, slots=True)
class Location:
    """An object, or all below a key. `root` is the URL down to the bucket; `key` has no slash at its ends."""

    root: str
    key: str

    @property
    def url(self) -> str:
        """The whole of it."""
        return f"{self.root}/{self.key}" if self.key else self.root

    @property
    def scheme(self) -> str:
        """That of the URL, in small letters."""
        return self.root.partition("://")[0].lower()

    @property
    def bucket(self) -> str:
        """The name after the scheme."""
        return self.root.partition("://")[2]

    def below(self, name: str) -> "Location":
        """What has this name, or path, below it."""
        return Location(self.root, f"{self.key}/{name}" if self.key else name)

    def above(self) -> "list[Location]":
        """The prefixes above a key, the nearest first, that of the whole bucket last."""
        if not self.key:
            return []
        parents = [str(parent) for parent in PurePosixPath(self.key).parents]
        return [Location(self.root, "" if parent == "." else parent) for parent in parents]

    def holds(self, other: "Location") -> bool:
        """Whether another location is this one, or lies below it."""
        return self.root == other.root and f"{other.key}/".startswith(f"{self.key}/" if self.key else "")


def location_of(url: str | os.PathLike[str]) -> Location:
    """The location that a URL names, whose slashes a `Path` may have folded.

    Raises
    ------
    InputError
        It names no bucket, or a key that is no text without empty parts.
    """
    text = unfolded(url)
    assert is_object_url(text), "the URL of an object store"
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise InputError(f"{text}: names no bucket; write it as {scheme}://bucket/orders/")
    parts = key.strip("/").split("/")
    if key.strip("/") and any(part in ("", ".", "..") for part in parts):
        raise InputError(
            f'{text}: has an empty name, "." or ".." on its way, which no object has; write the key itself'
        )
    return Location(f"{scheme}://{bucket}", key.strip("/"))
