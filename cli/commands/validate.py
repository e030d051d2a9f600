"""`whalecurve validate`: fit on the past, predict the rest, say how well."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog, Period, Unit
from whalecurve.cli.options.output import WRITING_PANEL, Overwrite
from whalecurve.cli.options.running import Limits, Running
from whalecurve.cli.options.scoring import Spend, Value
from whalecurve.cli.options.values import days

VALIDATING = "What is validated"


@takes_groups(settings_file=True)
def validate_command(
    *,
    holdout: Annotated[
        int,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="The last days observed, held back from the models and predicted: 90d, 13w, 3m, 1y.",
            show_default="90d",
            rich_help_panel=VALIDATING,
        ),
    ] = 90,
    orders: OrderLog,
    unit: Unit = "day",
    period: Period = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="One purchase model: bgnbd, mbgnbd, pnbd; bgbb with --period.",
            show_default="all that count time so",
            rich_help_panel=VALIDATING,
        ),
    ] = None,
    value: Value = None,
    spend: Spend = "gamma-gamma",
    l2: Annotated[
        float, typer.Option(help="Penalty on squared log parameters when fitting.", rich_help_panel=VALIDATING)
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write customers, measures and tables to.", rich_help_panel=WRITING_PANEL),
    ] = None,
    overwrite: Overwrite = False,
    limits: Limits,
    running: Running,
) -> None:
    """Fit every model to the past, predict a holdout, and say how well: beside rules that need no model.

    Example: [bold]whalecurve validate orders/ --holdout 90d --amount "price * quantity"[/bold]
    """
    with running.started("validate") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.validation import validation_text

        found = engine.validate(
            orders.paths, holdout_days=holdout, model=model, out=out, columns=orders.columns,
            window=orders.window(engine.Window(unit=unit, period=period)),
            scoring=engine.Scoring(value=value, spend=spend, l2=l2), overwrite=overwrite,
            max_refused=limits.max_refused, memory=limits.memory, on_stage=on_stage,
        )  # fmt: skip
    typer.echo(json_text(found.to_dict()) if running.as_json else validation_text(found, out))
