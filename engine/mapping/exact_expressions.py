"""SQL expressions as they are meant: whole numbers that do not wrap, times compared with text as times."""

import io
import json
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from whalecurve.engine.errors import InputError

Node = dict[str, Any]
"""One step of an expression as Polars writes it in JSON: its kind, and what it is made of."""

PARTS: dict[str, tuple[str, ...]] = {
    "BinaryExpr": ("left", "right"),
    "Ternary": ("predicate", "truthy", "falsy"),
    "Cast": ("expr",),
    "Function": ("input",),
}
"""Steps that are rebuilt from the inside, with the fields that hold further steps; all others stay as they are."""
COMPARISONS = ("Eq", "NotEq", "Lt", "LtEq", "Gt", "GtEq", "EqValidity", "NotEqValidity")
SUMS, PRODUCTS = ("Plus", "Minus", "Add", "Sub"), ("Multiply", "Mul")
WIDTHS: dict[pl.DataType, int] = {
    **{pl.Int8(): 7, pl.Int16(): 15, pl.Int32(): 31, pl.Int64(): 63, pl.Int128(): 127},
    **{pl.UInt8(): 8, pl.UInt16(): 16, pl.UInt32(): 32, pl.UInt64(): 64, pl.UInt128(): 128},
}
"""Binary digits of an integer beside the sign."""
WIDEST_BITS = WIDTHS[pl.Int128()]
NANOSECOND_YEARS = range(1678, 2262)  # that 64 bits of nanoseconds hold in full


def as_meant(expr: pl.Expr, types: dict[str, pl.DataType], *, written: str) -> pl.Expr:
    """An SQL expression over columns of these types, computed as its writer means it.

    Whole numbers are computed in 128 bits, or as Float64 where 128 could be too few: Polars computes in the type of the
    column, and 200 * 200 in eight bits is 64. A date or time is compared with a text by reading the text as an ISO
    date or time, as DuckDB does; one without offset is a time of the column's zone. So is the date or time that a zoned
    time is cast to, where Polars yields that of UTC. A column alone stays as it is.

    Raises
    ------
    InputError
        A date or time that is compared with a text that is none. `written` names the setting and what it says.
    """
    if expr.meta.is_column():
        return expr
    return _expr(_rebuilt(_node(expr), types, written))


def in_64_bits(expr: pl.Expr, original: pl.Expr, types: dict[str, pl.DataType]) -> pl.Expr:
    """The expression with a whole number in 64 bits, as ids are; a value beyond them fails.

    Unsigned if the original expression is; a number that is 128 bits wide by itself stays so.
    """
    if expr.meta.is_column() or _dtype(_node(expr), types) != pl.Int128():
        return expr
    own = _dtype(_node(original), types)
    return expr if own == pl.Int128() else expr.cast(pl.UInt64() if own == pl.UInt64() else pl.Int64())


def _node(expr: pl.Expr) -> Node:
    node: Node = json.loads(expr.meta.serialize(format="json"))
    return node


def _expr(node: Node) -> pl.Expr:
    return pl.Expr.deserialize(io.BytesIO(json.dumps(node).encode()), format="json")


def _dtype(node: Node, types: dict[str, pl.DataType]) -> pl.DataType | None:
    """The type that a step yields; None where it does not work, of which the mapping speaks."""
    try:
        return pl.LazyFrame(schema=types).select(_expr(node).alias("found")).collect_schema()["found"]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None


def _kind(node: Node) -> str:
    return next(iter(node))


def _parts(node: Node) -> list[Node]:
    """The steps that a step is made of."""
    fields = [node[_kind(node)][name] for name in PARTS[_kind(node)]]
    return fields[0] if _kind(node) == "Function" else fields


def _with_parts(node: Node, parts: list[Node]) -> Node:
    kind = _kind(node)
    names = PARTS[kind]
    return {kind: node[kind] | ({"input": parts} if kind == "Function" else dict(zip(names, parts, strict=True)))}


def _operation(node: Node) -> str | None:
    """The operation of two operands that a step is, else None."""
    if _kind(node) == "BinaryExpr":
        return str(node["BinaryExpr"]["op"])
    function = node[_kind(node)].get("function") if _kind(node) == "Function" else None
    inner = function.get("Sql") if isinstance(function, dict) else None
    return str(inner["Binary"]) if isinstance(inner, dict) and "Binary" in inner else None


def _rebuilt(node: Node, types: dict[str, pl.DataType], written: str) -> Node:
    if _kind(node) == "Literal":
        return node
    if _kind(node) in PARTS:
        parts = [_rebuilt(part, types, written) for part in _parts(node)]
        if _is_absolute(node):  # of a bare number Polars computes it in 32 bits, and -2147483648 has no opposite there
            parts = [
                _cast(part, "Int128") if _kind(part) == "Literal" and _is_whole(part, types) else part for part in parts
            ]
        node = _with_parts(node, parts)
        node = _with_room(_with_times(_with_local_time(node, types), types, written), types)
    dtype = _dtype(node, types)
    return _cast(node, "Int128") if dtype is not None and dtype.is_integer() and dtype != pl.Int128() else node


def _with_room(node: Node, types: dict[str, pl.DataType]) -> Node:
    """Operands that are wide enough for what an operation makes of them."""
    operation = _operation(node)
    if operation in COMPARISONS:  # exact in any widths; a bare column is faster
        return _with_parts(node, [_own(part) if _kind(_own(part)) == "Column" else part for part in _parts(node)])
    if operation not in SUMS + PRODUCTS and not _is_power(node):
        return node
    operands = _parts(node)
    if not all(_is_whole(part, types) for part in operands):
        return node
    dtype = "Int128" if _bits(node, types) <= WIDEST_BITS else "Float64"
    return _with_parts(node, [_cast(_own(part), dtype) for part in operands])


