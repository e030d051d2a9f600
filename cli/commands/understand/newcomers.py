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
            help="Dimensions of the first order, columns or SQL expressions, with commas between: campaign.",
            metavar="SQL,...",
            show_default="none",
            rich_help_panel=TOLD_APART,
        ),
    ] = None,
    cohorts: Annotated[
        Literal["month", "quarter", "year"] | None,
        typer.Option(help="Tell customers apart by when they came.", show_default="none", rich_help_panel=TOLD_APART),
    ] = None,
    pool: Annotated[
        int,
        typer.Option(help="Customers like all others in each group, on top of its own.", rich_help_panel=TOLD_APART),
    ] = 100,
    orders: Annotated[
        str | None,
        typer.Option(
            help="Files, directory, glob or URL of the order lines that were scored, where they have moved.",
            show_default="where they were scored",
            rich_help_panel=TOLD_APART,
        ),
    ] = None,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=TOLD_APART)] = 0.9,
    residual: Annotated[
        bool,
        typer.Option("--residual", help="Also what is left of each customer without a horizon: DERT, residual CLV."),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """What a customer acquired today will buy and bring: in the horizon, and without one.

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
