"""The first order of a customer: by time, then by id, whatever the order of the lines."""

from datetime import date, datetime

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.orders import (
    day_number,
    dimension_column,
    first_order_lines,
    first_orders,
    scan_orders,
    value_of_first_order,
)
from whalecurve.engine.settings import ObservedWindow

LINES = [
    # customer, time, amount, order, shop
    (1, datetime(2024, 1, 1, 9), 5.0, "b", "North"),
    (1, datetime(2024, 1, 1, 8), 5.0, "c", "West"),
    (1, datetime(2024, 1, 1, 8), 5.0, "c", "South"),  # on the same order
    (1, datetime(2024, 1, 1, 23), 5.0, "c", "North"),  # and later on the day
    (1, datetime(2024, 1, 2, 8), 5.0, "c", "Bay"),  # on another day it is another order
    (1, datetime(2024, 1, 1, 8), 5.0, "d", "East"),  # same time, later id
    (1, datetime(2024, 1, 1, 7), -1.0, "a", "East"),  # a return is no order
    (2, datetime(2024, 1, 2, 8), 5.0, None, "East"),  # without an id comes last at its time
    (2, datetime(2024, 1, 2, 8), 5.0, "z", None),
    (3, datetime(2024, 1, 3, 8), 5.0, "y", "East"),  # not asked for
]
NAMES = ("customer_id", "order_ts", "amount", "order_id", "shop")
WINDOW = engine.Window(as_of=datetime(2024, 1, 31).date())


@pytest.mark.parametrize("step", [1, -1])
def test_the_first_order_is_the_earliest_sale_and_then_the_least_id(step, tmp_path):
    pl.DataFrame(LINES[::step], schema=NAMES, orient="row").write_parquet(tmp_path / "log.parquet")
    orders = engine.scan_orders(tmp_path / "log.parquet", dimensions=["shop"])
    days = [(datetime(2024, 1, d) - datetime(1970, 1, 1)).days for d in (1, 2)]
    customers = pl.LazyFrame({"customer_id": [1, 2], "first_day": days}, schema_overrides={"first_day": pl.Int32})
    found = first_orders(orders, WINDOW, customers).sort("customer_id").collect()
    assert found.rows(named=True) == [{"customer_id": 1, "order_id": "c"}, {"customer_id": 2, "order_id": "z"}]
    shop = dimension_column("shop")
    lines = first_order_lines(orders, WINDOW, customers, ["shop"]).sort("customer_id", shop)
    assert lines.columns == ["customer_id", shop]
    assert lines.rows() == [(1, "North"), (1, "South"), (1, "West"), (2, None)]


def test_a_first_order_names_a_value_where_it_has_one_alone(tmp_path):
    day = date(2024, 1, 1)
    lines = pl.DataFrame(
        {
            "customer_id": ["a", "a", "b", "b", "c", "d"],
            "order_ts": [day] * 6,
            "order_id": [1, 1, 2, 2, 3, 4],
            "amount": [1.0] * 6,
            "channel": ["web", "web", "web", "shop", None, "shop"],
        }
    )
    lines.write_parquet(tmp_path / "orders.parquet")
    orders = scan_orders(tmp_path / "orders.parquet", dimensions=["channel"])
    window = ObservedWindow(as_of=day)
    customers = lines.select("customer_id", first_day=pl.lit(day_number(day), pl.Int32)).unique().lazy()
    found = value_of_first_order(first_order_lines(orders, window, customers, ["channel"]), orders, "channel")
    assert sorted(found.rows()) == [("a", 1, "web"), ("b", 2, None), ("d", 1, "shop")]
