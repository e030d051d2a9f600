"""The event that a run is complete: its job, what it read, and what it wrote, with the columns.

Source: OpenLineage 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json, and the facets that `SPEC` names.
"""

import json
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.lineage.names import named
from whalecurve.engine.outputs import Table
from whalecurve.engine.paths import is_object_url, unfolded
from whalecurve.engine.publication import check_file, publish_file

SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
PRODUCER = "whalecurve://score/{version}"
NAMESPACE = "OPENLINEAGE_NAMESPACE"
"""Variable of the environment that names the namespace of jobs, as in OpenLineage's own clients."""
FACETS = {
    "schema": "1-2-0/SchemaDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
    "inputStatistics": "1-0-0/InputStatisticsInputDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "processing_engine": "1-1-1/ProcessingEngineRunFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
}
"""Version and name of each facet's definition."""
VERSIONS = ("version", "snapshot", "e_tag")
"""What a record says of the version of a Delta Lake table, an Iceberg table and an object."""


def check_lineage(path: str | Path, out: str | Path, *, overwrite: bool) -> None:
    """Make sure, before any work, that the event can be written to a file.

    Raises
    ------
    InputError
        As `check_file`; a file within the result, which the next run replaces.
    """
    check_file(Path(path), "lineage", overwrite=overwrite)
    if not is_object_url(unfolded(out)) and Path(path).resolve().is_relative_to(Path(out).resolve()):
        raise InputError(
            f"{setting('lineage', path)}: lies within the result ({out}), which the next run replaces; choose another "
            f"place"
        )


def write_lineage(path: str | Path, event: Mapping[str, Any]) -> None:
    """Write the event as JSON, in one step.

    Raises
    ------
    InputError
        It cannot be written.
    """
    publish_file(Path(path), json.dumps(event, indent=2, ensure_ascii=False) + "\n", "lineage")


def completed(record: Mapping[str, Any], out: str | Path, tables: Iterable[Table]) -> dict[str, Any]:
    """A RunEvent of the kind COMPLETE, as plain data.

    Parameters
    ----------
    record
        `manifest.json` of the run. The run of the event is told by its `run_id` and time, so that the event of one
        result is always the same.
    out
        Where the result is published.
    tables
        The tables that it holds, as `tables_in` finds them.

    Returns
    -------
    The event. Inputs are the order files, tables and databases; outputs the tables of the result, each with its
    columns, and those of Delta Lake that the run wrote, each with its version.
    """
    made = _Facets(PRODUCER.format(version=record["version"]))
    place = named(out)
    written = [made.table(table, place, record["outputs"]) for table in tables]
    return {
        "eventType": "COMPLETE",
        "eventTime": record["created"],
        "run": {
            "runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place['name']}#{record['run_id']}#{record['created']}")),
            "facets": made.facet("processing_engine", version=record["version"], name="whalecurve"),
        },
        "job": {
            "namespace": os.environ.get(NAMESPACE) or "whalecurve",
            "name": f"{record['command']} {place['name']}",
            "facets": made.facet("jobType", processingType="BATCH", integration="WHALECURVE", jobType="COMMAND"),
        },
        "inputs": [made.read(source) for source in record["inputs"]],
        "outputs": written + made.versioned(record.get("tables")),
        "producer": made.producer,
        "schemaURL": EVENT,
    }


class _Facets:
    """Facets, each of which says who made it and what defines it."""

    def __init__(self, producer: str) -> None:
        self.producer = producer

    def facet(self, kind: str, /, **says: Any) -> dict[str, Any]:  # noqa: ANN401 - what its definition has
        url = f"{SPEC}/facets/{FACETS[kind]}.json#/$defs/{FACETS[kind].partition('/')[2]}"
        return {kind: {"_producer": self.producer, "_schemaURL": url, **says}}

    def read(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """An input, as a record has it: path, rows if they are known, bytes, and the version of a table."""
        known = {"rowCount": source.get("rows"), "size": source.get("bytes")}
        says = {name: n for name, n in known.items() if n is not None}
        version = next((source[name] for name in VERSIONS if source.get(name) is not None), None)
        return {
            **named(source["path"]),
            "facets": {} if version is None else self.facet("version", datasetVersion=str(version)),
            "inputFacets": self.facet("inputStatistics", **says) if says else {},
        }

    def table(self, table: Table, place: Mapping[str, str], outputs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """A table of a result: its columns, rows and bytes."""
        below = table.file.partition("*")[0]
        files = [one for one in outputs if one["path"].startswith(below) and one["rows"] is not None]
        fields = [
            {"name": column.name, "type": column.type, "description": column.says()}
            if column.meaning
            else {"name": column.name, "type": column.type}
            for column in table.columns
        ]
        counted = {
            "rowCount": sum(one["rows"] for one in files),
            "size": sum(one["bytes"] for one in files),
            "fileCount": len(files),
        }
        return {
            "namespace": place["namespace"],
            "name": f"{place['name']}/{table.name}",
            "facets": self.facet("schema", fields=fields),
            "outputFacets": self.facet("outputStatistics", **counted),
        }

    def versioned(self, tables: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """The tables of Delta Lake that a run wrote."""
        if tables is None:
            return []
        return [
            {
                **named(f"{tables['place']}/{name}"),
                "facets": self.facet("version", datasetVersion=str(version)),
                "outputFacets": {},
            }
            for name, version in sorted(tables["versions"].items())
        ]
