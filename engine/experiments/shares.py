"""Shares of customers as exact fractions: 0.45 is 9/20, which no float is, so that arms add up to 1 or do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from whalecurve.engine.errors import InputError, setting

LONGEST = 64
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Arm:
    """What a share of the customers gets: an offer, or nothing."""

    name: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a layer: the customers whose place in it, from 0 to 1, is at `low` or above, and below `high`.

    An experiment in a slice has nobody in common with experiments in other slices of the same layer.
    """

    layer: str
    low: Fraction
    high: Fraction

    def __str__(self) -> str:
        """As `slice_of` reads it."""
        return f"{self.layer}:{share_text(self.low)}-{share_text(self.high)}"


def share_of(given: object, name: str) -> Fraction:
    """A share that is given as a number, or as text like 0.45, 45% or 1/3; a float is the decimal it prints as.

    Raises
    ------
    InputError
        It is none, or not from 0 to 1. `name` is the setting, for the message.
    """
    text = str(given).strip()
    try:
        share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(f'{setting(name)} "{text}": no share; write it as 0.45, 45% or 1/3') from None
    if not 0 <= share <= 1:
        raise InputError(f'{setting(name)} "{text}": a share is from 0 to 1, or from 0% to 100%')
    return share


def share_text(share: Fraction) -> str:
    """The share as a decimal where it is one, else as a fraction."""
    rest, digits = share.denominator, 0
    for prime in (2, 5):
        n = 0
        while rest % prime == 0:
            rest, n = rest // prime, n + 1
        digits = max(digits, n)
    if rest != 1:
        return str(share)
    whole, decimals = divmod(share.numerator * 10**digits // share.denominator, 10**digits)
    return f"{whole}.{decimals:0{digits}d}" if digits else str(whole)


def arms_of(given: "str | Mapping[str, object] | Sequence[Arm]") -> tuple[Arm, ...]:
    """Arms given as text like offer:0.45,control:0.45,holdout:0.1, by name, or as they are; in this order.

    Raises
    ------
    InputError
        Fewer than two, two of one name, a share that is none; arms that do not add up to 1.
    """
    if isinstance(given, str):
        pairs = [part.rpartition(":") for part in given.split(",") if part.strip()]
        if any(not colon for _, colon, _ in pairs):
            raise InputError(f'{setting("arms")} "{given}": write each arm with its share, as offer:0.5,control:0.5')
        arms = [Arm(name.strip(), share_of(share, "arms")) for name, _, share in pairs]
    elif isinstance(given, Mapping):
        arms = [Arm(str(name), share_of(share, "arms")) for name, share in given.items()]
    elif all(isinstance(arm, Arm) for arm in given):
        arms = list(given)
    else:
        names = ", ".join(map(str, given))
        raise InputError(f"{setting('arms')} {names}: write each arm with its share, as offer:0.5,control:0.5")
    _check(arms)
    return tuple(arms)


def _check(arms: Sequence[Arm]) -> None:
    for arm in arms:
        if not arm.name or len(arm.name) > LONGEST or any(not c.isprintable() or c in ",:" for c in arm.name):
            raise InputError(
                f'{setting("arms")} "{arm.name}": an arm has a name of up to {LONGEST} characters, without commas, '
                f"colons and line breaks"
            )
        if not arm.share:
            raise InputError(
                f'{setting("arms")} "{arm.name}" has no customers; give it a share above 0, or leave it out'
            )
    names = [arm.name.casefold() for arm in arms]
    if len(set(names)) < len(names):
        raise InputError(f"{setting('arms')}: two of one name; give each another")
    if len(arms) < 2:
        raise InputError(f"{setting('arms')}: one arm has nothing to be compared with; give two at least")
    total = sum((arm.share for arm in arms), Fraction(0))
    if total != 1:
        told = ", ".join(f"{arm.name} {share_text(arm.share)}" for arm in arms)
        raise InputError(f"{setting('arms')} add up to {share_text(total)}, not to 1: {told}; change one of them")


def slice_of(given: "str | Slice | None", name: str = "layer") -> Slice | None:
    """A part of a layer, given as text like mail:0-0.5 or mail:50%-100%; None stays None.

    `name` is the setting, for messages.

    Raises
    ------
    InputError
        It is no such text, or nobody is in it.
    """
    if given is None or isinstance(given, Slice):
        return given
    layer, colon, span = str(given).rpartition(":")
    low, dash, high = span.partition("-")
    if not colon or not dash:
        raise InputError(f'{setting(name)} "{given}": write a name and the part of its places, as mail:0-0.5')
    found = Slice(plain_name(layer, name), share_of(low, name), share_of(high, name))
    if found.low >= found.high:
        raise InputError(f'{setting(name)} "{given}": nobody is in it; write the lower end first, as mail:0-0.5')
    return found


def plain_name(given: object, name: str) -> str:
    """A name that is the same in every warehouse and file system.

    Raises
    ------
    InputError
        It is empty, too long, or has other characters than ASCII letters, digits, and - _ . between them.
    """
    text = str(given)
    is_plain = text.isascii() and all(c.isalnum() or c in "-_." for c in text)
    if not is_plain or not text[:1].isalnum() or len(text) > LONGEST:
        raise InputError(
            f'{setting(name)} "{text}": a name has up to {LONGEST} letters and digits of ASCII, and - _ . between '
            f"them, as every warehouse has to hash the same"
        )
    return text
