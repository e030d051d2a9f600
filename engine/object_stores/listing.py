"""Which objects a URL names: one, all below a prefix, or those that a pattern matches; as directories and globs do."""

import fnmatch
import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from whalecurve.engine.errors import InputError
from whalecurve.engine.object_stores.locations import Location
from whalecurve.engine.object_stores.store import Store, Stored, store_of

ANY_DEPTH = "**"
HIDDEN = (".", "_")
"""First letters of names that are passed over: of what is hidden, and of writers' side files, as `_SUCCESS`."""

RESULT = ("manifest.json", "model.json")
"""What a result of whalecurve has beside its tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An object that a URL names."""

    location: Location
    object: Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The objects behind a URL.

    own : those that it names, or whose own name its pattern matches
    below : those below a prefix that it names or matches, of which the readable ones of one kind are taken
    is_result : whether something was passed over that belongs to results of whalecurve
    prefix : down to which the URL has no wildcard, nor the name of an object
    keys : all there is below it, hidden or not; of an object that is named, its own alone
    """

    own: tuple[Listed, ...]
    below: tuple[Listed, ...]
    is_result: bool
    prefix: Location
    keys: tuple[str, ...]


def find_objects(location: Location) -> Found:
    """The objects behind a URL, but hidden ones and those of results.

    Raises
    ------
    InputError
        There is nothing, or the store does not say.
    """
    store = store_of(location)
    if not glob.has_magic(location.key) or store.look(location.key) is not None:
        return _named(store, location)
    pattern = location.key.split("/")
    fixed = Location(location.root, "/".join(_fixed_part(pattern)))
    listed = store.list(fixed.key)
    own, below = [], []
    for one in [] if _is_in_result(store, fixed) else _order_objects(listed):
        names = one.key.split("/")
        places = _places(names, pattern)
        if len(names) in places and not names[-1].startswith(HIDDEN):
            own.append(_listed(location, one))
        elif places and len(names) not in places and not _is_hidden(names[max(places) :]):
            below.append(_listed(location, one))
    if not own and not below:
        raise InputError(f"{location.url}: the pattern matches no order file; check it, and quote it against the shell")
    keys = tuple(one.key for one in listed)
    return Found(own=tuple(own), below=tuple(below), is_result=False, prefix=fixed, keys=keys)


def _named(store: Store, location: Location) -> Found:
    """One object, or all below a prefix."""
    listed = store.list(location.key)
    if not listed:
        one = store.look(location.key) if location.key else None
        if one is None:
            raise InputError(f"{location.url}: no such object, and nothing below it; check the URL")
        parent = location.above()[0]
        return Found(own=(_listed(location, one),), below=(), is_result=False, prefix=parent, keys=(one.key,))
    keys = tuple(one.key for one in listed)
    if _is_in_result(store, location):
        return Found(own=(), below=(), is_result=True, prefix=location, keys=keys)
    n_above = len(location.key.split("/")) if location.key else 0
    orders = _order_objects(listed)
    below = (_listed(location, one) for one in orders if not _is_hidden(one.key.split("/")[n_above:]))
    is_result = len(orders) < len(listed)
    return Found(own=(), below=tuple(below), is_result=is_result, prefix=location, keys=keys)


def _listed(location: Location, one: Stored) -> Listed:
    return Listed(location=Location(location.root, one.key), object=one)


def has_below(location: Location, folder: str, ending: str) -> bool:
    """Whether a folder below a prefix has an object with such a name; also no where it may not be listed."""
    try:
        entries = store_of(location).list(location.below(folder).key, most=1000)
    except InputError:
        return False
    return any(one.key.endswith(ending) for one in entries)


def _fixed_part(pattern: Sequence[str]) -> Sequence[str]:
    """The names before the first one with a wildcard."""
    return pattern[: next(i for i, part in enumerate(pattern) if glob.has_magic(part))]


def _places(names: Sequence[str], pattern: Sequence[str]) -> set[int]:
    """After how many of its names a key has matched the whole pattern; in several ways where that has `**`.

    As on disk, a leading dot of a name is matched by a dot alone.
    """
    places = {0}
    for step in pattern[:-1] if pattern[-1] == ANY_DEPTH else pattern:
        if step == ANY_DEPTH:
            ways = ((start, end) for start in places for end in range(start, len(names)))
            places = {end for start, end in ways if not any(name.startswith(".") for name in names[start:end])}
        else:
            is_like = re.compile(fnmatch.translate(step)).match
            places = {n + 1 for n in places if n < len(names) and is_like(names[n]) and _may_match(names[n], step)}
    return places


def _may_match(name: str, step: str) -> bool:
    return step.startswith(".") or not name.startswith(".")


def _is_hidden(names: Sequence[str]) -> bool:
    return any(name.startswith(HIDDEN) for name in names)


def _order_objects(listed: Sequence[Stored]) -> list[Stored]:
    """The objects that are of no result of whalecurve."""
    with_record, with_model = (
        {PurePosixPath(one.key).parent for one in listed if PurePosixPath(one.key).name == name} for name in RESULT
    )
    results = with_record & with_model
    return [one for one in listed if not any(parent in results for parent in PurePosixPath(one.key).parents)]


def _is_in_result(store: Store, location: Location) -> bool:
    """Whether a prefix, or one above it, holds a result."""
    return any(
        all(store.look(place.below(name).key) is not None for name in RESULT) for place in (location, *location.above())
    )
