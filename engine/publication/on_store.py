"""Results on an object store: whole or not at all, one at a time, and readable throughout.

A store replaces one object in one step, and no more. So the files of a run go to a place of their own, `runs/<id>/`
below the place of the result, where nobody looks for them; once they are all there, as many and as long as they should
be, one small object is written, `manifest.json`, which says where they are. It is written under a condition, that it is
still the one that was there when the run began: of two runs at once, one wins, and the other hears of it.

Whoever reads the result reads `manifest.json` first, and then the files that it names. The last few runs stay, for
readers that began before, and to compare with. What killed runs left is removed by later ones, once it is a day old.
"""

import json
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.object_stores import Location, Store, Stored, kept_runs, location_of, store_of
from whalecurve.engine.paths import is_object_url, unfolded
from whalecurve.engine.publication.layout import MANIFEST, MODEL
from whalecurve.engine.unfinished import settling, undone_if_stopped

RUNS, BEGUN = "runs", ".begun"
ON_STORE = "on_store"
"""Key of what `manifest.json` says beside the record of the run: where its files are."""
FIRST = (MODEL, MANIFEST)
"""Files that are uploaded first: by these, what a killed run left is known for a result, and never read as orders."""
UPLOADS = 8
ABANDONED = timedelta(days=1)
"""Age of what is taken for left by a killed run: no run writes for so long without a sign."""

_log = logging.getLogger(__name__)


def check_store_target(
    out: Path | str, *, overwrite: bool, orders: Iterable[str], results: Iterable[str | Path | None]
) -> None:
    """Make sure, before any work, that a result can be published at a URL without loss.

    Raises
    ------
    InputError
        There is something, and `overwrite` is not given, or it is no result; it would lie among the orders, or within
        a result that is read or around it; the store is not to be had.
    """
    place = location_of(out)
    what = setting("out", place.url)
    if not place.key:
        raise InputError(f"{what}: a whole bucket; name a place in it, as {place.url}/scores")
    for path in orders:
        if is_object_url(path) and place.holds(location_of(path)):
            raise InputError(f"{what}: holds the orders themselves ({path}); choose another place")
    for result in results:
        url = "" if result is None else unfolded(result)
        if is_object_url(url) and (place.holds(location_of(url)) or location_of(url).holds(place)):
            raise InputError(f"{what}: is the result that is read ({url}), or lies in it; choose another place")
    store = store_of(place)
    entries = store.list(place.key)
    if not [one for one in entries if not one.key.startswith(f"{place.below(RUNS).key}/")]:
        return
    if not overwrite:
        raise InputError(f"{what}: exists; choose another place, or replace it with {setting('overwrite', True)}")
    if _pointer(store, place) is None:
        raise InputError(f"{what}: holds something other than a whalecurve result; choose another place")


@contextmanager
def published_on_store(out: Path | str, name: str, folder: Path) -> Iterator[None]:
    """Let the files in a folder become the result at a URL when the block ends well.

    Raises
    ------
    InputError
        The store does not take them; another run published there meanwhile.
    """
    place = location_of(out)
    store = store_of(place)
    before = store.look(place.below(MANIFEST).key)
    run = _Run(store=store, place=place)
    with undone_if_stopped(run.withdraw):
        run.begin()
        try:
            yield
            run.upload(folder)
        except BaseException:
            run.withdraw()
            raise
        with settling():
            run.take_over(before, setting(name, place.url))
    run.sweep()


@dataclass(kw_only=True)
class _Run:
    """What one run puts on a store."""

    store: Store
    place: Location
    name: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4().hex[:8]}")
    files: list[dict[str, Any]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    record: bytes = b""
    is_settled: bool = False

    @property
    def root(self) -> Location:
        return self.place.below(f"{RUNS}/{self.name}")

    def begin(self) -> None:
        """Leave a sign that the run is at work: that the store can be written to is found out here."""
        self.store.put(self.root.below(BEGUN).key, b"")

    def upload(self, folder: Path) -> None:
        """Upload all files, and see to it that they are there as they were sent."""
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        names = [path.relative_to(folder).as_posix() for path in paths]
        sizes = dict(zip(names, (path.stat().st_size for path in paths), strict=True))

        def put(name: str) -> str:
            return self.store.put(self.root.below(name).key, folder / name)

        tags = {name: put(name) for name in FIRST if name in sizes}
        rest = [name for name in names if name not in tags]
        with ThreadPoolExecutor(max_workers=UPLOADS) as pool:
            try:
                tags |= dict(zip(rest, pool.map(put, rest), strict=True))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        there = {one.key: one for one in self.store.list(self.root.key)}
        for name in names:
            one = there.get(self.root.below(name).key)
            if one is None or (one.n_bytes, one.e_tag) != (sizes[name], tags[name]):
                raise InputError(f"{self.root.below(name).url}: is not on the store as it was sent; run again")
        self.files = [{"path": name, "bytes": sizes[name], "e_tag": tags[name]} for name in names]
        self.record = (folder / MANIFEST).read_bytes()

    def take_over(self, before: Stored | None, what: str) -> None:
        """Let `manifest.json` name this run, if it is still the one that was there before."""
        key = self.place.below(MANIFEST).key
        old = None if before is None else _pointer(self.store, self.place)
        runs = [self.name, *((old or {}).get("kept") or [])]
        self.kept, self.dropped = runs[: kept_runs()], runs[kept_runs() :]
        pointer = {"run": f"{RUNS}/{self.name}", "kept": self.kept, "files": self.files}
        content = json.dumps(json.loads(self.record) | {ON_STORE: pointer}, indent=2, ensure_ascii=False) + "\n"
        self.is_settled = True  # a write of which no answer comes may have been done
        if not self.store.put_if(key, content.encode(), before):
            self.is_settled = False
            self.withdraw()
            raise InputError(f"{what}: another run wrote it meanwhile; choose another place, or run again")

    def withdraw(self) -> None:
        """Remove what was uploaded, unless readers may follow it; what cannot be removed is left to later runs."""
        if self.is_settled:
            return
        self.store.hurry()
        with suppress(InputError):
            self.store.remove(one.key for one in self.store.list(self.root.key))

    def sweep(self) -> None:
        """Remove runs that are kept no longer, and what killed ones left long ago. Nothing depends on it."""
        try:
            self._sweep()
        except InputError as error:
            _log.warning("%s; old runs stay there", error)

    def _sweep(self) -> None:
        below = self.place.below(RUNS)
        runs: dict[str, list[Stored]] = {}
        for one in self.store.list(below.key):
            runs.setdefault(one.key.removeprefix(f"{below.key}/").partition("/")[0], []).append(one)
        current = max(one.modified for one in runs[self.name])  # by the clock of the store
        for name, objects in runs.items():
            is_abandoned = current - max(one.modified for one in objects) > ABANDONED
            if name in self.dropped or (is_abandoned and name not in self.kept):
                self.store.remove(one.key for one in objects)
        signs = {below.below(f"{name}/{BEGUN}").key for name in self.kept}
        self.store.remove(one.key for objects in runs.values() for one in objects if one.key in signs)


def _pointer(store: Store, place: Location) -> Mapping[str, Any] | None:
    """What `manifest.json` at a place says of where the files are; None where it does not, or is not there."""
    try:
        record = json.loads(store.read(place.below(MANIFEST).key))
    except (FileNotFoundError, ValueError):
        return None
    pointer = record.get(ON_STORE) if isinstance(record, dict) else None
    return pointer if isinstance(pointer, dict) and isinstance(pointer.get("run"), str) else None
