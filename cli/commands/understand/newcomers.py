"""`whalecurve newcomers`: what a customer acquired today is worth, and what is left of all without a horizon."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import dimensions_in

TOLD_APART = "How they are told apart"


@takes_groups(settings_file=True)
def newcomers_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    by: Annotated[
        str | None,
        typer.Option(
            help="Dimensions of the first order: columns or SQL expressions, comma-separated, e.g. campaign.",
            metavar="SQL,...",
            show_default="none",
            rich_help_panel=TOLD_APART,
        ),
    ] = None,
    cohorts: Annotated[
        Literal["month", "quarter", "year"] | None,
        typer.Option(
            help="Group customers by when they were acquired.", show_default="none", rich_help_panel=TOLD_APART
        ),
    ] = None,
    pool: Annotated[
        int,
        typer.Option(help="Strength of pooling: average customers added to each group.", rich_help_panel=TOLD_APART),
    ] = 100,
    orders: Annotated[
        str | None,
        typer.Option(
            help="The scored order lines, if they have moved: files, directory, glob or URL.",
            show_default="where they were when scored",
            rich_help_panel=TOLD_APART,
        ),
    ] = None,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=TOLD_APART)] = 0.9,
    residual: Annotated[
        bool,
        typer.Option("--residual", help="Also compute each customer's DERT and residual CLV, without a horizon."),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Expected purchases and value of a customer acquired today, in the horizon and without one.

    Example: [bold]whalecurve newcomers scores --by campaign --cohorts year[/bold]
    """
    with running.started("newcomers") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.newcomers import newcomers_text

        settings = engine.NewcomerSettings(
            by=tuple(dimensions_in(by)) if by else (), cohorts=cohorts, pool=pool, level=level, residual=residual
        )
        found = engine.value_newcomers(
            scores, settings=settings, orders=orders, out=out, overwrite=overwrite, on_stage=on_stage
        )
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else newcomers_text(record, out))
