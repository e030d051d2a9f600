"""Arguments and options that commands share."""

from collections import Counter
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from whalecurve.cli.options.values import size

ORDERS_PANEL, WINDOW_PANEL = "Columns: each a name or an SQL expression", "Which days are observed"
WRITING_PANEL = "What is written"


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


class OnceEach(TyperCommand):
    """A command that takes every option once: of two values, neither is silently dropped."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer moved the class it passes
        """Refuse repeated options, then parse."""
        given: list[Any] = self.make_parser(ctx).parse_args(args=list(args))[2]
        for param, times in Counter(given).items():
            if times > 1 and param.param_type_name == "option":
                raise typer.BadParameter(f"given {times} times; give it once", ctx=ctx, param=param)
        return super().parse_args(ctx, args)


def _with_settings(context: typer.Context, path: Path | None) -> Path | None:
    """Take a settings file for the defaults of the other options."""
    if path is not None and not context.resilient_parsing:
        from whalecurve.cli.options.settings_file import read_settings

        options = {p.name for p in context.command.params if p.name and p.param_type_name == "option"}
        context.default_map = {**(context.default_map or {}), **read_settings(path, options - {"config", "help"})}
    return path


Orders = Annotated[
    list[str],
    typer.Argument(help="Parquet files, directories, globs or object-store URLs of order lines.", metavar="ORDERS"),
]
Config = Annotated[
    Path | None,
    typer.Option(
        help="TOML file with any of these options by name; what is given here wins.",
        callback=_with_settings,
        is_eager=True,
    ),
]
Customer = Annotated[
    str | None,
    typer.Option(help="Customer id.", show_default="customer_id", rich_help_panel=ORDERS_PANEL, metavar="SQL"),
]
Time = Annotated[
    str | None,
    typer.Option(
        help="Date or datetime of the order.", show_default="order_ts", rich_help_panel=ORDERS_PANEL, metavar="SQL"
    ),
]
Amount = Annotated[
    str | None,
    typer.Option(help="Net revenue of the line.", show_default="amount", rich_help_panel=ORDERS_PANEL, metavar="SQL"),
]
Margin = Annotated[
    str | None,
    typer.Option(
        help='Revenue less variable cost; "" leaves it out.',
        show_default="margin, where files have it",
        rich_help_panel=ORDERS_PANEL,
        metavar="SQL",
    ),
]
Cost = Annotated[
    str | None,
    typer.Option(
        help="Variable cost of the line, instead of margin.",
        show_default="cost, where files have it and no margin",
        rich_help_panel=ORDERS_PANEL,
        metavar="SQL",
    ),
]
Order = Annotated[
    str | None,
    typer.Option(
        help='Order id; "" leaves it out.',
        show_default="order_id, where files have it",
        rich_help_panel=ORDERS_PANEL,
        metavar="SQL",
    ),
]
ReturnFlag = Annotated[
    str | None,
    typer.Option(
        help="Condition that marks a line as a return.",
        show_default="a negative amount does",
        rich_help_panel=ORDERS_PANEL,
        metavar="SQL",
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        help="Condition for the lines to take.", show_default="all", rich_help_panel=ORDERS_PANEL, metavar="SQL"
    ),
]
Missing = Annotated[
    Literal["error", "null"],
    typer.Option(
        help="What a margin, cost, return flag or dimension is in files that lack a column of it.",
        rich_help_panel=ORDERS_PANEL,
    ),
]
Nobody = Annotated[
    str | None,
    typer.Option(
        help='Customer ids that are nobody\'s, with commas between, as "guest,0,-1"; null and blank ids always are.',
        show_default="none",
        rich_help_panel=ORDERS_PANEL,
        metavar="IDS",
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        help="Zone whose calendar days count, for zoned times.",
        show_default="the zone of the column",
        rich_help_panel=WINDOW_PANEL,
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help="Last day observed.",
        show_default="the last day in the data",
        rich_help_panel=WINDOW_PANEL,
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help="First day observed.",
        show_default="the first day in the data",
        rich_help_panel=WINDOW_PANEL,
    ),
]
Unit = Annotated[
    Literal["day", "week", "month", "quarter", "year"],
    typer.Option(help="Unit of recency, T and the fitted rates.", rich_help_panel=WINDOW_PANEL),
]
Period = Annotated[
    Literal["week", "month", "quarter", "year"] | None,
    typer.Option(
        help="Count opportunities to buy, one a calendar period, for --model bgbb.",
        show_default="none",
        rich_help_panel=WINDOW_PANEL,
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a previous result.", rich_help_panel=WRITING_PANEL)
]
MaxRefused = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        help="Stop if more than this share of rows is refused.",
        show_default="0.05 of the rows that name a customer",
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        parser=size,
        metavar="SIZE",
        help="Memory to keep to, as 4GB; with less, the orders are read several times.",
        show_default="60 % of what is there",
    ),
]
MemoryBesideValues = Annotated[
    int | None,
    typer.Option(
        parser=size,
        metavar="SIZE",
        help="Memory to keep to, as 4GB, beside a table of all that --by names; with less, the orders are read several "
        "times.",
        show_default="60 % of what is there",
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the result.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Threads to use.", show_default="all cores")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log each stage with its time.")]
