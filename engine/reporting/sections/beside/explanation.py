"""What sets a segment apart, and which values go with bad or good behaviour: what an explanation found."""

from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Block,
    Column,
    Facts,
    Heading,
    Section,
    Table,
    count,
    gettext,
    ngettext,
    percent,
    word,
)
from whalecurve.engine.reporting.sections.beside.compared_values import (
    LEAST_CUSTOMERS,
    MOST_VALUES,
    named,
    values_figure,
)

MEASURES = {
    "second_purchase_rate": N_("second purchase"),
    "return_rate": N_("lines returned"),
    "loss_share": N_("with a loss"),
    "margin_rate": N_("margin rate"),
}
"""Rates by which the values of a dimension are compared."""

EFFECTS = (N_("worse"), N_("better"))
MARKS = (N_("more"), N_("less"))
"""What is said of a value that behaves unlike others, and of one that is more or less frequent."""


def explanation_section(facts: Facts) -> Section | None:
    """For each dimension its values in the segment, and those that behave unlike others; None without a result."""
    explanation = facts.beside.explanation
    if explanation is None:
        return None
    segment = str(explanation["segment"])
    n = explanation["customers"]
    blocks: list[Block] = [
        ngettext(
            "{segment} are {in_segment} of {n} customer with a purchase. A value marks them if it is more frequent, or "
            "less, among them than among the others, beyond what chance and baskets explain. All of this is "
            "association, not cause.",
            "{segment} are {in_segment} of {n} customers with a purchase. A value marks them if it is more frequent, "
            "or less, among them than among the others, beyond what chance and baskets explain. All of this is "
            "association, not cause.",
            n["base"],
            segment=segment,
            in_segment=count(n["segment"]),
        )
    ]
    for i, dimension in enumerate(explanation["dimensions"], start=1):
        title = gettext("{segment} by {dimension}", segment=segment, dimension=dimension["by"])
        blocks.append(Heading(title=title))
        blocks += _of_dimension(explanation, dimension, f"explanation-{i}")
    return Section(name="explanation", title=gettext("Segment profile: {segment}", segment=segment), blocks=blocks)


def _of_dimension(explanation: dict[str, Any], dimension: dict[str, Any], name: str) -> list[Block]:
    least = max(explanation["settings"]["min_customers"], LEAST_CUSTOMERS)
    rows = [
        row | {"segment": row["share_segment"], "base": row["share_base"]}
        for row in dimension["profile"]
        if row["customers_base"] >= least
    ][:MOST_VALUES]
    segment, by = str(explanation["segment"]), dimension["by"]
    title = gettext("Customers by {dimension}: {segment} and all", dimension=by, segment=segment)
    blocks: list[Block] = []
    if rows:
        blocks.append(values_figure(rows, name=name, title=title, group=segment, of=by))
    unlike = [row for row in dimension["anomalies"] if row["n_customers"] >= least]
    if unlike:
        blocks += [_unlike_said(dimension, unlike), _unlike(dimension, unlike[:MOST_VALUES])]
    else:
        blocks.append(gettext("No value of {dimension} goes with other behaviour than the rest.", dimension=by))
    return blocks


def _unlike_said(dimension: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    words = gettext(
        "{differences} in {tests}, {worse} of them for the worse",
        differences=ngettext("{n} difference", "{n} differences", len(rows)),
        tests=ngettext("{n} test", "{n} tests", dimension["tests"]),
        worse=count(sum(row["effect"] == "worse" for row in rows)),
    )
    toxic = ", ".join(named(row["value"]) for row in dimension["flags"] if row["flag"] == "toxic")
    if not toxic:
        return f"{words}."
    said = gettext("Fewer second purchases, and worse margins or more returns: {values}.", values=toxic)
    return f"{words}. {said}"


def _unlike(dimension: dict[str, Any], rows: list[dict[str, Any]]) -> Table:
    measures = [gettext(MEASURES[row["measure"]]) if row["measure"] in MEASURES else row["measure"] for row in rows]
    return Table(
        caption=gettext("Values of {dimension} that behave unlike others", dimension=dimension["by"]),
        columns=(
            Column(title=dimension["by"], values=[named(row["value"]) for row in rows]),
            Column(title=gettext("measure"), values=measures),
            Column(title=gettext("effect"), values=[row["effect"] and word(row["effect"]) for row in rows]),
            Column(title=gettext("customers"), kind="count", values=[row["n_customers"] for row in rows]),
            Column(title=gettext("rate"), kind="share", values=[row["rate"] for row in rows]),
            Column(title=gettext("elsewhere"), kind="share", values=[row["rate_elsewhere"] for row in rows]),
            Column(title=gettext("difference (interval)"), values=[_points(row) for row in rows]),
        ),
    )


def _points(row: dict[str, Any]) -> str:
    """The difference with its interval."""
    low, high, difference = row["low"], row["high"], percent(row["difference"])
    if low is None or high is None:
        return difference
    return gettext("{value} ({low} to {high})", value=difference, low=percent(low), high=percent(high))
