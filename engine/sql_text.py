"""SQL expressions as text: parsed, with a reading of times that gives NULL where it cannot, and names quoted."""

import io
import json
import re
from typing import Any

import polars as pl

from whalecurve.engine.sql_commas import separating_commas

LENIENT = re.compile(r"\bTRY_STRPTIME\s*\(", re.IGNORECASE)
MARK = "\ufdd0"
"""Put before the format of a lenient reading while the text is parsed. Text from outside has no such code point."""


def sql_expression(text: str) -> pl.Expr:
    """An SQL expression over columns, as Polars has it, with `TRY_STRPTIME(text, format)` beside `STRPTIME`.

    `TRY_STRPTIME` gives NULL where the text is no such time, as `TRY_CAST` does; `STRPTIME` fails there.

    Raises
    ------
    polars.exceptions.PolarsError
        Text that is no SQL expression.
    """
    if not LENIENT.search(text):
        return pl.sql_expr(text)
    expr = pl.sql_expr(_marked(text))
    node = json.loads(expr.meta.serialize(format="json"))
    return pl.Expr.deserialize(io.BytesIO(json.dumps(_lenient(node)).encode()), format="json")


def quoted(name: str) -> str:
    """A column's name as a part of an SQL expression."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"' if needs_quotes(name) else name


def needs_quotes(name: str) -> bool:
    """Whether a name is more than a plain word that SQL takes for nothing else."""
    if not (name.isidentifier() and name.isascii()):
        return True
    try:
        return not pl.sql_expr(name).meta.eq(pl.col(name))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return True


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _marked(text: str) -> str:
    """The text with STRPTIME for TRY_STRPTIME, and the mark before the format of each."""
    while found := LENIENT.search(text):
        start = found.end()
        commas = separating_commas(text, start)
        opening = text.find("'", commas[-1]) if commas else -1
        if opening < 0:
            raise pl.exceptions.SQLInterfaceError("TRY_STRPTIME takes a text and a format in single quotes")
        text = f"{text[: found.start()]}STRPTIME({text[start : opening + 1]}{MARK}{text[opening + 1 :]}"
    return text


def _lenient(node: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The expression with NULL for what a marked format does not read."""
    if isinstance(node, list):
        return [_lenient(part) for part in node]
    if not isinstance(node, dict):
        return node
    written = node.get("format")
    if isinstance(written, str) and written.startswith(MARK):
        return node | {"format": written.removeprefix(MARK), "strict": False}
    return {key: _lenient(part) for key, part in node.items()}
