"""What to do: for each cell and segment with customers, how many, what is at stake, and the command that lists them."""

import json
import shlex
from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Action,
    Block,
    Column,
    Facts,
    Heading,
    Section,
    Table,
    amount_of,
    customers,
    gettext,
    money,
    percent,
    pgettext,
    word,
)
from whalecurve.engine.segments import slug

COLUMNS = {"matrix": "matrix_segment", "rfm": "rfm_segment"}
"""Column of customers that has the labels of a scheme."""

TITLES = {"matrix": N_("By risk and value"), "rfm": N_("By segment")}


def actions_section(facts: Facts) -> Section:
    """Cells first, as their order is that of urgency; then segments."""
    listing: list[Block] = []
    for scheme, title in TITLES.items():
        rows = [row for row in facts.of_scheme(scheme) if row["segment"] and row["customers"] and row["action"]]
        if rows and not (scheme == "matrix" and facts.risk_withheld):
            listing.append(Heading(title=gettext(title)))
            listing += [_action(facts, scheme, row) for row in rows]
    blocks: list[Block] = (
        [*_next_best(facts), _how(facts), *listing]
        if listing
        else [gettext("There are no actions: no customer is in a segment that has one.")]
    )
    return Section(name="actions", title=gettext("What to do"), blocks=blocks)


def _how(facts: Facts) -> str:
    most = gettext("at stake") if facts.has_clv else facts.value_is
    return gettext(
        "Each command writes the customers as CSV, those with most {most} first. It needs whalecurve in the "
        "environment, and this result where it was when the report was made.",
        most=most,
    )


def _next_best(facts: Facts) -> list[Block]:
    """The order of precedence, once, and customers by next best action; nothing of results that do not have it."""
    actions = [row for row in facts.manifest.get("next_best_actions") or [] if row["customers"]]
    if not actions:
        return []
    steps = gettext(" before ").join(map(str, facts.settings["action_precedence"]))
    return [
        gettext(
            "A customer is in several groups, and each says what to do. Their next best action is that of the first of "
            "these that applies to them: {steps}.",
            steps=steps,
        ),
        Table(
            caption=gettext("Customers by next best action"),
            columns=(
                Column(title=pgettext("rule", "from"), values=[row["from"] for row in actions]),
                Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in actions]),
                Column(title=gettext("action"), values=[word(row["action"]) for row in actions]),
            ),
        ),
    ]


def _action(facts: Facts, scheme: str, row: dict[str, Any]) -> Action:
    said = [customers(row["customers"]), amount_of(row["value"], facts.value_is)]
    if row["value_at_stake"] is not None:
        said.append(gettext("{amount} at stake", amount=money(row["value_at_stake"])))
    if row["mean_churn_risk"] is not None:
        said.append(gettext("mean churn risk {risk}", risk=percent(row["mean_churn_risk"])))
    return Action(
        title=row["segment"],
        facts=", ".join(said),
        advice=word(row["action"]),
        command=command(facts, COLUMNS[scheme], row["segment"]),
    )


def command(facts: Facts, column: str, name: str) -> str:
    """A line for a shell that writes the customers with this label in a column."""
    by = "value_at_stake" if facts.has_clv else "value"
    file = slug(name) or "customers"
    code = (
        f"from whalecurve import engine; engine.open_result({_quoted(str(facts.path))}).customers"
        f'.filter({column}={_quoted(name)}).sort("{by}", descending=True).sink_csv("{file}.csv")'
    )
    return f"python -c {shlex.quote(code)}"


def _quoted(text: str) -> str:
    """Text as Python reads it, in double quotes, which a shell leaves alone within single ones."""
    return json.dumps(text, ensure_ascii=False)
