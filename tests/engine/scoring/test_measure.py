"""Measures without the customers: those of `score`, to the last bit, whatever the order of lines, files and memory."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.logs import log, simple_log, write, write_all
from tests.support.tiny_store import tiny_store
from whalecurve import engine
from whalecurve.engine.publication.layout import is_result

TABLES = ("groups", "periods", "cohorts", "gaps")
BY = ("channel", "UPPER(city)")


def shop(n_lines=1_500, n_customers=200, seed=8):
    rng = np.random.default_rng(seed)
    names = pl.Series(["web", "app", "shop", None]).gather(rng.integers(0, 4, n_lines))
    cities = pl.Series(["Bonn", "bonn", "Ulm"]).gather(rng.integers(0, 3, n_lines))
    return simple_log(n_lines, n_customers, seed).with_columns(channel=names, city=cities)


def written(folder):
    """All tables that a run writes, but for the lines it refuses, which name their files."""
    paths = [folder / "segments.parquet", *sorted((folder / "measures").iterdir())]
    return {path.stem: pl.read_parquet(path) for path in paths}


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, table in one.items():
        assert_frame_equal(table, other[name], check_exact=True)


@pytest.fixture(scope="module")
def lines():
    return shop()


@pytest.fixture(scope="module")
def expected(lines, tmp_path_factory):
    """What `measure` makes of the log in one file, in order of time."""
    folder = tmp_path_factory.mktemp("expected")
    found = engine.measure(write(folder / "a.parquet", lines), out=folder / "measures", by=BY)
    return found, written(folder / "measures")


def test_they_are_the_measures_that_score_writes(lines, expected, tmp_path):
    found, tables = expected
    run = engine.score(write(tmp_path / "a.parquet", lines), out=tmp_path / "scores")
    assert found.headline == run.measures == json.loads((tmp_path / "scores/measures.json").read_text())
    scored = written(tmp_path / "scores")
    months = tables["stickiness"].filter(by="first_month")
    assert_same(scored, tables | {"stickiness": months})
    assert found.model["transactions"] == run.model["transactions"]
    assert found.manifest["customers"] == run.manifest["customers"]
    assert found.manifest["run_id"] != run.manifest["run_id"]


def test_segments_of_another_scheme_and_value_are_those_of_score_too(lines, tmp_path):
    path, scoring = write(tmp_path / "a.parquet", lines), engine.Scoring(segments="soulmates", value="revenue")
    window = engine.Window(since=date(2023, 3, 1), as_of=date(2024, 6, 30))
    found = engine.measure(path, out=tmp_path / "measures", scoring=scoring, window=window)
    run = engine.score(path, out=tmp_path / "scores", scoring=scoring, window=window)
    assert found.headline == run.measures
    assert found.by is None
    assert_same(written(tmp_path / "measures"), written(tmp_path / "scores"))


def test_by_counts_new_customers_by_their_first_order(lines, expected):
    """Against a plain loop over the lines of each customer."""
    as_of, counts, n_values = lines["order_ts"].max().date(), {}, {by: [] for by in BY}
    for (_,), own in lines.group_by("customer_id"):
        days = own.group_by(day=pl.col("order_ts").dt.date()).agg(
            net=(pl.col("amount") * 100).round().cast(pl.Int64).sum(),
            has_sale=(pl.col("amount") >= 0).any(),
            has_return=(pl.col("amount") < 0).any(),
        )
        days = sorted(days.filter("has_sale", ~pl.col("has_return") | (pl.col("net") > 0))["day"])
        if not days:
            continue
        sales = own.filter(pl.col("amount") >= 0, pl.col("order_ts").dt.date() == days[0])
        first = sales.sort("order_ts", "order_id").row(0, named=True)
        order = sales.filter(order_id=first["order_id"])
        is_observed = (as_of - days[0]).days >= 90
        is_back = is_observed and len(days) > 1 and (days[1] - days[0]).days <= 90
        values = (set(order["channel"].drop_nulls()), set(order["city"].str.to_uppercase()))
        for by, own_values in zip(BY, values, strict=True):
            n_values[by] += [len(own_values)] if own_values else []
            for value in own_values or {None}:
                tally = counts.setdefault((by, value), [0, 0, 0])
                for at, one in enumerate((True, is_observed, is_back)):
                    tally[at] += one
    found = expected[0].by
    assert set(found["scheme"]) == set(found["group"]) == {"all"}
    assert {row[:2]: list(row[2:]) for row in found.select("by", "value", "new", "observed", "back").rows()} == counts
    assert [*found["by"].unique(maintain_order=True)] == [*BY]
    means = {by: sum(numbers) / len(numbers) for by, numbers in n_values.items()}
    assert expected[0].values_per_first_order == expected[0].model["values_per_first_order"] == means


def test_shuffled_lines_in_many_files_change_nothing(lines, expected, tmp_path):
    shuffled = lines.sample(fraction=1.0, shuffle=True, seed=4)
    folder = write_all(tmp_path / "orders", *(shuffled[i::5] for i in range(5)))
    found = engine.measure(folder, out=tmp_path / "measures", by=BY)
    assert found.headline == expected[0].headline
    assert_same(written(tmp_path / "measures"), expected[1])


@pytest.mark.parametrize("is_filed", [False, True])
def test_partitions_of_a_few_lines_and_several_passes_change_nothing(lines, expected, tmp_path, monkeypatch, is_filed):
    monkeypatch.setattr("whalecurve.engine.runtime.memory.Budget.passes", lambda *_: 5)
    with tiny_store(is_filed=is_filed):
        engine.measure(write(tmp_path / "a.parquet", lines), out=tmp_path / "measures", by=BY)
    assert_same(written(tmp_path / "measures"), expected[1])


@pytest.mark.parametrize("jobs", [1, 3])
def test_threads_change_nothing(lines, expected, tmp_path, jobs):
    engine.measure(write(tmp_path / "a.parquet", lines), out=tmp_path / "measures", by=BY, jobs=jobs)
    assert_same(written(tmp_path / "measures"), expected[1])


def test_a_state_that_grows_file_by_file_comes_to_the_same_measures(lines, expected, tmp_path):
    half = lines.height // 2
    orders = write_all(tmp_path / "orders", lines[:half])
    engine.score(orders, out=tmp_path / "scores", state=tmp_path / "state")
    write(orders / "p1.parquet", lines[half:])
    run = engine.score(orders, out=tmp_path / "scores", state=tmp_path / "state", overwrite=True)
    assert run.measures == expected[0].headline
    found = written(tmp_path / "scores")
    for name in TABLES:
        assert_frame_equal(found[name], expected[1][name], check_exact=True)


def test_what_is_written_can_be_replaced_and_is_listed_in_full(tmp_path):
    orders, out = write(tmp_path / "a.parquet"), tmp_path / "measures"
    for overwrite in (False, True):
        found = engine.measure(orders, out=out, overwrite=overwrite)
    assert is_result(out)
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there - {"manifest.json"} == {entry["path"] for entry in found.manifest["outputs"]}
    assert json.loads((out / "manifest.json").read_text()) == found.manifest
    assert json.loads((out / "model.json").read_text()) == found.model
    with pytest.raises(engine.InputError, match="exists"):
        engine.measure(orders, out=out)


def test_refused_lines_are_kept_and_counted(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=[1, 1, 2, 3, 3, None])
    found = engine.measure(path, out=tmp_path / "measures")
    assert found.manifest["rows"] == {"read": 6, "filtered": 0, "used": 5, "refused": {"null_customer": 1}}
    assert pl.read_parquet(tmp_path / "measures/refused.parquet")["reason"].to_list() == ["null_customer"]


@pytest.mark.parametrize(
    ("columns", "by", "words"),
    [
        ({"order_ts": [date(1970, 1, 1), *[date(9000, 1, 1)] * 5]}, (), "months"),
        ({"amount": [float("nan")] * 6}, (), "no usable row"),
        ({}, ["brand"], "brand"),
        ({}, ["amount", "amount"], "twice"),
    ],
)
def test_input_that_cannot_be_measured_leaves_nothing_behind(tmp_path, columns, by, words):
    path = write(tmp_path / "a.parquet", log(**columns))
    with pytest.raises(engine.InputError, match=words):
        engine.measure(path, out=tmp_path / "measures", by=by)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize("stage", ["groups", "by", "measures", "write"])
def test_a_run_that_is_stopped_at_any_stage_leaves_nothing_behind(tmp_path, stage):
    def stop(begun):
        if begun == stage:
            raise KeyboardInterrupt

    path = write(tmp_path / "a.parquet")
    with pytest.raises(KeyboardInterrupt):
        engine.measure(path, out=tmp_path / "measures", by=["amount"], on_stage=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_a_killed_run_leaves_the_previous_measures_as_they_were(tmp_path):
    path, out = write(tmp_path / "a.parquet"), tmp_path / "measures"
    engine.measure(path, out=out)
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    work = (
        "import sys; from whalecurve import engine\n"
        "def stop(stage):\n    if stage == 'write':\n        print('there', flush=True); sys.stdin.read()\n"
        "engine.measure(sys.argv[1], out=sys.argv[2], overwrite=True, on_stage=stop)\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", work, path, out], stdin=pipe, stdout=pipe, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "there\n"
        run.kill()
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    engine.measure(path, out=out, overwrite=True)
    assert sorted(file.name for file in Path(tmp_path).iterdir()) == ["a.parquet", "measures"]
