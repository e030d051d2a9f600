"""Options that say what the orders are: where they lie, which column plays which role, which days are observed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.models import OptionInfo

from whalecurve.cli.options.panels import COLUMNS_PANEL, WINDOW_PANEL
from whalecurve.cli.options.values import ids_in

if TYPE_CHECKING:
    from whalecurve.engine import Columns, Window
    from whalecurve.engine import Query as QueryOfDatabase


def _column(words: str, *, usual: str) -> OptionInfo:
    """An option that takes a column or an expression; `usual` is what stands for it where it is not given."""
    option: OptionInfo = typer.Option(help=words, show_default=usual, rich_help_panel=COLUMNS_PANEL, metavar="SQL")
    return option


def _day(words: str, *, usual: str) -> OptionInfo:
    """An option that takes a day."""
    option: OptionInfo = typer.Option(
        formats=["%Y-%m-%d"], metavar="DATE", help=words, show_default=usual, rich_help_panel=WINDOW_PANEL
    )
    return option


Query = Annotated[
    str | None,
    typer.Option(
        help="Query that selects the order lines, where ORDERS is a DuckDB or SQLite file or a connection string, as "
        "postgresql://user@host/shop.",
        show_default="none",
        rich_help_panel=COLUMNS_PANEL,
        metavar="SQL",
    ),
]


def orders_in(paths: "list[str]", query: str | None) -> "list[str] | QueryOfDatabase":
    """Where orders are, as the engine takes it.

    Raises
    ------
    InputError
        A query, and more than one database to ask.
    """
    from whalecurve.engine import InputError
    from whalecurve.engine import Query as QueryOfDatabase

    if query is None:
        return paths
    if len(paths) != 1:
        raise InputError(f"--query is for one database, and {len(paths)} are named; name one")
    return QueryOfDatabase(paths[0], query)


@dataclass(frozen=True, kw_only=True)
class OrderLog:
    """Order lines, their columns, and the days of them that are observed."""

    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files (Parquet, Arrow, CSV), directories, globs, tables (Delta Lake, Iceberg), object-store URLs, or "
            "a database with --query.",
            metavar="ORDERS",
        ),
    ]
    query: Query = None
    customer: Annotated[str | None, _column("Customer id.", usual="customer_id")] = None
    time: Annotated[str | None, _column("Date or datetime of the order.", usual="order_ts")] = None
    amount: Annotated[str | None, _column("Net revenue of the line.", usual="amount")] = None
    margin: Annotated[
        str | None,
        _column('Revenue less variable cost; "" leaves it out.', usual="margin, where files have it"),
    ] = None
    cost: Annotated[
        str | None,
        _column("Variable cost of the line, instead of margin.", usual="cost, where files have it and no margin"),
    ] = None
    order: Annotated[str | None, _column('Order id; "" leaves it out.', usual="order_id, where files have it")] = None
    return_flag: Annotated[
        str | None, _column("Condition that marks a line as a return.", usual="a negative amount does")
    ] = None
    where: Annotated[str | None, _column("SQL condition: only lines that meet it are used.", usual="all")] = None
    keep: Annotated[
        str | None,
        _column(
            "SQL condition for order states that are sales, in addition to --where.",
            usual="that of the preset, else all",
        ),
    ] = None
    refund: Annotated[
        str | None, _column("Amount refunded, on the order's own line; it is subtracted.", usual="none")
    ] = None
    order_total: Annotated[
        bool,
        typer.Option(
            "--order-total",
            help="The amount is the order total, repeated on each line: count it once per order.",
            rich_help_panel=COLUMNS_PANEL,
        ),
    ] = False
    normalise_ids: Annotated[
        str | None,
        typer.Option(
            help='How to normalise customer ids that are text: "trim", "lower" or "trim,lower".',
            show_default="nothing",
            rich_help_panel=COLUMNS_PANEL,
            metavar="STEPS",
        ),
    ] = None
    missing: Annotated[
        Literal["error", "null"],
        typer.Option(
            help="What to do with files that lack a column of the margin, cost, return flag or a dimension: stop, "
            "or take it as null.",
            rich_help_panel=COLUMNS_PANEL,
        ),
    ] = "error"
    nobody: Annotated[
        str | None,
        typer.Option(
            help='Ids that stand for no customer, comma-separated, e.g. "guest,0,-1"; null and blank ids always do.',
            show_default="none",
            rich_help_panel=COLUMNS_PANEL,
            metavar="IDS",
        ),
    ] = None
    fill_down: Annotated[
        str | None,
        typer.Option(
            help='Columns that only one line of each order has, comma-separated, e.g. "Email,Paid at"; its other '
            "lines take the values over.",
            show_default="none",
            rich_help_panel=COLUMNS_PANEL,
            metavar="NAMES",
        ),
    ] = None
    preset: Annotated[
        str | None,
        typer.Option(
            help="Known export, e.g. shopify: it maps the columns that are not given.",
            show_default="none",
            rich_help_panel=COLUMNS_PANEL,
            metavar="NAME",
        ),
    ] = None
    attributes: Annotated[
        list[str] | None,
        typer.Option(
            help="File with one row per customer; its columns can be used like those of the orders. Repeatable.",
            show_default="none",
            rich_help_panel=COLUMNS_PANEL,
            metavar="FILE",
        ),
    ] = None
    attributes_key: Annotated[
        str | None,
        typer.Option(
            help="Their column of customer ids.",
            show_default="named as in the orders, or customer_id",
            rich_help_panel=COLUMNS_PANEL,
            metavar="NAME",
        ),
    ] = None
    pool_below: Annotated[
        int,
        typer.Option(
            help="Attribute values that fewer customers share are pooled as (other); 1 pools none.",
            rich_help_panel=COLUMNS_PANEL,
        ),
    ] = 5
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Time zone that defines calendar days, for zoned times.",
            show_default="the zone of the column",
            rich_help_panel=WINDOW_PANEL,
        ),
    ] = None
    as_of: Annotated[datetime | None, _day("Last day observed.", usual="the last day in the data")] = None
    since: Annotated[datetime | None, _day("First day observed.", usual="the first day in the data")] = None

    @property
    def source(self) -> "list[str] | QueryOfDatabase":
        """Where the orders are, as the engine takes it."""
        return orders_in(self.paths, self.query)

    @property
    def columns(self) -> "Columns":
        """The columns as the engine takes them."""
        from whalecurve.engine import Columns

        return Columns(
            customer=self.customer, time=self.time, amount=self.amount, margin=self.margin, cost=self.cost,
            order=self.order, return_flag=self.return_flag, where=self.where, missing=self.missing,
            nobody=ids_in(self.nobody), fill_down=ids_in(self.fill_down), preset=self.preset,
            refund=self.refund, keep=self.keep, normalise_ids=ids_in(self.normalise_ids),
            order_total=self.order_total, attributes=tuple(self.attributes or ()),
            attributes_key=self.attributes_key, pool_below=self.pool_below,
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
        help="Count one opportunity to buy per calendar period, for --model bgbb.",
        show_default="none",
        rich_help_panel=WINDOW_PANEL,
    ),
]
