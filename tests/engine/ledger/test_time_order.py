from datetime import date, datetime

import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine.ledger.time_order import in_time_order


def read_order(folder, **columns):
    """Names of the files in the order in which they are read, and their first rows."""
    orders = in_time_order(engine.scan_orders(folder, engine.Columns(**columns)))
    return [file.path[-9] for file in orders.files]


def day(number, **columns):
    return log(order_ts=[date(2024, 1, number)] * 6, **columns)


def test_files_come_in_the_order_of_their_first_days_and_rows_with_them(tmp_path):
    folder = write_all(tmp_path, day(9, amount=[9.0] * 6), day(2, amount=[2.0] * 6), day(5, amount=[5.0] * 6))
    assert read_order(folder) == ["1", "2", "0"]
    lines = in_time_order(engine.scan_orders(folder)).lines.collect()
    assert lines["amount"].to_list() == [2.0] * 6 + [5.0] * 6 + [9.0] * 6


def test_of_files_that_begin_alike_the_shorter_comes_first_and_ties_keep_the_order_of_paths(tmp_path):
    long = log(order_ts=[date(2024, 1, number) for number in (3, 4, 5, 6, 7, 8)])
    assert read_order(write_all(tmp_path, long, day(3), day(4), day(3))) == ["1", "3", "0", "2"]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_times_of_any_kind_are_compared(tmp_path, unit, zone):
    def at(hour):
        return log(order_ts=pl.Series([datetime(2024, 1, 1, hour, 0, 0, 1000)] * 6, dtype=pl.Datetime(unit, zone)))

    assert read_order(write_all(tmp_path, at(7), at(3))) == ["1", "0"]


def test_row_groups_are_looked_at_one_and_all(tmp_path):
    frame = log(order_ts=[date(2024, 1, number) for number in (9, 9, 1, 9, 9, 9)])
    write_all(tmp_path, day(5))
    frame.write_parquet(tmp_path / "p1.parquet", row_group_size=2)
    assert read_order(tmp_path) == ["1", "0"]


@pytest.mark.parametrize("odd", ["no statistics", "only nulls", "another type", "an expression", "damaged"])
def test_without_a_day_to_go_by_files_come_in_the_order_of_paths(tmp_path, odd):
    columns = {"time": "order_ts + INTERVAL '1 day'"} if odd == "an expression" else {}
    write_all(tmp_path, day(9), day(5))
    third = {"only nulls": [None] * 6, "another type": [datetime(2024, 1, 1)] * 6}.get(odd, [date(2024, 1, 1)] * 6)
    lines = log().with_columns(order_ts=pl.Series(third, dtype=pl.Date if odd == "only nulls" else None))
    lines.write_parquet(tmp_path / "p2.parquet", statistics=odd != "no statistics")
    orders = engine.scan_orders(tmp_path, engine.Columns(**columns))
    if odd == "damaged":
        write(tmp_path / "p1.parquet").write_bytes(b"PAR1 and then nothing")
    assert [file.path[-9] for file in in_time_order(orders).files] == ["0", "1", "2"]
