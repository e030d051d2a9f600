"""`whalecurve compare`: segment migration between two results."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import names_in

COMPARING = "What is compared"


@takes_groups(settings_file=True)
def compare_command(
    *,
    old: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="A result of the same day or a later one.", metavar="NEW")],
    allow: Annotated[
        str | None,
        typer.Option(
            help="Definitions that may differ, comma-separated; as_of and what follows from it always may.",
            metavar="NAME,...",
            show_default="none",
            rich_help_panel=COMPARING,
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="Result of the comparison before, whose NEW is this OLD: it tells since when customers are in "
            "their segment.",
            show_default="none",
            rich_help_panel=COMPARING,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write moves and customers to.", rich_help_panel=WRITING_PANEL),
    ] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Show who moved between segments, cells and tiers from one result to another, and how the models changed.

    Example: [bold]whalecurve compare scores-may scores-june --out moved[/bold]
    """
    with running.started("compare") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.compare import comparison_text

        movement = engine.compare(
            old, new, out=out, previous=previous, allow=names_in(allow), overwrite=overwrite, on_stage=on_stage
        )
    running.show(json_text(movement.to_dict()) if running.as_json else comparison_text(movement, out))
