"""Foreseen failures: each message names the place, what was found and what to do."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Input that cannot be worked with. The message is one line, made for the person who gave it."""


class ColumnMissingError(InputError):
    """A mapped column that the files do not have."""

    def __init__(self, *, role: str, wanted: str, available: Iterable[str], where: str) -> None:
        names = list(available)
        folded = {name.casefold(): name for name in names}
        close = difflib.get_close_matches(wanted.casefold(), list(folded), n=1, cutoff=0.5)
        hint = f'; did you mean "{folded[close[0]]}"?' if close else ""
        option = f"--{role.replace('_', '-')}"
        super().__init__(
            f'{where}: no column "{wanted}" for {role}; there are {", ".join(names)}{hint} Map it with {option} NAME'
        )


class ColumnTypeError(InputError):
    """A mapped column whose type cannot serve its role."""

    def __init__(self, *, role: str, mapping: str, found: str, expected: str, advice: str, where: str) -> None:
        super().__init__(f'{where}: {role} "{mapping}" is {found}, expected {expected}; {advice}')


class NotIdentifiedError(InputError):
    """Data that cannot tell a model's parameters; the message says why."""
