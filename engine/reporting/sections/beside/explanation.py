"""What sets a segment apart, and which values go with bad or good behaviour: what an explanation found."""

from typing import Any

from whalecurve.engine.reporting import Block, Column, Facts, Heading, Section, Table, count, percent
from whalecurve.engine.reporting.sections.beside.compared_values import (
    LEAST_CUSTOMERS,
    MOST_VALUES,
    named,
    values_figure,
)

MEASURES = {
    "second_purchase_rate": "second purchase",
    "return_rate": "lines returned",
    "loss_share": "with a loss",
    "margin_rate": "margin rate",
}
"""Rates by which the values of a dimension are compared."""


def explanation_section(facts: Facts) -> Section | None:
    """For each dimension its values in the segment, and those that behave unlike others; None without a result."""
    explanation = facts.beside.explanation
    if explanation is None:
        return None
    segment = str(explanation["segment"])
    n = explanation["customers"]
    blocks: list[Block] = [
        f"{segment} are {count(n['segment'])} of {count(n['base'], 'customer')} with a purchase. A value marks them if "
        f"it is more frequent, or less, among them than among the others, beyond what chance and baskets explain. "
        f"All of this is association, not cause."
    ]
    for i, dimension in enumerate(explanation["dimensions"], start=1):
        blocks.append(Heading(title=f"{segment} by {dimension['by']}"))
        blocks += _of_dimension(explanation, dimension, f"explanation-{i}")
    return Section(name="explanation", title=f"What sets {segment} apart", blocks=blocks)


def _of_dimension(explanation: dict[str, Any], dimension: dict[str, Any], name: str) -> list[Block]:
    least = max(explanation["settings"]["min_customers"], LEAST_CUSTOMERS)
    rows = [
        row | {"segment": row["share_segment"], "base": row["share_base"]}
        for row in dimension["profile"]
        if row["customers_base"] >= least
    ][:MOST_VALUES]
    title = f"Customers by {dimension['by']}: {explanation['segment']} and all"
    blocks: list[Block] = []
    if rows:
        blocks.append(
            values_figure(rows, name=name, title=title, group=str(explanation["segment"]), of=dimension["by"])
        )
    unlike = [row for row in dimension["anomalies"] if row["n_customers"] >= least]
    if unlike:
        blocks += [_unlike_said(dimension, unlike), _unlike(dimension, unlike[:MOST_VALUES])]
    else:
        blocks.append(f"No value of {dimension['by']} goes with other behaviour than the rest.")
    return blocks


def _unlike_said(dimension: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    worse = sum(row["effect"] == "worse" for row in rows)
    words = (
        f"{count(len(rows), 'difference')} in {count(dimension['tests'], 'test')}, {count(worse)} of them for the worse"
    )
    toxic = [named(row["value"]) for row in dimension["flags"] if row["flag"] == "toxic"]
    return (
        f"{words}. Fewer second purchases, and worse margins or more returns: {', '.join(toxic)}."
        if toxic
        else (f"{words}.")
    )


def _unlike(dimension: dict[str, Any], rows: list[dict[str, Any]]) -> Table:
    return Table(
        caption=f"Values of {dimension['by']} that behave unlike others",
        columns=(
            Column(title=dimension["by"], values=[named(row["value"]) for row in rows]),
            Column(title="measure", values=[MEASURES.get(row["measure"], row["measure"]) for row in rows]),
            Column(title="effect", values=[row["effect"] for row in rows]),
            Column(title="customers", kind="count", values=[row["n_customers"] for row in rows]),
            Column(title="rate", kind="share", values=[row["rate"] for row in rows]),
            Column(title="elsewhere", kind="share", values=[row["rate_elsewhere"] for row in rows]),
            Column(title="difference (interval)", values=[_points(row) for row in rows]),
        ),
    )


def _points(row: dict[str, Any]) -> str:
    """The difference with its interval."""
    low, high = row["low"], row["high"]
    between = "" if low is None or high is None else f" ({percent(low)} to {percent(high)})"
    return f"{percent(row['difference'])}{between}"
