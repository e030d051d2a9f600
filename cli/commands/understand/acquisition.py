"""`whalecurve acquisition`: what new customers cost, by campaign or channel, and when it is back."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running

COSTS, MATCHED = "Costs", "How they are matched"


@takes_groups(settings_file=True)
def acquisition_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    costs: Annotated[
        str,
        typer.Option(
            help="File of spend by campaign or channel, and day or month (Parquet, Arrow, CSV).",
            metavar="FILE",
            rich_help_panel=COSTS,
        ),
    ],
    cost_by: Annotated[
        str | None,
        typer.Option(
            help="Its column of campaigns or channels.",
            show_default="named as --by, campaign or channel",
            rich_help_panel=COSTS,
        ),
    ] = None,
    cost_time: Annotated[
        str | None,
        typer.Option(
            help="Its column of days, or months such as 2025-06.",
            show_default="date, day or month",
            rich_help_panel=COSTS,
        ),
    ] = None,
    cost_spend: Annotated[
        str | None,
        typer.Option(help="Its column of spend.", show_default="spend, cost, costs or amount", rich_help_panel=COSTS),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="What of the first order to match it with: a column or an SQL expression.",
            metavar="SQL",
            show_default="the column of that name",
            rich_help_panel=MATCHED,
        ),
    ] = None,
    orders: Annotated[
        str | None,
        typer.Option(
            help="The scored order lines, if they have moved: files, directory, glob or URL.",
            show_default="where they were when scored",
            rich_help_panel=MATCHED,
        ),
    ] = None,
    min_months: Annotated[
        int,
        typer.Option(help="Minimum number of whole months for a marginal cost.", rich_help_panel=MATCHED),
    ] = 6,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=MATCHED)] = 0.95,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """What new customers cost by campaign or channel: CAC, CLV:CAC, month of payback, cost of one more.

    Example: [bold]whalecurve acquisition scores --costs costs.csv --by campaign[/bold]
    """
    with running.started("acquisition") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.acquisition import acquisition_text

        settings = engine.Acquiring(
            by=by, cost_by=cost_by, cost_time=cost_time, cost_spend=cost_spend, level=level, min_months=min_months
        )
        found = engine.acquisition_costs(
            scores, costs, settings=settings, orders=orders, out=out, overwrite=overwrite, on_stage=on_stage
        )
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else acquisition_text(record, out))
