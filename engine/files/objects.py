"""The objects of a store that an order log is made of."""

from collections.abc import Iterable

from whalecurve.engine.errors import InputError
from whalecurve.engine.files.footers import refuse_other_kinds
from whalecurve.engine.formats import of_one_kind, refuse_tables_among
from whalecurve.engine.storage import Listed, find_objects, location_of


def objects_behind(urls: Iterable[str], others: list[str]) -> list[Listed]:
    """The objects behind URLs, each once, by URL; what else lies below a prefix goes to `others`.

    Raises
    ------
    InputError
        Nothing that can be read; objects of a table of a format, whose replaced rows would count too.
    """
    found: dict[str, Listed] = {}
    for url in urls:
        location = location_of(url)
        refuse_other_kinds(location.url)
        objects = find_objects(location)
        refuse_tables_among(objects)
        below = {one.location.url: one for one in objects.below}
        read, passed_over = of_one_kind(below)
        others += passed_over
        if not objects.own and not read:
            held = "only a whalecurve result" if objects.is_result and not below else "no Parquet file"
            raise InputError(f"{location.url}: a prefix with {held} below it; name the one that holds the orders")
        found |= {one.location.url: one for one in objects.own} | {path: below[path] for path in read}
    return [found[path] for path in sorted(found)]
