"""`whalecurve explain`: which values mark a segment, and which go with bad or good behaviour."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.options.values import days, dimensions_in, ids_in
from whalecurve.cli.reports.explanation import explanation_text
from whalecurve.cli.reports.phrases import json_text

EXPLAINING, WRITING = "What is explained, and what is worth a word", options.WRITING_PANEL


def explain_command(
    orders: options.Orders,
    segment: Annotated[
        str,
        typer.Option(help="RFM segment, or cell of the risk x value matrix.", rich_help_panel=EXPLAINING),
    ],
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="Dimensions: columns or SQL expressions, with commas between.",
            rich_help_panel=EXPLAINING,
        ),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="What whalecurve score wrote of the same orders, with the same options; no customer is scored then.",
            show_default="the orders are scored first",
            rich_help_panel=EXPLAINING,
        ),
    ] = None,
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
    min_customers: Annotated[
        int,
        typer.Option(help="Values that fewer customers have are not tested.", rich_help_panel=EXPLAINING),
    ] = 30,
    fdr: Annotated[
        float,
        typer.Option(
            help="False discovery rate of what is reported of a dimension, and of the values that mark the segment.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 0.05,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=EXPLAINING)] = 0.95,
    window_days: Annotated[
        int,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="Time for a second purchase, counted among customers observed for as long.",
            show_default="90d",
            rich_help_panel=EXPLAINING,
        ),
    ] = 90,
    min_lift: Annotated[
        float,
        typer.Option(
            help="A value marks the segment if it is so many times as frequent there, or the inverse.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 1.2,
    min_second_purchase_rate: Annotated[
        float,
        typer.Option(help="Least difference that is reported, 0.03 being 3 points.", rich_help_panel=EXPLAINING),
    ] = 0.03,
    min_return_rate: Annotated[
        float, typer.Option(help="The same, of lines returned.", rich_help_panel=EXPLAINING)
    ] = 0.02,
    min_loss_share: Annotated[
        float, typer.Option(help="The same, of customers with a loss.", rich_help_panel=EXPLAINING)
    ] = 0.02,
    min_margin_rate: Annotated[
        float, typer.Option(help="The same, of margin over revenue.", rich_help_panel=EXPLAINING)
    ] = 0.03,
    top: Annotated[
        int,
        typer.Option(
            min=0, help="How many values to print beyond those that mark the segment.", rich_help_panel=EXPLAINING
        ),
    ] = 5,
    model: Annotated[
        str, typer.Option(help="Purchase model: bgnbd, mbgnbd, pnbd, auto.", rich_help_panel=scoring_options.PANEL)
    ] = "bgnbd",
    horizon: scoring_options.Horizon = 365,
    risk_horizon: scoring_options.RiskHorizon = 180,
    discount: scoring_options.Discount = 0.10,
    spend: scoring_options.Spend = "gamma-gamma",
    value: scoring_options.Value = None,
    rfm_bins: scoring_options.RfmBins = 5,
    segments: scoring_options.Segments = "standard",
    risk_threshold: scoring_options.RiskThreshold = 0.5,
    value_quantile: scoring_options.ValueQuantile = 0.8,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write all values and tests to.", rich_help_panel=WRITING),
    ] = None,
    overwrite: options.Overwrite = False,
    max_refused: options.MaxRefused = None,
    memory: options.MemoryBesideValues = None,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Say which values of which dimensions mark a segment, and which go with bad or good behaviour.

    Example: [bold]whalecurve explain orders.parquet --segment Champions --by "city,brand,UPPER(channel)"[/bold]
    """
    limit_threads(jobs)
    return_memory()
    set_up_logging(verbose=verbose)
    with reported(), progress("explain") as on_stage:
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where, missing=missing, nobody=ids_in(nobody),
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        scoring = engine.Scoring(
            model=model, horizon_days=horizon, risk_days=risk_horizon, annual_discount=discount, value=value,
            spend=spend, rfm_bins=rfm_bins, segments=segments, risk_threshold=risk_threshold,
            value_quantile=value_quantile,
        )  # fmt: skip
        settings = engine.Explaining(
            min_customers=min_customers, fdr=fdr, level=level, second_purchase_days=window_days, min_lift=min_lift,
            min_second_purchase_rate=min_second_purchase_rate, min_return_rate=min_return_rate,
            min_loss_share=min_loss_share, min_margin_rate=min_margin_rate,
        )  # fmt: skip
        found = engine.explain(
            orders, segment, dimensions_in(by), columns=columns, window=window, scoring=scoring, settings=settings,
            scores=scores, out=out, overwrite=overwrite, max_refused=max_refused, memory=memory, jobs=jobs,
            on_stage=on_stage,
        )  # fmt: skip
    record = found.to_dict(top)
    typer.echo(json_text(record) if format is options.Format.json else explanation_text(record, out))
