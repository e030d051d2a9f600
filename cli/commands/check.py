"""`whalecurve check`: what is in the files, what would be refused and why."""

import typer

from whalecurve.cli.console import limit_threads, progress, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options.values import ids_in
from whalecurve.cli.reports.check import check_text
from whalecurve.cli.reports.phrases import json_text


def check_command(
    orders: options.Orders,
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
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Say what is in an order log, what would be refused and why. Nothing is written.

    Example: [bold]whalecurve check orders.parquet --amount "price * quantity"[/bold]
    """
    limit_threads(jobs)
    set_up_logging(verbose=verbose)
    with reported(), progress("check"):
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where, missing=missing, nobody=ids_in(nobody),
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        found = engine.check_orders(orders, columns, window).to_dict()
    typer.echo(json_text(found) if format is options.Format.json else check_text(found))
