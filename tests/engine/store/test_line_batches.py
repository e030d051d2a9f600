import os
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.logs import log, write
from tests.support.random_logs import IDS, logs
from whalecurve import engine
from whalecurve.engine.orders.days import END_OF_CALENDAR, day_number, in_window
from whalecurve.engine.orders.line_checks import checked_lines
from whalecurve.engine.runtime.read_ahead import SETTING, little_ahead
from whalecurve.engine.store import line_batches as reading
from whalecurve.engine.store.day_counts import DayCounts
from whalecurve.engine.store.line_batches import (
    bytes_of,
    ends_and_bytes,
    from_bytes,
    ids_of,
    integer_keys,
    is_text,
    line_batches,
)


def no_plain_way(patch):
    patch.setattr(reading._Reader, "_plain", lambda self, batch: None)


def read(orders, window=engine.Window(), rows=reading.ROWS):  # noqa: B008 - frozen
    """Lines as tuples in words that both ways share, and the counts by day."""
    counts, found = DayCounts(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "ROWS", rows)
        for lines in line_batches(orders, window, counts):
            columns = lines._asdict()
            if not lines.is_return.size:
                columns["is_return"] = lines.amount < 0
            for name in ("order_is_null", "margin", "order"):
                if not columns[name].size:
                    columns[name] = np.zeros(lines.key.size)
            texts = [lines.text[a:b].tobytes() for a, b in pairwise(lines.ends)]
            rows_of = zip(*(columns[name].tolist() for name in lines._fields[:7]), strict=True)
            ids = texts or [None] * lines.key.size
            found += [
                (row[:4], row[4] if not row[5] else None, bool(row[6]), id_)
                for row, id_ in zip(rows_of, ids, strict=True)
            ]
    return found, counts.to_frame()


@settings(max_examples=40, deadline=None)
@given(logs(types=tuple(dtype for dtype in IDS if dtype != pl.Int128)), st.sampled_from([1, 3, 1000]))
def test_the_plain_and_the_checked_way_give_the_same_lines_and_counts(tmp_path_factory, drawn, rows):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    found, counts = read(orders, drawn.window, rows)
    with pytest.MonkeyPatch.context() as patch:
        no_plain_way(patch)
        expected, counts_checked = read(orders, drawn.window)
    assert found == expected
    assert counts.equals(counts_checked)


@settings(max_examples=30, deadline=None)
@given(logs(types=(pl.Int64, pl.String)))
def test_every_usable_line_of_the_window_comes_once_and_in_the_order_of_the_files(tmp_path_factory, drawn):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    first, last = (day and day_number(day) for day in (drawn.window.since, drawn.window.as_of))
    observed = in_window(first, last or END_OF_CALENDAR)
    usable = checked_lines(orders, drawn.window).filter(observed).collect()
    found, _ = read(orders, drawn.window, 7)
    assert [(row[1], row[2]) for row, *_ in found] == usable.select("day", "amount").rows()
    ids = usable["customer_id"].to_list()
    assert [id_.decode() if id_ is not None else row[0] for row, _, _, id_ in found] == ids


@pytest.mark.parametrize("way", ["plain", "checked"])
@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
def test_columns_are_of_one_kind_whatever_the_way_so_that_kernels_are_compiled_once(tmp_path, monkeypatch, way, kind):
    if way == "checked":
        no_plain_way(monkeypatch)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", log(customer_id=pl.col("customer_id").cast(kind))))
    for window in (engine.Window(), engine.Window(since=date(2024, 1, 3))):
        for lines in line_batches(orders, window, None):
            assert not any(column.flags.writeable for column in lines)
            assert all(column.flags.c_contiguous for column in lines)
            assert (lines.key.dtype, lines.day.dtype, lines.amount.dtype) == (np.int64, np.int32, np.int64)
            assert (lines.ends.dtype, lines.text.dtype, lines.order.dtype) == (np.int64, np.uint8, np.int64)


@pytest.mark.parametrize("amount", [-1e-9, 1e-9, float("nan"), 9.3e12, None])
def test_a_batch_with_an_odd_amount_goes_the_checked_way(tmp_path, monkeypatch, amount):
    ways = []
    plain = reading._Reader._plain
    monkeypatch.setattr(reading._Reader, "_plain", lambda *given: ways.append(plain(*given)) or ways[-1])
    orders = engine.scan_orders(write(tmp_path / "a.parquet", amount=[1.0, 2.0, amount, 4.0, 5.0, 6.0]))
    found, _ = read(orders, rows=2)
    assert len(found) == (6 if amount in (-1e-9, 1e-9) else 5)
    assert sum(lines is not None for lines in ways) == 2


@pytest.mark.parametrize("cost", [-9.1e12, 9.1e12])
def test_a_margin_beyond_64_bits_is_refused_either_way(tmp_path, cost):
    path = write(tmp_path / "a.parquet", amount=[9.1e12, 1.0, 1.0, 4.0, 5.0, -9.1e12], cost=[cost, 0, 0, 0, 0, cost])
    found, counts = read(engine.scan_orders(path))
    assert len(found) == 5
    assert counts.filter(pl.col("refusal") != 0)["n"].to_list() == [1]


@pytest.mark.parametrize("dtype", [dtype for dtype in IDS if dtype not in (pl.Int128, pl.String, pl.Binary)])
def test_keys_are_in_the_order_of_the_integers_and_lead_back_to_them(dtype):
    ids = pl.Series("customer_id", sorted(IDS[dtype]), dtype=dtype)
    keys = integer_keys(ids)
    assert (np.diff(keys.astype(object)) > 0).all()
    assert ids_of(keys, dtype).equals(ids, check_names=True, check_dtypes=True)


@pytest.mark.parametrize("dtype", [pl.String, pl.Binary])
def test_bytes_of_texts_are_found_between_their_ends_in_slices_too(dtype):
    texts = [b"", b"a", b"longer than twelve bytes", b"\xc3\xa9", b"z" * 100]
    ids = pl.Series([one.decode() for one in texts] if dtype == pl.String else texts, dtype=dtype)
    for series, expected in ((ids, texts), (ids[2:4], texts[2:4]), (ids[:0], []), (pl.concat([ids, ids]), texts * 2)):
        ends, data = ends_and_bytes(series)
        assert [data[a:b].tobytes() for a, b in pairwise(ends)] == expected


@pytest.mark.parametrize("dtype", list(IDS))
def test_ids_that_no_word_holds_are_kept_as_bytes_in_the_same_order(tmp_path, dtype):
    ids = pl.Series(IDS[dtype] * 6, dtype=dtype)[:6]
    orders = engine.scan_orders(write(tmp_path / "a.parquet", customer_id=ids))
    assert is_text(orders) == (dtype in (pl.Int128, pl.String, pl.Binary))
    if is_text(orders):
        kept = bytes_of(ids).cast(pl.Binary)
        assert ids.sort().equals(from_bytes(kept.sort(), ids.dtype), check_names=False)


def test_polars_reads_little_ahead_unless_the_environment_says_how_much(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    with little_ahead():
        assert int(os.environ[SETTING]) >= 2
    assert SETTING not in os.environ
    monkeypatch.setenv(SETTING, "17")
    with little_ahead():
        assert os.environ[SETTING] == "17"
    assert os.environ[SETTING] == "17"
