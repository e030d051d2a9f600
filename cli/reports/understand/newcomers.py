"""Newcomers as text."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import first_rows, money, named, number, table


def newcomers_text(data: dict[str, Any], out: Path | None) -> str:
    """A newcomer like all customers, then by group, then what is left of those who are there."""
    percentage = f"{100.0 * data['annual_discount']:.4g}%"
    parts = [
        f"a customer acquired after {data['as_of']}, by {data['model']} and a discount of {percentage} a year",
        _of_all(data),
    ]
    for by in dict.fromkeys(row["by"] for row in data["groups"] if row["by"] != "all"):
        parts.append(_of_groups(data, by))
    if data["segments"] is not None:
        parts.append(_of_segments(data))
    return paragraphs([*parts, notes(data["warnings"]), written_to(out)])


def _of_all(data: dict[str, Any]) -> str:
    row, level = data["groups"][0], 100.0 * data["settings"]["level"]
    bounds = ""
    if row["expected_purchases_low"] is not None:
        low, high = (number(row[f"expected_purchases_{end}"], 2) for end in ("low", "high"))
        bounds = f" ({low} to {high}, {level:.4g}% interval)"
    days = f"next {data['horizon_days']:,} days"
    lines = [
        ["repeat purchases", days, number(row["expected_purchases"], 2) + bounds],
        ["", "for ever, discounted", number(row["dert"], 2)],
        ["value of the first purchase", "", number(row["first_value"], 2)],
        ["value of a repeat purchase", "", number(row["repeat_value"], 2)],
        ["CLV", days, number(row["clv"], 2)],
        ["", "with the first purchase", number(row["clv_with_first"], 2)],
        ["", "for ever", number(row["clv_infinite"], 2)],
        ["", "for ever, with the first", number(row["clv_infinite_with_first"], 2)],
    ]
    return table(["of all customers", "", ""], lines)


def _of_groups(data: dict[str, Any], by: str) -> str:
    header = [by, "customers", "own", "purchases", "first", "repeat", "CLV", "with first", "for ever"]
    rows = [
        [
            named(row["value"]),
            f"{row['customers']:,}",
            f"{row['own_share']:.0%}",
            number(row["expected_purchases"], 2),
            *(number(row[name], 2) for name in ("first_value", "repeat_value", "clv", "clv_with_first")),
            number(row["clv_infinite"], 2),
        ]
        for row in data["groups"]
        if row["by"] == by
    ]
    return first_rows(header, rows, range(1, len(header)))


def _of_segments(data: dict[str, Any]) -> str:
    header = ["left of all, for ever", "customers", "purchases", data["value_is"]]
    rows = [
        [named(row["segment"]), f"{row['customers']:,}", money(row["dert"]), money(row["residual_clv"])]
        for row in data["segments"]
    ]
    return table(header, rows, right=range(1, len(header)))
