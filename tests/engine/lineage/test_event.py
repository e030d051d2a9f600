"""The event is what the specification asks for: its required fields, written down from its documentation."""

import json
import re
import subprocess
import uuid
from datetime import datetime
from urllib.parse import urlsplit

import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from tests.support.recipes import python_with
from whalecurve import engine
from whalecurve.engine.errors import InputError
from whalecurve.engine.lineage import completed
from whalecurve.engine.outputs import table_at

REQUIRED = {"eventTime", "producer", "schemaURL", "run", "job"}
TYPES = {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}


def is_uri(text):
    return bool(urlsplit(text).scheme and urlsplit(text).netloc)


def check_facets(facets):
    for name, facet in facets.items():
        assert is_uri(facet["_producer"])
        assert re.fullmatch(r"https://openlineage\.io/spec/facets/\d-\d-\d/(\w+)\.json#/\$defs/\1", facet["_schemaURL"])
        assert name.replace("_", "").lower() in facet["_schemaURL"].rpartition("/")[2].lower()


def check_event(event):
    """What https://openlineage.io/spec/2-0-2/OpenLineage.json requires of a RunEvent and of what it holds."""
    assert event.keys() == REQUIRED | {"eventType", "inputs", "outputs"}
    assert event["eventType"] in TYPES
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    assert is_uri(event["producer"])
    assert event["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
    assert str(uuid.UUID(event["run"]["runId"])) == event["run"]["runId"]
    check_facets(event["run"]["facets"])
    check_facets(event["job"]["facets"])
    for dataset in (event["job"], *event["inputs"], *event["outputs"]):
        assert dataset["namespace"]
        assert dataset["name"]
        check_facets(dataset["facets"])
    for dataset in event["inputs"]:
        assert dataset.keys() == {"namespace", "name", "facets", "inputFacets"}
        check_facets(dataset["inputFacets"])
    for dataset in event["outputs"]:
        assert dataset.keys() == {"namespace", "name", "facets", "outputFacets"}
        check_facets(dataset["outputFacets"])


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lineage")
    orders = write_all(folder / "orders", log(), log())
    run = engine.score(orders, out=folder / "scores", lineage=folder / "events" / "run.json", layout="hive")
    return folder, run, json.loads((folder / "events" / "run.json").read_text())


def test_an_event_has_what_the_specification_requires(scored):
    check_event(scored[2])


def test_inputs_are_the_order_files_with_their_rows_and_bytes(scored):
    folder, run, event = scored
    read = {d["name"]: d["inputFacets"]["inputStatistics"] for d in event["inputs"]}
    assert {name: (one["rowCount"], one["size"]) for name, one in read.items()} == {
        str(path): (pl.scan_parquet(path).select(pl.len()).collect().item(), path.stat().st_size)
        for path in sorted((folder / "orders").iterdir())
    }
    assert [d["namespace"] for d in event["inputs"]] == ["file"] * len(run.manifest["inputs"])


def test_outputs_are_the_tables_with_their_columns_and_what_they_mean(scored):
    folder, run, event = scored
    tables = {d["name"].removeprefix(f"{folder}/scores/"): d for d in event["outputs"]}
    assert {"customers", "segments", "concentration", "refused"} <= tables.keys()
    fields = {one["name"]: one for one in tables["customers"]["facets"]["schema"]["fields"]}
    assert set(fields) == set(run.customers.collect_schema().names())
    described = table_at("score", "customers/0.parquet").column("clv")
    assert fields["clv"] == {"name": "clv", "type": "Float64", "description": described.says()}
    customers = tables["customers"]["outputFacets"]["outputStatistics"]
    assert customers["rowCount"] == run.manifest["customers"]["all"]
    assert customers["fileCount"] == len(list((folder / "scores" / "customers").rglob("*.parquet")))


def test_the_job_is_the_place_and_the_run_is_that_of_the_record(scored, monkeypatch):
    folder, run, event = scored
    assert event["job"]["namespace"] == "whalecurve"
    assert event["job"]["name"] == f"score {folder / 'scores'}"
    assert event["eventTime"] == run.manifest["created"]
    again = completed(run.manifest, run.path, [])
    assert again["run"] == event["run"]
    later = completed(run.manifest | {"created": "2030-01-01T00:00:00+00:00"}, run.path, [])
    assert later["run"]["runId"] != event["run"]["runId"]
    assert later["job"] == event["job"]
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "nightly")
    assert completed(run.manifest, run.path, [])["job"]["namespace"] == "nightly"


def test_tables_and_objects_have_their_versions(scored):
    run = scored[1]
    sources = [
        {"path": "s3://shop/orders", "rows": 7, "bytes": 9, "format": "delta", "version": 0},
        {"path": "s3://shop/lines", "rows": 7, "bytes": 9, "format": "iceberg", "snapshot": "81"},
        {"path": "s3://shop/a.parquet", "rows": None, "bytes": None, "e_tag": "ab"},
    ]
    tables = {"place": "s3://shop/tables", "versions": {"segments": 3, "customers": 4}}
    event = completed(run.manifest | {"inputs": sources, "tables": tables}, "s3://shop/scores", [])
    check_event(event)
    assert [d["facets"]["version"]["datasetVersion"] for d in event["inputs"]] == ["0", "81", "ab"]
    assert event["inputs"][2]["inputFacets"] == {}
    assert [(d["name"], d["facets"]["version"]["datasetVersion"]) for d in event["outputs"]] == [
        ("tables/customers", "4"),
        ("tables/segments", "3"),
    ]


def test_the_client_of_openlineage_reads_it_and_writes_the_same(scored, tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps(scored[2]))
    read = """
import json, sys
from openlineage.client.generated import base
from openlineage.client.serde import Serde
event = json.load(open(sys.argv[1]))
run = base.RunEvent(
    eventType=base.EventType(event["eventType"]),
    eventTime=event["eventTime"],
    producer=event["producer"],
    run=base.Run(**event["run"]),
    job=base.Job(**event["job"]),
    inputs=[base.InputDataset(**one) for one in event["inputs"]],
    outputs=[base.OutputDataset(**one) for one in event["outputs"]],
)
print(Serde.to_json(run))
"""
    client = subprocess.run([python_with("openlineage"), "-c", read, event], check=True, capture_output=True, text=True)
    assert json.loads(client.stdout) == scored[2]


def test_no_event_is_written_of_a_run_that_fails(tmp_path):
    orders = write(tmp_path / "a.parquet", log())
    with pytest.raises(InputError):
        engine.score(orders, out=tmp_path / "scores", columns={"amount": "nothing"}, lineage=tmp_path / "run.json")
    assert not (tmp_path / "run.json").exists()


def test_an_event_of_an_older_run_is_replaced_only_when_asked(tmp_path):
    orders = write(tmp_path / "a.parquet", log())
    event = tmp_path / "run.json"
    event.write_text("{}")
    with pytest.raises(InputError, match=r"run\.json.: exists; choose another file, or replace it with"):
        engine.score(orders, out=tmp_path / "scores", lineage=event)
    assert not (tmp_path / "scores").exists()
    engine.score(orders, out=tmp_path / "scores", lineage=event, overwrite=True)
    check_event(json.loads(event.read_text()))


@pytest.mark.parametrize("name", ["scores/run.json", "scores"])
def test_an_event_is_not_written_into_the_result(tmp_path, name):
    orders = write(tmp_path / "a.parquet", log())
    with pytest.raises(InputError, match=r"lies within the result .*, which the next run replaces"):
        engine.score(orders, out=tmp_path / "scores", lineage=tmp_path / name)
