"""How it was computed: what was read and refused, the definitions, what the run warned of."""

import json
import re
from collections.abc import Mapping
from typing import Any

from whalecurve.engine.errors import Message
from whalecurve.engine.reporting import Block, Column, Facts, Heading, Section, Table, count, days, percent

MOST_LETTERS = 400
"""Of a setting; longer ones are cut, as the rules of a scheme are in `model.json` anyway."""

LEFT_OUT = ("scheme_rules",)
"""Settings that are tables of their own."""

NAMES_CUSTOMERS = re.compile(r"^(customer ids that look like placeholders|customer (\"|-?\d))")
"""Warnings that quote ids of customers, which no report has."""


def method_section(facts: Facts) -> Section:
    """Sentences on the input, tables of what was refused and of the definitions, and the warnings."""
    blocks: list[Block] = [_read(facts), _terms(facts)]
    refused = facts.manifest["rows"]["refused"]
    if refused:
        selected = _selected(facts.manifest["rows"])
        blocks.append(
            Table(
                caption="Order lines that could not be used",
                columns=(
                    Column(title="reason", values=list(refused)),
                    Column(title="lines", kind="count", values=list(refused.values())),
                    Column(title="share of lines", kind="share", values=[n / selected for n in refused.values()]),
                ),
            )
        )
    if facts.manifest["warnings"]:
        blocks.append(Heading(title="What to know of the log and the models"))
        blocks += [_without_ids(words) for words in facts.manifest["warnings"]]
    blocks.append(_definitions(facts))
    return Section(name="method", title="How it was computed", blocks=blocks)


def _read(facts: Facts) -> str:
    rows, inputs = facts.manifest["rows"], facts.manifest["inputs"]
    words = f"{count(rows['read'], 'order line')} of {count(len(inputs), 'file')} {_were(rows['read'])} read"
    words += f" and {count(rows['used'])} used"
    n_refused, n_filtered = sum(rows["refused"].values()), rows["read"] - _selected(rows)
    if n_filtered:
        words += f"; {count(n_filtered)} {_were(n_filtered)} left out by the condition of the run"
    if n_refused:
        words += f"; {count(n_refused)} ({percent(n_refused / _selected(rows))}) could not be used"
    returns = (facts.manifest.get("lines") or {}).get("returns")
    if returns:
        words += f". {count(returns, 'line')} {'is a return' if returns == 1 else 'are returns'}"
    return f"{words}. Run {facts.manifest['run_id']} of whalecurve {facts.manifest['version']}."


def _selected(rows: Mapping[str, Any]) -> int:
    """Lines that the condition of the run selects."""
    return int(rows["read"]) - int(rows.get("filtered", 0))  # older results count them among the refused


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _terms(facts: Facts) -> str:
    risk = facts.model.get("risk") or {}
    words = f"Value is {facts.value_is}, returns taken off. Orders of a customer on one day count as one purchase."
    if facts.has_clv:
        words += (
            f" Customer lifetime value (CLV) is the discounted {facts.value_is} expected in the next "
            f"{days(facts.settings['horizon_days'])}, without what was bought already."
        )
    season = (facts.model.get("season") or {}).get("season")
    if facts.has_clv and season:
        known = "by week of the year, as the log shows it" if season["weeks"] else "as a calendar has it"
        words += f" Forecasts follow the season in purchases, {known}."
    if facts.has_clv and not facts.risk_withheld and risk.get("horizon_days"):
        words += f" Churn risk is the probability of no purchase within {days(risk['horizon_days'])}."
    return words


def _without_ids(warning: Message) -> str:
    if not NAMES_CUSTOMERS.match(warning):
        words = warning.written(_setting)
        return words[:1].upper() + words[1:].rstrip(".") + "."
    return (
        "Some customer ids look like placeholders, or one has an unusual share of the lines: the warnings of the run "
        "name them."
    )


def _setting(name: str, value: str | None) -> str:
    """A setting as the table of definitions calls it: a page is read without Python and without a command line."""
    words = name.replace("_", " ")
    return f'"{words}"' if value is None else f'"{words}: {value}"'


def _definitions(facts: Facts) -> Table:
    columns = facts.manifest.get("columns") or {}
    settings: dict[str, object] = {f"column of {role}": name for role, name in columns.items()}
    settings |= {name: value for name, value in facts.settings.items() if name not in ("columns", *LEFT_OUT)}
    known = {name: value for name, value in settings.items() if value is not None}
    return Table(
        caption="Definitions",
        columns=(
            Column(title="setting", values=[name.replace("_", " ") for name in known]),
            Column(title="value", values=[_written(value) for value in known.values()]),
        ),
    )


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | Mapping) else str(value)
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
