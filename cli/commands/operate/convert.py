"""`whalecurve convert`: an order log of any kind of files as Parquet."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import Query, orders_in
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import ids_in


@takes_groups(settings_file=True)
def convert_command(
    *,
    source: Annotated[
        str,
        typer.Argument(
            help="File, directory or glob of order lines: CSV, Arrow; a table, or a database.", metavar="IN"
        ),
    ],
    out: Annotated[Path, typer.Argument(help="New directory for Parquet files.", metavar="OUT")],
    query: Query = None,
    customer: Annotated[
        str | None, typer.Option(help="Column of customer ids, which stay text.", show_default="customer_id")
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Column of order ids, which stay text.", show_default="order_id")
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            help="More columns that stay text, comma-separated.",
            show_default="those that do not look like anything else",
            metavar="NAMES",
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files, as latin-1.", show_default="UTF-8")
    ] = None,
    skip_unreadable: Annotated[
        bool,
        typer.Option(
            "--skip-unreadable",
            help="Skip lines that cannot be read (a cell of the wrong type, too few or too many cells) and list "
            "them in _unreadable.parquet.",
        ),
    ] = False,
    running: Running,
) -> None:
    """Write an order log as Parquet, which is read many times as fast as CSV, and has types.

    Example: [bold]whalecurve convert exports/ orders --text "sku,postcode"[/bold]
    """
    with running.started("convert") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.operate.convert import converted_text
        from whalecurve.cli.reports.phrases import json_text

        done = engine.convert(
            orders_in([source], query), out, columns=engine.Columns(customer=customer or None, order=order),
            text=ids_in(text), encoding=encoding, skip_unreadable=skip_unreadable, on_stage=on_stage,
        )  # fmt: skip
        record = done.to_dict()
    running.show(json_text(record) if running.as_json else converted_text(record))
