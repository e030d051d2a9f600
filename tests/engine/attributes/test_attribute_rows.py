import polars as pl
import pytest

from whalecurve.engine.attributes import open_attributes, rows_with_ids, with_attributes
from whalecurve.engine.errors import InputError


def opened(*frames, key="id"):
    return open_attributes(frames, key, [])


def test_rows_keep_their_order_and_customers_without_a_row_have_null():
    files = opened(pl.DataFrame({"id": [2, 1], "age": [20, 10]}), pl.DataFrame({"id": [3], "city": ["Bonn"]}))
    parts = rows_with_ids(files, {"age", "city"}, pl.Int64())
    rows = pl.LazyFrame({"who": [3, 1, None, 2, 1], "n": [0, 1, 2, 3, 4]})
    joined = with_attributes(rows, pl.col("who"), parts).collect(engine="streaming")
    assert joined.columns == ["who", "n", "age", "city"]
    assert joined["n"].to_list() == [0, 1, 2, 3, 4]
    assert joined["age"].to_list() == [None, 10, None, 20, 10]
    assert joined["city"].to_list() == ["Bonn", None, None, None, None]


def test_only_files_and_columns_that_are_read_are_joined():
    files = opened(pl.DataFrame({"id": [1], "age": [1], "size": [2]}), pl.DataFrame({"id": [1], "city": ["Bonn"]}))
    (part,) = rows_with_ids(files, {"size"}, pl.Int64())
    assert part.types == {"size": pl.Int64()}
    assert rows_with_ids(files, set(), pl.Int64()) == ()


def test_ids_of_text_take_the_form_that_tells_customers_apart():
    files = opened(pl.DataFrame({"id": [" Ann", "BEN ", " ", None], "age": [1, 2, 3, 4]}))
    (part,) = rows_with_ids(files, {"age"}, pl.String(), lambda ids: ids.str.strip_chars().str.to_lowercase())
    assert part.rows.collect().rows() == [("ann", 1), ("ben", 2)]
    part.check_once()


def test_a_customer_twice_in_that_form_is_refused():
    files = opened(pl.DataFrame({"id": ["ann", "Ann"], "age": [1, 2]}))
    (part,) = rows_with_ids(files, {"age"}, pl.String(), lambda ids: ids.str.to_lowercase())
    with pytest.raises(InputError, match="a customer comes again in 1 of 2 rows"):
        part.check_once()


def test_what_is_no_number_is_null():
    (part,) = rows_with_ids(opened(pl.DataFrame({"id": [1], "size": [float("nan")]})), {"size"}, pl.Int64())
    assert part.rows.collect().rows() == [(1, None)]


def test_ids_of_another_type_are_refused():
    with pytest.raises(InputError, match="attributes_key"):
        rows_with_ids(opened(pl.DataFrame({"id": [1.5], "age": [1]})), {"age"}, pl.String())
