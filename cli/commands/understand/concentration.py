"""`whalecurve concentration`: concentration of value over customers, products, brands or any other dimension."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import LimitsBesideValues, Running
from whalecurve.cli.options.scoring import Value
from whalecurve.cli.options.values import dimensions_in

MEASURING = "What is measured"


@takes_groups(settings_file=True)
def concentration_command(
    *,
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="What to group value by: customer, columns or SQL expressions, comma-separated. Lines without a "
            "customer count for products and brands, but for no customer.",
            rich_help_panel=MEASURING,
        ),
    ] = "customer",
    value: Value = None,
    top: Annotated[int, typer.Option(min=0, help="How many of the top ones to print.", rich_help_panel=MEASURING)] = 10,
    orders: OrderLog,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory to write members, curves and measures to.",
            show_default="none",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    overwrite: Overwrite = False,
    limits: LimitsBesideValues,
    running: Running,
) -> None:
    """Measure how concentrated revenue is across customers, products or any column: whale curve, Gini, Pareto classes.

    Example: [bold]whalecurve concentration orders.parquet --by "customer,brand,UPPER(city)"[/bold]
    """
    with running.started("concentration") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.understand.concentration import concentration_json, concentration_text

        study = engine.concentrate(
            orders.source, dimensions_in(by), columns=orders.columns, window=orders.window(), value=value, out=out,
            overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, on_stage=on_stage,
        )  # fmt: skip
    running.show(concentration_json(study, top) if running.as_json else concentration_text(study, top))
