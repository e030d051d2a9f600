"""`whalecurve measures`: who comes back, how soon, who is lost, month by month and segment by segment."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.options.values import dimensions_in, ids_in
from whalecurve.cli.reports.measures import measured_json, measured_text

ASKED, WRITING = "What is measured", options.WRITING_PANEL


def measures_command(
    orders: options.Orders,
    out: Annotated[Path, typer.Option(help="Directory to write the measures to.", rich_help_panel=WRITING)],
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="Stickiness of new customers by what is on their first order: columns or SQL expressions, with commas "
            "between.",
            show_default="none",
            rich_help_panel=ASKED,
        ),
    ] = "",
    top: Annotated[int, typer.Option(min=0, help="How many values of each to print.", rich_help_panel=ASKED)] = 10,
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
    period: options.Period = None,
    model: Annotated[
        str,
        typer.Option(help="Purchase model: bgnbd, mbgnbd, pnbd, bgbb or auto.", rich_help_panel=scoring_options.PANEL),
    ] = "bgnbd",
    horizon: scoring_options.Horizon = 365,
    risk_horizon: scoring_options.RiskHorizon = 180,
    discount: scoring_options.Discount = 0.10,
    spend: scoring_options.Spend = "gamma-gamma",
    value: scoring_options.Value = None,
    rfm_bins: scoring_options.RfmBins = 5,
    rfm_method: scoring_options.RfmMethod = "quantile",
    rfm_cuts: scoring_options.RfmCuts = None,
    segments: scoring_options.Segments = "standard",
    risk_threshold: scoring_options.RiskThreshold = 0.5,
    value_quantile: scoring_options.ValueQuantile = 0.8,
    overwrite: options.Overwrite = False,
    max_refused: options.MaxRefused = None,
    memory: options.Memory = None,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Measure over time who comes back, how soon and for how much: retention, repeat purchase, stickiness, cohorts.

    Example: [bold]whalecurve measures orders/ --out measures --by campaign,channel[/bold]
    """
    limit_threads(jobs)
    return_memory()
    set_up_logging(verbose=verbose)
    with reported(), progress("measures") as on_stage:
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where, missing=missing, nobody=ids_in(nobody),
        )  # fmt: skip
        scoring = engine.Scoring(
            model=model, horizon_days=horizon, risk_days=risk_horizon, annual_discount=discount, value=value,
            spend=spend, rfm_bins=rfm_bins, rfm_method=rfm_method, rfm_cuts=rfm_cuts, segments=segments,
            risk_threshold=risk_threshold, value_quantile=value_quantile,
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone,
            period=period,
        )  # fmt: skip
        found = engine.measure(
            orders, out=out, columns=columns, window=window, scoring=scoring,
            by=dimensions_in(by) if by.strip() else (), overwrite=overwrite, max_refused=max_refused, memory=memory,
            jobs=jobs, on_stage=on_stage,
        )  # fmt: skip
    typer.echo(measured_json(found) if format is options.Format.json else measured_text(found, top))
