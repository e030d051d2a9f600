"""The types that columns of text files are read in."""

import polars as pl
import pytest

from tests.support.logs import log, write
from whalecurve.engine.formats import text_files
from whalecurve.engine.order_files import find_files, typed_for


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def schemas(*paths, ids=(), numbers=(), parts=(), times=()):
    files = typed_for(find_files(paths), ids=ids, numbers=numbers, parts=parts, times=times)
    return [file.schema for file in files]


def test_types_are_those_of_the_first_file_that_has_a_value(tmp_path):
    a = text(tmp_path / "a.csv", "x,y,z\n1,,2024-01-01\n")
    b = text(tmp_path / "b.csv", "z;new;y;x\nlate;true;2.5;one\n")
    expected = {"x": pl.Int64(), "y": pl.Float64(), "z": pl.Date()}
    assert schemas(a, b) == [expected, expected | {"new": pl.Boolean()}]


def test_a_file_with_types_decides_those_of_text(tmp_path):
    typed = write(tmp_path / "b.parquet", order_ts=pl.col("order_ts").cast(pl.Datetime("ns")))
    a = text(tmp_path / "a.csv", "customer_id,order_ts,amount,z\n007,2024-01-01,1,2\n")
    (found, _) = schemas(a, typed, ids={"customer_id"})
    assert found == {
        "customer_id": pl.Int64(), "order_ts": pl.Datetime("us"), "amount": pl.Float64(), "z": pl.Int64()
    }  # fmt: skip


def test_ids_are_text_and_money_is_floats(tmp_path):
    a = text(tmp_path / "a.csv", "id,qty,price,z\n" + "7,1,2,3\n" * 99 + "8,1,x,3\n")
    as_found = {"id": pl.Int64(), "qty": pl.Int64(), "price": pl.String(), "z": pl.Int64()}
    assert schemas(a) == [as_found]
    wanted = as_found | {"id": pl.String(), "qty": pl.Float64(), "price": pl.Float64()}
    assert schemas(a, ids={"id"}, parts={"qty", "price"}) == [wanted]
    assert schemas(a, ids={"id"}, numbers={"qty", "price"}) == [wanted]


@pytest.mark.parametrize(("n_odd", "part", "whole"), [(6, pl.String(), pl.Float64()), (51, pl.String(), pl.String())])
def test_how_many_cells_may_be_no_numbers_depends_on_what_the_column_is(tmp_path, n_odd, part, whole):
    a = text(tmp_path / "a.csv", "x,y\n" + "12,5\n" * (100 - n_odd) + "odd,5\n" * n_odd)
    assert (schemas(a, parts={"x"})[0]["x"], schemas(a, numbers={"x"})[0]["x"]) == (part, whole)


def test_times_are_times_though_a_few_are_none(tmp_path):
    a = text(tmp_path / "a.csv", "t,y\n2024-01-01,5\n2024-01-02,5\nsoon,5\n")
    assert (schemas(a)[0]["t"], schemas(a, times={"t"})[0]["t"]) == (pl.String(), pl.Date())


def test_money_without_any_value_in_the_sample_is_floats(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "SAMPLE_ROWS", 2)
    a = text(tmp_path / "a.csv", "x,y\n,1\n,1\n2.5,1\n")
    assert (schemas(a)[0]["x"], schemas(a, numbers={"x"})[0]["x"]) == (pl.String(), pl.Float64())


def test_a_column_of_the_path_decides_over_that_of_the_text(tmp_path):
    a = text(tmp_path / "year=2024" / "a.csv", "year,x\n1999,1\n")
    assert schemas(a, ids={"year"}) == [{"year": pl.Int64(), "x": pl.Int64()}]


def test_other_files_keep_their_types(tmp_path):
    path = tmp_path / "a.parquet"
    log().write_parquet(path)
    assert schemas(path, ids={"customer_id"}) == [dict(log().schema)]
