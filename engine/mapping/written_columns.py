"""A column, or an SQL expression over columns, as it was written for a role: parsed, and what it yields."""

import polars as pl

from whalecurve.engine.errors import ColumnMissingError, InputError, listed, reason, setting
from whalecurve.engine.mapping.exact_expressions import as_meant, in_64_bits
from whalecurve.engine.mapping.roles import Role
from whalecurve.engine.shop_exports import MONEY_ROLES
from whalecurve.engine.sql_text import sql_expression

PROBE_ROWS = 3  # more than one, so that an expression that yields one value for all rows shows itself


def parsed_column(role: str, text: str, available: list[str], where: str) -> pl.Expr:
    """A column by its name, or an SQL expression over columns that there are.

    Raises
    ------
    InputError
        Neither, or not of one column.
    """
    expr = pl.col(text) if text in available else _expression(role, text, available, where)
    if expr.meta.has_multiple_outputs():
        raise InputError(
            f'{where}: {setting(role)} "{text}" is no one column: "*", and names in ^ and $, are patterns of names; '
            f"name the column, or rename it"
        )
    for name in roots([expr]):
        if name not in available:
            raise ColumnMissingError(role=role, mapping=text, wanted=name, available=available, where=where)
    return expr


def _expression(role: str, text: str, available: list[str], where: str) -> pl.Expr:
    try:
        return sql_expression(text)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        if text.replace(" ", "_").isidentifier():
            raise ColumnMissingError(role=role, mapping=text, wanted=text, available=available, where=where) from error
        raise InputError(
            f'{where}: {setting(role)} "{text}" is neither a column nor a valid SQL expression ({reason(error)}); '
            f"there are {listed(available)}"
        ) from error


def roots(exprs: list[pl.Expr]) -> list[str]:
    """The columns that some expressions read, each once."""
    return list(dict.fromkeys(name for expr in exprs for name in expr.meta.root_names()))


def role_of(
    role: str, text: str, expr: pl.Expr, types: dict[str, pl.DataType], where: str, *, may_be_constant: bool = False
) -> Role:
    """What an expression over columns of these types makes of a role or dimension, and its type.

    Money keeps the 128 bits that it was computed in; every other whole number comes back in 64. One value for all rows
    is refused unless it may be constant, as money may.
    """
    written, probe = f'{where}: {setting(role)} "{text}"', pl.DataFrame(schema=types).clear(PROBE_ROWS)
    meant = as_meant(expr, types, written=written)
    if role not in MONEY_ROLES:
        meant = in_64_bits(meant, expr, types)
    may_be_constant = may_be_constant or role in MONEY_ROLES
    return Role(mapping=text, expr=meant, dtype=_probed(role, written, meant, probe, may_be_constant=may_be_constant))


def _probed(role: str, written: str, expr: pl.Expr, probe: pl.DataFrame, *, may_be_constant: bool) -> pl.DataType:
    """The type an expression yields, found by running it on rows of nulls."""
    try:
        result = probe.select(expr.alias(role))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(f"{written} does not work on these columns ({reason(error)}); check the types") from error
    is_constant = not expr.meta.root_names() and result.equals(probe.head(1).select(expr.alias(role)))
    if result.width != 1 or (result.height != PROBE_ROWS and not (is_constant and may_be_constant)):
        raise InputError(f"{written} gives one value for all rows; write an expression of the row's own columns")
    return result.dtypes[0]
