"""What a finished run may be asked to fail on."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import typer

from tests.support.commands import misuse, run
from tests.support.logs import simple_log
from tests.support.scored_shop import scored_shop
from whalecurve.cli.reports.start.findings import asked, findings


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return scored_shop(tmp_path_factory.mktemp("shop"))


def test_kinds_are_a_list_with_commas_between():
    assert asked(None, has_thresholds=False) == []
    assert asked(" empty-segment, drift", has_thresholds=True) == ["empty-segment", "drift"]
    with pytest.raises(typer.BadParameter, match='--fail-on "drfit" is unknown; choose one of drift, '):
        asked("drfit", has_thresholds=True)
    with pytest.raises(typer.BadParameter, match="name it with --thresholds"):
        asked("drift", has_thresholds=False)


def test_drift_is_found_where_a_score_or_segment_moved_much(scored):
    def moved(**indices):
        verdicts = {index: "moved much" if index >= 0.25 else "moved" for index in indices.values()}
        stability = {name: {"index": index, "verdict": verdicts[index]} for name, index in indices.items()}
        return replace(scored, manifest=scored.manifest | {"moved": {"stability": stability}})

    assert findings(moved(r_score=0.2, rfm=0.1), ["drift"]) == {}
    found = findings(moved(r_score=0.311, rfm=0.1), ["drift"])
    assert found == {"drift": "moved much: R (0.31); score without --thresholds to take new ones"}
    assert findings(moved(r_score=0.311), ["empty-segment"]).keys() <= {"empty-segment"}


def test_a_log_that_cannot_carry_a_forecast_is_found_with_its_reasons(scored):
    def judged(*reasons):
        record = {"is_reliable": not reasons, "reasons": list(reasons)}
        return replace(scored, manifest=scored.manifest | {"reliability": record})

    assert findings(judged(), ["unreliable"]) == {}
    assert findings(judged("few buyers", "short"), ["unreliable"]) == {"unreliable": "few buyers; short"}
    reasons = scored.manifest["reliability"]["reasons"]
    assert findings(scored, ["unreliable", "drift"]) == {"unreliable": "; ".join(reasons)}


def test_empty_segments_and_cells_are_named(scored):
    rows = scored.segments
    filled = rows.with_columns(customers=pl.col("customers").clip(lower_bound=1))
    assert findings(replace(scored, segments=filled), ["empty-segment"]) == {}
    emptied = filled.with_columns(
        customers=pl.when(pl.col("segment").is_in(["Promising", "Grow", "gold"])).then(0).otherwise("customers")
    )
    found = findings(replace(scored, segments=emptied), ["empty-segment"])
    assert found == {"empty-segment": "no customer is in Promising, Grow"}


def test_a_run_that_fails_over_a_finding_has_written_its_result_and_ends_with_status_3(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    simple_log(40, n_customers=4, seed=5).write_parquet("a.parquet")
    done = run("score", "a.parquet", "--out", "scores", "--fail-on", "empty-segment")
    assert done.exit_code == 3
    assert done.stdout.startswith("4 customers as of ")
    assert done.stderr.startswith("error: empty-segment: no customer is in ")
    assert (Path("scores") / "manifest.json").is_file()
    done = run("score", "a.parquet", "--out", "more", "--fail-on", "empty-segment", "--format", "json")
    assert (done.exit_code, '"kind": "empty-segment"' in done.stderr) == (3, True)
    assert "compares with an old run" in misuse("score", "a.parquet", "--out", "other", "--fail-on", "drift")
