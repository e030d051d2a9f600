import random

import polars as pl
import pyarrow.parquet as pq

from tests.support.logs import log, write, write_all
from whalecurve import engine


def complaint(folder):
    """What a check says is wrong, in one line; None where it reads all."""
    try:
        engine.check_orders(folder, engine.Columns(where="brand = 'x'"))
    except engine.InputError as error:
        return str(error)
    return None


def test_whatever_a_damaged_footer_makes_of_a_file_it_is_named_or_read(tmp_path):
    """Flipped bits make Polars panic, Arrow raise and Python fail to decode; about one file in five stays readable."""
    chance = random.Random(7)
    folder = write_all(tmp_path, log(brand=pl.lit("x")), log(brand=pl.lit("x")))
    path = folder / "p1.parquet"
    sound = path.read_bytes()
    start = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little")
    outcomes = set()
    for _ in range(250):
        content = bytearray(sound)
        for _ in range(chance.choice([1, 1, 2, 4])):
            content[chance.randrange(start, len(sound) - 8)] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(content))
        said = complaint(folder)
        assert said is None or f"{path}" in said or f"{folder}/p0.parquet and 1 more" in said
        outcomes.add(said is None)
    assert outcomes == {True, False}


def test_a_footer_says_whether_pages_have_checksums(tmp_path):
    write(tmp_path / "a.parquet")
    pq.write_table(log().to_arrow(), tmp_path / "b.parquet", write_page_checksum=True)
    pq.write_table(log().clear().to_arrow(), tmp_path / "c.parquet", write_page_checksum=True)
    assert [file.has_checksums for file in engine.scan_orders(tmp_path).files] == [False, True, False]
