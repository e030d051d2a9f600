"""Numbers as a reader of a page has them: grouped, rounded to what can be taken in, never NaN."""

import unicodedata
from collections.abc import Sequence

from whalecurve.engine.errors import counted

UNKNOWN = "–"
"""What stands for a number that there is not."""

NARROW_LETTERS, WIDE_LETTERS = " iIjlfrt.,:;'|!()[]/-`", "mMwW@%&–—…"
LEAST_LETTERS = 3
"""What a name may be cut to."""

WHOLE_FROM = 1_000.0
"""Amounts from here on are shown in whole units of currency."""


def count(n: int | None, noun: str = "") -> str:
    """A whole number, with its noun, in the plural where it is due."""
    if n is None:
        return UNKNOWN
    return counted(n, noun) if noun else f"{n:,}"


def money(amount: float | None) -> str:
    """An amount: whole units from 1,000 on, else to the hundredth."""
    if amount is None:
        return UNKNOWN
    return f"{amount:z,.0f}" if abs(amount) >= WHOLE_FROM else f"{amount:z,.2f}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal."""
    return UNKNOWN if share is None else f"{share:z.1%}"


def plainly(share: float) -> str:
    """A share that somebody has chosen, with no more decimals than it has: 10%, 2.5%."""
    return f"{round(100 * share, 6):g}%"


def number(value: float | None, decimals: int = 2) -> str:
    """A number with so many decimals."""
    return UNKNOWN if value is None else f"{value:z,.{decimals}f}"


def days(n: float | None) -> str:
    """A span of days."""
    return UNKNOWN if n is None else f"{n:,.0f} day{'' if n == 1 else 's'}"


def short_money(amount: float) -> str:
    """An amount in few characters, for axes and cells: 12,345 is 12.3k."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= 0.99995 * size:
            return f"{_three_digits(amount / size)}{letter}"
    return _three_digits(amount)


def _three_digits(amount: float) -> str:
    decimals = 0 if abs(amount) >= 99.95 else 1
    text = f"{amount:z,.{decimals}f}"
    return text.removesuffix(".0")


def is_are(n: int) -> str:
    """The verb for so many."""
    return "is" if n == 1 else "are"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


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
