"""`whalecurve check`: what is in the files, what would be refused and why."""

from typing import Annotated

import typer

from whalecurve.cli.errors import FOUND
from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.running import Running

Strict = Annotated[bool, typer.Option("--strict", help="Exit with status 3 if there is anything to note.")]


@takes_groups(settings_file=True)
def check_command(
    *,
    orders: OrderLog,
    strict: Strict = False,
    running: Running,
) -> None:
    """Inspect an order log: mapping, usable rows, rejected rows and why, what looks wrong. Nothing is written.

    Example: [bold]whalecurve check orders.parquet --amount "price * quantity"[/bold]
    """
    with running.started("check"):
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.start.check import check_text

        record = engine.check_orders(orders.source, orders.columns, orders.window()).to_dict()
    running.show(json_text(record) if running.as_json else check_text(record))
    if strict and record["warnings"]:
        raise typer.Exit(FOUND)
