"""Surveys and tickets as text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import first_rows, interval, money, named, number, percent, table
from whalecurve.engine.titles import SCHEMES

TOLD = ("rfm", "clv_tier", "wave")
"""What scores are told by, beside all; the files have the other schemes, too."""

MOST_PRODUCTS = 5
"""Products that are told, those with the lowest scores."""

MEASURES = {"top_share": "top answers", "bottom_share": "bottom answers", "mean": "mean", "nps": "NPS"}


def experience_text(data: dict[str, Any], out: Path | None) -> str:
    """Rows read, scores of each question by group, weighted ones, classes, and tickets by group."""
    parts = ["\n".join([f"as of {data['as_of']}", *(_rows(name, rows) for name, rows in data["rows"].items())])]
    scores = data["scores"] or []
    for question, scale in dict.fromkeys((row["question"], row["scale"]) for row in scores):
        parts.append(_question([row for row in scores if (row["question"], row["scale"]) == (question, scale)]))
    parts += [_weighted(data), _classes(data), _tickets(data["tickets"] or [])]
    files = ", ".join(["experience.json", *(f"{name}.parquet" for name in FILES if data[name] is not None)])
    return paragraphs([*parts, notes(data["warnings"]), f"{written_to(out)}:\n{files}" if out is not None else ""])


FILES = ("scores", "weighted", "classes", "tickets")


def _rows(name: str, rows: Mapping[str, Any]) -> str:
    share = percent(rows["used"] / rows["rows"] if rows["rows"] else None)
    return f"{name}: {rows['used']:,} of {rows['rows']:,} rows used ({share}), of {rows['customers']:,} customers"


def _question(rows: list[dict[str, Any]]) -> str:
    """Scores of a question by group; NPS has points, other questions means."""
    first = rows[0]
    is_nps, has_classes = first["question"] == "nps", first["top_share"] is not None
    knows_response = any(row["response_rate"] is not None for row in rows)
    score = "NPS" if is_nps else "mean"
    shares = ["promoters", "detractors"] if is_nps else ["top", "bottom"] if has_classes else []
    title = first["question"] + ("" if first["scale"] is None else f" (of {first['scale']})")
    header = [title, "", "customers", score, "interval", *shares, *(["response"] if knows_response else [])]
    name = "nps" if is_nps else "mean"
    decimals = 0 if is_nps else 2
    worst = sorted((row for row in rows if row["by"] == "product"), key=lambda row: row[name])[:MOST_PRODUCTS]
    lines = [
        [
            *_group(row),
            f"{row['customers']:,}",
            number(row[name], decimals),
            interval(row[f"{name}_low"], row[f"{name}_high"], lambda value: number(value, decimals)),
            *([percent(row["top_share"]), percent(row["bottom_share"])] if shares else []),
            *([percent(row["response_rate"])] if knows_response else []),
        ]
        for row in [*(row for row in rows if row["by"] in ("all", *TOLD)), *worst]
    ]
    return first_rows(header, lines, [i for i in range(2, len(header)) if i != 4])


def _group(row: Mapping[str, Any]) -> list[str]:
    if row["by"] == "all":
        return ["all", ""]
    return [str(SCHEMES.get(row["by"], row["by"])), named(row["value"])]


def _weighted(data: Mapping[str, Any]) -> str:
    rows = [row for row in data["weighted"] or [] if row["weighted"] is not None and row["measure"] in ("nps", "mean")]
    rows = [row for row in rows if row["measure"] == "nps" or row["question"] != "nps"]
    if not rows:
        return ""
    header = ["weighted to all customers", "customers", "worth", "raw", "weighted", "interval"]
    lines = [
        [
            f"{row['question']}, {MEASURES[row['measure']]}",
            f"{row['customers']:,}",
            number(row["effective_customers"]),
            number(row["raw"], 2),
            number(row["weighted"], 2),
            interval(row["weighted_low"], row["weighted_high"], lambda value: number(value, 2)),
        ]
        for row in rows
    ]
    return table(header, lines, right=range(1, 5))


def _classes(data: Mapping[str, Any]) -> str:
    rows = data["classes"] or []
    if not rows:
        return ""
    days = data["settings"]["repeat_days"]
    header = [
        "question",
        "class",
        "customers",
        data["value_is"],
        "CLV",
        "at stake",
        f"bought in {days} days",
        "vs others",
    ]
    lines = [
        [
            row["question"],
            row["class"],
            f"{row['customers']:,}",
            money(row["mean_value"]),
            money(row["clv"]),
            money(row["value_at_stake"]),
            percent(row["bought_share"]),
            interval(row["difference_low"], row["difference_high"], lambda value: percent(value, "+")),
        ]
        for row in rows
    ]
    why = (
        f"{data['value_is']}: mean of a customer; CLV, at stake: sums\n"
        "vs others: difference from the others who answered, an association, not an effect"
    )
    return f"{table(header, lines, right=range(2, 7))}\n{why}"


def _tickets(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    header = ["tickets", "", "tickets", "resolved", "half within", "90% within", "reopened", "rating", "per order"]
    lines = [
        [
            *_group(row),
            f"{row['tickets']:,}",
            percent(row["resolution_rate"]),
            _hours(row["hours_half"]),
            _hours(row["hours_most"]),
            percent(row["reopened_rate"]),
            number(row["rating_mean"], 2),
            number(row["contacts_per_order"], 3),
        ]
        for row in rows
        if row["by"] in ("all", *TOLD)
    ]
    return first_rows(header, lines, range(2, len(header)))


def _hours(hours: int | None) -> str:
    """Hours, or days from two days on."""
    return "-" if hours is None else f"{hours} h" if hours < 48 else f"{hours / 24:.1f} days"
