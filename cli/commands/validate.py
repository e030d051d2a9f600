"""`whalecurve validate`: fit on the past, predict the rest, say how well."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.console import limit_threads, progress, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.options.values import days, ids_in
from whalecurve.cli.reports.phrases import json_text
from whalecurve.cli.reports.validation import validation_text

VALIDATING, WRITING = "What is validated", options.WRITING_PANEL


def validate_command(
    orders: options.Orders,
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
    config: options.Config = None,
    customer: options.Customer = None,
    time: options.Time = None,
    amount: options.Amount = None,
    margin: options.Margin = None,
    cost: options.Cost = None,
    order: options.Order = None,
    return_flag: options.ReturnFlag = None,
    where: options.Where = None,
    missing: options.Missing = "error",
    nobody: options.Nobody = None,
    timezone: options.Timezone = None,
    as_of: options.AsOf = None,
    since: options.Since = None,
    unit: options.Unit = "day",
    model: Annotated[
        str | None,
        typer.Option(
            help="One purchase model: bgnbd, mbgnbd, pnbd, bgbb.",
            show_default="all but bgbb",
            rich_help_panel=VALIDATING,
        ),
    ] = None,
    value: scoring_options.Value = None,
    spend: scoring_options.Spend = "gamma-gamma",
    l2: Annotated[
        float, typer.Option(help="Penalty on squared log parameters when fitting.", rich_help_panel=VALIDATING)
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write customers, measures and tables to.", rich_help_panel=WRITING),
    ] = None,
    overwrite: options.Overwrite = False,
    max_refused: options.MaxRefused = None,
    memory: options.Memory = None,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Fit every model to the past, predict a holdout, and say how well: beside rules that need no model.

    Example: [bold]whalecurve validate orders/ --holdout 90d --amount "price * quantity"[/bold]
    """
    limit_threads(jobs)
    set_up_logging(verbose=verbose)
    with reported(), progress("validate") as on_stage:
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where, missing=missing, nobody=ids_in(nobody),
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone, unit=unit
        )
        found = engine.validate(
            orders, holdout_days=holdout, model=model, out=out, columns=columns, window=window,
            scoring=engine.Scoring(value=value, spend=spend, l2=l2), overwrite=overwrite, max_refused=max_refused,
            memory=memory, on_stage=on_stage,
        )  # fmt: skip
    typer.echo(json_text(found.to_dict()) if format is options.Format.json else validation_text(found, out))
