"""The ideal customer: who they are, when and what they buy, where they came from: what a profile found."""

from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Block,
    Facts,
    Heading,
    Section,
    count,
    days,
    gettext,
    money,
    ngettext,
    percent,
    recorded,
    word,
)
from whalecurve.engine.reporting.sections.beside.compared_values import LEAST_CUSTOMERS, MOST_VALUES, values_figure

QUESTIONS = {
    "who": ("customers", N_("Who they are")),
    "when": ("orders", N_("When they buy")),
    "what": ("orders", N_("What they buy")),
    "where": ("customers", N_("How they came")),
    "next": ("customers", N_("What they buy next")),
    "gap": ("gaps", N_("How long until they come back")),
}
"""Measure that the values of each question are compared by, and its title."""

MEASURES = {"customers": N_("customers"), "orders": N_("orders"), "gaps": N_("gaps")}
OWN = {
    "when": (
        *(N_("season"), N_("month"), N_("weekday"), N_("hour")),
        *(N_("Dec-Feb"), N_("Mar-May"), N_("Jun-Aug"), N_("Sep-Nov")),
        *(N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June")),
        *(N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December")),
        *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")),
    ),
    "gap": (
        *(N_("days to the next purchase"), N_("1-7 days"), N_("8-14 days"), N_("15-30 days"), N_("31-60 days")),
        *(N_("61-90 days"), N_("91-180 days"), N_("181 days and more")),
    ),
}
"""Names of dimensions and values that are ours, by question; all others are those of the log."""


def ideal_section(facts: Facts) -> Section | None:
    """What they are worth, when they come back, and a figure a dimension; None without a profile."""
    profile = facts.beside.profile
    if profile is None:
        return None
    segment = str(profile["segment"])
    blocks: list[Block] = [_said(profile), _timing(profile)]
    question = ""
    for i, part in enumerate(profile["sections"], start=1):
        measure, heading = QUESTIONS.get(part["question"], ("customers", part["question"]))
        rows = [row for row in part["measures"].get(measure, []) if (row["n_base"] or 0) >= LEAST_CUSTOMERS]
        if not rows:
            continue
        if part["question"] != question:
            blocks.append(Heading(title=gettext(heading)))
            question = part["question"]
        if part["is_circular"]:
            blocks.append(
                gettext(
                    "{segment} are defined by how lately they bought, and that shapes these shares.", segment=segment
                )
            )
        by, rows = _translated(part["question"], part["dimension"], rows[:MOST_VALUES])
        title = gettext(
            "{question}, by {dimension}: shares of {measure}",
            question=gettext(heading),
            dimension=by,
            measure=word(MEASURES[measure]),
        )
        blocks.append(values_figure(rows, name=f"ideal-{i}", title=title, group=segment, of=by))
    title = gettext("The ideal customer: {segment}", segment=segment)
    return Section(name="ideal", title=title, blocks=blocks)


def _translated(question: str, by: str, rows: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """A dimension and its values in the language of the report, where they are ours."""
    own = OWN.get(question, ())
    values = [word(row["value"]) if row["value"] in own else row["value"] for row in rows]
    named = [row | {"value": value} for row, value in zip(rows, values, strict=True)]
    return (word(by) if by in own else by), named


def _said(profile: dict[str, Any]) -> str:
    segment, base, share = (profile["worth"][name] for name in ("segment", "base", "share"))
    n, value = profile["customers"], word(profile["value_is"])
    why = f" ({recorded(profile['why'])})" if profile["why"] else ""
    words: str = ngettext(
        "{segment} are {in_segment} of {n} customer with a purchase{why}. Each brought {amount} {value}, against "
        "{of_all} of all",
        "{segment} are {in_segment} of {n} customers with a purchase{why}. Each brought {amount} {value}, against "
        "{of_all} of all",
        n["base"],
        segment=profile["segment"],
        in_segment=count(n["segment"]),
        why=why,
        amount=money(segment["value"]),
        value=value,
        of_all=money(base["value"]),
    )
    if segment["clv"] is not None:
        words += gettext(
            ", with a CLV of {clv}, against {of_all}", clv=money(segment["clv"]), of_all=money(base["clv"])
        )
    if share["value"] is not None:
        words += gettext("; together {share} of {value}", share=percent(share["value"]), value=value)
    return words + "."


def _timing(profile: dict[str, Any]) -> str:
    """When half of their purchases are followed by another, by estimate, and who is due."""
    half, of_all = (profile["timing"][name]["quantiles"].get("0.5") for name in ("segment", "base"))
    due = profile["due"]
    words = gettext(
        "{soon} are due soon, {later} later, and {overdue} are overdue.",
        soon=count(due["soon"]),
        later=count(due["later"]),
        overdue=count(due["overdue"]),
    )
    if half is None:
        return words
    estimate = gettext("By estimate, half of their purchases are followed by another within {days}", days=days(half))
    if of_all is not None:
        estimate += gettext(", against {days} for all", days=days(of_all))
    if any(part["is_circular"] for part in profile["sections"] if part["question"] == "gap"):
        estimate += gettext("; as they are defined by how lately they bought, this is no forecast")
    estimate += gettext(" (Kaplan-Meier: the time since the last purchase counts as a gap not over yet).")
    return f"{estimate} {words}"
