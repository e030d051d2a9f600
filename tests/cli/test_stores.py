"""Commands from end to end on an object store: results are written there and read there."""

import json

import polars as pl
import pytest

from tests.support.commands import printed_json, run
from tests.support.logs import simple_log
from tests.support.object_stores import SECRET

pytestmark = [pytest.mark.stores, pytest.mark.slow, pytest.mark.parametrize("server", ["moto"], indirect=True)]

WRITERS = {
    "compare": ("compare", "{scores}", "{scores}"),
    "profile": ("profile", "{scores}", "--min-customers", "1"),
    "sample": ("sample", "{scores}", "--per-segment", "3"),
    "triggers": ("triggers", "{scores}", "--watch", "At risk"),
    "acquisition": ("acquisition", "{scores}", "--costs", "costs.csv", "--by", "shop"),
    "budget": ("budget", "{scores}", "--amount", "100", "--responses", "responses.toml"),
    "whatif": ("whatif", "{scores}", "--basket", "+5%"),
    "export": ("export", "{scores}", "--for", "csv"),
    "measures": ("measures", "{orders}"),
    "concentration": ("concentration", "{orders}", "--by", "shop"),
    "explain": ("explain", "{orders}", "--by", "shop", "--segment", "Champions", "--scores", "{scores}"),
    "activity": ("activity", "{orders}", "--events", "events.csv", "--scores", "{scores}"),
    "clusters": ("clusters", "{scores}", "--k", "2", "--resamples", "2"),
    "validate": ("validate", "{orders}", "--holdout", "30d"),
    "score": ("score", "{orders}", "--thresholds", "{scores}"),
}
"""Every command that writes a result with a record, reading from a store what it reads."""


@pytest.fixture(scope="module")
def lines():
    shop = pl.when(pl.col("customer_id") % 3 == 0).then(pl.lit("north")).otherwise(pl.lit("south"))
    return simple_log(6_000, n_customers=400, seed=8).with_columns(shop=shop)


def told(*args):
    done = run(*args)
    assert done.exit_code == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    return done


def test_every_command_reads_from_a_store_and_writes_there_what_it_writes_to_disk(bucket, lines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "costs.csv").write_text("shop,month,spend\nnorth,2023-02,10\nsouth,2023-02,20\n")
    (tmp_path / "responses.toml").write_text('[[offer]]\nname = "mail"\ncost = 0.1\nresponse = 0.1\n')
    (tmp_path / "events.csv").write_text("customer,time,type\n1,2023-02-01,view\n2,2023-02-02,cart\n")
    bucket.put("orders/a.parquet", tmp_path / "a.parquet")
    there = {"orders": f"{bucket.url}/orders", "scores": f"{bucket.url}/scores"}
    here = {"orders": str(tmp_path / "a.parquet"), "scores": str(tmp_path / "scores")}
    for place in (here, there):
        done = told("score", place["orders"], "--out", place["scores"])
        assert f"written to {place['scores']}: customers/" in done.stdout
    for name, words in WRITERS.items():
        told(*(word.format(**here) for word in words), "--out", str(tmp_path / name))
        out = f"{bucket.url}/made/{name}"
        done = told(*(word.format(**there) for word in words), "--out", out)
        assert "s3:/s" not in done.stdout.replace("s3://", ""), name
        if "written to" in done.stdout:
            assert out in done.stdout, name
        record = json.loads(bucket.get(f"made/{name}/manifest.json"))
        assert record["command"] == words[0]
        root = f"made/{name}/{record['on_store']['run']}/"
        on_disk = {
            path.relative_to(tmp_path / name).as_posix() for path in (tmp_path / name).rglob("*") if path.is_file()
        }
        assert {key.removeprefix(root) for key in bucket.keys(root)} == on_disk
        for file in sorted(path for path in on_disk if path.endswith((".parquet", ".csv"))):
            assert bucket.get(root + file) == (tmp_path / name / file).read_bytes(), (name, file)
        again = run(*(word.format(**there) for word in words), "--out", out)
        assert (again.exit_code, again.stderr) == (
            1,
            f"error: --out {out}: exists; choose another place, or replace it with --overwrite\n",
        )


def test_pages_of_results_on_a_store_are_written_to_disk(bucket, lines, tmp_path):
    lines.write_parquet(tmp_path / "a.parquet")
    scores, page = f"{bucket.url}/scores", tmp_path / "report.html"
    told("score", str(tmp_path / "a.parquet"), "--out", scores)
    told("profile", scores, "--out", f"{bucket.url}/ideal")
    told("report", scores, "--out", str(page), "--beside", f"{bucket.url}/ideal", "--compare", scores)
    assert "<html" in page.read_text()
    refused = run("report", scores, "--out", f"{bucket.url}/report.html")
    assert (refused.exit_code, refused.stderr.partition(";")[0]) == (
        1, f"error: --out {bucket.url}/report.html: a URL, and only local paths are written",
    )  # fmt: skip


def test_a_comparison_goes_on_from_one_on_a_store(bucket, lines, tmp_path):
    lines.write_parquet(tmp_path / "a.parquet")
    for day, name in (("2024-03-01", "a"), ("2024-04-01", "b"), ("2024-05-01", "c")):
        told("score", str(tmp_path / "a.parquet"), "--as-of", day, "--out", f"{bucket.url}/{name}")
    first = f"{bucket.url}/first"
    told("compare", f"{bucket.url}/a", f"{bucket.url}/b", "--out", first)
    told("compare", f"{bucket.url}/b", f"{bucket.url}/c", "--previous", first, "--out", str(tmp_path / "second"))
    assert json.loads((tmp_path / "second" / "manifest.json").read_text())["previous"] == first


def test_a_plan_names_the_place_and_writes_nothing(bucket, lines, tmp_path):
    lines.write_parquet(tmp_path / "a.parquet")
    out = f"{bucket.url}/scores"
    plan = printed_json("score", str(tmp_path / "a.parquet"), "--out", out, "--dry-run")
    assert plan["out"] == out
    assert bucket.keys("scores") == []


def test_tables_are_written_beside_the_result(bucket, lines, tmp_path):
    lines.write_parquet(tmp_path / "a.parquet")
    scores, tables = f"{bucket.url}/scores", f"{bucket.url}/tables"
    record = printed_json("score", str(tmp_path / "a.parquet"), "--out", scores, "--tables", tables)
    assert record["out"] == scores
    assert json.loads(bucket.get("scores/manifest.json"))["tables"]["place"] == tables
    assert bucket.keys("tables/customers/_delta_log/") == ["tables/customers/_delta_log/00000000000000000000.json"]
    refused = run(
        "score", str(tmp_path / "a.parquet"), "--out", f"{bucket.url}/other", "--tables", f"{bucket.url}/other/t"
    )
    assert refused.stderr == (
        f"error: --tables {bucket.url}/other/t: the tables and the result lie in one another; name another place\n"
    )
