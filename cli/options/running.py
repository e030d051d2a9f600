"""How a command runs: its threads, its limits, what it logs; and its opening, which is the same for all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from whalecurve.cli.console import (
    collect_seldom,
    compiling_told,
    limit_threads,
    return_memory,
    say,
    set_up_logging,
)
from whalecurve.cli.errors import reported
from whalecurve.cli.options.output import Format
from whalecurve.cli.options.panels import RUNNING_PANEL, STORAGE_PANEL
from whalecurve.cli.options.values import size
from whalecurve.cli.progress import progress
from whalecurve.cli.terminal import dressed


def _beside_those_of_the_file(context: typer.Context, value: list[str] | None) -> list[str]:
    """Options of the settings file, then those that were given, which win name by name."""
    in_file = (context.default_map or {}).get("storage_option") or []
    return [*in_file, *(one for one in value or [] if one not in in_file)]


@dataclass(frozen=True, kw_only=True)
class Running:
    """Options of every command."""

    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Threads to use.",
            show_default="all cores",
            envvar="WHALECURVE_JOBS",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None
    format: Annotated[
        Format,
        typer.Option("--format", help="Format of the printed result and of errors.", rich_help_panel=RUNNING_PANEL),
    ] = Format.text
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log each stage with its time.", rich_help_panel=RUNNING_PANEL)
    ] = False
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            help="Print errors only, and the result with --format json.",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = False
    log_format: Annotated[
        Format,
        typer.Option(
            help="Messages, logs and errors on stderr as text, or as one JSON object a line.",
            envvar="WHALECURVE_LOG_FORMAT",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = Format.text
    storage_option: Annotated[
        list[str] | None,
        typer.Option(
            "--storage-option",
            metavar="KEY=VALUE",
            help="Option of the object store, e.g. aws_region=eu-west-1; repeatable; wins over the environment "
            "(AWS_*, AZURE_*, GOOGLE_*).",
            show_default="none",
            callback=_beside_those_of_the_file,
            rich_help_panel=STORAGE_PANEL,
        ),
    ] = None

    @property
    def as_json(self) -> bool:
        """Whether the result is printed as JSON."""
        return self.format is Format.json

    @property
    def logs_json(self) -> bool:
        """Whether messages on stderr are JSON."""
        return self.log_format is Format.json

    @property
    def errors_json(self) -> bool:
        """Whether errors are JSON."""
        return self.as_json or self.logs_json

    def say(self, text: str) -> None:
        """One line of news on stderr."""
        if not self.quiet:
            say(text, as_json=self.logs_json)

    def show(self, text: str) -> None:
        """Print the result."""
        if self.as_json or not self.quiet:
            typer.echo(text if self.as_json else dressed(text))

    @contextmanager
    def started(self, title: str) -> Iterator[Callable[[str], None]]:
        """What a command does its work in; the engine must be imported inside, since it takes threads as it is loaded.

        Yields a function that takes the stage's name, for the progress on a terminal. Bad input that comes up inside
        is reported, and ends the process.
        """
        from whalecurve.engine.object_stores import parsed, set_storage_options  # imported late: help needs none of it

        limit_threads(self.jobs)
        return_memory()
        collect_seldom()
        set_up_logging(verbose=self.verbose, quiet=self.quiet, as_json=self.logs_json)
        shows_progress = not (self.quiet or self.logs_json)
        with (
            reported(as_json=self.errors_json),
            compiling_told(self.say),
            progress(title, shown=shows_progress) as on_stage,
        ):
            set_storage_options(parsed(self.storage_option or []))
            yield on_stage


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where reading orders stops: rows that are refused, memory."""

    max_refused: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Stop if more than this share of rows is refused.",
            show_default="0.05 of the rows that name a customer",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None
    memory: Annotated[
        int | None,
        typer.Option(
            parser=size,
            metavar="SIZE",
            help="Memory limit, e.g. 4GB.",
            show_default="60% of available memory",
            envvar="WHALECURVE_MEMORY",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class LimitsBesideValues(Limits):
    """The same for commands that also keep a table of the values of dimensions."""

    memory: Annotated[
        int | None,
        typer.Option(
            parser=size,
            metavar="SIZE",
            help="Memory limit, e.g. 4GB, beside a table of all that --by names; with less, the orders are read "
            "several times.",
            show_default="60% of available memory",
            envvar="WHALECURVE_MEMORY",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None
