"""A budget as text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, interval, money, number, percent, table

WIDTH = 80
FILES = "allocation.parquet, budget.json, frontier.parquet, options.parquet"
WAYS = {"even": "evenly over customers", "by_value": "in proportion to value at stake"}
TOLD = ("worth it, beyond the budget", "another offer is better", "not worth a contact")


def budget_text(data: dict[str, Any], out: Path | None) -> str:
    """What is expected of the best use of the money, what it is, and what was not bought and why."""
    return paragraphs(
        [
            "\n".join(_headline(data)),
            _allocation(data),
            _comparison(data),
            "\n".join(_not_bought(data)),
            notes(data["warnings"]),
            f"{written_to(out)}:\n{FILES}" if out is not None else "",
        ]
    )


def _headline(data: Mapping[str, Any]) -> Iterator[str]:
    total, settings = data["total"], data["settings"]
    yield (
        f"as of {data['as_of']}: {money(total['spend'])} of {money(settings['amount'])} spent on "
        f"{count(total['customers'], 'contact')}"
    )
    sure = (
        ""
        if total["net_low"] is None
        else f" ({100 * settings['level']:.4g}%: {interval(total['net_low'], total['net_high'], money)}), "
        f"chance of a loss {percent(total['chance_of_loss'])}"
    )
    yield f"expected after costs: {money(total['net'])}{sure}"
    yield (
        f"one more unit of money would bring {number(data['shadow_price'], 2)} after costs"
        if data["shadow_price"] > 0.0
        else "more money would bring nothing: all that is worth a contact is bought"
    )


def _allocation(data: Mapping[str, Any]) -> str:
    if not data["allocation"]:
        return "nobody is worth a contact"
    header = ["segment", "offer", "customers", "share", "spend", "brings", "loss"]
    rows = [
        [
            row["segment"],
            row["offer"],
            f"{row['customers']:,}",
            percent(row["share"]),
            money(row["spend"]),
            money(row["net"]),
            percent(row["chance_of_loss"]),
        ]
        for row in data["allocation"]
    ]
    return first_rows(header, rows, range(2, 7))


def _comparison(data: Mapping[str, Any]) -> str:
    ways = {"as above": data["total"]} | {words: data["comparisons"][name] for name, words in WAYS.items()}
    rows = [[words, f"{told['customers']:,}", money(told["spend"]), money(told["net"])] for words, told in ways.items()]
    return table(["the same budget", "contacts", "spend", "brings"], rows, range(1, 4))


def _not_bought(data: Mapping[str, Any]) -> Iterator[str]:
    for verdict in TOLD:
        by_offer: dict[str, list[str]] = {}
        for row in data["options"]:
            if row["verdict"] == verdict:
                by_offer.setdefault(row["offer"], []).append(row["segment"])
        if by_offer:
            told = "; ".join(f"{offer} to {', '.join(segments)}" for offer, segments in by_offer.items())
            yield from wrap(f"{verdict}: {told}", WIDTH, subsequent_indent="  ")
    if data["no_response"]:
        told = ", ".join(data["no_response"])
        yield from wrap(f"no response is known in, so nothing is spent on: {told}", WIDTH, subsequent_indent="  ")
