"""`whalecurve schema`: what results hold, in the forms that other tools read."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.running import Running


@takes_groups(settings_file=True)
def schema_command(
    *,
    results: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Directories that commands wrote.", metavar="[DIR]...", show_default="all tables of every command"
        ),
    ] = None,
    form: Annotated[
        Literal["json", "dbt", "markdown"],
        typer.Option("--as", help="JSON Schema, a schema.yml of dbt with tests, or a page of documentation."),
    ] = "json",
    running: Running,
) -> None:
    """Print the schema of results: every table and column, with type, unit, meaning and when it is null.

    Example: [bold]whalecurve schema scores --as dbt > models/schema.yml[/bold]
    """
    with running.started("schema"):
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text

        found = engine.schema(results or (), form)
    typer.echo(found if isinstance(found, str) else json_text(found), nl=not isinstance(found, str))
