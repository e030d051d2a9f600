"""The record of a run: one form for every command, and an id that tells runs apart by what made their numbers."""

import json
from datetime import date, timedelta
from importlib.metadata import version

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.publication.manifest import manifest_of, run_id

FORM = (
    *("format", "command", "run_id", "version", "created", "as_of", "inputs", "columns", "definitions", "rows"),
    *("timings", "warnings", "settings_in_warnings", "outputs"),
)
FILE = {"path": "orders.parquet", "rows": 3, "bytes": 900}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A directory of every command that writes one, by its name."""
    folder = tmp_path_factory.mktemp("records")
    log = folder / "log.parquet"
    days = [date(2024, 1, 1) + timedelta(days=d) for d in range(120)]
    pl.DataFrame(
        {
            "customer_id": [i % 23 for i in range(120)],
            "order_ts": days,
            "amount": [10.0 + i % 7 for i in range(120)],
            "product": [f"p{i % 5}" for i in range(120)],
        }
    ).write_parquet(log)
    outs = {
        name: folder / name
        for name in ("score", "measures", "validate", "concentration", "explain", "profile", "compare")
    }
    engine.score(log, out=outs["score"])
    later = folder / "later"
    engine.score(log, out=later, window=engine.Window(as_of=date(2024, 6, 1)))
    engine.measure(log, out=outs["measures"])
    engine.validate(log, holdout_days=30, out=outs["validate"])
    engine.concentrate(log, ["customer", "product"], out=outs["concentration"])
    segment = pl.read_parquet(outs["score"] / "segments.parquet").filter(pl.col("customers") > 0)["segment"][0]
    engine.explain(log, segment, ["product"], scores=outs["score"], out=outs["explain"])
    engine.profile(outs["score"], segment=segment, out=outs["profile"])
    engine.compare(outs["score"], later, out=outs["compare"])
    return outs


def record_of(out):
    return json.loads((out / "manifest.json").read_text())


def test_every_command_writes_the_same_form(written):
    for command, out in written.items():
        record = record_of(out)
        assert set(FORM) <= set(record), command
        assert (record["format"], record["command"], record["version"]) == (1, command, version("whalecurve"))
        assert json.loads((out / "model.json").read_text())["format"] == 1, command
        there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
        assert {one["path"] for one in record["outputs"]} == there - {"manifest.json"}, command


def test_every_command_that_reads_orders_says_which_lines_and_how(written):
    for command in set(written) - {"compare"}:
        record = record_of(written[command])
        assert [one["rows"] for one in record["inputs"]] == [120], command
        assert record["inputs"][0].keys() == FILE.keys(), command
        assert record["rows"] == {"read": 120, "filtered": 0, "used": 120, "refused": {}}, command
        roles = {"customer": "customer_id", "time": "order_ts", "amount": "amount"}
        assert record["columns"] == roles, command
        assert record["definitions"]["where"] is None, command


def test_a_comparison_reads_results_and_no_lines(written):
    record = record_of(written["compare"])
    assert record["inputs"][0]["run_id"] == record_of(written["score"])["run_id"]
    assert record["rows"] is record["columns"] is None


def test_the_definitions_are_those_of_the_models_beside_it(written):
    for command in set(written) - {"compare"}:
        model = json.loads((written[command] / "model.json").read_text())
        record = record_of(written[command])
        assert {"columns": record["columns"], **record["definitions"]} == model["definitions"], command


def test_the_id_tells_runs_apart_by_command_input_and_definition_alone():
    def made(command="score", file=FILE, definitions=(("value", "margin"),), **other):
        record = manifest_of(
            command,
            inputs=[file],
            definitions=dict(definitions),
            **({"as_of": "2024-01-01", "rows": None, "timings": {}, "warnings": ()} | other),
        )
        return record["run_id"]

    assert made() == made(timings={"open": 3.0}, warnings=("late",), rows={"read": 3})
    ids = [made(), made("measures"), made(file=FILE | {"bytes": 901}), made(definitions=[("value", "revenue")])]
    assert len(set(ids)) == 4


def test_results_are_told_apart_by_their_own_id_wherever_they_lie():
    there, here = ({"path": path, "run_id": "abc", "as_of": "2024-01-01"} for path in ("there", "here"))
    assert run_id("compare", [there], {}) == run_id("compare", [here], {})
    assert run_id("compare", [there], {}) != run_id("compare", [there | {"run_id": "abd"}], {})


def test_definitions_read_back_as_they_are():
    record = manifest_of(
        "score", as_of="2024-01-01", inputs=[], definitions={"by": ("a", "b"), "columns": {"time": "t"}}, rows=None,
        timings={}, warnings=(),
    )  # fmt: skip
    assert (record["columns"], record["definitions"]) == ({"time": "t"}, {"by": ["a", "b"]})
    assert json.loads(json.dumps(record)) == record
