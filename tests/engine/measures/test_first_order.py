"""Stickiness by what a customer's first order was like."""

from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest

from tests.support.logs import write
from whalecurve.engine import Columns, Window, scan_orders
from whalecurve.engine.measures.measures import MeasureSettings, stickiness_by

AS_OF = date(2024, 12, 31)
SETTINGS = MeasureSettings(observed_from=date(2024, 1, 1), as_of=AS_OF)
LINES = [
    # customer, time, amount, order, channel, store
    (1, datetime(2024, 1, 5, 9), 5.0, "b", "web", 10),
    (1, datetime(2024, 1, 5, 9), 5.0, "a", "shop", 9),  # the same time and a lesser id: the first order
    (1, datetime(2024, 1, 5, 8), -1.0, "0", "mail", 1),  # a return is no order
    (1, datetime(2024, 2, 5, 8), 5.0, "c", "mail", 1),
    (2, datetime(2024, 3, 1, 12), 5.0, "d", "web", None),
    (2, datetime(2024, 3, 1, 12), 5.0, "d", "app", 10),  # both on one order
    (3, datetime(2024, 3, 1, 12), 5.0, None, "web", 9),
    (3, datetime(2024, 3, 1, 12), 5.0, "e", "shop", None),  # an order with an id before one without
    (3, datetime(2024, 8, 1, 12), 5.0, "f", "web", 9),
    (4, datetime(2024, 12, 1, 12), 5.0, "g", "shop", 9),  # not observed for 90 days
    (5, datetime(2024, 5, 1, 12), -5.0, "h", "shop", 9),  # no purchase at all
    (6, datetime(2024, 6, 1, 23), 5.0, "j", "web", 9),
    (6, datetime(2024, 6, 1, 1), 5.0, "k", None, 9),
    (6, datetime(2024, 8, 30, 1), 5.0, "l", "web", 9),  # 90 days later
]
CUSTOMERS = pl.LazyFrame(
    {
        "customer_id": [1, 2, 3, 4, 5, 6],
        "first_day": [date(2024, 1, 5), date(2024, 3, 1), date(2024, 3, 1), date(2024, 12, 1), None, date(2024, 6, 1)],
        "second_day": [date(2024, 2, 5), None, date(2024, 8, 1), None, None, date(2024, 8, 30)],
    }
).with_columns(pl.col("first_day", "second_day").cast(pl.Int32))


@pytest.fixture
def lines():
    columns = ["customer_id", "order_ts", "amount", "order_id", "channel", "store"]
    return pl.DataFrame(LINES, schema=columns, orient="row")


def found(path, n_passes=1, **columns):
    orders = scan_orders(path, Columns(**columns), ["channel", "store"])
    return stickiness_by(orders, Window(as_of=AS_OF), SETTINGS, CUSTOMERS, n_passes)


def test_new_customers_are_counted_by_their_first_order(lines, tmp_path):
    by = found(write(tmp_path / "a.parquet", lines))
    table = by.table
    assert table.drop("scheme", "group", "stickiness", "low", "high").rows() == [
        ("channel", "app", 1, 1, 0),
        ("channel", "shop", 3, 2, 1),
        ("channel", "web", 1, 1, 0),
        ("channel", None, 1, 1, 1),
        ("store", "10", 1, 1, 0),
        ("store", "9", 3, 2, 2),
        ("store", None, 1, 1, 0),
    ]
    assert table["stickiness"].to_list() == [0.0, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0]
    assert by.values_per_order == {"channel": 5 / 4, "store": 1.0}
    assert (table["low"] <= table["stickiness"]).all()
    assert set(table["scheme"]) == set(table["group"]) == {"all"}


def test_neither_the_order_of_rows_and_files_nor_passes_matter(lines, tmp_path):
    expected = found(write(tmp_path / "a.parquet", lines))
    for seed in range(5):
        mixed = lines.sample(fraction=1.0, shuffle=True, seed=seed)
        folder = tmp_path / f"mixed{seed}"
        write(folder / "a.parquet", mixed[:6])
        write(folder / "b.parquet", mixed[6:])
        again = found(folder, n_passes=1 + seed % 3)
        assert again.table.equals(expected.table)
        assert again.values_per_order == expected.values_per_order


def test_a_customer_counts_with_every_value_on_the_first_order(tmp_path):
    """Of 200 first orders of bikes and clothing 100 came back, of 200 of accessories and clothing none, of 20 all."""
    orders = [(("Bikes", "Clothing"), 200, 100), (("Accessories", "Clothing"), 200, 0), (("Clothing",), 20, 20)]
    rows, second = [], []
    for categories, n, n_back in orders:
        for i in range(n):
            customer, moment = len(second), datetime(2024, 3, 1, 12)
            rows += [(customer, moment.replace(minute=at), 9.0, f"o{customer}", c) for at, c in enumerate(categories)]
            second.append(date(2024, 4, 1) if i < n_back else None)
    columns = ["customer_id", "order_ts", "amount", "order_id", "category"]
    path = write(tmp_path / "a.parquet", pl.DataFrame(rows, schema=columns, orient="row"))
    customers = pl.LazyFrame(
        {"customer_id": range(420), "first_day": [date(2024, 3, 1)] * 420, "second_day": second}
    ).with_columns(pl.col("first_day", "second_day").cast(pl.Int32))
    by = stickiness_by(scan_orders(path, Columns(), ["category"]), Window(as_of=AS_OF), SETTINGS, customers)
    assert by.table.select("value", "new", "observed", "back").rows() == [
        ("Accessories", 200, 200, 0),
        ("Bikes", 200, 200, 100),
        ("Clothing", 420, 420, 120),
    ]
    assert by.values_per_order == {"category": 820 / 420}


def test_where_nothing_is_known_of_first_orders_there_is_no_number_of_values(lines, tmp_path):
    unknown = lines.with_columns(channel=pl.lit(None, pl.String))
    by = found(write(tmp_path / "a.parquet", unknown))
    assert by.values_per_order == {"channel": None, "store": 1.0}
    assert by.table.filter(by="channel").select("value", "new").rows() == [(None, 5)]


def test_without_order_ids_the_lines_of_the_first_day_are_the_first_order(lines, tmp_path):
    table = found(write(tmp_path / "a.parquet", lines), order="").table
    by_channel = {value: new for by, value, new in table.select("by", "value", "new").rows() if by == "channel"}
    assert by_channel == {"app": 1, "shop": 3, "web": 4}


def test_groups_of_a_scheme_add_up_to_all_customers(lines, tmp_path):
    orders = scan_orders(write(tmp_path / "a.parquet", lines), Columns(), ["channel", "store"])
    setting = replace(SETTINGS, schemes=(("tier", ("gold", "iron")),))
    customers = CUSTOMERS.with_columns(tier=pl.Series(["iron", "gold", None, "gold", "gold", "iron"]))
    table = stickiness_by(orders, Window(as_of=AS_OF), setting, customers).table
    assert table.columns == ["scheme", "group", "by", "value", "new", "observed", "back", "stickiness", "low", "high"]
    assert table["group"].unique(maintain_order=True).to_list() == ["all", "gold", "iron", None]
    sums = table.group_by("scheme", "by", "value").agg(pl.col("new", "observed", "back").sum())
    whole, tiers = (sums.filter(scheme=scheme).drop("scheme").sort(pl.all()) for scheme in ("all", "tier"))
    assert whole.equals(tiers)
