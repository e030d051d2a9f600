import json
from datetime import date

import polars as pl
import pyarrow.parquet as pq
import pytest

from whalecurve import engine
from whalecurve.engine.errors import InputError


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema")
    days = [date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 1), date(2024, 2, 3)]
    orders = pl.DataFrame({"customer_id": ["a", "b", "a", "c"], "order_ts": days, "amount": [1.0, 2.0, 3.0, 4.0]})
    orders.write_parquet(folder / "orders.parquet")
    engine.score(folder / "orders.parquet", out=folder / "scores")
    return folder / "scores"


def test_a_result_holds_the_schema_of_its_own_files(result):
    schema = json.loads((result / "schema.json").read_text())
    assert schema == engine.schema([result])
    customers = schema["$defs"]["score/customers"]
    assert list(customers["properties"]) == pl.read_parquet(result / "customers").columns
    assert customers["properties"]["customer_id"]["x-type"] == "String"
    assert "margin" not in customers["properties"]
    assert json.loads((result / "manifest.json").read_text())["outputs"][-1]["path"] != "manifest.json"


def test_columns_of_files_carry_their_meaning(result):
    for name in ("customers/00000000.parquet", "segments.parquet", "measures/groups.parquet"):
        for field in pq.read_schema(result / name):
            assert field.metadata[b"description"], (name, field.name)


def test_the_meanings_are_those_of_the_schema(result):
    field = pq.read_schema(result / "customers/00000000.parquet").field("clv")
    meaning = engine.schema([result])["$defs"]["score/customers"]["properties"]["clv"]["description"]
    assert field.metadata[b"description"].decode().startswith(meaning)


def test_without_a_result_there_is_everything():
    defined = engine.schema()["$defs"]
    assert {"score/customers", "validate/labels", "compare/movement"} <= set(defined)
    assert engine.schema((), "markdown").startswith("## whalecurve acquisition\n")


def test_sources_of_dbt_lie_where_the_result_does(result):
    assert f'external_location: "{result}/customers/*.parquet"' in engine.schema([result], "dbt")


def test_partitions_are_found_by_their_directories(result, tmp_path):
    orders = result.parent / "orders.parquet"
    engine.score(orders, out=tmp_path / "hive", layout="hive")
    assert "/customers/*/*.parquet" in engine.schema([tmp_path / "hive"], "dbt")
    columns = engine.schema([tmp_path / "hive"])["$defs"]["score/customers"]["properties"]
    assert list(columns)[-1] == "rfm_segment"


def test_what_is_no_result_is_refused(result, tmp_path):
    with pytest.raises(InputError, match="no whalecurve result; name a directory that a command wrote"):
        engine.schema([tmp_path])
    with pytest.raises(InputError, match="another result of score than"):
        engine.schema([result, result])
