"""What to do: for each cell and segment with customers, how many, what is at stake, and the command that lists them."""

import json
import shlex
from typing import Any

from whalecurve.engine.reporting import Action, Block, Column, Facts, Heading, Section, Table, count, money, percent
from whalecurve.engine.segments import slug

COLUMNS = {"matrix": "matrix_segment", "rfm": "rfm_segment"}
"""Column of customers that has the labels of a scheme."""

TITLES = {"matrix": "By risk and value", "rfm": "By segment"}


def actions_section(facts: Facts) -> Section:
    """Cells first, as their order is that of urgency; then segments."""
    blocks: list[Block] = [
        f"Each command writes the customers as CSV, those with most {_most(facts)} first. It needs whalecurve in the "
        f"environment, and this result where it was when the report was made."
    ]
    listing: list[Block] = []
    for scheme, title in TITLES.items():
        rows = [row for row in facts.of_scheme(scheme) if row["segment"] and row["customers"] and row["action"]]
        if rows and not (scheme == "matrix" and facts.risk_withheld):
            listing.append(Heading(title=title))
            listing += [_action(facts, scheme, row) for row in rows]
    if listing:
        blocks = [*_next_best(facts), *blocks, *listing]
    else:
        blocks = ["There is nobody to act on: no customer is in a segment with an action."]
    return Section(name="actions", title="What to do", blocks=blocks)


def _next_best(facts: Facts) -> list[Block]:
    """The order of precedence, once, and customers by next best action; nothing of results that do not have it."""
    actions = [row for row in facts.manifest.get("next_best_actions") or [] if row["customers"]]
    if not actions:
        return []
    steps = " before ".join(map(str, facts.settings["action_precedence"]))
    return [
        f"A customer is in several groups, and each says what to do. Their next best action is that of the first of "
        f"these that applies to them: {steps}.",
        Table(
            caption="Customers by next best action",
            columns=(
                Column(title="from", values=[row["from"] for row in actions]),
                Column(title="customers", kind="count", values=[row["customers"] for row in actions]),
                Column(title="action", values=[row["action"] for row in actions]),
            ),
        ),
    ]


def _most(facts: Facts) -> str:
    return "at stake" if facts.has_clv else facts.value_is


def _action(facts: Facts, scheme: str, row: dict[str, Any]) -> Action:
    said = f"{count(row['customers'], 'customer')}, {money(row['value'])} {facts.value_is}"
    if row["value_at_stake"] is not None:
        said += f", {money(row['value_at_stake'])} at stake"
    if row["mean_churn_risk"] is not None:
        said += f", mean churn risk {percent(row['mean_churn_risk'])}"
    return Action(
        title=row["segment"],
        facts=said,
        advice=row["action"],
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
