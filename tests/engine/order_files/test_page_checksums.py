import os
import struct
import zlib

import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.support.logs import log, write
from whalecurve import engine
from whalecurve.engine.formats.page_headers import pages
from whalecurve.engine.order_files.files import find_files

MARK = 500.125
LINES = log(amount=[1.0, 2.0, MARK, 4.0, 5.0, 6.0], unused=pl.lit(MARK + 1.0), order_id=pl.lit("x"))


def write_with_checksums(path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(LINES.to_arrow(), path, write_page_checksum=True, **{"use_dictionary": False, **options})
    return path


def flip(path, number):
    """Make another amount of one: a change that no reader sees without a checksum."""
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    at = content.rindex(struct.pack("<d", number), 0, footer)  # earlier ones are statistics in the header of the page
    content[at + 6] ^= 16
    path.write_bytes(bytes(content))


def refusal(call, *args, **options):
    with pytest.raises(engine.InputError) as caught:
        call(*args, **options)
    return str(caught.value)


def test_a_flipped_amount_is_found_where_pages_have_checksums(tmp_path):
    write(tmp_path / "a.parquet", LINES)
    path = write_with_checksums(tmp_path / "b.parquet", compression="none")
    assert [file.has_checksums for file in find_files(tmp_path)] == [False, True]
    assert engine.check_orders(tmp_path).amount == 2 * (18 + MARK)
    flip(path, MARK)
    said = (
        f'{path}: cannot be read to its end (a page of column "amount" does not match its checksum); export the file '
        f"again, or exclude it"
    )
    assert refusal(engine.check_orders, tmp_path) == said
    assert refusal(engine.score, tmp_path, out=tmp_path / "scores") == said
    assert not (tmp_path / "scores").exists()


def test_only_the_columns_that_are_read_are_checked(tmp_path):
    path = write_with_checksums(tmp_path / "a.parquet", compression="none")
    flip(path, MARK + 1.0)
    assert engine.check_orders(path).amount == 18 + MARK
    assert '"unused" does not match' in refusal(engine.check_orders, path, engine.Columns(amount="unused"))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zstd"},
        {"use_dictionary": True},
        {"data_page_version": "2.0"},
        {"row_group_size": 2},
        {"data_page_size": 1, "write_batch_size": 1},
    ],
)
def test_every_page_of_a_sound_file_matches(tmp_path, options):
    path = write_with_checksums(tmp_path / "a.parquet", **options)
    footer, n_pages = pq.read_metadata(path), 0
    with path.open("rb") as file:
        for group in range(footer.num_row_groups):
            for leaf in range(footer.num_columns):
                for start, size, checksum in pages(file.fileno(), footer.row_group(group).column(leaf)):
                    assert zlib.crc32(os.pread(file.fileno(), size, start)) == checksum
                    n_pages += 1
    assert n_pages >= footer.num_row_groups * footer.num_columns
    assert engine.check_orders(path).amount == 18 + MARK


def test_long_texts_in_headers_are_no_hindrance(tmp_path):
    path = tmp_path / "a.parquet"
    lines = LINES.with_columns(order_id=pl.lit("x" * 3000))
    pq.write_table(lines.to_arrow(), path, write_page_checksum=True, write_statistics=True)
    assert engine.check_orders(path).amount == 18 + MARK


def test_a_file_that_is_written_again_is_checked_again(tmp_path):
    path = write_with_checksums(tmp_path / "a.parquet", compression="none")
    assert engine.check_orders(path).amount == 18 + MARK
    flip(path, MARK)
    os.utime(path, ns=(1, 1))
    assert "does not match its checksum" in refusal(engine.check_orders, path)
    write_with_checksums(path, compression="none")
    assert engine.check_orders(path).amount == 18 + MARK


def test_a_state_is_not_brought_up_to_date_with_a_damaged_file(tmp_path):
    write_with_checksums(tmp_path / "orders" / "a.parquet", compression="none")
    options = {"out": tmp_path / "scores", "state": tmp_path / "state", "overwrite": True}
    engine.score(tmp_path / "orders", **options)
    flip(write_with_checksums(tmp_path / "orders" / "b.parquet", compression="none"), MARK)
    said = refusal(engine.score, tmp_path / "orders", **options)
    assert "b.parquet: cannot be read to its end (a page" in said
