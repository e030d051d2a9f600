"""Options that say what the orders are: where they lie, which column plays which role, which days are observed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from whalecurve.cli.options.values import ids_in

if TYPE_CHECKING:
    from whalecurve.engine import Columns, Window

COLUMNS_PANEL, WINDOW_PANEL = "Columns: each a name or an SQL expression", "Which days are observed"


@dataclass(frozen=True, kw_only=True)
class OrderLog:
    """Order lines, their columns, and the days of them that are observed."""

    paths: Annotated[
        list[str],
        typer.Argument(help="Parquet files, directories, globs or object-store URLs of order lines.", metavar="ORDERS"),
    ]
    customer: Annotated[
        str | None,
        typer.Option(help="Customer id.", show_default="customer_id", rich_help_panel=COLUMNS_PANEL, metavar="SQL"),
    ] = None
    time: Annotated[
        str | None,
        typer.Option(
            help="Date or datetime of the order.", show_default="order_ts", rich_help_panel=COLUMNS_PANEL, metavar="SQL"
        ),
    ] = None
    amount: Annotated[
        str | None,
        typer.Option(
            help="Net revenue of the line.", show_default="amount", rich_help_panel=COLUMNS_PANEL, metavar="SQL"
        ),
    ] = None
    margin: Annotated[
        str | None,
        typer.Option(
            help='Revenue less variable cost; "" leaves it out.',
            show_default="margin, where files have it",
            rich_help_panel=COLUMNS_PANEL,
            metavar="SQL",
        ),
    ] = None
    cost: Annotated[
        str | None,
        typer.Option(
            help="Variable cost of the line, instead of margin.",
            show_default="cost, where files have it and no margin",
            rich_help_panel=COLUMNS_PANEL,
            metavar="SQL",
        ),
    ] = None
    order: Annotated[
        str | None,
        typer.Option(
            help='Order id; "" leaves it out.',
            show_default="order_id, where files have it",
            rich_help_panel=COLUMNS_PANEL,
            metavar="SQL",
        ),
    ] = None
    return_flag: Annotated[
        str | None,
        typer.Option(
            help="Condition that marks a line as a return.",
            show_default="a negative amount does",
            rich_help_panel=COLUMNS_PANEL,
            metavar="SQL",
        ),
    ] = None
    where: Annotated[
        str | None,
        typer.Option(
            help="Condition for the lines to take.", show_default="all", rich_help_panel=COLUMNS_PANEL, metavar="SQL"
        ),
    ] = None
    missing: Annotated[
        Literal["error", "null"],
        typer.Option(
            help="What a margin, cost, return flag or dimension is in files that lack a column of it.",
            rich_help_panel=COLUMNS_PANEL,
        ),
    ] = "error"
    nobody: Annotated[
        str | None,
        typer.Option(
            help='Customer ids that are nobody\'s, with commas between, as "guest,0,-1"; '
            "null and blank ids always are.",
            show_default="none",
            rich_help_panel=COLUMNS_PANEL,
            metavar="IDS",
        ),
    ] = None
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Zone whose calendar days count, for zoned times.",
            show_default="the zone of the column",
            rich_help_panel=WINDOW_PANEL,
        ),
    ] = None
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Last day observed.",
            show_default="the last day in the data",
            rich_help_panel=WINDOW_PANEL,
        ),
    ] = None
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First day observed.",
            show_default="the first day in the data",
            rich_help_panel=WINDOW_PANEL,
        ),
    ] = None

    @property
    def columns(self) -> "Columns":
        """The columns as the engine takes them."""
        from whalecurve.engine import Columns

        return Columns(
            customer=self.customer, time=self.time, amount=self.amount, margin=self.margin, cost=self.cost,
            order=self.order, return_flag=self.return_flag, where=self.where, missing=self.missing,
            nobody=ids_in(self.nobody),
        )  # fmt: skip

    def window(self, usual: "Window | None" = None) -> "Window":
        """The days observed as the engine takes them; `usual` gives the unit of time."""
        from whalecurve.engine import Window

        return replace(
            usual or Window(),
            as_of=self.as_of.date() if self.as_of else None,
            since=self.since.date() if self.since else None,
            timezone=self.timezone,
        )


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
