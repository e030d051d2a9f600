"""Numbers as a reader of a page has them: grouped, rounded to what can be taken in, never NaN."""

import unicodedata
from collections.abc import Sequence
from datetime import date

from whalecurve.engine.reporting.language import Phrase, gettext, language, ngettext

UNKNOWN = "–"
"""What stands for a number that there is not."""

NARROW_LETTERS, WIDE_LETTERS = " \xa0\u202fiIjlfrt.,:;'|!()[]/-`", "mMwW@%&–—…жмфшщыюДЖМФШЩЫЮ"
LEAST_LETTERS = 3
"""What a name may be cut to."""


def count(n: float | None) -> str:
    """A whole number."""
    return UNKNOWN if n is None else language().notation.number(n, 0)


def customers(n: int | None) -> str:
    """So many customers."""
    return UNKNOWN if n is None else ngettext("{n} customer", "{n} customers", n)


def days(n: float | None) -> str:
    """A span of days."""
    return UNKNOWN if n is None else ngettext("{n} day", "{n} days", n)


def months(n: int) -> Phrase:
    """A span of months."""
    return ngettext("{n} month", "{n} months", n)


def money(amount: float | None) -> str:
    """An amount: whole units from 1,000 on, else to the hundredth."""
    return UNKNOWN if amount is None else language().notation.money(amount)


def amount_of(amount: float | None, value_is: str) -> str:
    """An amount of margin or revenue."""
    return gettext("{amount} {value}", amount=money(amount), value=value_is)


def short_money(amount: float) -> str:
    """An amount in few characters, for axes and cells: 12,345 is 12.3k."""
    return language().notation.short_money(amount)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share as a percentage."""
    return UNKNOWN if share is None else language().notation.percent(share, decimals, signed=False)


def signed_percent(share: float, decimals: int = 1) -> str:
    """A change as a percentage, with its sign."""
    return language().notation.percent(share, decimals, signed=True)


def plainly(share: float) -> str:
    """A share that somebody has chosen, with no more decimals than it has: 10%, 2.5%."""
    return language().notation.plainly(share)


def number(value: float | None, decimals: int = 2) -> str:
    """A number with so many decimals."""
    return UNKNOWN if value is None else language().notation.number(value, decimals)


def day(value: date | str) -> str:
    """A date, from itself or as a record has it."""
    return language().notation.day(date.fromisoformat(value[:10]) if isinstance(value, str) else value)


def month(value: date | str) -> str:
    """The month of a date, from itself or as a record has it."""
    return language().notation.month(date.fromisoformat(f"{value[:7]}-01") if isinstance(value, str) else value)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return gettext("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])


def sentence(words: str) -> str:
    """Words as a sentence: with a capital, and one full stop."""
    return words[:1].upper() + words[1:].rstrip(".") + "."


def extent(text: str, size: float) -> float:
    """How wide a line of text of a size is at most, in the unit of the size: fonts differ, and none is measured."""
    return size * sum(map(_width, text))


def cut(text: str, width: float, size: float) -> str:
    """Text that fits: what is wider than `width` ends in an ellipsis; nothing, where not even a few letters fit."""
    if extent(text, size) <= width:
        return text
    room, n = width - extent("…", size), 0
    while n < len(text) and (room := room - extent(text[n], size)) >= 0.0:
        n += 1
    return text[:n].rstrip() + "…" if n >= LEAST_LETTERS else ""


def _width(letter: str) -> float:
    """Of a letter, in its size: as in DejaVu Sans, which is wider than most."""
    if letter in NARROW_LETTERS:
        return 0.42
    if letter in WIDE_LETTERS:
        return 1.0
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):  # drawn over the letter before
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.4
    return 0.65 if letter.islower() or letter.isdigit() else 0.8
