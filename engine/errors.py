"""Foreseen failures: each message names the place, what was found and what to do."""

import difflib
import unicodedata
from collections.abc import Iterable

MOST_LISTED = 40


class InputError(Exception):
    """Input that cannot be worked with. The message is one line, made for the person who gave it."""

    def __init__(self, message: str) -> None:
        super().__init__("".join(map(_visible, " ".join(message.splitlines()))))


def _visible(letter: str) -> str:
    """A letter; control characters, which may steer a terminal, and bytes that are no text, as their codes."""
    return ascii(letter)[1:-1] if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\t" else letter


class ColumnMissingError(InputError):
    """A mapped column that the files do not have."""

    def __init__(self, *, role: str, mapping: str, wanted: str, available: Iterable[str], where: str) -> None:
        names = list(available)
        folded = {name.casefold(): name for name in names}
        close = difflib.get_close_matches(wanted.casefold(), list(folded), n=1, cutoff=0.5)
        is_column = wanted == mapping and role != "where"
        if close:
            hint = f'did you mean "{folded[close[0]]}"?'
            hint += f" Name it with {option(role)} NAME" if is_column else ""
        else:
            hint = f"name one of them with {option(role)} NAME" if is_column else "write the expression over these"
        place = f"for {option(role)}" if is_column else f'in {option(role)} "{mapping}"'
        super().__init__(f'{where}: no column "{wanted}" {place}; there are {listed(names)}; {hint}')


class ColumnTypeError(InputError):
    """A mapped column whose type cannot serve its role."""

    def __init__(self, *, role: str, mapping: str, found: str, expected: str, advice: str, where: str) -> None:
        super().__init__(f'{where}: {option(role)} "{mapping}" is {found}, expected {expected}; {advice}')


class NotIdentifiedError(InputError):
    """Data that cannot tell a model's parameters; the message says why."""


def option(role: str) -> str:
    """The command-line option that maps a role."""
    return f"--{role.replace('_', '-')}"


def listed(names: list[str]) -> str:
    """Names in a line, the first ones of very many."""
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def shown(setting: object) -> str:
    """A setting as a message says it: text in quotes, the entries of a list without."""
    if setting is None:
        return "none"
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    if isinstance(setting, list | tuple):
        return ", ".join(one if isinstance(one, str) else shown(one) for one in setting) or "nothing"
    return f'"{setting}"' if isinstance(setting, str) else str(setting)


class NothingObservedError(InputError):
    """There are usable orders, and none of them in the window."""


def reason(error: BaseException) -> str:
    """The first line of a library's complaint."""
    return str(error).strip().partition("\n")[0].rstrip(".")
