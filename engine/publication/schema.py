"""What results hold, for other tools: tables, columns, types, units and meanings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from whalecurve.engine.errors import InputError
from whalecurve.engine.outputs import Table, commands, dbt_sources, json_schema, markdown, name_of, tables_in, tables_of
from whalecurve.engine.paths import refuse_impossible
from whalecurve.engine.publication.layout import MANIFEST
from whalecurve.engine.publication.read import read_record

Form = Literal["json", "dbt", "markdown"]


def schema(results: Sequence[str | Path] = (), form: Form = "json") -> str | dict[str, Any]:
    """The tables of results, or of every command.

    Parameters
    ----------
    results
        Directories that commands wrote: their tables as they are there. None: all tables that any command can write.
    form
        `json`: JSON Schema, as plain data. `dbt`: text of a `schema.yml` whose sources dbt-duckdb reads, with tests.
        `markdown`: text of a page.

    Returns
    -------
    str or dict
        JSON Schema as a dict; text in the other forms.

    Raises
    ------
    InputError
        A directory that holds no result of whalecurve.

    Examples
    --------
    >>> import whalecurve as wc
    >>> sorted(wc.schema(["scores"]))[:2]
    ['$defs', '$schema']
    """
    tables: list[Table] = []
    places: dict[str, str] = {}
    for path in map(Path, results):
        command = _command_of(path)
        if command in places:
            raise InputError(f"{path}: another result of {command} than {places[command]}; name one")
        places[command] = str(path)
        tables += tables_in(path, command)
    if not places:
        places = {command: command for command in commands()}
        tables = [table for command in commands() for table in tables_of(command)]
    if form == "json":
        return json_schema(tables)
    return dbt_sources(tables, places) if form == "dbt" else markdown(tables)


def _command_of(path: Path) -> str:
    refuse_impossible(path, str(path))
    if not (path / MANIFEST).is_file():
        raise InputError(f"{path}: no whalecurve result; name a directory that a command wrote")
    command = name_of(str(read_record(path / MANIFEST, "command")["command"]))
    if command not in commands():
        raise InputError(f"{path}: whalecurve {command} writes no tables of a fixed form")
    return command
