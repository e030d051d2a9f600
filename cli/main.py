"""The app: its commands, imported without the engine so that help answers at once; of one that is named, that alone."""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main

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
    "baskets": "understand",
    "habits": "understand",
    "compare": "understand",
    "activity": "understand",
    "clusters": "understand",
    "acquisition": "understand",
    "newcomers": "understand",
    "experience": "understand",
    "subscriptions": "understand",
    "sample": "act",
    "export": "act",
    "triggers": "act",
    "whatif": "act",
    "budget": "act",
    "experiment": "act",
    "convert": "operate",
    "simulate": "operate",
    "schema": "operate",
    "warmup": "operate",
}
"""The package of each command, in the order of the help page; `NAME_command` in the file of its name."""

GROUPS = {
    "experiment": (
        "Try something on some of the customers: plan it, divide them, and read what it did.",
        ("plan", "assign", "read"),
    ),
}
"""Commands that are several: what they are for, and their own commands, each in a file of its name in a package."""


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


def _all_commands() -> Mapping[str, Any]:
    """Every command by name: settings files may have sections of all of them, whichever is run."""
    commands: Mapping[str, Any] = typer.main.get_command(app_of()).commands  # type: ignore[attr-defined]
    return commands


def app_of(names: Iterable[str] = COMMANDS, *, are_listed: bool = False) -> typer.Typer:
    """The app with these commands, all of them if not told otherwise; only to be listed, they are without options.

    Typer builds every command that it has before it runs one, and each takes some milliseconds.
    """
    app = typer.Typer(
        name="whalecurve",
        help="What each customer is worth, and what to do about it, from order logs of any size.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"obj": _all_commands},
    )
    app.callback()(_main)
    for name in names:
        package, panel = f"whalecurve.cli.commands.{COMMANDS[name]}", PANELS[COMMANDS[name]]
        if name in GROUPS:
            words, own = GROUPS[name]
            group = typer.Typer(name=name, help=words, no_args_is_help=True, rich_markup_mode="rich")
            for each in own:
                _add(group, each, f"{package}.{name}", panel=None, is_listed=are_listed)
            app.add_typer(group, rich_help_panel=panel)
        else:
            _add(app, name, package, panel=panel, is_listed=are_listed)
    return app


def _add(app: typer.Typer, name: str, package: str, *, panel: str | None, is_listed: bool) -> None:
    run = getattr(import_module(f"{package}.{name}"), f"{name}_command")
    app.command(name, rich_help_panel=panel, cls=OnceEach)(_listed(run) if is_listed else run)


def _listed(run: Callable[..., None]) -> Callable[[], None]:
    """What a page of help says of a command, without its options."""

    def listed() -> None:
        """Never run."""

    listed.__doc__ = run.__doc__
    return listed


def main() -> None:
    """Run `whalecurve`. A bug keeps its traceback and ends with a status of its own, which no bad input has."""
    asked = [word for word in sys.argv[1:2] if word in COMMANDS]
    try:
        app_of(asked or COMMANDS, are_listed=sys.argv[1:] == ["--help"])(prog_name="whalecurve")
    except Exception:
        import traceback

        traceback.print_exc()
        raise SystemExit(BUG) from None
