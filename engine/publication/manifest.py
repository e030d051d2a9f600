"""The record that every command writes beside its result: what was read, how, and what came of it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import Message
from whalecurve.engine.outputs import json_schema, name_of, tables_in
from whalecurve.engine.publication.layout import FORMAT, MANIFEST, SCHEMA
from whalecurve.engine.publication.publish import outputs_below, write_json

DIGEST_LENGTH = 16


def manifest_of(
    command: str,
    *,
    as_of: str,
    inputs: Sequence[Mapping[str, Any]],
    definitions: Mapping[str, Any],
    rows: Mapping[str, Any] | None,
    timings: Mapping[str, float],
    warnings: Iterable[str],
    **own: object,
) -> dict[str, Any]:
    """`manifest.json` but for its list of outputs, which `write_manifest` adds; the same form for every command.

    Parameters
    ----------
    command
        The command of whalecurve that wrote the result.
    as_of
        Last day observed, as ISO text.
    inputs
        What was read: path, rows and bytes of each file, or path, run_id and as_of of a result.
    definitions
        Every setting that shaped a number, as it was resolved. The mapping of `columns` among them stands by itself.
    rows
        Order lines read, filtered by `where`, used, and refused by reason; None for a command that reads none.
    own
        What only this command says.

    Notes
    -----
    Warnings are text that speaks Python. `settings_in_warnings` has, for each of them, where it names which setting, so
    that a reader may have them in other words: see `warnings_of`.
    """
    settings = _plain(definitions)
    columns = settings.pop("columns", None)
    messages = [Message(words) for words in warnings]
    return {
        "format": FORMAT,
        "command": command,
        "run_id": run_id(command, inputs, definitions),
        "version": version("whalecurve"),
        "created": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "as_of": as_of,
        "inputs": [dict(source) for source in inputs],
        "columns": columns,
        "definitions": settings,
        "rows": None if rows is None else dict(rows),
        **own,
        "timings": dict(timings),
        "warnings": messages,
        "settings_in_warnings": [message.places() for message in messages],
    }


def run_id(command: str, inputs: Sequence[Mapping[str, Any]], definitions: Mapping[str, Any]) -> str:
    """What identifies a run: the same for the same version, command, inputs and definitions, whenever and however run.

    Order files are told apart by path, rows and bytes, results by their own run id, wherever they lie.
    """
    read = [source.get("run_id", source) for source in inputs]
    return digest_of([version("whalecurve"), command, read, definitions])


def digest_of(data: object) -> str:
    """A short digest of plain data: the same for the same content, in whatever order its keys are."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:DIGEST_LENGTH]


def write_manifest(record: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Write the record, last of all files, with path, rows and bytes of every other; return it as it was written.

    What the tables of the command hold is written to `schema.json` before, where it has any.
    """
    tables = tables_in(directory, name_of(record["command"]))
    if tables:
        write_json(json_schema(tables), directory / SCHEMA)
    written = record | {"outputs": outputs_below(directory)}
    write_json(written, directory / MANIFEST)
    return written


def warnings_of(record: Mapping[str, Any]) -> list[Message]:
    """The warnings of a record that was read back, naming settings as they did when it was written.

    A record from before there were such places has text alone.

    Raises
    ------
    ValueError
        The places are not those of the warnings.
    """
    texts = record["warnings"]
    try:
        places = record.get("settings_in_warnings", [[]] * len(texts))
        return [Message.at_places(text, own) for text, own in zip(texts, places, strict=True)]
    except (TypeError, KeyError, AttributeError) as error:  # JSON of another shape
        raise ValueError("settings_in_warnings has other fields") from error


def not_reliable(record: Mapping[str, Any]) -> str | None:
    """Why CLV and risk are not reliable, by the record of a result; None where they are, or where it does not say."""
    reliability = record.get("reliability")
    if not reliability or reliability["is_reliable"]:
        return None
    return f"CLV and risk are not reliable: {'; '.join(reliability['reasons'])}"


def _plain(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The same as JSON reads it back: lists for tuples."""
    plain: dict[str, Any] = json.loads(json.dumps(definitions))
    return plain
