"""Foreseen failures become one line on stderr and exit status 1, signals to stop one line; a bug keeps its traceback.

The engine speaks Python. What it says of a setting is said here as the option that gives it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from whalecurve.cli.signals import stoppable

OPTIONS = {
    "annual_discount": "--discount",
    "column": "--seed-column",
    "cuts": "--cut",
    "has_values": "--seed-values",
    "holdout_days": "--holdout",
    "horizon_days": "--horizon",
    "is_hashed": "--hash",
    "is_raw": "--raw-seeds",
    "kind": "--seed-kind",
    "risk_days": "--risk-horizon",
    "second_purchase_days": "--window-days",
    "size": "--seed-size",
}
"""Options that are not called after the setting in Python."""


@contextmanager
def reported() -> Iterator[None]:
    """Report bad input, or a signal to stop, in one line, without a traceback."""
    with stoppable():
        from whalecurve.engine import InputError  # imported late: help texts do not wait for the engine

        try:
            yield
        except InputError as error:
            typer.echo(f"error: {in_options(error.message)}", err=True)
            raise typer.Exit(1) from error


def in_options(words: str) -> str:
    """What the engine says, with options for settings; as it stands where it comes from a file."""
    from whalecurve.engine import Message

    return words.written(_option) if isinstance(words, Message) else words


def option_of(setting: str) -> str:
    """The option that gives a setting of the engine."""
    return OPTIONS.get(setting, f"--{setting.replace('_', '-')}")


def _option(setting: str, value: str | None) -> str:
    return option_of(setting) if value is None else f"{option_of(setting)} {_for_the_shell(value)}"


def _for_the_shell(text: str) -> str:
    """A value as a shell reads it: plain words and paths as they are, all else in quotes."""
    if re.fullmatch(r"[\w@%+:,./-]+", text):
        return text
    if re.search(r'["$`\\]', text) and "'" not in text:
        return f"'{text}'"
    escaped = re.sub(r'(["$`\\])', r"\\\1", text)
    return f'"{escaped}"'
