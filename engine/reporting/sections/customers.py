"""Whom to begin with: the first customers with their ids, in reports that are made with ids."""

from typing import Any

import polars as pl

from whalecurve.engine.reporting import Column, Facts, Section, Table, count


def customers_section(facts: Facts) -> Section | None:
    """A table of the customers with most at stake; None where ids were not asked for, or there are no customers."""
    customers = facts.customers
    if customers is None or customers.is_empty():
        return None
    most = "most at stake" if facts.has_clv else f"the highest {facts.value_is}"
    said = (
        f"The {count(customers.height, 'customer')} with {most}. This page names them: keep it as you keep other "
        f"personal data."
    )
    table = Table(caption=f"Customers with {most}", columns=_columns(customers, facts))
    return Section(name="customers", title="Whom to begin with", blocks=[said, table])


def _columns(customers: pl.DataFrame, facts: Facts) -> tuple[Column, ...]:
    ids = Column(title="customer", values=customers["customer_id"].to_list())
    kinds: dict[str, dict[str, Any]] = {
        "rfm_segment": {"title": "segment"},
        "value": {"title": facts.value_is, "kind": "money"},
        "clv": {"title": "CLV", "kind": "money"},
        "value_at_stake": {"title": "at stake", "kind": "money"},
        "churn_risk": {"title": "churn risk", "kind": "share"},
        "last_purchase": {"title": "last purchase"},
        "next_best_action": {"title": "next best action"},
    }
    told = {name: kind for name, kind in kinds.items() if name in customers.columns and customers[name].count()}
    days = customers.with_columns(pl.col("last_purchase").cast(pl.String))
    return ids, *(Column(**kind, values=days[name].to_list()) for name, kind in told.items())
