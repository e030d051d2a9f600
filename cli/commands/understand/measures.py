"""`whalecurve measures`: who comes back, how soon, who is lost, month by month and segment by segment."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog, Period
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import SCORING_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import Limits, Running
from whalecurve.cli.options.scoring import RfmScoringOptions
from whalecurve.cli.options.values import dimensions_in

ASKED = "What is measured"


@takes_groups(settings_file=True)
def measures_command(
    *,
    out: Annotated[Path, typer.Option(help="Directory to write the measures to.", rich_help_panel=WRITING_PANEL)],
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="Also measure which new customers come back by what was on their first order: columns or SQL "
            "expressions, comma-separated.",
            show_default="none",
            rich_help_panel=ASKED,
        ),
    ] = "",
    top: Annotated[int, typer.Option(min=0, help="How many values of each to print.", rich_help_panel=ASKED)] = 10,
    orders: OrderLog,
    period: Period = None,
    model: Annotated[
        str,
        typer.Option(
            help="Purchase model: bgnbd, mbgnbd, pnbd, bgcnbd, mbgcnbd, bgbb or auto.", rich_help_panel=SCORING_PANEL
        ),
    ] = "bgnbd",
    scoring: RfmScoringOptions,
    overwrite: Overwrite = False,
    limits: Limits,
    running: Running,
) -> None:
    """Measure over time who comes back, how soon and for how much: retention, repeat purchase, stickiness, cohorts.

    Example: [bold]whalecurve measures orders/ --out measures --by campaign,channel[/bold]
    """
    with running.started("measures") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.understand.measures import measured_json, measured_text

        measured = engine.measure(
            orders.source, out=out, columns=orders.columns, window=orders.window(engine.Window(period=period)),
            scoring=engine.Scoring(model=model, **scoring.settings), by=dimensions_in(by) if by.strip() else (),
            overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, jobs=running.jobs,
            on_stage=on_stage,
        )  # fmt: skip
    running.show(measured_json(measured) if running.as_json else measured_text(measured, top))
