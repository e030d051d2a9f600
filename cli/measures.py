"""`whalecurve measures`: who comes back, how soon, who is lost, month by month and segment by segment."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from whalecurve.cli import options
from whalecurve.cli.concentration import dimensions_in
from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.measures_report import measured_text

if TYPE_CHECKING:
    from whalecurve.engine import Measured

ASKED, GROUPS, WRITING = "What is measured", "What shapes the segments", "What is written"


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
    timezone: options.Timezone = None,
    as_of: options.AsOf = None,
    since: options.Since = None,
    period: Annotated[
        Literal["week", "month", "year"] | None,
        typer.Option(
            help="Count opportunities to buy, one a calendar period, for --model bgbb.",
            show_default="none",
            rich_help_panel=options.WINDOW_PANEL,
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(help="Purchase model: bgnbd, mbgnbd, pnbd, bgbb or auto.", rich_help_panel=GROUPS),
    ] = "bgnbd",
    horizon: Annotated[
        int,
        typer.Option(
            parser=options.days,
            metavar="SPAN",
            help="How far CLV looks ahead: 365d, 52w, 12m, 1y.",
            show_default="365d",
            rich_help_panel=GROUPS,
        ),
    ] = 365,
    risk_horizon: Annotated[
        int,
        typer.Option(
            parser=options.days,
            metavar="SPAN",
            help="How long without a purchase counts as lost.",
            show_default="180d",
            rich_help_panel=GROUPS,
        ),
    ] = 180,
    discount: Annotated[float, typer.Option(help="Annual discount rate.", rich_help_panel=GROUPS)] = 0.10,
    value: Annotated[
        Literal["margin", "revenue"] | None,
        typer.Option(
            help="What value is measured in.",
            show_default="margin where there is one, else revenue",
            rich_help_panel=GROUPS,
        ),
    ] = None,
    rfm_bins: Annotated[int, typer.Option(help="Scores run from 1 to this.", rich_help_panel=GROUPS)] = 5,
    rfm_method: Annotated[
        Literal["quantile", "fixed", "nested"],
        typer.Option(
            help="Score by quantiles, by the cut-offs of --rfm-cuts, or F within R and M within R and F.",
            rich_help_panel=GROUPS,
        ),
    ] = "quantile",
    rfm_cuts: Annotated[
        str | None,
        typer.Option(
            help="TOML file with lists r, f and m, a cut-off for each score from 2 up; for fixed.",
            show_default="none",
            rich_help_panel=GROUPS,
        ),
    ] = None,
    segments: Annotated[
        str,
        typer.Option(help="Segment scheme: a preset (standard, soulmates) or a TOML file.", rich_help_panel=GROUPS),
    ] = "standard",
    risk_threshold: Annotated[
        float, typer.Option(help="Churn risk from which it is high.", rich_help_panel=GROUPS)
    ] = 0.5,
    value_quantile: Annotated[
        float, typer.Option(help="High value begins at this quantile of value + CLV.", rich_help_panel=GROUPS)
    ] = 0.8,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a previous result.", rich_help_panel=WRITING)
    ] = False,
    max_refused: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Stop if more than this share of rows is refused.",
            show_default="0.05 of the rows that name a customer",
        ),
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(
            parser=options.size,
            metavar="SIZE",
            help="Memory to keep to, as 4GB; with less, the orders are read several times.",
            show_default="60 % of what is there",
        ),
    ] = None,
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
            return_flag=return_flag, where=where,
        )  # fmt: skip
        scoring = engine.Scoring(
            model=model, horizon_days=horizon, risk_days=risk_horizon, annual_discount=discount, value=value,
            rfm_bins=rfm_bins, rfm_method=rfm_method, rfm_cuts=rfm_cuts, segments=segments,
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
    typer.echo(_json(found) if format is options.Format.json else measured_text(found, top))


def _json(found: "Measured") -> str:
    record = {
        "out": str(found.out),
        "manifest": found.manifest,
        "model": found.model,
        "measures": found.headline,
        "by": None if found.by is None else found.by.to_dicts(),
    }
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
