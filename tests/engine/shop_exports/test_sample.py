import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine.order_files.files import find_files
from whalecurve.engine.shop_exports.sample import sample_of


def test_a_small_log_is_its_own_sample(tmp_path):
    assert sample_of(find_files(write(tmp_path / "a.parquet"))).equals(log())


def test_a_sample_has_rows_from_the_beginning_to_the_end_of_the_first_and_last_file(tmp_path):
    parts = [pl.DataFrame({"n": range(start, start + 1000)}) for start in range(0, 5000, 1000)]
    numbers = sample_of(find_files(write_all(tmp_path, *parts)), n_rows=120)["n"].to_list()
    assert len(numbers) == 120
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == (0, 4999)
    assert any(2000 <= number < 3000 for number in numbers)


def test_files_that_disagree_on_a_column_have_it_as_text_and_lists_not_at_all(tmp_path):
    folder = write_all(tmp_path, log(x=pl.lit(1), y=pl.lit([1])), log(x=pl.lit("b"), y=pl.lit(1)))
    sample = sample_of(find_files(folder))
    assert sample["x"].to_list() == ["1"] * 6 + ["b"] * 6
    assert "y" not in sample.slice(0, 6).drop_nulls().columns or sample["y"][:6].null_count() == 6


def test_of_files_without_rows_there_are_the_columns(tmp_path):
    assert sample_of(find_files(write(tmp_path / "a.parquet", log().clear()))).columns == log().columns


def test_a_file_that_is_damaged_is_named(tmp_path):
    path = write(tmp_path / "a.parquet", log(note=pl.lit("x" * 50)))
    files = find_files(path)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(bytes(content))
    with pytest.raises(engine.InputError, match=r"a\.parquet: cannot be read \("):
        sample_of(files)
