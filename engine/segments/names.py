"""Names of segments as people type them, and as files are named after them."""

import re
from collections.abc import Sequence

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.publication import Result

APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
OTHERS = re.compile(r"[\W_]+")


def slug(name: str) -> str:
    """The name in lower case, without apostrophes, and with _ for all else: "Can't lose them" is cant_lose_them.

    It may be empty: of a name without any letter or digit.
    """
    return OTHERS.sub("_", APOSTROPHES.sub("", name).casefold()).strip("_")


def named(asked: str, names: Sequence[str], where: str, what: str = "segment") -> str:
    """The one of the names that is meant: the very same, or else the only one with the same slug.

    Parameters
    ----------
    where
        The setting, for the message.
    what
        What the names are of, for the message.

    Raises
    ------
    InputError
        None of them is meant, or several are.
    """
    if asked in names:
        return asked
    wanted = slug(asked)
    found = [name for name in dict.fromkeys(names) if wanted and slug(name) == wanted]
    if not found:
        raise InputError(f'{where} "{asked}": no such {what}; choose one of {listed(list(dict.fromkeys(names)))}')
    if len(found) > 1:
        told = " or ".join(f'"{name}"' for name in found)
        raise InputError(f'{where} "{asked}": it may be {told}; write the name as it is there')
    return found[0]


def segments_asked(result: Result, scheme: str, asked: Sequence[str] | None) -> list[str]:
    """The segments of a result that are meant, each once, in the order of the scheme; all of them where none is named.

    Raises
    ------
    InputError
        A result without segments of the scheme, or without one that is named.
    """
    names = result.segments.filter(scheme=scheme).drop_nulls("segment")["segment"].to_list()
    if not names:
        raise InputError(f"{result.path}: has no segments of {scheme}; score its orders again")
    if asked is None:
        return names
    wanted = {named(name, names, setting("segment"), f"segment of {scheme}") for name in asked}
    return [name for name in names if name in wanted]
