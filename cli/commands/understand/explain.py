"""`whalecurve explain`: which values mark a segment, and which go with bad or good behaviour."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import SCORING_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import LimitsBesideValues, Running
from whalecurve.cli.options.scoring import ScoringOptions
from whalecurve.cli.options.values import days, dimensions_in

EXPLAINING = "What is explained, and reporting thresholds"


@takes_groups(settings_file=True)
def explain_command(
    *,
    segment: Annotated[
        str,
        typer.Option(help="RFM segment, or cell of the risk x value matrix.", rich_help_panel=EXPLAINING),
    ],
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="Dimensions: columns or SQL expressions, comma-separated.",
            rich_help_panel=EXPLAINING,
        ),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Result of whalecurve score for the same orders and options; nothing is scored again then.",
            show_default="the orders are scored first",
            rich_help_panel=EXPLAINING,
        ),
    ] = None,
    orders: OrderLog,
    min_customers: Annotated[
        int,
        typer.Option(help="Ignore values with fewer customers.", rich_help_panel=EXPLAINING),
    ] = 30,
    fdr: Annotated[
        float,
        typer.Option(
            help="False discovery rate per dimension, of anomalies and of the values that mark the segment.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 0.05,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=EXPLAINING)] = 0.95,
    window_days: Annotated[
        int,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="Time within which a second purchase counts, among customers observed for that long.",
            show_default="90d",
            rich_help_panel=EXPLAINING,
        ),
    ] = 90,
    min_lift: Annotated[
        float,
        typer.Option(
            help="Lift from which a value marks the segment, or its inverse.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 1.2,
    min_second_purchase_rate: Annotated[
        float,
        typer.Option(
            help="Smallest difference in second purchases to report; 0.03 is 3 percentage points.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 0.03,
    min_return_rate: Annotated[
        float, typer.Option(help="Smallest difference in lines returned to report.", rich_help_panel=EXPLAINING)
    ] = 0.02,
    min_loss_share: Annotated[
        float, typer.Option(help="Smallest difference in customers with a loss to report.", rich_help_panel=EXPLAINING)
    ] = 0.02,
    min_margin_rate: Annotated[
        float, typer.Option(help="Smallest difference in margin rate to report.", rich_help_panel=EXPLAINING)
    ] = 0.03,
    top: Annotated[
        int,
        typer.Option(
            min=0, help="How many values to print beyond those that mark the segment.", rich_help_panel=EXPLAINING
        ),
    ] = 5,
    model: Annotated[
        str,
        typer.Option(help="Purchase model: bgnbd, mbgnbd, pnbd, bgcnbd, mbgcnbd, auto.", rich_help_panel=SCORING_PANEL),
    ] = "bgnbd",
    scoring: ScoringOptions,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write all values and tests to.", rich_help_panel=WRITING_PANEL),
    ] = None,
    overwrite: Overwrite = False,
    limits: LimitsBesideValues,
    running: Running,
) -> None:
    """Find what sets a segment apart: values of any columns, and those that go with bad or good behaviour.

    Example: [bold]whalecurve explain orders.parquet --segment Champions --by "city,brand,UPPER(channel)"[/bold]
    """
    with running.started("explain") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.explain import explanation_text

        settings = engine.Explaining(
            min_customers=min_customers, fdr=fdr, level=level, second_purchase_days=window_days, min_lift=min_lift,
            min_second_purchase_rate=min_second_purchase_rate, min_return_rate=min_return_rate,
            min_loss_share=min_loss_share, min_margin_rate=min_margin_rate,
        )  # fmt: skip
        explained = engine.explain(
            orders.source, segment, dimensions_in(by), columns=orders.columns, window=orders.window(),
            scoring=engine.Scoring(model=model, **scoring.settings), settings=settings, scores=scores, out=out,
            overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, jobs=running.jobs,
            on_stage=on_stage,
        )  # fmt: skip
    record = explained.to_dict(top)
    running.show(json_text(record) if running.as_json else explanation_text(record, out))
