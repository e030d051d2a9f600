"""`whalecurve concentration`: whose value it is, by customer, product, brand or anything else."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.options.values import dimensions_in, ids_in
from whalecurve.cli.reports.concentration import concentration_json, concentration_text

MEASURING, WRITING = "What is measured", options.WRITING_PANEL


def concentration_command(
    orders: options.Orders,
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="Whose value: customer, or columns or SQL expressions, with commas between. A line without customer "
            "counts for products, brands and all else, but for no customer.",
            rich_help_panel=MEASURING,
        ),
    ] = "customer",
    value: scoring_options.Value = None,
    top: Annotated[int, typer.Option(min=0, help="How many of the best to print.", rich_help_panel=MEASURING)] = 10,
    config: options.Config = None,
    customer: options.Customer = None,
    time: options.Time = None,
    amount: options.Amount = None,
    margin: options.Margin = None,
    cost: options.Cost = None,
    order: options.Order = None,
    return_flag: options.ReturnFlag = None,
    where: options.Where = None,
    missing: options.Missing = "error",
    nobody: options.Nobody = None,
    timezone: options.Timezone = None,
    as_of: options.AsOf = None,
    since: options.Since = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory to write members, curves and measures to.", show_default="none", rich_help_panel=WRITING
        ),
    ] = None,
    overwrite: options.Overwrite = False,
    max_refused: options.MaxRefused = None,
    memory: options.MemoryBesideValues = None,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Say how the value of an order log is spread: whale curve, Gini and Pareto classes of customers or of anything.

    Example: [bold]whalecurve concentration orders.parquet --by "customer,brand,UPPER(city)"[/bold]
    """
    limit_threads(jobs)
    return_memory()
    set_up_logging(verbose=verbose)
    with reported(), progress("concentration") as on_stage:
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where, missing=missing, nobody=ids_in(nobody),
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        found = engine.concentrate(
            orders, dimensions_in(by), columns=columns, window=window, value=value, out=out, overwrite=overwrite,
            max_refused=max_refused, memory=memory, on_stage=on_stage,
        )  # fmt: skip
    typer.echo(concentration_json(found, top) if format is options.Format.json else concentration_text(found, top))
