import numpy as np
import polars as pl
import pytest

from tests.oracle.totals import Line
from tests.support.order_lines import lines_of
from whalecurve.engine.store.day_counts import SCHEMA, DayCounts, LineFlags


def test_days_are_counted_over_batches_and_those_without_lines_are_left_out():
    counts = DayCounts()
    counts.add(lines_of([Line(1, 900, 10), Line(1, 3, -4)]))
    counts.add(lines_of([]))
    counts.add(lines_of([Line(2, 3, 1)]))
    found = counts.to_frame().select("day", "refusal", "n", "n_return", "n_positive_return", "n_null_order", "turnover")
    assert found.rows() == [(3, 0, 2, 1, 0, 2, 5.0), (900, 0, 1, 0, 0, 1, 10.0)]


def test_lines_of_a_log_without_order_ids_have_no_unnamed_orders():
    counts = DayCounts()
    counts.add(lines_of([Line(1, 3, 1)], has_orders=False))
    assert counts.to_frame()["n_null_order"].to_list() == [0]


def test_flagged_returns_that_had_a_positive_amount_are_counted():
    counts = DayCounts()
    lines = [Line(1, 3, -1, is_return=True), Line(1, 3, -1, is_return=True), Line(1, 4, -1, is_return=False)]
    counts.add(lines_of(lines, has_orders=False), LineFlags(was_positive_return=np.array([True, False, False])))
    assert counts.to_frame().select("day", "n_return", "n_positive_return").rows() == [(3, 2, 1), (4, 0, 0)]


def test_each_oddity_is_counted_by_day_in_a_column_of_its_own_and_kept_by_a_table():
    counts = DayCounts()
    lines = [Line(1, 3, -1, is_return=True), Line(1, 3, 0), Line(1, 4, 0, order=7)]
    odd = LineFlags(
        was_unflagged_return=np.array([True, False, False]), is_below_resolution=np.array([False, True, True])
    )
    counts.add(lines_of(lines), odd)
    found = DayCounts.of(counts.to_frame()).to_frame()
    columns = ("day", "n_positive_return", "n_unflagged_return", "n_below_resolution", "n_null_order")
    assert found.select(columns).rows() == [(3, 0, 1, 1, 2), (4, 0, 0, 1, 0)]


@pytest.mark.parametrize("codes", [[], [0, 0], [5, 1, 5]])
def test_refused_lines_have_a_row_for_each_reason_and_no_day(codes):
    counts = DayCounts()
    for _ in range(2):
        counts.add_refused(pl.DataFrame({"refusal": pl.Series(codes, dtype=pl.UInt8)}))
    frame = counts.to_frame()
    assert frame.schema == pl.Schema(SCHEMA)
    expected = [(None, code, 2 * codes.count(code)) for code in sorted({code for code in codes if code})]
    assert frame.select("day", "refusal", "n").rows() == expected
