"""The lines of the window, a share of the customers at a time."""

from datetime import date, timedelta

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.orders import day_at, day_number, observed_lines, shares_of

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
