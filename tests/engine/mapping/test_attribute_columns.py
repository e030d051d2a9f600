"""Columns of attribute files among the columns that dimensions and conditions may read."""

import polars as pl
import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.mapping import resolve
from whalecurve.engine.order_files import find_files
from whalecurve.engine.settings import Columns


@pytest.fixture
def resolved(tmp_path):
    pl.DataFrame({"buyer": [1, 2], "day": ["2024-01-01"] * 2, "amount": [1.0, 2.0]}).with_columns(
        pl.col("day").str.to_date()
    ).write_parquet(tmp_path / "orders.parquet")
    (tmp_path / "people.csv").write_text("buyer,age,postcode\n1,30,1067\n2,41,4109\n")
    (tmp_path / "forms.csv").write_text("customer_id,likes\n1,tea\n")
    files = find_files(tmp_path / "orders.parquet")

    def of(*dimensions, **columns):
        paths = (tmp_path / "people.csv", tmp_path / "forms.csv")
        settings = {"customer": "buyer", "time": "day", "attributes": paths} | columns
        return resolve(Columns(**settings), files, dimensions)

    return of


def test_files_that_nothing_is_read_of_are_left_alone(resolved):
    mapping = resolved("amount")
    assert (mapping.attributes, mapping.attribute_names, mapping.filters_by_attributes) == ((), frozenset(), False)
    assert [path.rpartition("/")[2] for path in mapping.attribute_settings["attributes"]] == ["people.csv", "forms.csv"]


def test_columns_of_several_files_meet_in_an_expression(resolved):
    mapping = resolved("CASE WHEN age > 40 THEN likes END", where="age > 20")
    assert mapping.attribute_names == {"age", "likes"}
    assert [part.types for part in mapping.attributes] == [{"age": pl.Int64()}, {"likes": pl.String()}]
    assert mapping.filters_by_attributes
    assert "age" not in mapping.inputs


def test_a_dimension_of_a_text_file_is_text_and_part_of_an_expression_is_what_it_looks_like(resolved):
    assert resolved("postcode").dimensions["postcode"].dtype == pl.String()
    assert resolved("postcode + 1").dimensions["postcode + 1"].dtype == pl.Int64()
    assert resolved("postcode", where="postcode > 5").dimensions["postcode"].dtype == pl.Int64()


def test_a_column_that_nobody_has_is_refused_with_those_of_all_files(resolved):
    with pytest.raises(
        InputError, match='no column "agee" for `by`; there are buyer, day, amount, age, postcode, likes'
    ):
        resolved("agee")


def test_a_key_without_files_and_a_pool_of_none_are_refused():
    with pytest.raises(InputError, match="`attributes_key` says how to read `attributes`; give a file too"):
        Columns(attributes_key="id")
    with pytest.raises(InputError, match="pool_below"):
        Columns(attributes="a.csv", pool_below=0)


def test_one_file_need_not_be_a_list():
    assert Columns(attributes="a.csv").attributes == ("a.csv",)
