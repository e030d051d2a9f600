"""`whalecurve explain`: which values mark a segment, and which go with bad or good behaviour."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from whalecurve.cli.commands.concentration import dimensions_in
from whalecurve.cli.console import limit_threads, progress, return_memory, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.options import scoring as scoring_options
from whalecurve.cli.reports.text_tables import count, percent, table

EXPLAINING, WRITING = "What is explained, and what is worth a word", options.WRITING_PANEL
TITLES = {
    "second_purchase_rate": "second purchase",
    "return_rate": "lines returned",
    "loss_share": "with a loss",
    "margin_rate": "margin rate",
}
NONE = "(none)"
MOST_ROWS = 25  # of a table; the rest is counted


def explain_command(
    orders: options.Orders,
    segment: Annotated[
        str,
        typer.Option(help="RFM segment, or cell of the risk x value matrix.", rich_help_panel=EXPLAINING),
    ],
    by: Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="Dimensions: columns or SQL expressions, with commas between.",
            rich_help_panel=EXPLAINING,
        ),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="What whalecurve score wrote of the same orders, with the same options; no customer is scored then.",
            show_default="the orders are scored first",
            rich_help_panel=EXPLAINING,
        ),
    ] = None,
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
    min_customers: Annotated[
        int,
        typer.Option(help="Values that fewer customers have are not tested.", rich_help_panel=EXPLAINING),
    ] = 30,
    fdr: Annotated[
        float,
        typer.Option(
            help="False discovery rate of what is reported of a dimension, and of the values that mark the segment.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 0.05,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=EXPLAINING)] = 0.95,
    window_days: Annotated[
        int,
        typer.Option(
            parser=options.days,
            metavar="SPAN",
            help="Time for a second purchase, counted among customers observed for as long.",
            show_default="90d",
            rich_help_panel=EXPLAINING,
        ),
    ] = 90,
    min_lift: Annotated[
        float,
        typer.Option(
            help="A value marks the segment if it is so many times as frequent there, or the inverse.",
            rich_help_panel=EXPLAINING,
        ),
    ] = 1.2,
    min_second_purchase_rate: Annotated[
        float,
        typer.Option(help="Least difference that is reported, 0.03 being 3 points.", rich_help_panel=EXPLAINING),
    ] = 0.03,
    min_return_rate: Annotated[
        float, typer.Option(help="The same, of lines returned.", rich_help_panel=EXPLAINING)
    ] = 0.02,
    min_loss_share: Annotated[
        float, typer.Option(help="The same, of customers with a loss.", rich_help_panel=EXPLAINING)
    ] = 0.02,
    min_margin_rate: Annotated[
        float, typer.Option(help="The same, of margin over revenue.", rich_help_panel=EXPLAINING)
    ] = 0.03,
    top: Annotated[
        int,
        typer.Option(
            min=0, help="How many values to print beyond those that mark the segment.", rich_help_panel=EXPLAINING
        ),
    ] = 5,
    model: Annotated[
        str, typer.Option(help="Purchase model: bgnbd, mbgnbd, pnbd, auto.", rich_help_panel=scoring_options.PANEL)
    ] = "bgnbd",
    horizon: scoring_options.Horizon = 365,
    risk_horizon: scoring_options.RiskHorizon = 180,
    discount: scoring_options.Discount = 0.10,
    value: scoring_options.Value = None,
    rfm_bins: scoring_options.RfmBins = 5,
    segments: scoring_options.Segments = "standard",
    risk_threshold: scoring_options.RiskThreshold = 0.5,
    value_quantile: scoring_options.ValueQuantile = 0.8,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write all values and tests to.", rich_help_panel=WRITING),
    ] = None,
    overwrite: options.Overwrite = False,
    max_refused: options.MaxRefused = None,
    memory: options.MemoryBesideValues = None,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Say which values of which dimensions mark a segment, and which go with bad or good behaviour.

    Example: [bold]whalecurve explain orders.parquet --segment Champions --by "city,brand,UPPER(channel)"[/bold]
    """
    limit_threads(jobs)
    return_memory()
    set_up_logging(verbose=verbose)
    with reported(), progress("explain") as on_stage:
        from whalecurve import engine

        columns = engine.Columns(
            customer=customer, time=time, amount=amount, margin=margin, cost=cost, order=order,
            return_flag=return_flag, where=where,
        )  # fmt: skip
        window = engine.Window(
            as_of=as_of.date() if as_of else None, since=since.date() if since else None, timezone=timezone
        )
        scoring = engine.Scoring(
            model=model, horizon_days=horizon, risk_days=risk_horizon, annual_discount=discount, value=value,
            rfm_bins=rfm_bins, segments=segments, risk_threshold=risk_threshold, value_quantile=value_quantile,
        )  # fmt: skip
        settings = engine.Explaining(
            min_customers=min_customers, fdr=fdr, level=level, second_purchase_days=window_days, min_lift=min_lift,
            min_second_purchase_rate=min_second_purchase_rate, min_return_rate=min_return_rate,
            min_loss_share=min_loss_share, min_margin_rate=min_margin_rate,
        )  # fmt: skip
        found = engine.explain(
            orders, segment, dimensions_in(by), columns=columns, window=window, scoring=scoring, settings=settings,
            scores=scores, out=out, overwrite=overwrite, max_refused=max_refused, memory=memory, jobs=jobs,
            on_stage=on_stage,
        )  # fmt: skip
    record = found.to_dict(top)
    if format is options.Format.json:
        typer.echo(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(_text(record) + ("" if out is None else f"\n\nwritten to {out}"))


def _text(data: dict[str, Any]) -> str:
    blocks = [_headline(data)]
    for one in data["dimensions"]:
        blocks += [_profile(one, data), _anomalies(one, data)]
    blocks.append("\n".join(f"note: {words}" for words in data["warnings"]))
    return "\n\n".join(block for block in blocks if block)


def _headline(data: dict[str, Any]) -> str:
    n, rates, settings = data["customers"], data["rates"], data["settings"]
    share = n["segment"] / n["base"]
    days = settings["second_purchase_days"]
    known = [f"{TITLES[name]} {percent(rate)}" for name, rate in rates.items() if name != "second_purchase_rate"]
    return "\n".join(
        [
            f"{data['segment']}: {n['segment']:,} ({percent(share)}) of {count(n['base'], 'customer')} with a "
            f"purchase, as of {data['as_of']}",
            f"on the whole: second purchase within {days} days {percent(rates['second_purchase_rate'])} of the "
            f"{n['observed']:,} observed for as long, {', '.join(known)}",
        ]
    )


def _profile(one: dict[str, Any], data: dict[str, Any]) -> str:
    """The values that mark the segment, and the largest of the others."""
    rows = [
        [
            _named(row["value"]),
            {"more": "+", "less": "-"}.get(row["marks"], ""),
            f"{row['customers_segment']:,}",
            *(percent(row[name]) for name in ("share_segment", "share_base", "share_rest")),
            _whole(row["index"]),
            _ratio(row["lift"]),
            f"{_ratio(row['lift_low'])} to {_ratio(row['lift_high'])}" if row["lift_low"] is not None else "-",
            _ratio(row["line_lift"]),
            percent(row["value_share_segment"]),
            _whole(row["value_index"]),
        ]
        for row in one["profile"]
    ]
    each, level, segment = one["values_per_customer"], data["settings"]["level"], data["segment"]
    words = f"by {one['by']}: {count(one['values'], 'value')}, {one['values_tested']:,} tested"
    if each["base"] >= 1.05:
        words += f"; a customer has bought with {each['base']:.1f} of them, one of {segment} with {each['segment']:.1f}"
    marks = sum(row["marks"] is not None for row in one["profile"])
    words += f"\n{count(marks, 'value') if marks else 'no value'} {'marks' if marks < 2 else 'mark'} {segment}"
    if not rows:
        return words
    header = [one["by"], "mark", "customers", "share", "of all", "of the rest", "index", "lift"]
    header += [f"{level:.0%} interval", "of lines", f"of {data['value_is']}", "index"]
    return words + "\n\n" + _cut(header, rows, right=range(2, len(header)))


def _anomalies(one: dict[str, Any], data: dict[str, Any]) -> str:
    """What is reported of each value, flagged ones first."""
    settings = data["settings"]
    if not one["anomalies"]:
        return f"by {one['by']}: no difference in behaviour in {count(one['tests'], 'test')}"
    flags = {row["value"]: row["flag"] for row in one["flags"]}
    rows, last = [], None
    for row in one["anomalies"]:
        is_new, last = row["value"] != last, row["value"]
        rows.append(
            [
                _named(row["value"]) if is_new else "",
                (flags[row["value"]] or "") if is_new else "",
                row["effect"],
                TITLES[row["measure"]],
                f"{row['n_customers']:,}",
                *(percent(row[name]) for name in ("rate", "rate_elsewhere", "shrunk_rate")),
                _points(row["difference"]),
                f"{_points(row['low'])} to {_points(row['high'])}" if row["low"] is not None else "-",
                "<0.0001" if row["q_value"] < 1e-4 else f"{row['q_value']:.4f}",
            ]
        )
    header = [one["by"], "flag", "effect", "measure", "customers", "rate", "elsewhere", "shrunk", "points"]
    header += [f"{settings['level']:.0%} interval", "q"]
    words = f"by {one['by']}: {count(len(one['anomalies']), 'difference')} in {count(one['tests'], 'test')}"
    return words + "\n\n" + _cut(header, rows, right=range(4, len(header)))


def _cut(header: list[str], rows: list[list[str]], right: range) -> str:
    more = len(rows) - MOST_ROWS
    note = f"\n... and {count(more, 'row')} more: --format json, or --out" if more > 0 else ""
    return table(header, rows[:MOST_ROWS], right=right) + note


def _named(value: str | None) -> str:
    return NONE if value is None else value


def _whole(number: float | None) -> str:
    return "-" if number is None else f"{number:,.0f}"


def _ratio(number: float | None) -> str:
    return "-" if number is None else f"{number:.2f}"


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{100.0 * difference:+.1f}"
