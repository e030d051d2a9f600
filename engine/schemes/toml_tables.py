"""Reading the tables of a scheme: every key is known, of its kind, and in its range, or the message says where not."""

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from whalecurve.engine.errors import InputError

Table = Mapping[str, Any]


def check_keys(table: Table, where: str, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> None:
    """Refuse keys that the table does not have, and tables without what they need."""
    for key in table:
        if key not in (*required, *optional):
            close = difflib.get_close_matches(key, (*required, *optional), n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join((*required, *optional))}"
            raise InputError(f'{where}: unknown key "{key}"; {hint}')
    missing = [key for key in required if key not in table]
    if missing:
        raise InputError(f"{where}: no {', '.join(missing)}; add {'it' if len(missing) == 1 else 'them'}")


def check_names(names: Iterable[str], source: str, what: str) -> None:
    """Refuse a name that is given twice."""
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(f'{source}: {times} {what} are called "{name}"; give each a name of its own')


def subtable(table: Table, key: str, where: str, advice: str) -> Table:
    """The table below a key; empty where there is none."""
    below = table.get(key, {})
    if not isinstance(below, dict):
        raise InputError(f"{where}{key} is not a table; {advice}")
    return below


def text_of(table: Table, key: str, where: str) -> str:
    """Words below a key."""
    text = table[key]
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: {key} is {text!r}, expected words in quotes")
    return text.strip()


def number_of(table: Table, key: str, where: str, expected: str) -> float:
    """A finite number below a key; `expected` says which, for the message."""
    number = table[key]
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise InputError(f"{where}: {key} is {number!r}, expected {expected}")
    return float(number)


def decimal(number: float) -> Fraction:
    """The number as the decimal that it prints as: 0.3 is 3/10, which no float is."""
    return Fraction(str(number))
