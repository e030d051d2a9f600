"""Names of columns: those that the files of a log have, and a new one that none of them has."""

from collections.abc import Collection, Iterable

from whalecurve.engine.order_files.footers import OrderFile


def column_names(files: Iterable[OrderFile]) -> list[str]:
    """The columns of any of the files, each once, in the order in which they first come."""
    return list(dict.fromkeys(name for file in files for name in file.schema))


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, lengthened until it is none of those that are taken."""
    while name in taken:
        name += "_"
    return name
