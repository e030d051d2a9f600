"""`whalecurve subscriptions`: how long contracts last, what those that run are worth, and why they end."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WINDOW_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import Running

COLUMNS, COUNTED = "Columns", "How they are counted"


@takes_groups(settings_file=True)
def subscriptions_command(
    *,
    contracts: Annotated[
        str,
        typer.Argument(help="File of contracts: customer, start, end (Parquet, Arrow, CSV).", metavar="FILE"),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Directory that whalecurve score wrote: reasons are told by its segments.",
            metavar="DIR",
            show_default="none",
        ),
    ] = None,
    contracts_preset: Annotated[
        str | None,
        typer.Option(
            help="Tool that its columns are read by: stripe.",
            metavar="NAME",
            show_default="the tool that its columns tell, if any",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    contract_customer: Annotated[
        str | None,
        typer.Option(help="Column of customers.", show_default="customer_id or email", rich_help_panel=COLUMNS),
    ] = None,
    contract_start: Annotated[
        str | None,
        typer.Option(
            help="Column of first days.", show_default="start, started_at or created", rich_help_panel=COLUMNS
        ),
    ] = None,
    contract_end: Annotated[
        str | None,
        typer.Option(
            help="Column of last days; empty while a contract runs.",
            show_default="end, ended_at or canceled_at",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    contract_reason: Annotated[
        str | None,
        typer.Option(help="Column of reasons of the end.", show_default="reason", rich_help_panel=COLUMNS),
    ] = None,
    contract_plan: Annotated[
        str | None,
        typer.Option(help="Column of plans.", metavar="SQL", show_default="plan or product", rich_help_panel=COLUMNS),
    ] = None,
    contract_price: Annotated[
        str | None,
        typer.Option(
            help="Column of prices a period.",
            metavar="SQL",
            show_default="price, amount or mrr",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Last day observed.",
            show_default="that of --scores, else the last start",
            rich_help_panel=WINDOW_PANEL,
        ),
    ] = None,
    period: Annotated[
        Literal["week", "month", "quarter", "year"],
        typer.Option(help="What a contract is renewed for.", rich_help_panel=COUNTED),
    ] = "month",
    cohorts: Annotated[
        Literal["month", "quarter", "year", "none"],
        typer.Option(help="Tell contracts apart by when they began.", rich_help_panel=COUNTED),
    ] = "year",
    model: Annotated[
        Literal["auto", "sbg", "bdw"],
        typer.Option(help="Model of retention; auto: the one that predicts better.", rich_help_panel=COUNTED),
    ] = "auto",
    periods_ahead: Annotated[
        int, typer.Option(help="Renewals ahead that curves are projected.", rich_help_panel=COUNTED)
    ] = 24,
    discount: Annotated[
        float, typer.Option(help="Discount rate a year for payments to come.", rich_help_panel=COUNTED)
    ] = 0.10,
    min_contracts: Annotated[
        int, typer.Option(help="Plans with fewer have no model of their own.", rich_help_panel=COUNTED)
    ] = 100,
    min_customers: Annotated[
        int, typer.Option(help="Groups of fewer contracts are told together.", rich_help_panel=COUNTED)
    ] = 10,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=COUNTED)] = 0.95,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """How long contracts last, what those that run are worth, and why they end.

    Example: [bold]whalecurve subscriptions contracts.csv --scores scores --out contracts[/bold]
    """
    with running.started("subscriptions") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.subscriptions import subscriptions_text

        settings = engine.SubscriptionSettings(
            contracts_preset=contracts_preset,
            contract_customer=contract_customer,
            contract_start=contract_start,
            contract_end=contract_end,
            contract_reason=contract_reason,
            contract_plan=contract_plan,
            contract_price=contract_price,
            as_of=None if as_of is None else as_of.date(),
            period=period,
            cohorts=None if cohorts == "none" else cohorts,
            model=model,
            periods_ahead=periods_ahead,
            annual_discount=discount,
            min_contracts=min_contracts,
            min_customers=min_customers,
            level=level,
        )
        found = engine.measure_subscriptions(
            contracts, scores=scores, settings=settings, out=out, overwrite=overwrite, on_stage=on_stage
        )
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else subscriptions_text(record, out))
