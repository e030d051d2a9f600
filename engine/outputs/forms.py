"""Tables in the forms that other tools read: JSON Schema, sources of dbt, a page of documentation."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from whalecurve.engine.outputs.tables import Column, Table

DRAFT = "https://json-schema.org/draft/2020-12/schema"

JSON_TYPES: dict[str, dict[str, Any]] = {
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "time": {"type": "string"},
    "Float64": {"type": "number"},
    "List(String)": {"type": "array", "items": {"type": "string"}},
    "id": {"type": ["integer", "string"]},
    "any": {},
}
"""How JSON has values of a type; whole numbers are added as integers."""

SQL_TYPES = {
    "String": "varchar",
    "Boolean": "boolean",
    "Date": "date",
    "Float64": "double",
    "List(String)": "varchar[]",
    "UInt8": "utinyint",
    "UInt32": "uinteger",
    "Int32": "integer",
    "Int64": "bigint",
}
"""How DuckDB calls them. The type of an id, and of a value of any kind, is left to the file."""


def json_schema(tables: Iterable[Table]) -> dict[str, Any]:
    """JSON Schema of a row of each table, as `$defs` by command and name of the table."""
    return {
        "$schema": DRAFT,
        "title": "Tables that whalecurve writes",
        "$defs": {f"{table.command}/{table.name}": _rows_of(table) for table in tables},
    }


def dbt_sources(tables: Iterable[Table], places: Mapping[str, str]) -> str:
    """A `schema.yml` of dbt: the tables as a source, with the tests that hold by definition.

    Parameters
    ----------
    places
        Directory of the result of each command, where dbt-duckdb finds the files.
    """
    lines = ["version: 2", "", "sources:", "  - name: whalecurve", "    tables:"]
    for table in tables:
        place = f"{places[table.command]}/{table.file}"
        lines += [
            f"      - name: {table.command}_{table.name.replace('/', '_')}",
            f"        description: {json.dumps(table.rows)}",
            "        meta:",
            f"          external_location: {json.dumps(place)}",
            "        columns:",
        ]
        for column in table.columns:
            if "*" not in column.name:
                lines += _dbt_column(column, is_key=_is_key(table, column))
    return "\n".join(lines) + "\n"


def markdown(tables: Iterable[Table]) -> str:
    """A page: a section a command, a table of columns a file."""
    blocks: list[str] = []
    command = None
    for table in tables:
        if table.command != command:
            command = table.command
            blocks.append(f"## whalecurve {command}")
        rows = "\n".join(_markdown_row(column) for column in table.columns)
        head = "| column | type | meaning | null when |\n| --- | --- | --- | --- |"
        blocks.append(f"### `{table.file}`\n\n{_sentence(table.rows)}\n\n{head}\n{rows}")
    return "\n\n".join(blocks) + "\n"


def _rows_of(table: Table) -> dict[str, Any]:
    fixed = [column for column in table.columns if "*" not in column.name]
    schema = {
        "type": "object",
        "title": table.file,
        "description": table.rows,
        "properties": {column.name: _json_column(column) for column in fixed},
        "required": [column.name for column in fixed if column.optional is None],
    }
    patterns = {
        f"^.*{column.name.removeprefix('*')}$": _json_column(column) for column in table.columns if "*" in column.name
    }
    return schema | ({"patternProperties": patterns} if patterns else {}) | {"additionalProperties": False}


def _json_column(column: Column) -> dict[str, Any]:
    kind: dict[str, Any] = dict(JSON_TYPES.get(column.type, {"type": "integer"}))
    if column.null is not None and "type" in kind:
        types = kind["type"] if isinstance(kind["type"], list) else [kind["type"]]
        kind["type"] = [*types, "null"]
    about = {"description": column.meaning, "x-type": column.type}
    more = {"x-unit": column.unit, "x-null-when": column.null, "x-there-when": column.optional}
    return kind | about | {name: text for name, text in more.items() if text is not None}


def _is_key(table: Table, column: Column) -> bool:
    """Whether no value of the column stands in two rows."""
    return column.name == "customer_id" and column.null is None and table.rows.startswith("one row per customer")


def _dbt_column(column: Column, *, is_key: bool) -> list[str]:
    lines = [
        f"          - name: {json.dumps(column.name)}",
        "            quote: true",  # some are words of SQL: end, by
        f"            description: {json.dumps(column.says())}",
    ]
    if column.type in SQL_TYPES:
        lines.append(f"            data_type: {SQL_TYPES[column.type]}")
    tests = [*(["unique"] if is_key else []), *(["not_null"] if column.null is None and not column.optional else [])]
    return [*lines, f"            data_tests: [{', '.join(tests)}]"] if tests else lines


def _markdown_row(column: Column) -> str:
    there = f" (there when {column.optional})" if column.optional else ""
    unit = f", {column.unit}" if column.unit else ""
    cells = (f"`{column.name}`", column.type + unit, column.meaning + there, column.null or "never")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
