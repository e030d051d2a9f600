"""Method and data: what was read and refused, the definitions, what the run warned of."""

import json
import re
from collections.abc import Mapping
from typing import Any

from whalecurve.engine.errors import Message
from whalecurve.engine.reporting import (
    Block,
    Column,
    Facts,
    Heading,
    Section,
    Table,
    count,
    days,
    gettext,
    ngettext,
    percent,
    pgettext,
    sentence,
)

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
        shares = [n / selected for n in refused.values()]
        blocks.append(
            Table(
                caption=gettext("Order lines that could not be used"),
                columns=(
                    Column(title=gettext("reason"), values=list(refused)),
                    Column(title=gettext("lines"), kind="count", values=list(refused.values())),
                    Column(title=gettext("share of lines"), kind="share", values=shares),
                ),
            )
        )
    if facts.manifest["warnings"]:
        blocks.append(Heading(title=gettext("Notes on the data and the models")))
        blocks += [_without_ids(words) for words in facts.manifest["warnings"]]
    blocks.append(_definitions(facts))
    return Section(name="method", title=gettext("Method and data"), blocks=blocks)


def _read(facts: Facts) -> str:
    rows, inputs = facts.manifest["rows"], facts.manifest["inputs"]
    words = ngettext(
        "{n} order line of {files} was read and {used} used",
        "{n} order lines of {files} were read and {used} used",
        rows["read"],
        files=ngettext("{n} file", "{n} files", len(inputs)),
        used=count(rows["used"]),
    )
    parts: list[str] = [words]
    n_refused, n_filtered = sum(rows["refused"].values()), rows["read"] - _selected(rows)
    if n_filtered:
        parts.append(
            ngettext(
                "{n} was left out by the condition of the run",
                "{n} were left out by the condition of the run",
                n_filtered,
            )
        )
    if n_refused:
        share = percent(n_refused / _selected(rows))
        parts.append(
            ngettext("{n} ({share}) could not be used", "{n} ({share}) could not be used", n_refused, share=share)
        )
    returns = (facts.manifest.get("lines") or {}).get("returns")
    returned = ngettext("{n} line is a return", "{n} lines are returns", returns) if returns else ""
    run = gettext("Run {run} of whalecurve {version}.", run=facts.manifest["run_id"], version=facts.manifest["version"])
    return ". ".join(part for part in ("; ".join(parts), returned, run) if part)


def _selected(rows: Mapping[str, Any]) -> int:
    """Lines that the condition of the run selects."""
    return int(rows["read"]) - int(rows.get("filtered", 0))  # older results count them among the refused


def _terms(facts: Facts) -> str:
    risk = facts.model.get("risk") or {}
    words = [
        gettext(
            "Value is {value}, returns taken off. Orders of a customer on one day count as one purchase.",
            value=facts.value_is,
        )
    ]
    if facts.has_clv:
        words.append(
            gettext(
                "Customer lifetime value (CLV) is the discounted {value} expected in the next {days}, without what was "
                "bought already.",
                value=facts.value_is,
                days=days(facts.settings["horizon_days"]),
            )
        )
    season = (facts.model.get("season") or {}).get("season")
    if facts.has_clv and season:
        words.append(
            gettext("Forecasts follow the season in purchases, by week of the year, as the log shows it.")
            if season["weeks"]
            else gettext("Forecasts follow the season in purchases, as a calendar has it.")
        )
    if facts.has_clv and not facts.risk_withheld and risk.get("horizon_days"):
        words.append(
            gettext("Churn risk is the probability of no purchase within {days}.", days=days(risk["horizon_days"]))
        )
    return " ".join(words)


def _without_ids(warning: Message) -> str:
    if not NAMES_CUSTOMERS.match(warning):
        return sentence(warning.written(_setting))
    return gettext(
        "Some customer ids look like placeholders, or one has an unusual share of the lines: the warnings of the run "
        "name them."
    )


def _setting(name: str, value: str | None) -> str:
    """A setting as the table of definitions calls it: a page is read without Python and without a command line."""
    words = name.replace("_", " ")
    return f'"{words}"' if value is None else f'"{words}: {value}"'


def _definitions(facts: Facts) -> Table:
    columns = facts.manifest.get("columns") or {}
    settings: dict[str, object] = {gettext("column of {role}", role=role): name for role, name in columns.items()}
    settings |= {
        name.replace("_", " "): value for name, value in facts.settings.items() if name not in ("columns", *LEFT_OUT)
    }
    known = {name: value for name, value in settings.items() if value is not None}
    return Table(
        caption=gettext("Definitions"),
        columns=(
            Column(title=gettext("setting"), values=[name.replace("_", " ") for name in known]),
            Column(title=pgettext("of a setting", "value"), values=[_written(value) for value in known.values()]),
        ),
    )


def _written(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | Mapping) else str(value)
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
