"""Foreseen failures become one line on stderr and exit status 1; a bug keeps its traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def reported() -> Iterator[None]:
    """Report bad input in one line, without a traceback."""
    from whalecurve.engine import InputError  # imported late: help texts do not wait for the engine

    try:
        yield
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
