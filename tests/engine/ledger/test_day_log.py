"""The day log against the order-free plan: every day of every customer, and what they spent of late."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.ledger.test_one_pass import OPEN, PLENTY, assert_same
from tests.engine.ledger.test_one_pass_memory import IDS, make_tiny, room_for, shop
from tests.support.logs import simple_log, write, write_all
from tests.support.random_logs import logs
from whalecurve import engine
from whalecurve.engine.ledger import day_log, one_pass
from whalecurve.engine.ledger.day_log import DayLog
from whalecurve.engine.ledger.one_pass import read_totals
from whalecurve.engine.ledger.order_free import days_of_customers
from whalecurve.engine.ledger.sorted_runs import LOOKED_BACK, PLACE_BITS
from whalecurve.engine.orders.days import day_bounds
from whalecurve.engine.orders.log import reordered
from whalecurve.kernels.ledger.layout import ENTRY, ENTRY_MARGIN, ENTRY_REVENUE


def value_of(orders):
    return "margin" if orders.has_margin else "revenue"


def expected_days(totals):
    """Customer, day, net sums and whether it was a purchase, straight from the lines."""
    days = days_of_customers(totals.orders, totals.audit.window).collect()
    money = [name for name in ("revenue", "margin") if name in days.columns]
    is_purchase = pl.col("purchase_day").is_not_null()
    return days.select("customer_id", "day", *money, is_purchase=is_purchase).sort("customer_id", "day")


def gained(so_far, customer, margin):
    """What a customer's margin has grown by since his previous entry."""
    more, so_far[customer] = margin - so_far[customer], margin
    return more


def logged_days(totals):
    """The same from the logs: each customer's in the log and under the number that his totals name."""
    places = pl.concat(totals.tables()).select("customer_id", "place")
    found = []
    for number, logged in enumerate(totals.logs):
        so_far = np.zeros(logged.skipped.size, dtype=np.int64)
        for entries in logged.log.entries():
            customer = entries[:, ENTRY] >> 32
            margin = [gained(so_far, *own) for own in zip(customer, entries[:, ENTRY_MARGIN], strict=True)]
            columns = {
                "day": ((entries[:, ENTRY] & 0xFFFFFFFF) >> 1).astype(np.int32),
                "revenue": entries[:, ENTRY_REVENUE].copy(),
                **({"margin": np.array(margin, dtype=np.int64)} if totals.orders.has_margin else {}),
                "is_purchase": entries[:, ENTRY] & 1 == 1,
                "place": (number << PLACE_BITS) | customer,
            }
            found.append(pl.DataFrame(columns).filter(logged.skipped[customer] == 0))
    joined = places.join(pl.concat(found), on="place", how="inner", maintain_order="right")
    return joined.drop("place")


def expected_windows(totals, value):
    """Straight from the definitions, day by day."""
    as_of = day_bounds(totals.audit.window)[1]
    rows = []
    for (customer,), days in expected_days(totals).group_by("customer_id", maintain_order=True):
        spent = dict(zip(days["day"], days[value], strict=True))
        bought = days.filter("is_purchase")["day"].to_list()

        def within(first, last, spent=spent):
            return sum(money for day, money in spent.items() if as_of - last <= day <= as_of - first)

        second = bought[1] if len(bought) > 1 else None
        rows.append((customer, second, within(0, 364), within(0, 89), within(90, 179)))
    names = ["customer_id", *(name for name in LOOKED_BACK if name != "place")]
    types = {name: dtype for name, dtype in LOOKED_BACK.items() if name != "place"}
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None).cast(types)


def expected_gaps(totals):
    bought = expected_days(totals).filter("is_purchase")
    gaps = bought.select(pl.col("day").diff().over("customer_id").drop_nulls())
    return np.bincount(gaps["day"].to_numpy(), minlength=totals.gaps.size)


def assert_logged(totals, value):
    days = expected_days(totals)
    found = logged_days(totals)
    assert found.group_by("customer_id").agg(pl.col("day").diff().min() > 0)["day"].all(ignore_nulls=True)
    ids = days["customer_id"].dtype
    assert_same(found.select(days.columns).cast({"customer_id": ids}).sort("customer_id", "day"), days)
    table = pl.concat(totals.tables())
    names = ["customer_id", *(name for name in LOOKED_BACK if name != "place")]
    expected = expected_windows(totals, value)
    assert_same(table.select(names), expected.cast({"customer_id": ids}).sort("customer_id"))
    assert totals.gaps.tolist() == expected_gaps(totals).tolist()


@settings(max_examples=25, deadline=None)
@given(logs(), st.integers(1, 3), st.booleans())
def test_the_log_of_any_orders_has_every_day_and_adds_up(tmp_path_factory, drawn, jobs, is_tight):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    value = value_of(orders)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(day_log, "BLOCK", 3)
        budget = PLENTY
        if is_tight:
            make_tiny(patch)
            patch.setattr(day_log, "IN_MEMORY", 4)
            budget = room_for(3, jobs, has_text=orders.mapping.roles["customer"].dtype in (pl.String, pl.Binary))
        try:
            totals = read_totals(orders, drawn.window, budget, jobs=jobs, value=value)
        except engine.InputError:
            return
        assert_logged(totals, value)
        totals.close()


@pytest.mark.parametrize("kind", IDS)
def test_days_of_customers_in_many_passes_are_all_there(tmp_path, monkeypatch, kind):
    make_tiny(monkeypatch)
    monkeypatch.setattr(day_log, "IN_MEMORY", 50)
    lines = shop(IDS[kind])
    orders = engine.scan_orders(write(tmp_path / "a.parquet", lines))
    aside = tmp_path / "aside"
    aside.mkdir()
    budget = room_for(60 if kind == "integers" else 100, 2, has_text=kind == "strings")
    totals = read_totals(orders, OPEN, budget, jobs=2, aside=aside, value="revenue")
    assert totals.n_passes >= 3
    assert totals.n_disordered
    assert_logged(totals, "revenue")
    totals.close()
    assert list(aside.iterdir()) == []


def test_a_log_out_of_order_has_every_day_too(tmp_path, monkeypatch):
    monkeypatch.setattr(one_pass, "LINES_TO_JUDGE", 100)
    lines = simple_log(3_000, n_customers=200, seed=5).sample(fraction=1.0, shuffle=True, seed=1)
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", lines)), OPEN, PLENTY, value="revenue")
    assert totals.n_disordered == totals.n_customers
    assert_logged(totals, "revenue")


def test_days_that_were_kept_are_those_of_one_reading(tmp_path):
    lines = simple_log(2_000, n_customers=100, seed=3)
    orders = engine.scan_orders(write_all(tmp_path, lines[:700], lines[700:1_500], lines[1_500:]))
    for n in (1, 2, 3):
        files = reordered(orders, orders.files[:n])
        totals = read_totals(files, OPEN, PLENTY, jobs=n, state=tmp_path / "state", value="revenue")
        assert_logged(totals, "revenue")
        totals.close()


def test_nothing_is_logged_unless_asked_for(tmp_path):
    lines = simple_log(100, n_customers=10, seed=1)
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", lines)), OPEN, PLENTY)
    assert (totals.logs, totals.gaps.size) == ([], 0)
    assert not set(LOOKED_BACK) & set(pl.concat(totals.tables()).columns)


def test_a_full_disk_is_said_in_one_line(tmp_path):
    full = DayLog(lambda: tmp_path / "gone", has_margin=True)
    with pytest.raises(engine.InputError, match="no room for the customers' days"):
        full.add(np.zeros((day_log.IN_MEMORY + 1, 3), dtype=np.int64))
