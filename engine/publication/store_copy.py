"""Results on an object store, at hand on the local disk to be read: one run, whatever is published meanwhile."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.object_stores import Location, Store, location_of, store_of
from whalecurve.engine.paths import is_object_url, unfolded
from whalecurve.engine.publication.layout import MANIFEST
from whalecurve.engine.publication.on_store import ON_STORE
from whalecurve.engine.unfinished import directory_of_this_process

DOWNLOADS = 8


@contextmanager
def at_hand(path: str | Path) -> Iterator[Path]:
    """The directory of a result: itself, or a copy of what is on a store, which stays until the process ends.

    Messages that come up inside name the store and not the copy.

    Raises
    ------
    InputError
        There is no result, or a file of it is gone or not what was written.
    """
    url = unfolded(path)
    if not is_object_url(url):
        yield Path(path)
        return
    copy = local_copy(url)
    try:
        yield copy
    except InputError as error:
        raise InputError(error.message.marked.replace(str(copy), location_of(url).url)) from error


def record_at(path: str | Path) -> dict[str, Any] | None:
    """The record of what is published at a directory, or at a place on a store; None where there is none.

    Raises
    ------
    InputError
        The store does not say.
    """
    url = unfolded(path)
    try:
        if not is_object_url(url):
            text = (Path(path) / MANIFEST).read_bytes()
        else:
            place = location_of(url)
            text = store_of(place).read(place.below(MANIFEST).key)
        record = json.loads(text)
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def local_copy(url: str) -> Path:
    """A local copy of the result at a URL as it is now; the same for the same run."""
    place = location_of(url)
    store = store_of(place)
    try:
        record = json.loads(store.read(place.below(MANIFEST).key))
    except FileNotFoundError as error:
        raise InputError(f"{place.url}: no whalecurve result; name a place that whalecurve wrote to") from error
    except ValueError as error:
        raise InputError(f"{place.url}/{MANIFEST}: not JSON ({reason(error)}); make the result again") from error
    try:
        root, sizes = _files(place, record)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{place.url}/{MANIFEST}: says of no files; make the result again") from error
    return _copied(store, root, tuple(sorted(sizes.items())))


def _files(place: Location, record: dict[str, Any]) -> tuple[Location, dict[str, int | None]]:
    """Where the files are, by path, and how long each is; of a directory that was copied there, the record itself."""
    if (pointer := record.get(ON_STORE)) is not None:
        return place.below(pointer["run"]), {file["path"]: int(file["bytes"]) for file in pointer["files"]}
    return place, {MANIFEST: None} | {file["path"]: int(file["bytes"]) for file in record["outputs"]}


@lru_cache(maxsize=32)
def _copied(store: Store, root: Location, sizes: tuple[tuple[str, int | None], ...]) -> Path:
    folder = directory_of_this_process() / Path(root.key).name

    def fetch(file: tuple[str, int | None]) -> None:
        name, n_bytes = file
        target = (folder / name).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise InputError(f"{root.below(name).url}: lies outside of the result; make the result again")
        try:
            store.save(root.below(name).key, target)
        except FileNotFoundError as error:
            raise InputError(f"{root.below(name).url}: is missing, by its manifest; make the result again") from error
        if n_bytes is not None and target.stat().st_size != n_bytes:
            raise InputError(f"{root.below(name).url}: is changed, by its manifest; make the result again")

    folder.mkdir()
    with ThreadPoolExecutor(max_workers=DOWNLOADS) as pool:
        list(pool.map(fetch, sizes))
    return folder
