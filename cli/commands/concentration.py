"""`whalecurve concentration`: whose value it is, by customer, product, brand or anything else."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.reports.text_tables import count, money, percent, table

if TYPE_CHECKING:
    from whalecurve.engine import Breakdown, Concentrated

MEASURING, WRITING = "What is measured", options.WRITING_PANEL


def dimensions_in(text: str) -> list[str]:
    """The dimensions of a list with commas between them; a comma in parentheses or quotes is part of one."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


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
            return_flag=return_flag, where=where,
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        found = engine.concentrate(
            orders, dimensions_in(by), columns=columns, window=window, value=value, out=out, overwrite=overwrite,
            max_refused=max_refused, memory=memory, on_stage=on_stage,
        )  # fmt: skip
    typer.echo(_json(found, top) if format is options.Format.json else _text(found, top))


def _json(found: "Concentrated", top: int) -> str:
    record = found.to_dict()
    for described, one in zip(record["dimensions"], found.breakdowns, strict=True):
        described["curves"] = one.curves.drop("by").to_dict(as_series=False)
        described["top"] = [
            row | {"member": _plain(row["member"])} for row in one.members.head(top).iter_rows(named=True)
        ]
    record["out"] = None if found.out is None else str(found.out)
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)


def _plain(member: object) -> object:
    """A member as JSON has it."""
    if isinstance(member, bytes):
        return member.hex()
    if isinstance(member, float):
        return member if math.isfinite(member) else str(member)
    return member if member is None or isinstance(member, bool | int | str) else str(member)


def _text(found: "Concentrated", top: int) -> str:
    blocks = []
    for described, one in zip(found.to_dict()["dimensions"], found.breakdowns, strict=True):
        blocks += [_headline(described, found.value), _measures(described), _best(one, top), _notes(described)]
    written = "" if found.out is None else f"written to {found.out}"
    return "\n\n".join(block for block in (*blocks, written) if block)


def _headline(described: dict[str, Any], value: str) -> str:
    rows, shares, by = described["rows"], described["populations"]["all"], described["by"]
    refused = sum(rows["refused"].values())
    why = ", ".join(f"{n:,} {reason}" for reason, n in rows["refused"].items())
    guests = described["lines_without_customer"]
    used = f"{rows['used']:,} used" + (f" (of which {guests:,} lines without customer)" if guests else "")
    lines = [
        f"by {by}: {count(shares['n_members'], 'member')}, {value} {money(shares['total'])}, "
        f"{described['first_day']} to {described['last_day']}",
        f"{rows['read']:,} order lines read: {used}, {refused:,} refused" + (f" ({why})" if why else ""),
    ]
    if shares["top_20_share"] is not None:
        lines.append(
            f"the best 20% bring {percent(shares['top_20_share'])}; "
            f"{shares['n_for_80']:,} ({percent(shares['for_80_members_share'])}) bring 80%"
        )
        classes = ", ".join(f"{name} {n:,}" for name, n in described["pareto_classes"].items())
        lines.append(f"Pareto classes: {classes}")
    return "\n".join(lines)


def _measures(described: dict[str, Any]) -> str:
    """A column for each population; measures that none of them has are left out."""
    populations = described["populations"]
    columns = [_cells(population) for population in populations.values()]
    rows = [[name, *(cells[name] for cells in columns)] for name in columns[0]]
    known = [row for row in rows if set(row[1:]) != {"-"}]
    return table(["measure", *populations], known, right=range(1, len(populations) + 1))


def _cells(found: dict[str, Any]) -> dict[str, str]:
    """Every measure of a population, as it is printed."""
    more = found["appendix"]
    return {
        "members": f"{found['n_members']:,}",
        "of them with a loss": f"{found['n_loss_makers']:,}",
        "total": money(found["total"]),
        "gains": money(found["total_positive"]),
        "losses": money(found["total_negative"]),
        **{f"whale curve: best {n}%": percent(found[f"top_{n}_share"]) for n in (1, 5, 10, 20)},
        "peak": percent(found["peak_share"]),
        "reached by the best": percent(found["peak_members_share"]),
        "drag": percent(found["drag_share"]),
        "members for 80%": _of(found["n_for_80"], found["for_80_members_share"]),
        "members for 80% of the peak": _of(found["n_for_80_of_peak"], found["for_80_of_peak_members_share"]),
        "Gini": _number(found["gini"] if found["gini_kind"] == "classic" else None),
        "Gini, normalised": _number(found["gini"] if found["gini_kind"] == "normalised" else None),
        "HHI": _number(more["hhi"]),
        "effective number": _number(more["effective_number"]),
        "Theil T": _number(more["theil"]),
        "between RFM segments": _number(more["theil_between"]),
        "within RFM segments": _number(more["theil_within"]),
        "Hoover": _number(more["hoover"]),
        "Palma": _number(more["palma"]),
        "Pareto tail exponent": _number(more["tail_exponent"]),
        "its standard error": _number(more["tail_standard_error"]),
    }


def _of(n: int | None, share: float | None) -> str:
    return "-" if n is None else f"{n:,} ({percent(share)})"


def _number(found: float | None) -> str:
    """Three digits behind the point, or three that count where it is small."""
    if found is None:
        return "-"
    return f"{found:,.3f}" if abs(found) >= 0.1 or found == 0.0 else f"{found:.3g}"


def _best(one: "Breakdown", top: int) -> str:
    """The best members, and what is between them and the end of the curve."""
    if top == 0:
        return ""
    sums = [name for name in ("revenue", "margin") if name in one.members.columns]
    rows = [
        [
            f"{row['value_rank']:,}",
            "(none)" if row["member"] is None else str(_plain(row["member"])),
            f"{row['n_lines']:,}",
            f"{row['n_customers']:,}",
            *(money(row[name]) for name in sums),
            percent(row["value_share"]),
            percent(row["cumulative_value_share"]),
            row["pareto_class"] or "-",
        ]
        for row in one.members.head(top).iter_rows(named=True)
    ]
    header = ["rank", one.by, "lines", "customers", *sums, "share", "cumulative", "class"]
    return table(header, rows, right=(0, *range(2, len(header) - 1)))


def _notes(described: dict[str, Any]) -> str:
    notes = list(described["warnings"])
    for name, found in described["populations"].items():
        why = found["appendix"]["undefined"]
        if why:
            notes.append(f"{name}: {why}, so there are no shares of a whole, and no HHI, Theil, Hoover or Palma")
    return "\n".join(f"note: {words}" for words in notes)
