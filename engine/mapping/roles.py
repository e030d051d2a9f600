"""What plays a role, and whether its type can serve; advice about one that cannot was tried on a sample."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import ColumnTypeError, InputError, setting
from whalecurve.engine.order_files import OrderFile, named
from whalecurve.engine.shop_exports import MONEY_ROLES, Spelling, money_in, needed_for, sample_of, suits, times_in
from whalecurve.engine.sql_text import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role: what was written for it, the expression it became, its type."""

    mapping: str
    expr: pl.Expr
    dtype: pl.DataType


def check_types(roles: dict[str, Role], files: list[OrderFile]) -> None:
    """Raise one InputError for all roles whose type cannot serve, with what would."""
    wrong = [error for role, filled in roles.items() if (error := _wrong_type(role, filled, files)) is not None]
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise InputError(f"{named(files)}: {'; '.join(error.fact for error in wrong)}")


def _wrong_type(role: str, filled: Role, files: list[OrderFile]) -> ColumnTypeError | None:
    if suits(role, filled.dtype):
        return None
    return ColumnTypeError(
        role=role,
        mapping=filled.mapping,
        found=str(filled.dtype),
        expected=needed_for(role),
        advice=_advice(role, filled, files),
        where=named(files),
    )


def _advice(role: str, filled: Role, files: list[OrderFile]) -> str:
    """How a column of a wrong type may serve all the same."""
    column, dtype = _sql(filled), filled.dtype
    other = f"map another column with {setting(role, 'NAME')}"
    if not (dtype.is_numeric() or isinstance(dtype, pl.String | pl.Boolean)):
        return f"it has no value in any row; {other}" if dtype == pl.Null() else other
    if role in MONEY_ROLES:
        spelling = _spelling(role, filled, files)
        if spelling is None:
            return f"it does not read as numbers; {other}"
        return f"cast it, as {setting(role, spelling.sql)}{_doubt(spelling)}, or {other}"
    if role == "return_flag":
        value = "1" if dtype.is_numeric() else "'Y'"
        return f"write a condition, as {setting(role, f'{column} = {value}')}"
    if role == "time":
        return f"{_advice_on_time(filled, _spelling(role, filled, files))}, or {other}"
    return f"cast it, as {setting(role, f'TRY_CAST({column} AS BIGINT)')}, or {other}"


def _advice_on_time(filled: Role, spelling: Spelling | None) -> str:
    column = _sql(filled)
    if spelling is not None and isinstance(filled.dtype, pl.String):
        return f"parse it, as {setting('time', spelling.sql)}{_doubt(spelling)}"
    if isinstance(filled.dtype, pl.String):
        return f"parse it with TRY_STRPTIME({column}, FORMAT), as none of the usual formats reads it"
    if spelling is not None:
        return f"it reads as {spelling.told}: {setting('time', spelling.sql)}"
    seconds = setting("time", f"CAST({column} * 1000000 AS TIMESTAMP)")
    return (
        f"an epoch says neither its unit nor its zone, so spell it out: {seconds} for seconds, * 1000 for milliseconds"
    )


def _doubt(spelling: Spelling) -> str:
    return f" ({spelling.doubt})" if spelling.doubt else ""


def _spelling(role: str, filled: Role, files: list[OrderFile]) -> Spelling | None:
    """How the sample spells what the role needs; None where it does not, or there is nothing to look at."""
    try:
        values = sample_of(files).select(values=filled.expr)["values"]
    except (InputError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None  # the mapping is wrong whatever its rows hold
    return times_in(_sql(filled), values) if role == "time" else money_in(_sql(filled), values)


def _sql(filled: Role) -> str:
    """A role's mapping as a part of an SQL expression: a column of an unusual name needs quotes there."""
    text = filled.mapping
    return quoted(text) if filled.expr.meta.eq(pl.col(text)) else text
