"""`whalecurve experiment read`: what an experiment showed."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Limits, Running

READING = "What is read"


@takes_groups(settings_file=True)
def read_command(
    *,
    experiment: Annotated[
        Path,
        typer.Option(help="Directory that whalecurve experiment assign wrote.", metavar="DIR", rich_help_panel=READING),
    ],
    cost_per_customer: Annotated[
        float,
        typer.Option(help="Cost per treated customer, in addition to what is in the orders.", rich_help_panel=READING),
    ] = 0.0,
    line_discount: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Column or SQL expression with the discount of a line (the amount is net of it); it counts as cost.",
            show_default="none",
            rich_help_panel=READING,
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Result of whalecurve score for the orders up to the end, for the effect on CLV.",
            metavar="DIR",
            show_default="none",
            rich_help_panel=READING,
        ),
    ] = None,
    orders: OrderLog,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory to write effects and arms to.", show_default="none", rich_help_panel=WRITING_PANEL
        ),
    ] = None,
    overwrite: Overwrite = False,
    limits: Limits,
    running: Running,
) -> None:
    """Read an experiment: the sizes of its arms first, then effects with intervals, money, segments, a verdict.

    Example: [bold]whalecurve experiment read orders/ --experiment spring --cost-per-customer 0.5[/bold]
    """
    with running.started("experiment read") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.experiment.read import read_text
        from whalecurve.cli.reports.phrases import json_text

        found = engine.read_experiment(
            orders.source, experiment, scores=scores, cost_per_customer=cost_per_customer, line_discount=line_discount,
            columns=orders.columns, window=orders.window(), out=out, overwrite=overwrite,
            max_refused=limits.max_refused, memory=limits.memory, on_stage=on_stage,
        )  # fmt: skip
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else read_text(record, out))
