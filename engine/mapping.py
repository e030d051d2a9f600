"""Which column, or SQL expression over columns, plays which role; checked against the files before anything runs."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.config import DEFAULT_NAMES, REQUIRED_ROLES, ROLES, Columns
from whalecurve.engine.drift import common_types
from whalecurve.engine.errors import ColumnMissingError, ColumnTypeError, InputError
from whalecurve.engine.files import OrderFile, reason

MONEY_ROLES = ("amount", "margin", "cost")
PROBE_ROWS = 3  # more than one, so that an expression that yields one value for all rows shows itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role: what was written for it, the expression it became, its type."""

    mapping: str
    expr: pl.Expr
    dtype: pl.DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The roles that are filled, and the file columns they read with the type each is read as."""

    roles: dict[str, Role]
    where: pl.Expr | None
    inputs: dict[str, pl.DataType]
    optional_inputs: frozenset[str]
    """Columns that a file may lack: order ids, and nothing that carries money."""


def resolve(columns: Columns, files: list[OrderFile]) -> Mapping:
    """Match roles with the columns of the files.

    Raises
    ------
    InputError
        A column that no file, or not every file, has; a type that cannot serve; an invalid SQL expression.
    """
    available = list(dict.fromkeys(name for file in files for name in file.schema))
    where_files = files[0].path if len(files) == 1 else f"{files[0].path} and {len(files) - 1} more"
    written = _written(columns, available)
    exprs = {role: _parsed(role, text, available, where_files) for role, text in written.items()}
    condition = _parsed("where", columns.where, available, where_files) if columns.where else None
    needed = _roots([*exprs.values(), *([condition] if condition is not None else [])])
    optional = frozenset(_roots([exprs["order"]] if "order" in exprs else [])) - frozenset(
        _roots([e for role, e in exprs.items() if role != "order"])
    )
    _refuse_gaps([name for name in needed if name not in optional], files)
    inputs = common_types(needed, files)
    for name in _roots([exprs[role] for role in MONEY_ROLES if role in exprs]):
        if inputs[name].is_integer():
            inputs[name] = pl.Int64()  # a product of narrow integers would wrap
    probe = pl.DataFrame(schema=inputs).clear(PROBE_ROWS)
    roles = {
        role: Role(mapping=written[role], expr=expr, dtype=_probed(role, written[role], expr, probe, where_files))
        for role, expr in exprs.items()
    }
    for role, filled in roles.items():
        _check_type(role, filled, where_files)
    if condition is not None:
        _check_condition(columns.where or "", condition, probe, where_files)
    return Mapping(roles=roles, where=condition, inputs=inputs, optional_inputs=optional)


def _written(columns: Columns, available: list[str]) -> dict[str, str]:
    """The mapping text of every filled role: as given, else the usual name (an optional one where files have it)."""
    written = {}
    for role in ROLES:
        given: str | None = getattr(columns, role)
        usual = DEFAULT_NAMES.get(role)
        if given:
            written[role] = given
        elif given is None and usual is not None and (usual in available or role in REQUIRED_ROLES):
            written[role] = usual
    if columns.margin is None and columns.cost:
        written.pop("margin", None)
    if "margin" in written and not columns.cost:
        written.pop("cost", None)
    return written


def _parsed(role: str, text: str, available: list[str], where: str) -> pl.Expr:
    if text in available:
        return pl.col(text)
    try:
        expr = pl.sql_expr(text)
    except pl.exceptions.PolarsError as error:
        if text.replace(" ", "_").isidentifier():
            raise ColumnMissingError(role=role, wanted=text, available=available, where=where) from error
        raise InputError(
            f'--{role.replace("_", "-")} "{text}": neither a column nor a valid SQL expression ({reason(error)}); '
            f"there are {', '.join(available)}"
        ) from error
    for name in _roots([expr]):
        if name not in available:
            raise ColumnMissingError(role=role, wanted=name, available=available, where=where)
    return expr


def _roots(exprs: list[pl.Expr]) -> list[str]:
    return list(dict.fromkeys(name for expr in exprs for name in expr.meta.root_names()))


def _refuse_gaps(names: list[str], files: list[OrderFile]) -> None:
    for file in files:
        for name in names:
            if name not in file.schema:
                having = sum(name in other.schema for other in files)
                raise InputError(
                    f'{file.path}: no column "{name}", which {having} of {len(files)} files have; '
                    f"add it there, or map its role without it"
                )


def _probed(role: str, text: str, expr: pl.Expr, probe: pl.DataFrame, where: str) -> pl.DataType:
    """The type an expression yields, found by running it on rows of nulls."""
    option = f'--{role.replace("_", "-")} "{text}"'
    try:
        result = probe.select(expr.alias(role))
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{where}: {option} does not work on these columns ({reason(error)}); check the types") from error
    if result.width != 1 or (result.height != PROBE_ROWS and expr.meta.root_names()):
        raise InputError(f"{where}: {option} gives one value for all rows; write an expression of the row's own columns")
    return result.dtypes[0]


def _check_type(role: str, filled: Role, where: str) -> None:
    dtype = filled.dtype
    if role in MONEY_ROLES:
        ok, expected = dtype.is_numeric(), "a number"
        advice = f'cast it, as --{role} "CAST({filled.mapping} AS DOUBLE)", or map another column'
    elif role == "time":
        ok, expected = isinstance(dtype, pl.Date | pl.Datetime), "a date or datetime"
        advice = _time_advice(filled)
    elif role == "return_flag":
        ok, expected = isinstance(dtype, pl.Boolean), "true or false"
        advice = f"write a condition, as --return-flag \"{filled.mapping} = 'Y'\""
    else:
        ok = dtype.is_integer() or isinstance(dtype, pl.String | pl.Binary)
        expected = "an integer, string or binary id"
        advice = f'cast it, as --{role} "CAST({filled.mapping} AS BIGINT)", or map another column'
    if not ok:
        raise ColumnTypeError(
            role=role, mapping=filled.mapping, found=str(dtype), expected=expected, advice=advice, where=where
        )


def _time_advice(filled: Role) -> str:
    if filled.dtype.is_integer():
        return (
            f'an epoch says neither its unit nor its zone, so spell it out: --time "CAST({filled.mapping} * 1000000 '
            f'AS TIMESTAMP)" for seconds, * 1000 for milliseconds'
        )
    return f"parse it, as --time \"STRPTIME({filled.mapping}, '%Y-%m-%d %H:%M:%S')\", or map another column"


def _check_condition(text: str, condition: pl.Expr, probe: pl.DataFrame, where: str) -> None:
    dtype = _probed("where", text, condition, probe, where)
    if not isinstance(dtype, pl.Boolean):
        raise InputError(f'{where}: --where "{text}" gives {dtype}, not true or false; write a condition, as "amount > 0"')
