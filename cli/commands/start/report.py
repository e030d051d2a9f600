"""`whalecurve report`: a result as one page to be read, with charts."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import names_in

REPORTING = "What is reported"


@takes_groups(settings_file=True)
def report_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="SCORES")],
    compare: Annotated[
        Path | None,
        typer.Option(
            help="An earlier result: adds a section on who moved since.",
            metavar="OLD",
            show_default="none",
            rich_help_panel=REPORTING,
        ),
    ] = None,
    allow: Annotated[
        str | None,
        typer.Option(
            help="Definitions that may differ from the earlier result, comma-separated.",
            metavar="NAME,...",
            show_default="none",
            rich_help_panel=REPORTING,
        ),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            help="Results of validate, concentration, explain, profile, experiment read, acquisition, whatif and "
            "budget, comma-separated: each adds a section.",
            metavar="DIR,...",
            show_default="none",
            rich_help_panel=REPORTING,
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help="Title of the page.", show_default="Customer value as of its day", rich_help_panel=REPORTING),
    ] = None,
    with_ids: Annotated[
        bool,
        typer.Option(
            "--with-ids", help="List the customers with most at stake by their ids.", rich_help_panel=REPORTING
        ),
    ] = False,
    locale: Annotated[
        str | None,
        typer.Option(
            help="Locale of numbers, amounts and dates, e.g. de_DE; texts are English, or Russian with ru. Needs the "
            "extra locale.",
            metavar="LOCALE",
            show_default="English",
            rich_help_panel=REPORTING,
        ),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            help="Currency that amounts are in, e.g. EUR. Needs the extra locale.",
            metavar="CODE",
            show_default="not named",
            rich_help_panel=REPORTING,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="HTML file to write.", rich_help_panel=WRITING_PANEL)] = Path("report.html"),
    figures: Annotated[
        Path | None,
        typer.Option(
            help="Also write the charts to this directory, for slides.",
            show_default="none",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    figures_as: Annotated[
        Literal["svg", "png"],
        typer.Option(help="Format of the charts; png needs the extra png.", rich_help_panel=WRITING_PANEL),
    ] = "svg",
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Write a result as one HTML page: charts, tables, findings. It loads nothing, and names no customer unasked.

    Example: [bold]whalecurve report scores --compare scores-may --out report.html[/bold]
    """
    with running.started("report") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.start.report import report_text

        made = engine.report(
            scores, out=out, compare=compare, allow=names_in(allow), beside=names_in(beside), figures=figures,
            figures_as=figures_as, title=title, with_ids=with_ids, locale=locale, currency=currency,
            overwrite=overwrite, on_stage=on_stage,
        )  # fmt: skip
    running.show(json_text(made.to_dict()) if running.as_json else report_text(made))
