"""Costs of acquisition as text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import first_rows, money, named, number, ratio

FILES = "acquisition.json, acquisition.parquet, cohorts.parquet, curves.parquet, unmatched.parquet"
TOGETHER = {"matched": "(these)", "blended": "(all spend, all new)"}


def acquisition_text(data: dict[str, Any], out: Path | None) -> str:
    """Cost of a customer by value, what it brings, and when it is back; then what is in no value."""
    header = [data["by"], "spend", "customers", "CAC", "CLV:CAC", "payback", "one more"]
    rows = [
        [
            TOGETHER.get(row["scope"], named(row["value"])),
            money(row["spend"]),
            f"{row['customers']:,}",
            number(row["cac"], 2),
            ratio(row["clv_cac"]),
            _payback(row),
            _marginal(row),
        ]
        for row in data["values"]
    ]
    return paragraphs(
        [
            f"as of {data['as_of']}, by {data['by']} of the first order; costs of {data['first_month']} to "
            f"{data['last_month']}",
            first_rows(header, rows, range(1, 7)),
            "payback: month from the first purchase by whose end customers earned what they\n"
            f"cost, with its {100 * data['settings']['level']:.4g}% interval; one more: cost of one more customer, by "
            "months",
            _unmatched(data),
            notes(data["warnings"]),
            f"{written_to(out)}:\n{FILES}" if out is not None else "",
        ]
    )


def _payback(row: Mapping[str, Any]) -> str:
    if row["scope"] == "blended" or row["cac"] is None:
        return "-"
    if row["payback_month"] is None:
        return f"not by {row['months_observed']}"
    ends = [str(row[f"payback_{side}"]) if row[f"payback_{side}"] is not None else "?" for side in ("low", "high")]
    return f"{row['payback_month']} ({ends[0]} to {ends[1]})"


def _marginal(row: Mapping[str, Any]) -> str:
    if row["marginal_cac"] is None:
        return "-"
    return number(row["marginal_cac"], 2) + ("" if row["marginal_reason"] is None else "?")


def _unmatched(data: Mapping[str, Any]) -> str:
    if not data["unmatched"]:
        return "not matched: nothing"
    rows = [
        [
            row["what"] + ("" if row["value"] is None else f": {row['value']}"),
            money(row["spend"]) if row["what"].startswith("spend") else "",
            f"{row['customers']:,}" if row["what"].startswith("customers") else "",
        ]
        for row in data["unmatched"]
    ]
    return first_rows(["not matched", "spend", "customers"], rows, range(1, 3))
