"""The objects of a store that an order log is made of."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from whalecurve.engine.errors import InputError
from whalecurve.engine.formats import DELTA, of_one_kind, refuse_tables_among, table_prefixes
from whalecurve.engine.object_stores import Listed, find_objects, location_of, store_of
from whalecurve.engine.order_files.footers import OrderFile, refuse_other_kinds
from whalecurve.engine.paths import is_object_url


def refuse_replaced(files: Iterable[OrderFile]) -> None:
    """Make sure that the objects that were read still are what was found, so that no two versions were mixed.

    Raises
    ------
    InputError
        One was replaced or removed meanwhile.
    """
    read = [file for file in files if is_object_url(file.path) and file.source is None]

    def is_same(file: OrderFile) -> bool:
        location = location_of(file.path)
        now = store_of(location).look(location.key)
        return now is not None and (now.n_bytes, now.e_tag) == (file.n_bytes, file.origin.get("e_tag"))

    with ThreadPoolExecutor(max_workers=8) as pool:
        for file, same in zip(read, pool.map(is_same, read), strict=True):
            if not same:
                raise InputError(f"{file.path}: was replaced or removed while it was read; run again")


def objects_behind(urls: Iterable[str], others: list[str]) -> tuple[list[Listed], list[str]]:
    """The objects behind URLs, each once, by URL, and those URLs that are Delta Lake tables.

    What else lies below a prefix goes to `others`.

    Raises
    ------
    InputError
        Nothing that can be read; objects of a table of a format, whose replaced rows would count too.
    """
    found: dict[str, Listed] = {}
    tables: list[str] = []
    for url in urls:
        location = location_of(url)
        refuse_other_kinds(location.url)
        objects = find_objects(location)
        formats = table_prefixes(objects)
        if formats.get(location) == DELTA:
            tables.append(location.url)
            continue
        refuse_tables_among(objects, formats)
        below = {one.location.url: one for one in objects.below}
        read, passed_over = of_one_kind(below)
        others += passed_over
        if not objects.own and not read:
            held = "only a whalecurve result" if objects.is_result and not below else "no Parquet file"
            raise InputError(f"{location.url}: a prefix with {held} below it; name the one that holds the orders")
        found |= {one.location.url: one for one in objects.own} | {path: below[path] for path in read}
    return [found[path] for path in sorted(found)], sorted(set(tables))
