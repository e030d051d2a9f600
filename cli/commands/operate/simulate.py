"""`whalecurve simulate`: a realistic order log, seeded."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import names_in

TREATING = "A planted effect"


@takes_groups()
def simulate_command(
    *,
    out: Annotated[Path, typer.Option(help="New directory for orders/ and truth.json.")],
    orders: Annotated[
        int | None,
        typer.Option(min=1, help="Approximate number of order lines.", show_default="as many as the customers make"),
    ] = None,
    customers: Annotated[
        int | None, typer.Option(min=1, help="Number of customers instead.", show_default="100000")
    ] = None,
    days: Annotated[int, typer.Option(min=2, help="Days that the log covers.")] = 730,
    start: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="First day.", show_default="2024-01-01"),
    ] = datetime(2024, 1, 1),
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same log.")] = 0,
    model: Annotated[
        Literal["bgnbd", "pnbd", "bgcnbd", "mbgcnbd"],
        typer.Option(
            help="How customers buy and leave.",
        ),
    ] = "bgnbd",
    regularity: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=12,
            help="How regular gaps are in bgcnbd and mbgcnbd: their stages, 1 being chance.",
            show_default="3",
        ),
    ] = None,
    ids: Annotated[
        Literal["integer", "string"],
        typer.Option(
            help="Kind of customer ids.",
        ),
    ] = "integer",
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Plant no effects: product, brand, city and channel do not go with behaviour."),
    ] = False,
    treat: Annotated[
        Path | None,
        typer.Option(
            help="File of customers who are treated: customer_id, and arm.",
            metavar="FILE",
            show_default="nobody",
            rich_help_panel=TREATING,
        ),
    ] = None,
    treat_arm: Annotated[
        str | None,
        typer.Option(
            help="Arm that is treated.", metavar="ARM", show_default="all of the file", rich_help_panel=TREATING
        ),
    ] = None,
    treat_part: Annotated[
        str | None,
        typer.Option(
            help="Instead of a file: a name, and the part of its places (hashes of ids) that is treated.",
            metavar="NAME:FROM-TO",
            show_default="nobody",
            rich_help_panel=TREATING,
        ),
    ] = None,
    treat_from: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="First day of the effect.",
            show_default="none",
            rich_help_panel=TREATING,
        ),
    ] = None,
    treat_days: Annotated[int, typer.Option(help="Days that it lasts.", rich_help_panel=TREATING)] = 28,
    treat_rate: Annotated[
        float, typer.Option(help="By what it multiplies the rate of orders.", rich_help_panel=TREATING)
    ] = 1.0,
    treat_spend: Annotated[
        float, typer.Option(help="By what it multiplies the amounts of orders.", rich_help_panel=TREATING)
    ] = 1.0,
    season: Annotated[
        float,
        typer.Option(min=0.0, max=0.99, help="Swing of purchase rates over the year: 0.5 is half more in December."),
    ] = 0.0,
    side_files: Annotated[
        str | None,
        typer.Option(
            "--with",
            help="Files beside the orders, comma-separated: attributes, contracts, events, habits, surveys, tickets.",
            metavar="WORDS",
            show_default="none",
        ),
    ] = None,
    rows_per_file: Annotated[int, typer.Option(min=1, help="Order lines in one Parquet file.")] = 2_500_000,
    running: Running,
) -> None:
    """Write an order log drawn from the models, with margin, returns, campaigns and planted facts.

    What was planted is in truth.json beside the orders.

    Example: [bold]whalecurve simulate --out shop --orders 1000000[/bold]
    """
    with running.started("simulate") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.text_tables import count, size

        settings = engine.Simulation(
            customers=customers, orders=orders, days=days, start=start.date(), seed=seed, model=model, ids=ids,
            regularity=regularity,
            planted=not plain, season=season, rows_per_file=rows_per_file,
            treat=None if treat is None else str(treat), treat_part=treat_part, treat_arm=treat_arm,
            treat_from=treat_from, treat_days=treat_days, treat_rate=treat_rate, treat_spend=treat_spend,
            side_files=tuple(names_in(side_files)),
        )  # fmt: skip
        log = engine.simulate(settings, out, progress=lambda n: on_stage(f"{n:,} order lines"))
    record: dict[str, Any] = {
        "orders": str(log.orders),
        "truth": str(log.truth),
        "customers": log.n_customers,
        "order_lines": log.n_lines,
        "first_day": log.first_day.isoformat(),
        "last_day": log.last_day.isoformat(),
        "bytes": log.bytes,
        "with": [str(path) for path in log.side_files],
    }
    if running.as_json:
        running.show(json_text(record))
    else:
        beside = f"; beside them: {', '.join(map(str, log.side_files))}" if log.side_files else ""
        running.show(
            f"{count(log.n_lines, 'order line')} of {count(log.n_customers, 'customer')}, {log.first_day} to "
            f"{log.last_day}, in {log.orders} ({size(log.bytes)}); what is true of them: {log.truth}{beside}"
        )
