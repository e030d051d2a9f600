"""Tables of Delta Lake beside a result: one version a run, which a reader can go back to."""

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from tests.support.logs import simple_log
from whalecurve import engine
from whalecurve.engine.publication import check_tables, commit_tables


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("orders") / "a.parquet"
    simple_log(3_000, n_customers=300, seed=4).write_parquet(path)
    return path


def refusal(act, *args, **options):
    with pytest.raises(engine.InputError) as caught:
        act(*args, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def assert_holds(table, written):
    """The rows of a table, which are in no order, are those that were written."""
    rows = table.select(written.columns).cast(dict(written.schema))
    assert_frame_equal(rows, written, check_exact=True, check_row_order=False)


@pytest.mark.parametrize("layout", ["flat", "hive"])
def test_tables_have_what_the_result_has_and_a_version_for_each_run(orders, tmp_path, layout):
    days = ("2024-04-30", "2024-05-31")
    for n, day in enumerate(days):
        run = engine.score(
            orders, out=tmp_path / f"s{n}", window={"as_of": day}, tables=tmp_path / "t", layout=layout
        )  # fmt: skip
        told = run.manifest["tables"]
        assert told["place"] == str(tmp_path / "t")
        assert set(told["versions"].values()) == {n}
        table = DeltaTable(str(tmp_path / "t" / "customers"))
        assert table.history(1)[0]["whalecurve.run_id"] == run.manifest["run_id"]
        assert table.metadata().partition_columns == ["rfm_segment"]
        rows = pl.read_delta(str(tmp_path / "t" / "customers")).sort("customer_id")
        assert rows["run_id"].unique().to_list() == [run.manifest["run_id"]]
        assert rows["as_of"].unique().to_list() == [run.as_of]
        assert_holds(rows, run.to_polars())
        assert_holds(pl.read_delta(str(tmp_path / "t" / "segments")), run.segments)
    old = pl.read_delta(str(tmp_path / "t" / "customers"), version=0)
    assert old["as_of"].unique().dt.to_string().to_list() == [days[0]]
    periods = pl.read_parquet(tmp_path / "s1" / "measures" / "periods.parquet")
    assert_holds(pl.read_delta(str(tmp_path / "t" / "measures" / "periods")), periods)


@pytest.mark.stores
def test_tables_on_a_store_are_those_on_disk_and_name_their_versions(bucket, orders, tmp_path):
    place = f"{bucket.url}/tables"
    for n in range(2):
        run = engine.score(orders, out=f"{bucket.url}/scores", tables=place, overwrite=n > 0)
        assert run.manifest["tables"] == {
            "place": place,
            "versions": dict.fromkeys(run.manifest["tables"]["versions"], n),
        }
    engine.score(orders, out=tmp_path / "scores", tables=tmp_path / "tables")
    access = {name.lower(): value for name, value in bucket.server.environment.items()} | {"allow_http": "true"}
    for name in ("customers", "segments", "measures/groups"):
        there = pl.read_delta(f"{place}/{name}", storage_options=access)
        here = pl.read_delta(str(tmp_path / "tables" / name))
        assert_frame_equal(there, here, check_exact=True, check_row_order=False)


def test_types_that_delta_lake_has_not_are_written_in_types_that_it_has(tmp_path):
    table = pl.DataFrame(
        {"customer_id": [1, 2], "n": [1, 2], "kind": ["a", "b"], "rfm_segment": ["x", None]},
        schema={"customer_id": pl.UInt64, "n": pl.UInt8, "kind": pl.Enum(["a", "b"]), "rfm_segment": pl.String},
    )
    (tmp_path / "customers").mkdir()
    table.write_parquet(tmp_path / "customers" / "a.parquet")
    commit_tables(tmp_path / "t", tmp_path, {"run_id": "r", "as_of": "2024-01-01"})
    rows = pl.read_delta(str(tmp_path / "t" / "customers")).sort("customer_id")
    assert rows.schema["n"] == rows.schema["customer_id"] == pl.Int64
    assert rows["kind"].to_list() == ["a", "b"]
    assert rows["rfm_segment"].to_list() == ["x", None]


def test_a_place_that_will_not_do_is_refused_before_any_work(tmp_path):
    out = tmp_path / "scores"
    for place in (out, out / "tables", tmp_path):
        assert "lie in one another; name another place" in refusal(check_tables, place, out)
    (tmp_path / "file").write_text("")
    assert refusal(check_tables, tmp_path / "file", out).endswith(": a file; name a directory")
    assert "a URL, and only local paths are written" in refusal(check_tables, "hf://x/y", out)
    for place in ("s3://b/scores", "s3://b/scores/tables", "s3://b"):
        assert "lie in one another; name another place" in refusal(check_tables, place, "s3://b/scores")


def test_a_table_that_cannot_be_written_ends_the_run_without_a_result(orders, tmp_path):
    (tmp_path / "t" / "customers").mkdir(parents=True)
    (tmp_path / "t" / "customers" / "_delta_log").write_text("no folder")
    message = refusal(engine.score, orders, out=tmp_path / "scores", tables=tmp_path / "t")
    assert message.startswith(f'tables="{tmp_path}/t/customers": cannot be written (')
    assert not (tmp_path / "scores").exists()
