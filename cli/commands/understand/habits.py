"""`whalecurve habits`: when each customer buys, how much, what and how, and what is due to be bought again."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import LimitsBesideValues, Running

HABITS = "Which habits"


@takes_groups(settings_file=True)
def habits_command(
    *,
    by: Annotated[
        str | None,
        typer.Option(
            help="Kind of products that favourites are among: a column or an SQL expression.",
            metavar="SQL",
            show_default="no favourites",
            rich_help_panel=HABITS,
        ),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option(
            help="What is bought again: a column or an SQL expression.",
            metavar="SQL",
            show_default="nothing is looked for",
            rich_help_panel=HABITS,
        ),
    ] = None,
    discounted: Annotated[
        str | None,
        typer.Option(
            help='When a line is at a discount: an SQL condition, as "discount > 0".',
            metavar="SQL",
            show_default="nothing is said of discounts",
            rich_help_panel=HABITS,
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            help="What whalecurve score wrote of the same orders: habits by segment.",
            show_default="nothing is said of segments",
            rich_help_panel=HABITS,
        ),
    ] = None,
    orders: OrderLog,
    most_variation: Annotated[
        float,
        typer.Option(
            help="Gaps are regular if they vary by this share of their mean at most; at random by 1.",
            rich_help_panel=HABITS,
        ),
    ] = 0.5,
    min_customers: Annotated[
        int,
        typer.Option(
            help="Customers with three purchases of a product to replenish; smaller segments are put together.",
            rich_help_panel=HABITS,
        ),
    ] = 30,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=HABITS)] = 0.95,
    top: Annotated[int, typer.Option(min=0, help="How many products to print.", rich_help_panel=HABITS)] = 10,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory to write the habits of every customer to.",
            show_default="none",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    overwrite: Overwrite = False,
    limits: LimitsBesideValues,
    running: Running,
) -> None:
    """Find when each customer buys, how much, what and how, and what is due to be bought again.

    Example: [bold]whalecurve habits orders.parquet --by category --product product --out habits[/bold]
    """
    with running.started("habits") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.habits import habits_text

        settings = engine.HabitSettings(
            by=by, product=product, discounted=discounted, most_variation=most_variation, min_customers=min_customers,
            level=level,
        )  # fmt: skip
        found = engine.find_habits(
            orders.source, settings, columns=orders.columns, window=orders.window(), scores=scores, out=out,
            overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, on_stage=on_stage,
        )  # fmt: skip
    record = found.to_dict(top)
    running.show(json_text(record) if running.as_json else habits_text(record, out))
