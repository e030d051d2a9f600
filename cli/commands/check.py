"""`whalecurve check`: what is in the files, what would be refused and why."""

import json
from typing import Any

import typer

from whalecurve.cli.console import limit_threads, progress, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.reports.text_tables import count, money, size, table


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
            return_flag=return_flag, where=where,
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        found = engine.check_orders(orders, columns, window).to_dict()
    typer.echo(json.dumps(found, indent=2) if format is options.Format.json else _text(found))


def _text(found: dict[str, Any]) -> str:
    rows = found["rows"]
    n_bytes = f", {size(found['bytes'])}" if found["bytes"] is not None else ""
    lines = [
        f"{count(found['files'], 'file')}, {count(rows['read'], 'row')}{n_bytes}",
        f"{rows['used']:,} usable order lines of {count(found['customers'], 'customer')}, "
        f"{found['first_day']} to {found['last_day']}; {found['return_lines']:,} of them returns",
        f"net amount {money(found['amount'])}"
        + (f", margin {money(found['margin'])}" if found["margin"] is not None else ""),
        "",
        table(["role", "mapping", "type"], [[role, r["mapping"], r["type"]] for role, r in found["roles"].items()]),
    ]
    if rows["refused"]:
        shares = [[why, f"{n:,}", f"{n / rows['read']:.2%}"] for why, n in rows["refused"].items()]
        lines += ["", table(["refused because", "rows", "share"], shares, right=(1, 2))]
    columns = [f"{name} ({dtype})" for name, dtype in found["columns"].items()]
    lines += ["", f"columns: {', '.join(columns)}"]
    lines += [f"note: {words}" for words in found["warnings"]]
    return "\n".join(lines)
