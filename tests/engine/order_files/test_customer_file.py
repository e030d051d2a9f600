"""Files of customers beside the orders: one row each, whatever the files that hold them."""

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whalecurve import engine
from whalecurve.engine.errors import ColumnMissingError, InputError
from whalecurve.engine.formats import text_files
from whalecurve.engine.order_files import open_customer_file


def written(folder, *tables):
    folder.mkdir()
    for i, table in enumerate(tables):
        pl.DataFrame(table).write_parquet(folder / f"{i}.parquet")
    return folder


def test_files_are_one_table_in_one_type_with_null_where_a_column_is_missing(tmp_path):
    path = written(
        tmp_path / "crm",
        {"id": pl.Series([1, 2], dtype=pl.Int32), "size": [1, 2], "city": ["Rome", "Bath"]},
        {"id": [3], "size": [0.5]},
    )
    file = open_customer_file(path, "id", "customer")
    assert file.attributes == ["size", "city"]
    found = file.rows(["city", "size"]).collect()
    assert found.schema == {"id": pl.Int64(), "city": pl.String(), "size": pl.Float64()}
    assert found.rows() == [(1, "Rome", 1.0), (2, "Bath", 2.0), (3, None, 0.5)]


def test_a_customer_who_comes_again_is_named(tmp_path):
    path = written(tmp_path / "crm", {"id": [7, 8], "size": [1, 2]}, {"id": [8, 8], "size": [3, 4]})
    file = open_customer_file(path, "id", "customer")
    with pytest.raises(engine.InputError, match="crm: a customer comes again in 2 of 4 rows; keep one row for each"):
        file.check_once(file.rows([]))
    file.check_once(file.rows([]).unique())


def test_an_id_column_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    path = written(tmp_path / "crm", {"Id": [7], "size": [1]})
    with pytest.raises(ColumnMissingError, match=r'no column "id" .*; there are Id, size; did you mean "Id"'):
        open_customer_file(path, "id", "customer")


def test_a_file_that_is_damaged_inside_is_named(tmp_path):
    path = written(tmp_path / "crm", {"id": [7, 8], "size": [1.5, 2.5]}) / "0.parquet"
    content = bytearray(path.read_bytes())
    content[4:60] = bytes(56)
    path.write_bytes(bytes(content))
    file, message = (
        open_customer_file(path, "id", "customer"),
        r"0\.parquet: cannot be read \(.*\); write the file again",
    )
    with pytest.raises(engine.InputError, match=message), file.read():
        file.rows(["size"]).collect()


def test_columns_that_cannot_be_read_are_no_attributes_and_zones_are_one(tmp_path):
    folder = written(tmp_path / "crm", {"id": [7], "size": [1.5]})
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    odd = pa.array([[1]], pa.list_view(pa.int64()))
    zoned = pa.array([moment], pa.timestamp("us", "+05:30"))
    pq.write_table(pa.table({"id": [8], "odd": odd, "at": zoned}), folder / "1.parquet")
    file = open_customer_file(folder, "id", "customer")
    assert file.attributes == ["size", "at"]
    assert file.rows(["size", "at"]).collect().rows() == [(7, 1.5, None), (8, None, moment)]


@pytest.mark.parametrize("key", ["*", "^id$"])
def test_ids_in_a_column_named_like_a_pattern_of_names_are_refused(tmp_path, key):
    path = written(tmp_path / "crm", {key: [1, 2], "id": [3, 4]})
    with pytest.raises(engine.InputError, match="named like a pattern of names, which cannot be read; rename it"):
        open_customer_file(path, key, "customers_key")
    assert open_customer_file(path, "id", "customers_key").attributes == []


def test_attributes_of_a_type_that_others_defined_are_what_they_are_stored_as(tmp_path):
    words = pa.ExtensionArray.from_storage(pa.json_(), pa.array(["1", "{}"]))
    pq.write_table(pa.table({"id": [1, 2], "tags": words}), tmp_path / "crm.parquet")
    rows = open_customer_file(tmp_path / "crm.parquet", "id", "customers_key").rows(["tags"]).collect()
    assert rows.schema["tags"] == pl.String()
    assert rows["tags"].to_list() == ["1", "{}"]


def test_a_file_of_customers_may_be_text_whose_ids_stay_text(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("id;age;city\n007;31;Bern\n8;12,5;\n", encoding="utf-8")
    file = open_customer_file(path, "id", "customers_key")
    assert file.rows(file.attributes).collect().rows() == [("007", 31.0, "Bern"), ("8", 12.5, None)]


def test_a_cell_of_customers_that_cannot_be_read_is_an_error_that_names_its_row(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "SAMPLE_ROWS", 1)
    path = tmp_path / "customers.csv"
    path.write_text("id,age\n1,31\n2,old\n", encoding="utf-8")
    file = open_customer_file(path, "id", "customers_key")
    with pytest.raises(InputError) as refusal, file.read():
        file.rows(["age"]).collect()
    assert str(refusal.value) == f'{path}: row 1 cannot be read (age "old"); fix it'


def test_columns_of_a_text_that_are_to_stay_as_they_are_written_do(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("id,phone,age\n1,0301234567,31\n2,+49301234567,32\n", encoding="utf-8")
    file = open_customer_file(path, "id", "customers_key", texts=["phone"])
    assert file.rows(file.attributes).collect().rows() == [("1", "0301234567", 31.0), ("2", "+49301234567", 32.0)]
