"""Options that say what is written and printed."""

from enum import StrEnum
from typing import Annotated

import typer

from whalecurve.cli.options.panels import WRITING_PANEL


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a previous result.", rich_help_panel=WRITING_PANEL)
]
