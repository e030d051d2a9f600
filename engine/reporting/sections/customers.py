"""Customers to contact first: the first customers with their ids, in reports that are made with ids."""

from typing import Any

import polars as pl

from whalecurve.engine.reporting import Column, Facts, Section, Table, day, gettext, ngettext, word


def customers_section(facts: Facts) -> Section | None:
    """A table of the customers with most at stake; None where ids were not asked for, or there are no customers."""
    customers = facts.customers
    if customers is None or customers.is_empty():
        return None
    most = gettext("most at stake") if facts.has_clv else gettext("the highest {value}", value=facts.value_is)
    said = ngettext(
        "The {n} customer with {most}. This page names them: keep it as you keep other personal data.",
        "The {n} customers with {most}. This page names them: keep it as you keep other personal data.",
        customers.height,
        most=most,
    )
    table = Table(caption=gettext("Customers with {most}", most=most), columns=_columns(customers, facts))
    return Section(name="customers", title=gettext("Customers to contact first"), blocks=[said, table])


def _columns(customers: pl.DataFrame, facts: Facts) -> tuple[Column, ...]:
    ids = Column(title=gettext("customer"), values=customers["customer_id"].to_list())
    kinds: dict[str, dict[str, Any]] = {
        "rfm_segment": {"title": gettext("segment")},
        "value": {"title": facts.value_is, "kind": "money"},
        "clv": {"title": gettext("CLV"), "kind": "money"},
        "value_at_stake": {"title": gettext("at stake"), "kind": "money"},
        "churn_risk": {"title": gettext("churn risk"), "kind": "share"},
        "last_purchase": {"title": gettext("last purchase")},
        "next_best_action": {"title": gettext("next best action")},
    }
    told = {name: kind for name, kind in kinds.items() if name in customers.columns and customers[name].count()}
    return ids, *(Column(**kind, values=_values(customers, name)) for name, kind in told.items())


def _values(customers: pl.DataFrame, name: str) -> list[Any]:
    values = customers[name].to_list()
    if name == "last_purchase":
        return [None if value is None else day(value) for value in values]
    return [value and word(value) for value in values] if name == "next_best_action" else values
