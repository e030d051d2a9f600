"""`whalecurve compare`: who moved between two results."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.console import limit_threads, progress, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.reports.comparison import comparison_text
from whalecurve.cli.reports.phrases import json_text

COMPARING, WRITING = "What is compared", options.WRITING_PANEL


def compare_command(
    old: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="Another, of the same day or a later one.", metavar="NEW")],
    config: options.Config = None,
    allow: Annotated[
        str | None,
        typer.Option(
            help="Definitions that may differ, with commas between; as_of and what follows from it may anyway.",
            metavar="NAME,...",
            show_default="none",
            rich_help_panel=COMPARING,
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="What an earlier comparison wrote, whose NEW is this OLD: customers keep the day since which they "
            "are in their segment.",
            show_default="none",
            rich_help_panel=COMPARING,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write moves and customers to.", rich_help_panel=WRITING),
    ] = None,
    overwrite: options.Overwrite = False,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Show who moved between segments, cells and tiers from one result to another, and what moved in the models.

    Example: [bold]whalecurve compare scores-may scores-june --out moved[/bold]
    """
    limit_threads(jobs)
    set_up_logging(verbose=verbose)
    with reported(), progress("compare") as on_stage:
        from whalecurve import engine

        names = [name.strip() for name in allow.split(",") if name.strip()] if allow else []
        found = engine.compare(
            old, new, out=out, previous=previous, allow=names, overwrite=overwrite, on_stage=on_stage
        )
    typer.echo(json_text(found.to_dict()) if format is options.Format.json else comparison_text(found, out))
