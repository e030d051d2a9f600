"""The lines of the window, a share of the customers at a time."""

from datetime import date, timedelta

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.audit import refused_rows
from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.formats import text_files, text_records
from whalecurve.engine.orders import day_at, day_number, observed_lines

FIRST, LAST = date(2024, 2, 1), date(2024, 2, 29)


@pytest.fixture
def orders(tmp_path):
    """200 lines of 40 customers over January to March, every tenth without an amount."""
    pl.DataFrame(
        {
            "customer_id": [i % 40 for i in range(200)],
            "order_ts": [date(2024, 1, 1) + timedelta(days=i % 91) for i in range(200)],
            "amount": [None if i % 10 == 0 else float(i) for i in range(200)],
        }
    ).write_parquet(tmp_path / "log.parquet")
    return engine.scan_orders(tmp_path / "log.parquet")


def test_usable_lines_of_the_window_come_and_no_others(orders):
    found = observed_lines(orders, engine.Window(since=FIRST, as_of=LAST)).collect()
    expected = [i for i in range(200) if i % 10 and FIRST <= date(2024, 1, 1) + timedelta(days=i % 91) <= LAST]
    assert sorted(found["amount"].to_list()) == [i * 1_000_000 for i in expected]
    assert {day_at(day) for day in found["day"]} <= {FIRST + timedelta(days=d) for d in range(29)}


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100])
def test_shares_are_everybody_once_and_the_same_of_lines_as_of_customers(orders, n):
    window = engine.Window(since=FIRST, as_of=LAST)
    whole = observed_lines(orders, window).collect()
    customers = whole.select("customer_id").unique()
    parts = [(observed_lines(orders, window, share).collect(), share.of(customers)) for share in shares_of(n)]
    assert len(parts) == n
    assert sorted(pl.concat(lines for lines, _ in parts).rows()) == sorted(whole.rows())
    for lines, mine in parts:
        assert set(lines["customer_id"]) == set(mine["customer_id"])
    assert sum(mine.height for _, mine in parts) == customers.height


def test_day_numbers_and_dates_are_each_others_inverse():
    for number in (-719_162, -1, 0, 1, 19_723, 2_932_896):  # 0001-01-01 to 9999-12-31
        assert day_number(day_at(number)) == number
    assert day_at(0) == date(1970, 1, 1)


TEXT = """customer_id,order_ts,amount,qty,note
007,2024-01-01,12.50,1,a
7,2024-01-02,twelve,1,b
8,2024-02-30,3,1,c
9,2024-01-03,4,one,d
10,2024-01-04,5,2
11,2024-01-05,6,2,e,f
,2024-01-06,7,2,g
12,2024-01-07,8,3,h
"""


@pytest.fixture
def text_log(tmp_path, monkeypatch):
    """Writes a text log, whose types are those of its first line."""
    monkeypatch.setattr(text_files, "SAMPLE_ROWS", 1)

    def write(text=TEXT):
        path = tmp_path / "log.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path, **columns):
    orders = engine.scan_orders(path, engine.Columns(**columns))
    audit = engine.audit_orders(orders, engine.Window())
    return audit, refused_rows(orders, audit).select("row", "reason", "found").rows()


def test_a_cell_that_cannot_be_read_refuses_its_line_and_is_shown(text_log):
    audit, rows = refused(text_log())
    assert (audit.n_read, audit.n_used) == (8, 3)
    assert audit.refused == {"null_customer": 1, "unreadable": 4}
    assert rows == [
        (1, "unreadable", 'amount "twelve"'),
        (2, "unreadable", 'order_ts "2024-02-30"'),
        (4, "unreadable", "4 cells, expected 5"),
        (5, "unreadable", "6 cells, expected 5"),
        (6, "null_customer", None),
    ]


def test_only_cells_that_the_mapping_reads_count(text_log):
    path = text_log()
    assert [row for row, *_ in refused(path, amount="amount * qty")[1]] == [1, 2, 3, 4, 5, 6]
    assert [row for row, *_ in refused(path, amount="1")[1]] == [2, 4, 5, 6]


def test_a_line_of_which_the_condition_cannot_be_told_is_refused_and_not_left_out(text_log):
    path = text_log(TEXT.replace("twelve", "12").replace("2024-02-30", "2024-02-29"))
    audit, rows = refused(path, where="qty < 2", amount="1", customer="note")
    assert [row for row, *_ in rows] == [3, 4, 5]
    assert (audit.n_read, audit.n_used) == (8, 3)
    assert (audit.refused, audit.n_filtered) == ({"unreadable": 3}, 2)
    audit, rows = refused(path, where="note < 'c'")  # and a line that it leaves out is left out, readable or not
    assert (audit.n_used, rows) == (2, [(4, "unreadable", rows[0][2]), (5, "unreadable", rows[1][2])])


def test_ids_of_text_keep_their_zeros_unless_the_mapping_says_otherwise(text_log):
    path = text_log()
    used = lambda **columns: (
        observed_lines(engine.scan_orders(path, engine.Columns(**columns)), engine.Window(as_of=LAST))
        .collect()["customer_id"]
        .to_list()
    )
    assert used() == ["007", "9", "12"]
    assert used(customer="CAST(customer_id AS BIGINT)") == [7, 9, 12]


def test_dimensions_of_text_are_text_unless_they_are_read_for_more(text_log):
    path = text_log()
    types = lambda **columns: engine.scan_orders(path, engine.Columns(**columns), ["qty", "note"]).mapping.dimensions
    assert str(types()["qty"].dtype) == "String"
    assert [str(role.dtype) for role in types(where="qty > 1").values()] == ["Int64", "String"]


def test_rows_are_counted_from_0_in_each_text_file_over_blocks_of_any_size(tmp_path, monkeypatch):
    monkeypatch.setattr(text_records, "BLOCK", 64)
    for part in range(3):
        lines = [f"{i},2024-01-0{part + 1},{'x' if i % 10 == part else i}" for i in range(1, 51)]
        text = "customer_id,order_ts,amount\n" + "\n".join(lines)
        (tmp_path / f"p{part}.csv").write_text(text, encoding="utf-8")
    audit, rows = refused(tmp_path)
    assert (audit.n_read, audit.refused) == (150, {"unreadable": 15})
    expected = [i - 1 for part in range(3) for i in range(1, 51) if i % 10 == part]
    assert [row for row, *_ in rows] == expected
