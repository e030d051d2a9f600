"""Arguments and options that commands share."""

from collections import Counter
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

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


def days(text: str | int) -> int:
    """Days in a span such as 365d, 52w, 12m, 1y or plain 365."""
    lengths = {"d": 1.0, "w": 7.0, "m": 365.25 / 12.0, "y": 365.25}
    unit = next((unit for unit in lengths if str(text).endswith(unit)), "")
    try:
        return round(float(str(text).removesuffix(unit)) * lengths.get(unit, 1.0))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f'"{text}" is no span of time; write days as 365d, or weeks 52w, months 12m, years 1y'
        ) from error


def size(text: str | int) -> int:
    """Bytes in a size such as 4GB, 800MB or 4GiB."""
    units = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
    folded = str(text).strip().casefold()
    unit = next((u for u in sorted(units, key=len, reverse=True) if folded.endswith(u)), "")
    try:
        n_bytes = int(float(folded.removesuffix(unit)) * units.get(unit, 1.0))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f'"{text}" is no size; write it as 4GB or 800MB') from error
    if n_bytes <= 0:
        raise typer.BadParameter(f'"{text}" is no size; write it as 4GB or 800MB')
    return n_bytes


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
    Literal["day", "week", "month", "year"],
    typer.Option(help="Unit of recency, T and the fitted rates.", rich_help_panel=WINDOW_PANEL),
]
Period = Annotated[
    Literal["week", "month", "year"] | None,
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
