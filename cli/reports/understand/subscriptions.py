"""Contracts as text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import first_rows, interval, money, named, number, percent, table

FILES = "subscriptions.json, subscriptions.parquet, curves.parquet, ends.parquet, reasons.parquet"
SHOWN = (1, 2, 3, 4, 5, 6, 12, 18, 24, 36, 48, 60, 72, 84, 96, 108, 120)
"""Renewals of a curve that are told."""


def subscriptions_text(data: dict[str, Any], out: Path | None) -> str:
    """Contracts by group, the curve of all, the ends by kind, and reasons."""
    rows, refused = data["rows"], sum(data["rows"]["refused"].values())
    head = (
        f"as of {data['as_of']}: {rows['used']:,} contracts of {data['customers']:,} customers, by the "
        f"{data['settings']['period']}" + (f"; {refused:,} rows left out" if refused else "")
    )
    return paragraphs(
        [
            head,
            _groups(data),
            _curve(data),
            _ends(data),
            _reasons(data),
            notes(data["warnings"]),
            f"{written_to(out)}:\n{FILES}" if out is not None else "",
        ]
    )


def _groups(data: Mapping[str, Any]) -> str:
    header = ["", "", "contracts", "running", "first renewal", "last", "model", "residual value", "interval", "lost"]
    rows = [
        [
            row["by"],
            "" if row["by"] == "all" else named(row["value"]),
            f"{row['contracts']:,}",
            f"{row['running']:,}",
            percent(row["first_retention"]),
            percent(row["last_retention"]),
            _model(row),
            money(row["residual_value"]),
            interval(row["residual_value_low"], row["residual_value_high"], money),
            money(row["value_lost"]),
        ]
        for row in data["groups"]
    ]
    what = "prices" if data["value_is"] == "price" else "payments"
    years = f"{100.0 * data['settings']['annual_discount']:.4g}%"
    legend = (
        f"residual value: {what} still to come of contracts that run, discounted by {years} a year;\n"
        "lost: of those that ended, what would have come"
    )
    return f"{first_rows(header, rows, (2, 3, 4, 5, 7, 9))}\n{legend}"


def _model(row: Mapping[str, Any]) -> str:
    if row["model"] is None:
        return "-"
    params = ", ".join(f"{row[name]:.3g}" for name in ("a", "b", "c") if row[name] is not None)
    return f"{'sBG' if row['model'] == 'sbg' else 'BdW'} ({params})"


def _curve(data: Mapping[str, Any]) -> str:
    rows = [
        [
            str(row["age"]),
            number(row["at_risk"]),
            percent(row["retention"]),
            percent(row["survival"]),
            percent(row["survival_model"]),
            interval(row["survival_model_low"], row["survival_model_high"], percent),
        ]
        for row in data["curves"]
        if row["by"] == "all" and row["age"] in SHOWN
    ]
    header = ["renewal", "due", "renewed", "still there", "by the model", "interval"]
    return table(header, rows, right=range(5)) if rows else ""


def _ends(data: Mapping[str, Any]) -> str:
    last: dict[str, Mapping[str, Any]] = {}
    for row in data["ends"]:
        if row["by"] == "all" and (row["age"] in SHOWN or row["kind"] not in last):
            last[row["kind"]] = row
    rows = [
        [kind, str(row["age"]), percent(row["share"]), interval(row["share_low"], row["share_high"], percent)]
        for kind, row in last.items()
    ]
    return table(["ends", "by renewal", "of all", "interval"], rows, right=(1, 2)) if rows else ""


def _reasons(data: Mapping[str, Any]) -> str:
    header = ["segment", "reason", "kind", "contracts", "share", "interval", "lost"]
    rows = [
        [
            "(all)" if row["segment"] is None else row["segment"],
            row["reason"] or "(none)",
            row["kind"],
            f"{row['contracts']:,}",
            percent(row["share"]),
            interval(row["share_low"], row["share_high"], percent),
            money(row["value_lost"]),
        ]
        for row in data["reasons"]
    ]
    return first_rows(header, rows, (3, 4, 6)) if rows else ""
