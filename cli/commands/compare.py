"""`whalecurve compare`: who moved between two results."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whalecurve.cli.console import limit_threads, progress, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.reports.run import MODEL_TITLES
from whalecurve.cli.reports.text_tables import count, money, percent, table

if TYPE_CHECKING:
    from whalecurve.engine import Movement

COMPARING, WRITING = "What is compared", options.WRITING_PANEL
TITLES = {
    "rfm": ("segment", "no purchase"),
    "matrix": ("risk x value", "not placed"),
    "clv_tier": ("CLV tier", "no tier"),
    "lifecycle_stage": ("lifecycle stage", "no stage"),
    "loyalty_tier": ("loyalty tier", "no tier"),
}
"""Of each scheme: what its labels are called, and what customers without one are."""

THRESHOLDS = {"days_since_last": "days since last", "n_purchase_days": "purchase days", "value": "value"}
LARGEST = 10
WIDEST = 60  # characters that the labels of a matrix may take in its header; beyond it they are numbered


def compare_command(
    old: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="Another, of the same day or a later one.", metavar="NEW")],
    config: options.Config = None,
    allow: Annotated[
        str | None,
        typer.Option(
            help="Definitions that may differ, with commas between; as_of and what follows from it may anyway.",
            metavar="NAME,...",
            show_default="none",
            rich_help_panel=COMPARING,
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="What an earlier comparison wrote, whose NEW is this OLD: customers keep the day since which they "
            "are in their segment.",
            show_default="none",
            rich_help_panel=COMPARING,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write moves and customers to.", rich_help_panel=WRITING),
    ] = None,
    overwrite: options.Overwrite = False,
    jobs: options.Jobs = None,
    format: options.OutputFormat = options.Format.text,
    verbose: options.Verbose = False,
) -> None:
    """Show who moved between segments, cells and tiers from one result to another, and what moved in the models.

    Example: [bold]whalecurve compare scores-may scores-june --out moved[/bold]
    """
    limit_threads(jobs)
    set_up_logging(verbose=verbose)
    with reported(), progress("compare") as on_stage:
        from whalecurve import engine

        names = [name.strip() for name in allow.split(",") if name.strip()] if allow else []
        found = engine.compare(
            old, new, out=out, previous=previous, allow=names, overwrite=overwrite, on_stage=on_stage
        )
    if format is options.Format.json:
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(_text(found) + (f"\n\nwritten to {out}" if out else ""))


def _text(found: "Movement") -> str:
    """How many came, went and moved; each scheme; the moves worth most; what moved in the models."""
    data = found.to_dict()
    blocks = [_headline(data)]
    for scheme in data["schemes"]:
        blocks += [_mobility(scheme), _flows(scheme), _matrix(scheme)]
    blocks += [_largest(data), _thresholds(data), _parameters(data)]
    blocks.append("\n".join(f"note: {words}" for words in data["warnings"]))
    return "\n\n".join(block for block in blocks if block)


def _headline(data: dict[str, Any]) -> str:
    groups = data["customers"]
    n = {name: group["customers"] for name, group in groups.items()}
    worth = {
        name: f"{data['value_is']} {money(group['value_old'])} then, {money(group['value_new'])} now"
        for name, group in groups.items()
    }
    return "\n".join(
        [
            f"{data['old']['as_of']} to {data['new']['as_of']}, {count(data['days'], 'day')}: "
            f"{count(n['in_old'], 'customer')} then, {n['in_new']:,} now",
            f"{n['kept']:,} in both, {n['bought_since']:,} of whom bought since; {n['new']:,} new, {n['lost']:,} lost",
            f"{n['reactivated']:,} reactivated: at high risk then, bought since; {worth['reactivated']}",
            f"{n['put_at_risk']:,} put at risk: at low risk then, at high risk now; {worth['put_at_risk']}",
        ]
    )


def _mobility(scheme: dict[str, Any]) -> str:
    title = TITLES[scheme["scheme"]][0]
    mobility = "-" if scheme["mobility"] is None else f"{scheme['mobility']:.3f}"
    words = f"{title}: {percent(scheme['retained_share'])} stayed; mobility {mobility} (Shorrocks)"
    if scheme["up_share"] is not None:
        words += f"; {percent(scheme['up_share'])} moved up, {percent(scheme['down_share'])} down"
    return words


def _flows(scheme: dict[str, Any]) -> str:
    rows = [
        [
            _named(row["segment"], scheme),
            *(f"{row[name]:,}" for name in ("customers_old", "customers_new")),
            percent(row["retained_share"]),
            *(f"{row[name]:,}" for name in ("customers_in", "customers_out")),
            f"{row['net_flow']:+,}",
            *(money(row[name]) for name in ("value_old", "value_new", "clv_total_old", "clv_total_new")),
        ]
        for row in scheme["segments"]
    ]
    header = [TITLES[scheme["scheme"]][0], "then", "now", "stayed", "in", "out", "net"]
    header += ["value then", "now", "value + CLV then", "now"]
    return table(header, rows, right=range(1, len(header)))


def _matrix(scheme: dict[str, Any]) -> str:
    """Of the customers of each label then, the share of each label now; "-" where there is nobody."""
    moves = scheme["moves"]
    starts, ends = (_states(scheme, {move[end] for move in moves}) for end in ("from", "to"))
    names = [_named(state, scheme) for state in ends]
    is_wide = sum(len(name) for name in names) > WIDEST
    number = {state: f"{i}" for i, state in enumerate(_states(scheme, set()), start=1)} if is_wide else {}
    shares = {(move["from"], move["to"]): move["share_of_from"] for move in moves}
    rows = [
        [
            f"{number.get(start, ''):>2} {_named(start, scheme)}" if is_wide else _named(start, scheme),
            f"{sum(move['customers'] for move in moves if move['from'] == start):,}",
            *(percent(shares.get((start, end))) for end in ends),
        ]
        for start in starts
    ]
    header = [f"{TITLES[scheme['scheme']][0]} then, and now", "customers"]
    header += [number.get(state, name) for state, name in zip(ends, names, strict=True)]
    return table(header, rows, right=range(1, len(header)))


def _largest(data: dict[str, Any]) -> str:
    """The moves between segments that are worth most now, or were, where the customers are lost."""
    scheme = data["schemes"][0]
    moves = [move for move in scheme["moves"] if move["from"] != move["to"]]
    moves.sort(key=lambda move: -(move["value_old"] if move["value_new"] is None else move["value_new"]))
    rows = [
        [
            _named(move["from"], scheme),
            _named(move["to"], scheme),
            f"{move['customers']:,}",
            *(money(move[name]) for name in ("value_old", "value_new", "clv_total_old", "clv_total_new")),
        ]
        for move in moves[:LARGEST]
    ]
    header = ["moved from", "to", "customers", "value then", "now", "value + CLV then", "now"]
    return table(header, rows, right=range(2, len(header))) if rows else ""


def _thresholds(data: dict[str, Any]) -> str:
    """Cut-offs of the scores, then and now."""
    cuts: dict[str, list[dict[str, Any]]] = {}
    for row in data["thresholds"]:
        cuts.setdefault(row["threshold"], []).append(row)
    high = cuts.pop("clv_total")[0]
    rows = [
        [title, when, *(_amount(row[which]) for row in cuts[name])]
        for name, title in THRESHOLDS.items()
        if name in cuts
        for which, when in (("old", "then"), ("new", "now"))
    ]
    scores = [f"score {row['score']}" for row in cuts["value"]] if rows else []
    words = f"high value: value + CLV from {_amount(high['old'])} then, {_amount(high['new'])} now"
    return (table(["threshold", "", *scores], rows, right=range(2, len(scores) + 2)) + "\n" if rows else "") + words


def _parameters(data: dict[str, Any]) -> str:
    """Model parameters, with the difference in standard errors of a difference."""
    rows = [
        [
            MODEL_TITLES.get(row["model"], row["model"]),
            row["parameter"],
            f"{row['old']:.4g}",
            f"{row['new']:.4g}",
            "-" if row["in_standard_errors"] is None else f"{row['in_standard_errors']:+.1f}",
        ]
        for row in data["parameters"]
    ]
    header = ["model", "parameter", "then", "now", "standard errors apart"]
    return table(header, rows, right=range(2, len(header))) if rows else ""


def _states(scheme: dict[str, Any], present: set[str | None]) -> list[str | None]:
    """Labels in the scheme's order, then what else is present."""
    labels = [row["segment"] for row in scheme["segments"] if row["segment"] is not None]
    return [*labels, *(state for state in (None, "(new)", "(lost)") if state in present)]


def _named(state: str | None, scheme: dict[str, Any]) -> str:
    return TITLES[scheme["scheme"]][1] if state is None else state


def _amount(number: float | None) -> str:
    """Days and purchases as they are, money to the cent."""
    return "-" if number is None else f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
