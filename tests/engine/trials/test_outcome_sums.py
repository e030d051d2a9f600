"""Sums of assigned customers around the day on which they entered, against plain Python."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.experiments import START, assigned
from tests.support.replays import plan_of
from whalecurve.engine.audit import audit_orders
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.runtime import Budget, memory_budget
from whalecurve.engine.settings import Columns, ObservedWindow
from whalecurve.engine.trials.outcome_sums import Spans, outcomes, read_lines

DAYS, BEFORE = 10, 14
WINDOW = ObservedWindow(as_of=START + timedelta(days=40))


def spans(**changes):
    return Spans(**({"days": DAYS, "before": BEFORE, "looks": (), "metric": "revenue", "value": "revenue"} | changes))


@pytest.fixture(scope="module")
def lines():
    """Sales and returns, several lines an order, of customers 1 to 40 and others."""
    rng = np.random.default_rng(1)
    n = 3_000
    amount = rng.integers(-300, 2_000, n) / 100
    return pl.DataFrame(
        {
            "customer_id": rng.integers(1, 60, n),
            "order_ts": [START + timedelta(days=int(d)) for d in rng.integers(-60, 40, n)],
            "amount": amount,
            "margin": (amount * 0.4).round(2),
            "order_id": rng.integers(0, 900, n),
            "discount": rng.integers(0, 50, n) / 100,
        }
    )


@pytest.fixture(scope="module")
def people():
    """Customers 1 to 40, of whom every third enters a week later, and 41 to 80, whom no line has beyond 59."""
    entered = [START + timedelta(days=7 * (i % 3 == 0)) for i in range(80)]
    known = [day - timedelta(days=2) for day in entered]
    return assigned(["offer"] * 80, entered=entered).with_columns(known_until=pl.Series(known))


def by_hand(lines, customer, low, high):
    """Purchase days, orders, revenue, margin, sold and returned in cents from day low to high."""
    own = lines.filter((pl.col("customer_id") == customer) & pl.col("order_ts").is_between(low, high))
    purchases = orders = 0
    for (_,), day in own.group_by("order_ts"):
        sales, revenue = day.filter(pl.col("amount") >= 0), round(day["amount"].sum() * 100)
        orders += sales["order_id"].n_unique()
        if sales.height and (sales.height == day.height or revenue > 0):
            purchases += 1
    cents = {name: round(own[name].sum() * 100) for name in ("amount", "margin")}
    sold = round(own.filter(pl.col("amount") >= 0)["amount"].sum() * 100)
    return {
        "bought": int(purchases > 0), "purchases": purchases, "orders": orders, "revenue": cents["amount"],
        "margin": cents["margin"], "sold": sold, "returned": sold - cents["amount"],
    }  # fmt: skip


@pytest.mark.parametrize("n_passes", [1, 3])
def test_sums_are_those_of_each_customers_own_days(lines, people, n_passes):
    found = outcomes(scan_orders(lines, Columns()), WINDOW, people, spans(), n_passes)
    assert found["customer_id"].to_list() == list(range(1, 81))
    day = timedelta(days=1)
    for row in found.iter_rows(named=True):
        customer, entered = row["customer_id"], row["entered"]
        after = by_hand(lines, customer, entered, entered + (DAYS - 1) * day)
        before = by_hand(lines, customer, entered - BEFORE * day, entered - day)
        for name in after:
            scale = 1 if name in ("bought", "purchases", "orders") else 10_000
            assert (name, row[name]) == (name, after[name] * scale)
            if name not in ("purchases", "sold"):
                assert (name, row[f"pre_{name}"]) == (name, before[name] * scale)
        known = by_hand(lines, customer, date(2025, 1, 1), entered - 2 * day)
        assert row["value_then"] == known["revenue"] * 10_000
        assert (
            row["n_lines"] == lines.filter(pl.col("customer_id") == customer, pl.col("order_ts") <= WINDOW.as_of).height
        )


def test_looks_add_up_the_metric_so_far(lines, people):
    found = outcomes(scan_orders(lines, Columns()), WINDOW, people, spans(looks=(4, DAYS), metric="orders"))
    day = timedelta(days=1)
    for row in found.iter_rows(named=True):
        entered = row["entered"]
        assert row["look_4"] == by_hand(lines, row["customer_id"], entered, entered + 3 * day)["orders"]
        first = entered - BEFORE * day
        assert row["pre_look_4"] == by_hand(lines, row["customer_id"], first, first + 3 * day)["orders"]
    assert (found[f"look_{DAYS}"] == found["orders"]).all()


def test_looks_at_conversion_say_whether_somebody_has_bought_so_far(lines, people):
    found = outcomes(scan_orders(lines, Columns()), WINDOW, people, spans(looks=(4,), metric="bought"))
    assert set(found["look_4"].unique()) == {0, 1}
    assert (found["look_4"] <= found["bought"]).all()


def test_discounts_of_sales_count_and_those_of_returns_are_given_back(lines, people):
    log = scan_orders(lines, Columns(), ["discount"])
    found = outcomes(log, WINDOW, people, spans(discount="discount"))
    day = timedelta(days=1)
    for row in found.iter_rows(named=True):
        during = pl.col("order_ts").is_between(row["entered"], row["entered"] + (DAYS - 1) * day)
        own = lines.filter(during, customer_id=row["customer_id"])
        sign = pl.when(pl.col("amount") < 0).then(-1).otherwise(1)
        assert row["discount"] == round(own.select((pl.col("discount") * sign).sum()).item() * 100) * 10_000
    plain = outcomes(log, WINDOW, people, spans())
    assert found.drop("discount").equals(plain)


def test_without_order_ids_orders_are_purchase_days(lines, people):
    found = outcomes(scan_orders(lines.drop("order_id"), Columns()), WINDOW, people, spans())
    assert (found["orders"] == found["purchases"]).all()


def test_without_margin_there_is_none(lines, people):
    found = outcomes(scan_orders(lines.drop("margin"), Columns()), WINDOW, people, spans())
    assert "margin" not in found.columns
    assert "pre_margin" not in found.columns


IDS = {
    "whole numbers": lambda ids: ids,
    "numbers far apart": lambda ids: ids * 10**15,
    "negative numbers": lambda ids: ids - 30,
    "unsigned numbers": lambda ids: ids.cast(pl.UInt64) + pl.lit(2**63, pl.UInt64),
    "text": lambda ids: "C" + ids.cast(pl.String).str.zfill(4),
    "bytes": lambda ids: ids.cast(pl.String).cast(pl.Binary),
    "numbers of 128 bits": lambda ids: ids.cast(pl.Int128) * pl.lit(10**30, pl.Int128),
}
LOGS = {
    "everything": lambda lines: lines,
    "no order ids": lambda lines: lines.drop("order_id"),
    "some lines without order id": lambda lines: lines.with_columns(
        order_id=pl.when(pl.col("order_id") % 3 > 0).then("order_id")
    ),
    "order ids of text": lambda lines: lines.with_columns(pl.col("order_id").cast(pl.String)),
    "no margin": lambda lines: lines.drop("margin"),
    "returns by a flag": lambda lines: lines.with_columns(is_return=pl.col("amount") < 3),
}


def both_ways(lines, people, columns=None, **changes):
    """Sums by the one pass that audits, too, and by queries."""
    log = scan_orders(lines, Columns(**(columns or {})))
    plan = plan_of(people, days=DAYS, **changes)
    audit, kept = read_lines(log, WINDOW, plan, memory_budget(None))
    assert kept is not None
    asked = spans(before=DAYS, looks=(4, DAYS), value=plan.value)
    assert audit == audit_orders(log, WINDOW)
    return outcomes(log, WINDOW, people, asked, lines=kept), outcomes(log, WINDOW, people, asked)


@pytest.mark.parametrize("ids", IDS)
def test_one_pass_gives_what_queries_give_whatever_ids_are(lines, people, ids):
    made = IDS[ids](pl.col("customer_id"))
    fast, slow = both_ways(lines.with_columns(customer_id=made), people.with_columns(customer_id=made), entry="rolling")
    assert_frame_equal(fast, slow)
    assert fast["orders"].sum() > 100


@pytest.mark.parametrize("log", LOGS)
def test_one_pass_gives_what_queries_give_whatever_lines_have(lines, people, log):
    columns = {"return_flag": "is_return"} if "flag" in log else {}
    value = "revenue" if log == "no margin" else "margin"
    fast, slow = both_ways(LOGS[log](lines), people, columns, entry="rolling", value=value)
    assert_frame_equal(fast, slow)


def test_lines_that_memory_does_not_hold_are_read_anew(lines, people):
    log, plan = scan_orders(lines, Columns()), plan_of(people, days=DAYS, entry="rolling")
    small = Budget(total=1, base=0, n_lines=1)
    audit, kept = read_lines(log, WINDOW, plan, small)
    assert kept is None
    assert audit == audit_orders(log, WINDOW)


def test_lines_after_the_last_outcome_are_not_kept(lines, people):
    together = people.with_columns(entered=pl.lit(START))
    audit, kept = read_lines(scan_orders(lines, Columns()), WINDOW, plan_of(together, days=DAYS), memory_budget(None))
    last = (START + timedelta(days=DAYS - 1) - date(1970, 1, 1)).days
    assert kept.late["day"].max() == last
    assert audit.last_day > START + timedelta(days=DAYS)


def test_customers_may_be_assigned_in_any_order(lines, people):
    shuffled = people.sample(fraction=1.0, shuffle=True, seed=4)
    fast, slow = both_ways(lines, shuffled, entry="rolling")
    assert_frame_equal(fast, slow)
    straight, _ = both_ways(lines, people, entry="rolling")
    assert_frame_equal(fast.sort("customer_id"), straight)
