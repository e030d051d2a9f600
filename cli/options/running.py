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
    progress,
    return_memory,
    set_up_logging,
)
from whalecurve.cli.errors import reported
from whalecurve.cli.options.output import Format
from whalecurve.cli.options.values import size


@dataclass(frozen=True, kw_only=True)
class Running:
    """Options of every command."""

    jobs: Annotated[int | None, typer.Option(min=1, help="Threads to use.", show_default="all cores")] = None
    format: Annotated[Format, typer.Option("--format", help="How to print the result.")] = Format.text
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each stage with its time.")] = False

    @property
    def as_json(self) -> bool:
        """Whether the result is printed as JSON."""
        return self.format is Format.json

    @contextmanager
    def started(self, title: str) -> Iterator[Callable[[str], None]]:
        """What a command does its work in; the engine must be imported inside, since it takes threads as it is loaded.

        Yields a function that takes the stage's name, for the progress on a terminal. Bad input that comes up inside
        is reported, and ends the process.
        """
        limit_threads(self.jobs)
        return_memory()
        collect_seldom()
        set_up_logging(verbose=self.verbose)
        with reported(), compiling_told(), progress(title) as on_stage:
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
        ),
    ] = None
    memory: Annotated[
        int | None,
        typer.Option(
            parser=size,
            metavar="SIZE",
            help="Memory limit, e.g. 4GB.",
            show_default="60 % of available memory",
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
            show_default="60 % of available memory",
        ),
    ] = None
