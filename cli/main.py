"""The app: its commands, imported without the engine so that help answers at once; of one that is named, that alone."""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from whalecurve.cli.errors import BUG
from whalecurve.cli.options.once_each import OnceEach

PANELS = {"start": "Start here", "understand": "Understand", "act": "Act", "operate": "Operate"}
"""Panels of the help page, by the package of their commands."""

COMMANDS = {
    "demo": "start",
    "init": "start",
    "check": "start",
    "score": "start",
    "report": "start",
    "concentration": "understand",
    "measures": "understand",
    "validate": "understand",
    "explain": "understand",
    "profile": "understand",
    "compare": "understand",
    "acquisition": "understand",
    "sample": "act",
    "export": "act",
    "triggers": "act",
    "whatif": "act",
    "budget": "act",
    "convert": "operate",
    "simulate": "operate",
    "warmup": "operate",
}
"""The package of each command, in the order of the help page; `NAME_command` in the file of its name."""


def _version(*, value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"whalecurve {version('whalecurve')}")
        raise typer.Exit


def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Score customers from order logs."""


def app_of(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The app with these commands, all of them if not told otherwise.

    Typer builds every command that it has before it runs one, and each takes some milliseconds.
    """
    app = typer.Typer(
        name="whalecurve",
        help="What each customer is worth, and what to do about it, from order logs of any size.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_main)
    for name in names:
        module = import_module(f"whalecurve.cli.commands.{COMMANDS[name]}.{name}")
        run = getattr(module, f"{name}_command")
        app.command(name, rich_help_panel=PANELS[COMMANDS[name]], cls=OnceEach)(run)
    return app


def main() -> None:
    """Run `whalecurve`. A bug keeps its traceback and ends with a status of its own, which no bad input has."""
    asked = [word for word in sys.argv[1:2] if word in COMMANDS]
    try:
        app_of(asked or COMMANDS)(prog_name="whalecurve")
    except Exception:
        import traceback

        traceback.print_exc()
        raise SystemExit(BUG) from None
