import polars as pl
import pytest

from whalecurve.engine.attributes import open_attributes
from whalecurve.engine.errors import InputError


def test_ids_are_found_as_in_the_orders_first_and_then_by_the_usual_name(tmp_path):
    for name, table in {
        "a": {"buyer": [1], "customer_id": [9], "age": [30]},
        "b": {"customer_id": [1], "city": ["Bonn"]},
    }.items():
        pl.DataFrame(table).write_parquet(tmp_path / f"{name}.parquet")
    files = open_attributes([tmp_path / "a.parquet", tmp_path / "b.parquet"], None, ["buyer", "customer_id"])
    assert [(file.file.key, file.names) for file in files] == [
        ("buyer", ["customer_id", "age"]),
        ("customer_id", ["city"]),
    ]


def test_a_file_without_ids_is_refused_with_the_setting_that_names_them(tmp_path):
    pl.DataFrame({"who": [1], "age": [30]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r'no column "customer_id" .*attributes_key'):
        open_attributes([tmp_path / "a.parquet"], None, ["buyer", "customer_id"])
    with pytest.raises(InputError, match='no column "person"'):
        open_attributes([tmp_path / "a.parquet"], "person", ["buyer"])


def test_an_attribute_of_two_files_is_refused(tmp_path):
    frames = [pl.DataFrame({"id": [1], "age": [30]}), pl.DataFrame({"id": [1], "age": [31]})]
    for i, frame in enumerate(frames):
        frame.write_csv(tmp_path / f"{i}.csv")
    with pytest.raises(InputError, match=r'"age" is a column of .*0\.csv and of .*1\.csv; rename it in one of them'):
        open_attributes([tmp_path / "0.csv", tmp_path / "1.csv"], "id", [])


def test_columns_of_text_stay_as_they_are_written_where_they_are_asked_for_so(tmp_path):
    (tmp_path / "a.csv").write_text("id,postcode\n1,1067\n2,4109\n")
    (file,) = open_attributes([tmp_path / "a.csv"], "id", [])
    assert file.types(["postcode"]) == {"postcode": pl.Int64()}
    assert file.with_texts({"postcode"}).types(["postcode"]) == {"postcode": pl.String()}
