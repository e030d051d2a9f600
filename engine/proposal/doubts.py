"""What a sample shows that may make a proposed reading wrong."""

from collections.abc import Iterator

import polars as pl

from whalecurve.engine.errors import setting
from whalecurve.engine.shop_exports import (
    Candidate,
    amounts_by_order,
    is_filled,
    keeps_others,
    may_be_totals,
    no_sales,
    same_on_lines,
    says_refund,
    says_state,
)
from whalecurve.engine.sql_text import literal, quoted

MOSTLY = 0.5
FEWEST_ORDERS = 5


def doubts_about(roles: dict[str, list[Candidate]], sample: pl.DataFrame) -> Iterator[str]:
    """What may be wrong about the first candidate of each role, a sentence each."""
    for role, found in roles.items():
        yield from (f"{setting(role)}: {doubt}" for doubt in found[0].doubts)
        others = [
            other.mapping
            for other in found[1:]
            if other.why.startswith("called") and not set(other.columns) <= set(found[0].columns)
        ]
        if others:
            yield f"{setting(role)} may as well be {' or '.join(others[:3])}"
    if "order" in roles and "amount" in roles:
        yield from _totals_on_lines(roles["order"][0], roles["amount"][0], sample)
    if "cost" in roles:
        yield f"{setting('cost')} is taken for the cost of the whole line, not of a unit of it"
    yield from _states(sample)
    yield from _refunds(roles, sample)


def written_once(columns: tuple[str, ...], order: Candidate, sample: pl.DataFrame) -> list[str]:
    """Those of the columns that most orders of several lines have on one line only."""
    if order.mapping not in sample.columns:
        return []
    found = []
    for name in columns:
        counts = (
            sample.filter(pl.col(order.mapping).is_not_null())
            .group_by(order.mapping)
            .agg(n=pl.len(), n_filled=is_filled(name, sample.schema[name]).sum())
        )
        several = counts.filter((pl.col("n") > 1) & (pl.col("n_filled") > 0))
        if several.height >= FEWEST_ORDERS and several.filter(pl.col("n_filled") == 1).height > MOSTLY * several.height:
            found.append(name)
    return found


def _totals_on_lines(order: Candidate, amount: Candidate, sample: pl.DataFrame) -> Iterator[str]:
    if order.mapping not in sample.columns or len(amount.columns) != 1:
        return
    name = amount.columns[0]
    amounts = pl.col(name) if sample.schema[name].is_numeric() else pl.col(name).rank("dense")  # text is only compared
    lines = sample.lazy().select(order_id=order.mapping, amount=amounts).drop_nulls()
    found = amounts_by_order(lines).collect().row(0, named=True)
    if may_be_totals(found):
        yield (
            f'"{name}" is {same_on_lines(found)}: if it is the total of the order, it would count once a line; map the '
            f"amount of the line, or give {setting('order_total', True)}"
        )


def _states(sample: pl.DataFrame) -> Iterator[str]:
    for name in sample.columns:
        if not says_state(name) or sample.schema[name] != pl.String():
            continue
        counts = sample[name].drop_nulls().value_counts().sort("count", name, descending=[True, False])
        odd = no_sales(counts[name].to_list())
        if odd:
            states = ", ".join(map(literal, odd))
            yield f'"{name}" has {states}; leave such lines out with {setting("keep", keeps_others(name, odd))}'


def _refunds(roles: dict[str, list[Candidate]], sample: pl.DataFrame) -> Iterator[str]:
    known = {name for found in roles.values() for name in found[0].columns}
    for name in sample.columns:
        is_money = says_refund(name) and name not in known and sample.schema[name].is_numeric()
        if is_money and (sample[name].fill_null(0) != 0).any():
            yield f'"{name}" was given back, and is in no role; take it off with {setting("refund", quoted(name))}'
