"""The orders of a result, opened again: databases are asked the same, tables are of the version that was scored."""

import polars as pl
import pytest

from tests.support.databases import duckdb_file
from tests.support.logs import simple_log
from tests.support.tables import delta_table
from whalecurve.engine import InputError, Profiling, Query, profile, score

ASKED = Profiling(by=("category",), first_by=(), next_by=(), min_customers=1)
SQL = "SELECT * FROM orders WHERE amount < 150"


@pytest.fixture(scope="module")
def lines():
    made = simple_log(3_000, 300, seed=4)
    return made.with_columns(category=(pl.col("order_id") % 3).cast(pl.String))


def told(folder, **options):
    return profile(folder / "scores", segment="Champions", settings=ASKED, **options).to_dict()


def test_a_database_is_asked_the_same_again(tmp_path, lines):
    lines.filter(pl.col("amount") < 150).write_parquet(tmp_path / "orders.parquet")
    (tmp_path / "files").mkdir()
    score(tmp_path / "orders.parquet", out=tmp_path / "files" / "scores")
    path = duckdb_file(tmp_path / "shop.duckdb", lines)
    score(Query(str(path), SQL), out=tmp_path / "scores")
    found = told(tmp_path)
    assert found["sections"] == told(tmp_path / "files")["sections"]
    moved = path.rename(tmp_path / "elsewhere.duckdb")
    with pytest.raises(InputError, match="its orders are no longer at"):
        told(tmp_path)
    assert told(tmp_path, orders=moved)["sections"] == found["sections"]
    assert told(tmp_path, orders=[str(moved)])["sections"] == found["sections"]


def test_an_answer_that_has_changed_is_refused(tmp_path, lines):
    path = duckdb_file(tmp_path / "shop.duckdb", lines)
    score(Query(str(path), SQL), out=tmp_path / "scores")
    path.unlink()
    duckdb_file(path, lines[1:])
    with pytest.raises(InputError, match="has changed since"):
        told(tmp_path)


def test_a_table_of_another_version_is_refused_though_it_has_as_many_rows(tmp_path, lines):
    table = delta_table(tmp_path / "t", lines)
    score(table, out=tmp_path / "scores")
    assert told(tmp_path)["sections"]
    delta_table(tmp_path / "t", lines[:0])
    with pytest.raises(InputError, match=r"/t: has changed since .* was scored: version 1, then 0; score again"):
        told(tmp_path)
