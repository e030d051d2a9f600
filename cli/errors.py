"""Foreseen failures become one line on stderr and exit status 1, signals to stop one line; a bug keeps its traceback.

Where JSON is asked for, the line is a JSON object, for wrong usage too.

The engine speaks Python. What it says of a setting is said here as the option that gives it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise

import typer

from whalecurve.cli.console import json_line
from whalecurve.cli.signals import stoppable

INPUT, USAGE, FOUND, BUG = 1, 2, 3, 70
"""Exit statuses: bad input, wrong usage, what --fail-on or --strict asks for was found, a fault of this program."""

OPTIONS = {
    "annual_discount": "--discount",
    "column": "--seed-column",
    "cuts": "--cut",
    "has_values": "--seed-values",
    "held_out": "--holdout",
    "holdout_days": "--holdout",
    "horizon_days": "--horizon",
    "is_hashed": "--hash",
    "is_raw": "--raw-seeds",
    "kind": "--seed-kind",
    "risk_days": "--risk-horizon",
    "second_purchase_days": "--window-days",
    "side_files": "--with",
    "size": "--seed-size",
    "target": "--for",
}
"""Options that are not called after the setting in Python."""


@contextmanager
def reported(*, as_json: bool = False) -> Iterator[None]:
    """Report bad input, or a signal to stop, in one line, without a traceback."""
    with stoppable(as_json=as_json):
        from whalecurve.engine import InputError  # imported late: help texts do not wait for the engine

        try:
            yield
        except InputError as error:
            words = in_options(error.message)
            options = [option_of(name) for name in error.settings]
            line = json_line("error", words, kind="input", options=options, exit_status=INPUT)
            typer.echo(line if as_json else f"error: {words}", err=True)
            raise typer.Exit(INPUT) from error


def fail_over(found: Mapping[str, str], *, as_json: bool = False) -> None:
    """End with a status of its own if anything was found that --fail-on asks for: a line on stderr for each kind.

    found : what was found, by its kind
    """
    for kind, words in found.items():
        line = json_line("error", words, kind=kind, exit_status=FOUND) if as_json else f"error: {kind}: {words}"
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(FOUND)


UsageError: type[Exception] = typer.BadParameter.__base__ or typer.BadParameter
"""Any wrong usage; Typer keeps the class, and where it comes from, to itself."""


@contextmanager
def usage_reported(args: Sequence[str]) -> Iterator[None]:
    """Report wrong usage as JSON where the arguments ask for JSON; else Typer words it for people."""
    try:
        yield
    except UsageError as error:
        if not _asks_for_json(args):
            raise
        words = getattr(error, "format_message", error.__str__)()
        typer.echo(json_line("error", words, kind="usage", exit_status=USAGE), err=True)
        raise typer.Exit(USAGE) from error


def _asks_for_json(args: Sequence[str]) -> bool:
    return any(
        arg in ("--format=json", "--log-format=json") or (arg in ("--format", "--log-format") and following == "json")
        for arg, following in pairwise([*args, ""])
    )


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
