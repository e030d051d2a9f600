"""Baskets as text."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, interval, mark, named, number, percent, ratio, table

KINDS = {"same basket": "in a basket", "next purchase": "one after the other", "same customer": "by the same customer"}
PLURAL = {"category": "categories", "product": "products"}


def baskets_text(data: dict[str, Any], out: Path | None) -> str:
    """What there is, then the surest pairs of each kind, the marks of segments, and how recommendations did."""
    parts = [_headline(data), *(_pairs(kind, data) for kind in data["pairs"]), _assortment(data), _trials(data)]
    return paragraphs([*parts, notes(data["warnings"]), written_to(out)])


def _headline(data: dict[str, Any]) -> str:
    lines = data["lines"]
    return "\n".join(
        [
            f"{count(data['baskets'], 'basket')} of {count(data['customers'], 'customer')}, as of {data['as_of']}, "
            f"with {count(lines['in_baskets'], 'line')} ({lines['returns_left_out']:,} returns left out)",
            f"{count(data['items'], 'product')}, {data['items_paired']:,} of them bought by "
            f"{data['settings']['min_customers']} customers or more",
        ]
    )


def _pairs(kind: dict[str, Any], data: dict[str, Any]) -> str:
    words = (
        f"{PLURAL[kind['of']]} {KINDS[kind['relation']]}: {count(kind['pairs'], 'pair')}, {kind['more']:,} more often "
        f"than by chance, {kind['less']:,} less often"
    )
    if not kind["surest"]:
        return words
    rows = [
        [
            named(row["first"]),
            named(row["then"]),
            f"{row['times']:,}",
            f"{row['customers']:,}",
            percent(row["confidence"]),
            percent(row["confidence_back"]),
            ratio(row["lift"]),
            ratio(row["affinity"]),
            interval(row["affinity_low"], row["affinity_high"], ratio),
        ]
        for row in kind["surest"]
    ]
    header = ["first", "then", "times", "customers", "confidence", "backward", "lift", "against chance"]
    header.append(f"{data['settings']['level']:.0%} interval")
    return words + "\n\n" + first_rows(header, rows, right=range(2, len(header)))


def _assortment(data: dict[str, Any]) -> str:
    found = data["assortment"]
    if found is None:
        return ""
    words = f"what segments buy: {count(found['marks'], 'difference')} from all customers"
    if not found["surest"]:
        return words
    rows = [
        [
            row["segment"],
            named(row["item"]),
            mark(row["marks"]),
            f"{row['customers']:,}",
            percent(row["share"]),
            percent(row["share_of_all"]),
            number(row["index"]),
            interval(row["index_low"], row["index_high"], number),
        ]
        for row in found["surest"]
    ]
    header = ["segment", "buys", "mark", "customers", "share", "of all", "index"]
    header.append(f"{data['settings']['level']:.0%} interval")
    return words + "\n\n" + first_rows(header, rows, right=range(3, len(header)))


def _trials(data: dict[str, Any]) -> str:
    rows = [
        [
            trial["task"],
            f"first {hits['k']}" if hits["k"] > 1 else "first",
            f"{hits['customers']:,}",
            percent(hits["pairs"]),
            percent(hits["popularity"]),
            _points(hits["difference"]),
            interval(hits["difference_low"], hits["difference_high"], _points),
            trial["recommended_by"],
        ]
        for trial in data["trials"]
        for hits in trial["hits"]
    ]
    if not rows:
        return ""
    header = ["recommended", "hit by", "customers", "pairs", "popularity", "points"]
    header += [f"{data['settings']['level']:.0%} interval", "so by"]
    words = f"tried on the last {data['settings']['holdout_days']} days, of customers who bought something new"
    return words + "\n\n" + table(header, rows, right=range(2, len(header) - 1))


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{100.0 * difference:+.1f}"
