"""`whalecurve score`: the main job."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.options.values import ids_in
from whalecurve.cli.reports.phrases import json_text
from whalecurve.cli.reports.run import plan_text, run_json, run_text

SCORING, WRITING = scoring_options.PANEL, options.WRITING_PANEL

OPTIONS = {"horizon_days": "horizon", "risk_days": "risk_horizon", "annual_discount": "discount"}
"""Settings whose options are called otherwise."""


def score_command(
    context: typer.Context,
    orders: options.Orders,
    out: Annotated[Path, typer.Option(help="Directory to write the result to.", rich_help_panel=WRITING)],
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
    period: options.Period = None,
    model: Annotated[
        str,
        typer.Option(
            help="Purchase model: bgnbd, mbgnbd, pnbd, bgbb; auto takes the best of the first three.",
            rich_help_panel=SCORING,
        ),
    ] = "bgnbd",
    l2: Annotated[
        float,
        typer.Option(
            help="Penalty when fitting: on squared log parameters; with covariates on their coefficients.",
            rich_help_panel=SCORING,
        ),
    ] = 0.0,
    covariates: Annotated[
        str | None,
        typer.Option(
            help="Parquet file, one row a customer, of traits that shift purchase and dropout rates.",
            show_default="none",
            rich_help_panel=SCORING,
        ),
    ] = None,
    covariate_columns: Annotated[
        str | None,
        typer.Option(help="Its columns to use, with commas between.", show_default="all", rich_help_panel=SCORING),
    ] = None,
    dropout_effect: Annotated[
        Literal["odds", "separate", "common"],
        typer.Option(
            help="How traits act on dropout in BG/NBD and MBG/NBD: on the odds a/b, on a and b apart, on both alike.",
            rich_help_panel=SCORING,
        ),
    ] = "odds",
    intervals: Annotated[
        float | None,
        typer.Option(
            help="Confidence level, as 0.9, of intervals for expected purchases and CLV; costs nine forecasts more.",
            show_default="none",
            rich_help_panel=SCORING,
        ),
    ] = None,
    horizon: scoring_options.Horizon = 365,
    risk_horizon: scoring_options.RiskHorizon = 180,
    discount: scoring_options.Discount = 0.10,
    spend: scoring_options.Spend = "gamma-gamma",
    value: scoring_options.Value = None,
    rfm_bins: scoring_options.RfmBins = 5,
    rfm_method: scoring_options.RfmMethod = "quantile",
    rfm_cuts: scoring_options.RfmCuts = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            help="model.json of an old run, or its directory: score with its thresholds, models and settings; no fit.",
            show_default="found anew",
            rich_help_panel=SCORING,
        ),
    ] = None,
    segments: scoring_options.Segments = "standard",
    risk_threshold: scoring_options.RiskThreshold = 0.5,
    value_quantile: scoring_options.ValueQuantile = 0.8,
    layout: Annotated[
        Literal["hive", "flat"],
        typer.Option(
            help="Customers partitioned by segment (hive), or as one dataset (flat).",
            rich_help_panel=WRITING,
        ),
    ] = "hive",
    measures: Annotated[
        bool,
        typer.Option("--measures/--no-measures", help="Measures over time, too.", rich_help_panel=WRITING),
    ] = True,
    overwrite: options.Overwrite = False,
    max_refused: options.MaxRefused = None,
    memory: options.Memory = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Directory that keeps what was added up: the next run with it reads new files alone.",
            show_default="none",
        ),
    ] = None,
    jobs: options.Jobs = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")] = False,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Score every customer of an order log: RFM, lifetime value, churn risk, segment and action.

    Example: [bold]whalecurve score orders/ --out scores --amount "price * quantity"[/bold]
    """
    limit_threads(jobs)
    return_memory()
    set_up_logging(verbose=verbose)
    as_json = format is options.Format.json
    with reported(), progress("score") as on_stage:
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where, missing=missing, nobody=ids_in(nobody),
        )  # fmt: skip
        as_asked: dict[str, Any] = {
            "model": model, "horizon_days": horizon, "risk_days": risk_horizon, "annual_discount": discount,
            "value": value, "rfm_bins": rfm_bins, "rfm_method": rfm_method, "rfm_cuts": rfm_cuts,
            "segments": segments, "risk_threshold": risk_threshold, "value_quantile": value_quantile,
            "spend": spend, "intervals": intervals, "l2": l2,
            "covariates": covariates, "dropout_effect": dropout_effect,
            "covariate_columns": tuple(c.strip() for c in covariate_columns.split(",")) if covariate_columns else None,
        }  # fmt: skip
        observed: dict[str, Any] = {"unit": unit, "period": period}
        if thresholds is None:
            scoring, usual = engine.Scoring(**as_asked), engine.Window(**observed)
        else:
            old = engine.open_old_run(thresholds)
            scoring = replace(old.scoring, **_given(context, as_asked))
            usual = replace(old.window, **_given(context, observed))
        window = replace(
            usual, as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        if dry_run:
            planned = engine.plan_score(
                orders, columns, window, scoring, out=out, overwrite=overwrite, thresholds=thresholds
            )
            printed = json_text(planned) if as_json else plan_text(planned)
        else:
            run = engine.score(
                orders, out=out, columns=columns, window=window, scoring=scoring, overwrite=overwrite,
                layout=layout, max_refused=max_refused, memory=memory, jobs=jobs, state=state, thresholds=thresholds,
                measures=measures, on_stage=on_stage,
            )  # fmt: skip
            printed = run_json(run) if as_json else run_text(run)
    typer.echo(printed)


def _given(context: typer.Context, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that were asked for, on the command line or in a settings file."""
    sources = {name: context.get_parameter_source(OPTIONS.get(name, name)) for name in settings}
    return {name: settings[name] for name, source in sources.items() if source is not None and source.name != "DEFAULT"}
