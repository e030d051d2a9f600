"""One store: its objects listed, read, put, put under a condition, and removed.

Every object is written whole or not at all, and known by its ETag, which changes with its content.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from whalecurve.engine.extras import needed
from whalecurve.engine.object_stores.failures import told
from whalecurve.engine.object_stores.locations import Location
from whalecurve.engine.object_stores.options import (
    RETRIES,
    SECONDS,
    client_options,
    family_of,
    says_who_asks,
    store_options,
)

LASTING_RETRIES, LASTING_SECONDS = 8, 120
"""The same once the store has answered: what was begun is worth more patience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object as its store lists it; the ETag without quotes, and a version where the store has some."""

    key: str
    n_bytes: int
    e_tag: str
    version: str | None
    modified: datetime


class Store:
    """The objects below the root of a bucket. What goes wrong is InputError, one line, without secrets."""

    def __init__(self, root: str) -> None:
        """Nothing is asked yet; `root` is the URL down to the bucket."""
        self.root = root
        self._quick, self._lasting = _opened(root, RETRIES, SECONDS), _opened(root, LASTING_RETRIES, LASTING_SECONDS)
        self._has_answered = False

    def hurry(self) -> None:
        """Have as little patience as before the first answer, until there is another one."""
        self._has_answered = False

    def list(self, prefix: str, most: int | None = None) -> list[Stored]:
        """The objects below a prefix, whole names of its path alone, by key; the first `most` that come, if given."""
        found: list[Stored] = []
        with self._asked(prefix, "listed") as client:
            for piece in client.list(prefix or None, chunk_size=min(most or 1000, 1000)):
                found += [_stored(entry) for entry in piece]
                if most is not None and len(found) >= most:
                    break
        return sorted(found[:most], key=lambda one: one.key)

    def look(self, key: str) -> Stored | None:
        """One object without its content; None where there is none."""
        try:
            with self._asked(key, "read") as client:
                return _stored(client.head(key))
        except FileNotFoundError:
            return None

    def read(self, key: str, start: int | None = None, end: int | None = None) -> bytes:
        """The content, or the bytes from `start` to before `end`.

        Raises
        ------
        FileNotFoundError
            There is no such object.
        """
        with self._asked(key, "read") as client:
            if start is None:
                return bytes(client.get(key).bytes())
            return bytes(client.get_range(key, start=start, end=end))

    def save(self, key: str, path: Path) -> None:
        """The content as a local file, of which a piece at a time is in memory.

        Raises
        ------
        FileNotFoundError
            There is no such object.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._asked(key, "read") as client, path.open("wb") as file:
            for piece in client.get(key).stream():
                file.write(piece)

    def put(self, key: str, content: bytes | Path) -> str:
        """Write an object, whatever is there; its ETag."""
        with self._asked(key, "written") as client:
            return _tag(client.put(key, content)["e_tag"])

    def put_if(self, key: str, content: bytes, seen: Stored | None) -> bool:
        """Write an object if it still is as it was seen, None for not there; whether it was written."""
        exceptions = needed("obstore.exceptions", extra="cloud", place=self.root)
        with self._asked(key, "written") as client:
            try:
                client.put(key, content, mode=self._condition(seen))
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                try:  # a write that was tried again after a lost answer finds itself there
                    return bytes(client.get(key).bytes()) == content
                except FileNotFoundError:
                    return False
        return True

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects; those that are gone already are no failure."""
        named = list(keys)
        with self._asked(named[0] if named else "", "removed") as client:
            for start in range(0, len(named), 1000):
                client.delete(named[start : start + 1000])

    def _condition(self, seen: Stored | None) -> Any:  # noqa: ANN401 - the library's
        if seen is None:
            return "create"
        # S3 takes the ETag bare, where gateways of others take no other; Azure has it in quotes, Google the version
        is_bare = family_of(self.root.partition("://")[0].lower()) == "aws"
        condition = {"e_tag": seen.e_tag if is_bare else f'"{seen.e_tag}"'}
        return condition if seen.version is None else condition | {"version": seen.version}

    @contextmanager
    def _asked(self, key: str, action: str) -> Iterator[Any]:
        """A client of the library: with little patience until the store has answered a first time."""
        with told(Location(self.root, key), action):
            try:
                yield self._lasting if self._has_answered else self._quick
            except FileNotFoundError:  # an answer, too
                self._has_answered = True
                raise
            self._has_answered = True


def store_of(location: Location) -> Store:
    """The store of a location, reached as options and environment say now."""
    scheme = location.scheme
    said = tuple(sorted(store_options(scheme).items())), tuple(sorted(client_options(scheme).items()))
    return _store(location.root, said, tuple(sorted(_environment(scheme).items())))


@lru_cache(maxsize=16)
def _store(root: str, said: object, environment: object) -> Store:
    return Store(root)


def _environment(scheme: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(f"{family_of(scheme).upper()}_")}


def _opened(root: str, retries: int, seconds: int) -> Any:  # noqa: ANN401 - a client of the library
    location = Location(root, "")
    open_store = needed("obstore.store", extra="cloud", place=f"{root}: on an object store").from_url
    with told(location, "opened"):
        return open_store(
            root,
            config=store_options(location.scheme),
            client_options=client_options(location.scheme),
            retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=seconds)},
            credential_provider=_profile(location.scheme),
        )


def _profile(scheme: str) -> Any:  # noqa: ANN401 - of a library that may not be there
    """Who asks by the shared files of AWS, where no keys are given and its library is there to read them."""
    if family_of(scheme) != "aws" or says_who_asks(scheme) or find_spec("boto3") is None:
        return None
    provider = import_module("obstore.auth.boto3").Boto3CredentialProvider
    session = import_module("boto3").Session()
    return provider(session) if session.get_credentials() is not None else None


def _stored(entry: Mapping[str, Any]) -> Stored:
    return Stored(
        key=str(entry["path"]),
        n_bytes=int(entry["size"]),
        e_tag=_tag(entry["e_tag"]),
        version=entry.get("version"),
        modified=entry["last_modified"],
    )


def _tag(e_tag: str | None) -> str:
    return (e_tag or "").strip('"')
