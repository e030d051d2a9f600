"""Attributes of customers beside the order lines: how many match; small cells of dimensions that read them, pooled."""

from dataclasses import dataclass, replace

import polars as pl

from whalecurve.engine.attributes import CUSTOMER, OTHER, kept_values, match_note
from whalecurve.engine.customer_shares import Share, passes_for, shares_of
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.mapping import Role, is_missing
from whalecurve.engine.orders.lines_by_share import as_text, text_of
from whalecurve.engine.orders.log import Orders, dimension_column, mapped_rows, scan_rows
from whalecurve.engine.orders.nobody import is_named_nobody
from whalecurve.engine.orders.read_failures import failures_named


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matched:
    """Customers of the orders, those of them with a row in each file, and customers by value of each dimension."""

    n_customers: int
    with_row: tuple[int, ...]
    values: dict[str, pl.DataFrame]


def with_cells_pooled(orders: Orders) -> Orders:
    """The log with small cells of dimensions pooled that read attributes, and notes on them and on who has a row.

    Counted are the customers of all lines that the conditions select, whatever the days; where a condition reads
    attributes itself, those of all lines. The lines are read once for their customers, and once more for a dimension
    that reads columns of the lines beside attributes.

    Raises
    ------
    InputError
        A customer with more than one row of attributes; a file that cannot be read.
    """
    mapping = orders.mapping
    sizes = [part.check_once() for part in mapping.attributes]
    dimensions = {
        text: filled
        for text, filled in mapping.dimensions.items()
        if not mapping.attribute_names.isdisjoint(filled.expr.meta.root_names())
    }
    passes = passes_for(orders.n_rows or 0)
    with failures_named(orders):
        shares = [_matched(orders, dimensions, share) for share in shares_of(passes)]
    pooled: dict[str, Role] = {}
    notes = _notes(orders, shares, sizes)
    least = int(mapping.attribute_settings["pool_below"])
    for text, filled in dimensions.items():
        counts = pl.concat(share.values[text] for share in shares).group_by("value").agg(pl.col("n").sum())
        kept = kept_values(counts, least)
        if kept is not None:
            pooled[text] = _with_others(filled, kept)
            n_pooled = counts.drop_nulls("value").height - kept.len()
            notes.append(
                f"{text}: {n_pooled:,} values are pooled as {OTHER}, so that each has at least {least} customers "
                f"({setting('pool_below')})"
            )
    mapping = replace(mapping, dimensions=mapping.dimensions | pooled)
    lines = mapped_rows(scan_rows(orders.files, mapping), mapping) if pooled else orders.lines
    return replace(orders, mapping=mapping, lines=lines, notes=(*orders.notes, *map(Message, notes)))


def _matched(orders: Orders, dimensions: dict[str, Role], share: Share) -> _Matched:
    mapping = orders.mapping
    customers = share.of(_customers(orders)).collect(engine="streaming")
    joined = customers.lazy()
    for part in mapping.attributes:
        joined = joined.join(part.rows, left_on="customer_id", right_on=CUSTOMER, how="left")
    known = mapping.attribute_names
    counted = {
        text: joined.group_by(value=text_of(filled.expr, filled.dtype)).agg(n=pl.len().cast(pl.Int64))
        if known.issuperset(filled.expr.meta.root_names())
        else _by_lines(orders, text, share)
        for text, filled in dimensions.items()
    }
    having = [
        customers.lazy().join(part.rows, left_on="customer_id", right_on=CUSTOMER, how="semi").select(n=pl.len())
        for part in mapping.attributes
    ]
    tables = pl.collect_all([*having, *counted.values()], engine="streaming")
    return _Matched(
        n_customers=customers.height,
        with_row=tuple(int(table.item()) for table in tables[: len(having)]),
        values=dict(zip(counted, tables[len(having) :], strict=True)),
    )


def _customers(orders: Orders) -> pl.LazyFrame:
    """The customers of the lines, each once."""
    plain = replace(orders.mapping, attributes=())
    rows = scan_rows(orders.files, plain)
    selected = rows if plain.filters_by_attributes else plain.selected(rows)
    role, named = plain.roles["customer"], is_named_nobody(orders)
    nobody = is_missing(pl.col("customer_id"), role.dtype)
    ids = selected.select(role.expr.alias("customer_id")).unique()
    return ids.filter(~nobody if named is None else ~(nobody | named))


def _by_lines(orders: Orders, dimension: str, share: Share) -> pl.LazyFrame:
    """Customers by value of a dimension that differs between lines of a customer."""
    dtype = orders.mapping.dimensions[dimension].dtype
    column = as_text(dtype, dimension_column(dimension))
    pairs = share.of(orders.lines).select("customer_id", value=column).drop_nulls().unique()
    return pairs.group_by("value").agg(n=pl.len().cast(pl.Int64))


def _with_others(filled: Role, kept: pl.Series) -> Role:
    """The dimension as text, with every value that is not kept in one."""
    text = text_of(filled.expr, filled.dtype)
    told = pl.when(text.is_in(kept.implode()) | text.is_null()).then(text).otherwise(pl.lit(OTHER))
    return Role(mapping=filled.mapping, expr=told, dtype=pl.String())


def _notes(orders: Orders, shares: list[_Matched], sizes: list[int]) -> list[str]:
    """Who of the customers has a row, and which rows are of nobody, for each file where some have or are not."""
    n = sum(share.n_customers for share in shares)
    notes = []
    for at, (part, n_rows) in enumerate(zip(orders.mapping.attributes, sizes, strict=True)):
        n_with = sum(share.with_row[at] for share in shares)
        if n_with < n or n_rows > n_with:
            notes.append(match_note(part, n, n_with, n_rows))
    return notes
