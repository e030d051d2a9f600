"""Habits as text."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, named, number, percent, table

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TITLES = {
    "weekday": "orders by weekday",
    "hour": "orders by hour",
    "favourite": "orders by kind of products",
    "discounted": "lines at a discount",
    "returned": "lines that came back",
}
MOST = 3


def habits_text(data: dict[str, Any], out: Path | None) -> str:
    """What is usual, how far customers differ, habits by segment, and products to replenish."""
    gap = "" if data["gap_days"] is None else f"; the median one buys again after {number(data['gap_days'])} days"
    headline = f"{count(data['customers'], 'customer')} with a purchase, as of {data['as_of']}{gap}"
    parts = [headline, _everybody(data), _segments(data), _products(data)]
    return paragraphs([*parts, notes(data["warnings"]), written_to(out)])


def _everybody(data: dict[str, Any]) -> str:
    rows = []
    for name, found in data["everybody"].items():
        shares = list(found["shares"].items())
        if name in ("discounted", "returned"):
            usual = percent(found["shares"].get("True", 0.0))
        else:
            usual = ", ".join(f"{_value(name, value)} {percent(share)}" for value, share in shares[:MOST])
        strength = found["strength"]
        rows.append([TITLES[name], usual, "all alike" if strength is None else number(strength, 1)])
    return table(["habit", "of all customers", "own half with"], rows, right=(2,))


def _value(name: str, value: str) -> str:
    return WEEKDAYS[int(value)] if name == "weekday" else f"{int(value)}:00" if name == "hour" else named(value)


def _segments(data: dict[str, Any]) -> str:
    if not data["segments"]:
        return ""
    rows = [
        [
            row["segment"],
            f"{row['customers']:,}",
            number(row["gap_days"]),
            number(row["basket_lines"], 1),
            number(row["basket_value"], 2),
            percent(row["discount_share"]),
            percent(row["return_rate"]),
            row["weekday"] or "-",
            "-" if row["hour"] is None else f"{row['hour']}:00",
            row["favourite"] or "-",
        ]
        for row in data["segments"]
    ]
    header = ["segment", "customers", "gap", "lines", "value", "discounted", "returned", "weekday", "hour", "favourite"]
    return first_rows(header, rows, right=range(1, 7))


def _products(data: dict[str, Any]) -> str:
    found = data["replenishment"]
    if found is None:
        return ""
    words = (
        f"{count(found['products'], 'product')} of {found['products_bought_again']:,} that are bought again are bought "
        f"regularly; due to customers now {found['due']:,} times, later {found['to_come']:,} times"
    )
    if not found["most_bought"]:
        return words
    rows = [
        [
            named(row["product"]),
            f"{row['customers_again']:,}",
            f"{row['customers_told']:,}",
            number(row["variation"], 2),
            percent(row["regular_share"]),
            number(row["days"]),
        ]
        for row in found["most_bought"]
    ]
    header = ["product", "bought again by", "three times by", "variation", "regular", "every days"]
    return words + "\n\n" + table(header, rows, right=range(1, len(header)))
