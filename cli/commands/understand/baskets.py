"""`whalecurve baskets`: what is bought together, what segments buy, and what each customer is likely to buy next."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import LimitsBesideValues, Running
from whalecurve.cli.options.values import days

BASKETS = "What is in baskets, and reporting thresholds"


@takes_groups(settings_file=True)
def baskets_command(
    *,
    by: Annotated[
        str,
        typer.Option(help="Column or SQL expression of the product.", metavar="SQL", rich_help_panel=BASKETS),
    ],
    category: Annotated[
        str | None,
        typer.Option(
            help="Column or SQL expression of the category that a product belongs to.",
            metavar="SQL",
            show_default="none",
            rich_help_panel=BASKETS,
        ),
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(
            help="Price of one piece: a column or an SQL expression.",
            metavar="SQL",
            show_default="the amount of a line",
            rich_help_panel=BASKETS,
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Result of whalecurve score for the same orders: adds what its segments buy.",
            show_default="nothing is said of segments",
            rich_help_panel=BASKETS,
        ),
    ] = None,
    orders: OrderLog,
    holdout: Annotated[
        int,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="Last days, on which recommendations are tried.",
            show_default="90d",
            rich_help_panel=BASKETS,
        ),
    ] = 90,
    min_customers: Annotated[
        int, typer.Option(help="Ignore products and pairs with fewer customers.", rich_help_panel=BASKETS)
    ] = 30,
    fdr: Annotated[
        float, typer.Option(help="False discovery rate of the pairs that are marked.", rich_help_panel=BASKETS)
    ] = 0.05,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=BASKETS)] = 0.95,
    min_lift: Annotated[
        float,
        typer.Option(
            help="Lift from which a pair is marked, or its inverse.",
            rich_help_panel=BASKETS,
        ),
    ] = 1.2,
    top: Annotated[int, typer.Option(min=0, help="How many pairs of a kind to print.", rich_help_panel=BASKETS)] = 10,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory to write all pairs and every customer's recommendations to.",
            show_default="none",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    overwrite: Overwrite = False,
    limits: LimitsBesideValues,
    running: Running,
) -> None:
    """Find what is bought together and one after the other, and what each customer is likely to buy next.

    Example: [bold]whalecurve baskets orders.parquet --by product --category category --out baskets[/bold]
    """
    with running.started("baskets") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.baskets import baskets_text

        settings = engine.Basketing(
            by=by, category=category, price=price, holdout_days=holdout, min_customers=min_customers, fdr=fdr,
            level=level, min_lift=min_lift,
        )  # fmt: skip
        study = engine.study_baskets(
            orders.source, settings, columns=orders.columns, window=orders.window(), scores=scores, out=out,
            overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, on_stage=on_stage,
        )  # fmt: skip
    record = study.to_dict(top)
    running.show(json_text(record) if running.as_json else baskets_text(record, out))
