"""`whalecurve triggers`: who is to be written to today, and why."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import names_in

WHAT, HOW_OFTEN = "What is a reason", "How often"


@takes_groups(settings_file=True)
def triggers_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    on: Annotated[
        str | None,
        typer.Option(
            help="Day of the list.", metavar="DATE", show_default="the day after the last one that was observed"
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Directory that remembers earlier lists: nobody is listed twice for the same event, and changes "
            "are seen.",
            show_default="none: only what happened on the very day",
        ),
    ] = None,
    triggers: Annotated[
        str | None,
        typer.Option(
            help="Triggers to look for, comma-separated, the most important first.",
            metavar="NAME,...",
            show_default="all; of segments with --watch, replenishment with --product",
            rich_help_panel=WHAT,
        ),
    ] = None,
    watch: Annotated[
        list[str] | None,
        typer.Option(
            help="Segment to watch: entering and leaving it are triggers; repeatable.",
            metavar="SEGMENT",
            show_default="none",
            rich_help_panel=WHAT,
        ),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Column or SQL expression of the product: those bought regularly are due again.",
            show_default="none",
            rich_help_panel=WHAT,
        ),
    ] = None,
    orders: Annotated[
        str | None,
        typer.Option(
            help="The scored order lines, if they have moved: files, directory, glob or URL.",
            show_default="where they were when scored",
            rich_help_panel=WHAT,
        ),
    ] = None,
    most: Annotated[int, typer.Option(help="Maximum number of triggers per customer.", rich_help_panel=HOW_OFTEN)] = 1,
    cooling_off: Annotated[
        int,
        typer.Option(help="Minimum number of days between two triggers of a customer.", rich_help_panel=HOW_OFTEN),
    ] = 30,
    out: Annotated[
        Path | None, typer.Option(help="Directory to write the list to.", rich_help_panel=WRITING_PANEL)
    ] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """List whom to contact on a day and why: overdue, spend falling, a second purchase, an anniversary ...

    Example: [bold]whalecurve triggers scores --state triggers-state --watch "At risk" --out today[/bold]
    """
    with running.started("triggers") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.triggers import triggers_text
        from whalecurve.cli.reports.phrases import json_text

        settings = {
            "on": on,
            "triggers": None if triggers is None else tuple(names_in(triggers)),
            "watch": tuple(watch or ()),
            "most": most,
            "cooling_off": cooling_off,
            "product": product,
        }
        listed = engine.find_triggers(
            scores, settings=settings, orders=orders, state=state, out=out, overwrite=overwrite, on_stage=on_stage
        )
    record = listed.to_dict()
    running.show(json_text(record) if running.as_json else triggers_text(record, out))