def _is_absolute(node: Node) -> bool:
    return _kind(node) == "Function" and node["Function"]["function"] == "Abs"


def _is_power(node: Node) -> bool:
    return _kind(node) == "Function" and "Pow" in str(node["Function"]["function"])


def _is_whole(node: Node, types: dict[str, pl.DataType]) -> bool:
    dtype = _dtype(node, types)
    return dtype is not None and dtype.is_integer()


def _cast(node: Node, dtype: str) -> Node:
    return {"Cast": {"expr": node, "dtype": {"Literal": dtype}, "options": "Strict"}}


def _own(node: Node) -> Node:
    """A step without the cast to 128 bits around it."""
    is_widened = _kind(node) == "Cast" and node["Cast"]["dtype"] == {"Literal": "Int128"}
    inner: Node = node["Cast"]["expr"] if is_widened else node
    return inner


def _bits(node: Node, types: dict[str, pl.DataType]) -> int:
    """Binary digits, without the sign, that hold every value of a step of whole numbers."""
    kind = _kind(node)
    if kind == "Literal":
        return int(pl.select(_expr(node)).item() or 0).bit_length()
    dtype = _dtype(node, types)
    if dtype is None or not dtype.is_integer():
        return 0
    if dtype != pl.Int128() or kind not in PARTS:
        return WIDTHS[dtype]
    inner = [_bits(part, types) for part in _parts(node)]
    operation = _operation(node)
    if operation in PRODUCTS:
        return sum(inner)
    if _is_power(node):
        return WIDEST_BITS + 1
    return max(inner) + (operation in SUMS)


def _with_local_time(node: Node, types: dict[str, pl.DataType]) -> Node:
    """A cast of a zoned time to a date, a time of day or a time without zone, from what clocks in the zone show."""
    if _kind(node) != "Cast":
        return node
    (part,) = _parts(node)
    dtype, of_part = _dtype(node, types), _dtype(part, types)
    is_local = isinstance(dtype, pl.Date | pl.Time) or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None)
    if is_local and isinstance(of_part, pl.Datetime) and of_part.time_zone is not None:
        return _with_parts(node, [_node(_expr(part).dt.replace_time_zone(None))])
    return node


def _with_times(node: Node, types: dict[str, pl.DataType], written: str) -> Node:
    """A comparison with texts for a date or time, with dates and times in place of the texts."""
    is_list = _kind(node) == "Function" and "IsIn" in str(node["Function"]["function"])
    if not is_list and _operation(node) not in COMPARISONS:
        return node
    left, right, *others = _parts(node)
    return _with_parts(
        node,
        [
            _as_time(left, right, types, written) if not is_list else left,
            _as_time(right, left, types, written),
            *others,
        ],
    )


def _as_time(node: Node, other: Node, types: dict[str, pl.DataType], written: str) -> Node:
    """A literal text, or list of texts, in the type of the date or time that it is compared with."""
    if _kind(node) != "Literal":
        return node
    dtype, of_text = _dtype(other, types), _dtype(node, types)
    if not isinstance(dtype, pl.Date | pl.Datetime | pl.Time) or of_text not in (pl.String(), pl.List(pl.String())):
        return node
    given = pl.select(_expr(node)).item()
    texts = given.to_list() if isinstance(given, pl.Series) else [given]
    values = [None if text is None else _time(text, dtype, written) for text in texts]
    if isinstance(dtype, pl.Date) and any(isinstance(value, datetime) for value in values):
        dtype = pl.Datetime("us")
    series = pl.Series(values, dtype=_holding(values, dtype))
    return _node(pl.lit(series.implode()) if isinstance(given, pl.Series) else pl.lit(series[0], dtype=series.dtype))


def _time(text: str, dtype: pl.DataType, written: str) -> date | time:
    """What a text says in ISO form: a time of day, a date, or a datetime, in the column's zone where it has one."""
    try:
        if isinstance(dtype, pl.Time):
            return time.fromisoformat(text.strip())
        if isinstance(dtype, pl.Date) and len(text.strip()) <= len("2024-01-01"):
            return date.fromisoformat(text.strip())
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            f"{written} compares {dtype} with '{text}', which is not an ISO date or time; write it as 2024-01-31 or "
            f"2024-01-31 18:00:00"
        ) from error
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    if zone is not None:
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(ZoneInfo(zone))
    if moment.tzinfo is not None:
        raise InputError(
            f"{written} compares {dtype}, which has no time zone, with '{text}'; leave out {moment.strftime('%z')}"
        )
    return moment


def _holding(values: list[Any], dtype: pl.DataType) -> pl.DataType:
    """The column's type, or the coarser one that holds these values in full."""
    if not isinstance(dtype, pl.Datetime):
        return dtype
    times = [value.astimezone(UTC) if value.tzinfo else value for value in values if value is not None]
    is_late = any(value.year not in NANOSECOND_YEARS for value in times)
    is_fine = any(value.microsecond % 1000 for value in times)
    is_exact = not (dtype.time_unit == "ns" and is_late) and not (dtype.time_unit == "ms" and is_fine)
    return dtype if is_exact else pl.Datetime("us", dtype.time_zone)
