"""What every command writes: files, columns, types, units and meanings, and the forms that other tools read."""

from whalecurve.engine.outputs.forms import dbt_sources, json_schema, markdown
from whalecurve.engine.outputs.present import tables_in
from whalecurve.engine.outputs.tables import Column, Table, commands, name_of, table_at, tables_of

__all__ = [
    "Column",
    "Table",
    "commands",
    "dbt_sources",
    "json_schema",
    "markdown",
    "name_of",
    "table_at",
    "tables_in",
    "tables_of",
]
