"""Options that say what is written and printed."""

from enum import StrEnum
from typing import Annotated

import typer

from whalecurve.cli.options.panels import RUNNING_PANEL, WRITING_PANEL


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a previous result.", rich_help_panel=WRITING_PANEL)
]

Full = Annotated[
    bool,
    typer.Option(
        "--full", help="Print all tables, models and notes, not the first screen.", rich_help_panel=RUNNING_PANEL
    ),
]
