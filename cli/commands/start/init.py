"""`whalecurve init`: how an order log may be read, as a settings file for the other commands."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import Query, orders_in
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.settings_file import SETTINGS_FILE


def _told(what: str) -> OptionInfo:
    """An option that says what plays a role, where it is known."""
    option: OptionInfo = typer.Option(
        help=f"{what}: a column, or an SQL expression.",
        show_default="found by names and content",
        rich_help_panel="Columns that are known",
        metavar="SQL",
    )
    return option


@takes_groups()
def init_command(
    *,
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, directories, globs or object-store URLs of order lines.", metavar="ORDERS"),
    ],
    query: Query = None,
    preset: Annotated[
        str | None, typer.Option(help="Which export it is, e.g. shopify.", show_default="recognised by its columns")
    ] = None,
    customer: Annotated[str | None, _told("Customer id")] = None,
    time: Annotated[str | None, _told("Date or datetime of the order")] = None,
    amount: Annotated[str | None, _told("Net revenue of the line")] = None,
    order: Annotated[str | None, _told("Order id")] = None,
    out: Annotated[Path, typer.Option(help="Settings file to write.", rich_help_panel=WRITING_PANEL)] = Path(
        SETTINGS_FILE
    ),
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Look at a sample of an order log, find out which column is what, and write a settings file.

    Example: [bold]whalecurve init orders.csv[/bold]
    """
    with running.started("init"):
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.start.init import proposal_text

        told = {"customer": customer, "time": time, "amount": amount, "order": order}
        given = {role: text for role, text in told.items() if text}
        proposal = engine.propose(orders_in(paths, query), preset, given)
        engine.write_settings(proposal, out, overwrite=overwrite)
        record = proposal.to_dict() | {"written": str(out)}
    config = "" if out == Path(SETTINGS_FILE) else f" --config {shlex.quote(str(out))}"
    following = f"whalecurve check {shlex.join(paths)}{config}"
    running.show(json_text(record) if running.as_json else proposal_text(record, following))
