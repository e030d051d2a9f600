"""The ideal customer: who they are, when and what they buy, where they came from: what a profile found."""

from typing import Any

from whalecurve.engine.reporting import Block, Facts, Heading, Section, count, days, money, percent
from whalecurve.engine.reporting.sections.beside.compared_values import LEAST_CUSTOMERS, MOST_VALUES, values_figure

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
    profile = facts.beside.profile
    if profile is None:
        return None
    blocks: list[Block] = [_said(profile), _timing(profile)]
    question = ""
    for i, part in enumerate(profile["sections"], start=1):
        measure, title = QUESTIONS.get(part["question"], ("customers", part["question"]))
        rows = [row for row in part["measures"].get(measure, []) if (row["n_base"] or 0) >= LEAST_CUSTOMERS]
        if not rows:
            continue
        if part["question"] != question:
            blocks.append(Heading(title=title))
            question = part["question"]
        if part["is_circular"]:
            blocks.append(f"{profile['segment']} are defined by how lately they bought, and that shapes these shares.")
        title = f"{title}, by {part['dimension']}: shares of {measure}"
        blocks.append(
            values_figure(
                rows[:MOST_VALUES], name=f"ideal-{i}", title=title, group=str(profile["segment"]), of=part["dimension"]
            )
        )
    return Section(name="ideal", title=f"The ideal customer: {profile['segment']}", blocks=blocks)


def _said(profile: dict[str, Any]) -> str:
    segment, base, share = (profile["worth"][name] for name in ("segment", "base", "share"))
    n = profile["customers"]
    words = (
        f"{profile['segment']} are {count(n['segment'])} of {count(n['base'], 'customer')} with a purchase "
        f"({profile['why']}). Each brought {money(segment['value'])} {profile['value_is']}, against "
        f"{money(base['value'])} of all"
    )
    if segment["clv"] is not None:
        words += f", with a CLV of {money(segment['clv'])}, against {money(base['clv'])}"
    if share["value"] is not None:
        words += f"; together {percent(share['value'])} of {profile['value_is']}"
    return words + "."


def _timing(profile: dict[str, Any]) -> str:
    """When half of their purchases are followed by another, by estimate, and who is due."""
    half, of_all = (profile["timing"][name]["quantiles"].get("0.5") for name in ("segment", "base"))
    due = profile["due"]
    words = f"{count(due['soon'])} are due soon, {count(due['later'])} later, and {count(due['overdue'])} are overdue."
    if half is None:
        return words
    than = "" if of_all is None else f", against {days(of_all)} for all"
    is_circular = any(part["is_circular"] for part in profile["sections"] if part["question"] == "gap")
    estimate = f"By estimate, half of their purchases are followed by another within {days(half)}{than}"
    estimate += "; as they are defined by how lately they bought, this is no forecast" if is_circular else ""
    return f"{estimate} (Kaplan-Meier: the time since the last purchase counts as a gap not over yet). {words}"
