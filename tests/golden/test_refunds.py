"""Whose a return is, for half a dozen customers whose numbers are worked out by hand.

A return is taken off the purchase that it belongs to: that of the first sale under its order id, else the last one on
or before its day, else none. What belongs to the first purchase is in no repeat purchase, so that it shows in the mean
value of these.

amy  sends back a part of the first order after two others
bea  sends back something under an id of its own
cal  ordered twice under one id
dan  sends something back before the first purchase
eva  sends back a part of the first order on the day of the second
fin  sends back the first order on the day of the second, which is no purchase then: too little is left of that day
"""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from whalecurve import engine

WINDOW = engine.Window(as_of=date(2024, 3, 31))

WITH_ORDERS = {
    # purchase days, revenue, mean value of repeat purchases
    "amy": (3, 100 + 50 + 70 - 40, (50 + 70) / 2),  # 60 are left of the first
    "bea": (2, 100 + 50 - 40, (50 - 40) / 1),  # the last purchase before
    "cal": (2, 100 + 60 - 40, 60 / 1),  # off that of January, the first of the two
    "dan": (2, 100 + 50 - 15, 50 / 1),  # off none, though it counts in the revenue
    "eva": (2, 100 + 50 - 20, 50 / 1),  # a purchase, as 30 are left of the day; none of the 20 is of it
    "fin": (2, 100 - 100 + 80 + 30, 30 / 1),  # see below
}
WITHOUT = {
    "amy": (3, 180, (50 + 70 - 40) / 2),  # off the last purchase, of March
    "bea": (2, 110, (50 - 40) / 1),
    "cal": (2, 120, (60 - 40) / 1),
    "dan": (2, 135, 50 / 1),
    "eva": (2, 130, (50 - 20) / 1),
    "fin": (2, 110, 30 / 1),  # the day of no purchase belongs to the first, all of it
}
# Fin has purchases on 10 January and 10 March. The 100 are taken off January's, and the 80 of February, on a day that
# is no purchase, belong to the one before, January's again: 100 - 100 + 80 is its value, and 30 that of March's.


def lines():
    return pl.read_csv(Path(__file__).with_name("refunds.csv"), try_parse_dates=True)


def summary(folder, **columns):
    lines().write_parquet(folder / "refunds.parquet")
    orders = engine.scan_orders(folder / "refunds.parquet", engine.Columns(customer="customer", time="day", **columns))
    names = ("n_purchase_days", "revenue", "monetary_value")
    rows = engine.customer_summary(orders, WINDOW).collect().iter_rows(named=True)
    return {row["customer_id"]: tuple(row[name] for name in names) for row in rows}


def test_a_return_is_taken_off_the_purchase_under_its_order_id(tmp_path):
    assert summary(tmp_path, order="order") == WITH_ORDERS


def test_a_return_without_order_id_is_taken_off_the_last_purchase(tmp_path):
    assert summary(tmp_path) == WITHOUT


@pytest.mark.parametrize("order", ["order", ""])
def test_a_result_records_the_rule(order, tmp_path):
    lines().write_parquet(tmp_path / "refunds.parquet")
    columns = engine.Columns(customer="customer", time="day", order=order)
    run = engine.score(tmp_path / "refunds.parquet", out=tmp_path / "scores", columns=columns, window=WINDOW)
    rule = run.manifest["definitions"]["returns_rule"]
    assert rule == run.model["definitions"]["returns_rule"]
    assert rule == "off the first sale under their order id, else " * bool(order) + "off the last purchase until then"
