"""`whalecurve budget`: where money for contacts goes, by what it is expected to bring."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import SegmentScheme

SPENT = "What is spent, on whom"


@takes_groups(settings_file=True)
def budget_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    amount: Annotated[float, typer.Option(help="Budget.", metavar="MONEY", rich_help_panel=SPENT)],
    responses: Annotated[
        Path,
        typer.Option(
            help="TOML file of offers: cost, response with its uncertainty, segments, limits.", rich_help_panel=SPENT
        ),
    ],
    scheme: Annotated[SegmentScheme, typer.Option(help="Whose segments.", rich_help_panel=SPENT)] = "rfm",
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=SPENT)] = 0.95,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Spend a budget on the contacts that bring most: response times value at stake, less what they cost.

    Example: [bold]whalecurve budget scores --amount 50000 --responses responses.toml[/bold]
    """
    with running.started("budget") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.budget import budget_text
        from whalecurve.cli.reports.phrases import json_text

        settings = engine.Budgeting(amount=amount, scheme=scheme, level=level)
        found = engine.lay_out(scores, responses, settings=settings, out=out, overwrite=overwrite, on_stage=on_stage)
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else budget_text(record, out))
