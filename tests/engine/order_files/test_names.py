import polars as pl

from whalecurve.engine.order_files import column_names, find_files, free_name


def test_columns_of_several_files_come_once_in_the_order_of_their_first_file():
    frames = [pl.DataFrame({"b": [1], "a": [2]}), pl.DataFrame({"c": [3], "a": [4]})]
    assert column_names(find_files(frames)) == ["b", "a", "c"]
    assert column_names([]) == []


def test_a_free_name_is_lengthened_until_it_is_none_of_those_taken():
    assert free_name("row", ("file",)) == "row"
    assert free_name("row", ("row", "row_")) == "row__"
