"""The objects of a store that an order log is made of."""

from collections.abc import Iterable

from whalecurve.engine.errors import InputError
from whalecurve.engine.files.footers import refuse_other_kinds
from whalecurve.engine.formats import DELTA, of_one_kind, refuse_tables_among, table_prefixes
from whalecurve.engine.storage import Listed, find_objects, location_of


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
