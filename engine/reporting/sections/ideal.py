"""The ideal customer: who they are, when and what they buy, where they came from: what a profile found."""

from typing import Any

from whalecurve.engine.reporting import Block, Facts, Heading, Section, count, days, money, percent
from whalecurve.engine.reporting.sections.compared_values import LEAST_CUSTOMERS, MOST_VALUES, values_figure

QUESTIONS = {
    "who": ("customers", "Who they are"),
    "when": ("orders", "When they buy"),
    "what": ("orders", "What they buy"),
    "where": ("customers", "How they came"),
    "next": ("customers", "What they buy next"),
    "gap": ("gaps", "How long until they come back"),
}
"""Measure that the values of each question are compared by, and its title."""


def ideal_section(facts: Facts) -> Section | None:
    """What they are worth, when they come back, and a figure a dimension; None without a profile."""
    found = facts.beside.profile
    if found is None:
        return None
    blocks: list[Block] = [_said(found), _timing(found)]
    asked = ""
    for i, part in enumerate(found["sections"], start=1):
        measure, title = QUESTIONS.get(part["question"], ("customers", part["question"]))
        rows = [row for row in part["measures"].get(measure, []) if (row["n_base"] or 0) >= LEAST_CUSTOMERS]
        if not rows:
            continue
        if part["question"] != asked:
            blocks.append(Heading(title=title))
            asked = part["question"]
        if part["is_circular"]:
            by = f"their {part['dimension']}s follow from that"
            blocks.append(f"{found['segment']} are defined by how lately they bought: {by}.")
        title = f"{title}, by {part['dimension']}: shares of {measure}"
        blocks.append(
            values_figure(
                rows[:MOST_VALUES], name=f"ideal-{i}", title=title, group=str(found["segment"]), of=part["dimension"]
            )
        )
    return Section(name="ideal", title=f"The ideal customer: {found['segment']}", blocks=blocks)


def _said(found: dict[str, Any]) -> str:
    segment, base, share = (found["worth"][name] for name in ("segment", "base", "share"))
    n = found["customers"]
    words = (
        f"{found['segment']} are {count(n['segment'])} of {count(n['base'], 'customer')} with a purchase "
        f"({found['why']}). Each brought {money(segment['value'])} {found['value_is']}, against "
        f"{money(base['value'])} of all"
    )
    if segment["clv"] is not None:
        words += f", with a CLV of {money(segment['clv'])}, against {money(base['clv'])}"
    if share["value"] is not None:
        words += f"; together {percent(share['value'])} of {found['value_is']}"
    return words + "."


def _timing(found: dict[str, Any]) -> str:
    """When half of their purchases are followed by another, and who is due."""
    half, of_all = (found["timing"][name]["quantiles"].get("0.5") for name in ("segment", "base"))
    due = found["due"]
    words = f"{count(due['soon'])} are due soon, {count(due['later'])} later, and {count(due['overdue'])} are overdue."
    if half is None:
        return words
    than = "" if of_all is None else f", against {days(of_all)} for all"
    return f"Half of their purchases are followed by another within {days(half)}{than}. {words}"
