"""Ledgers that give up customers while they are read: the others go on as if nothing had happened."""

from datetime import date, timedelta
from random import Random

import numpy as np
import polars as pl
import pytest

from tests.engine.ledger.test_one_pass import assert_same
from tests.engine.ledger.test_one_pass_memory import make_tiny
from tests.support.logs import write
from whalecurve import engine
from whalecurve.engine.ledger import line_batches as lines
from whalecurve.engine.ledger.ledger import Ledgers
from whalecurve.engine.ledger.line_batches import is_text, line_batches
from whalecurve.engine.ledger.order_free import customer_totals
from whalecurve.engine.ledger.part import LedgerPart
from whalecurve.engine.ledger.sorted_runs import LedgerRun
from whalecurve.kernels.ledger.layout import N_SEEN
from whalecurve.kernels.ledger.updating import ALL

WINDOW = engine.Window(as_of=date(2024, 1, 2))


def busy_days(n_customers, *, n_days=2, n_orders=4, seed=1):
    """Customers with several orders on each day, the lines of every order and day far apart."""
    random, rows = Random(seed), []
    for day in range(n_days):
        today = [(f"c{customer}", order) for customer in range(n_customers) for order in range(n_orders)] * 2
        random.shuffle(today)
        rows += [(customer, date(2024, 1, 1) + timedelta(days=day), order, 1.0) for customer, order in today]
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "order_id", "amount"], orient="row")


def with_ids(frame, kind):
    number = pl.col("customer_id").str.slice(1).cast(pl.Int64)
    return frame.with_columns(number if kind == "integers" else "customer_id")


def totals_in(ledgers, orders):
    tables = []
    for part in ledgers.parts:
        state, n = part.state, part.n_customers
        run = LedgerRun(state.hot[:n], state.cold[:n], state.text, np.arange(n), orders)
        tables.append(run.table(0, n))
    return pl.concat(tables).sort("customer_id")


@pytest.mark.parametrize("kind", ["integers", "strings"])
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("times_halved", [1, 3])
def test_nobody_is_marked_because_customers_are_given_up_within_a_day(tmp_path, monkeypatch, kind, jobs, times_halved):
    monkeypatch.setattr(lines, "ROWS", 256)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", with_ids(busy_days(300), kind)))
    shares = [(ALL * job // jobs, ALL * (job + 1) // jobs) for job in range(jobs)]
    ledgers = Ledgers(shares, has_text=is_text(orders))
    ledgers._least = 0
    batches = list(line_batches(orders, WINDOW, None))
    halved_before = {2 + 3 * n for n in range(times_halved)}
    for at, batch in enumerate(batches):
        if at in halved_before:
            assert ledgers.halve()
        ledgers.add(batch)
        ledgers.settle()
    assert len(batches) > 2 * max(halved_before)
    assert ledgers.settle().n_disordered == 0
    found = totals_in(ledgers, orders)
    assert 300 / 2**times_halved / 2 < found.height < 300 / 2**times_halved * 2
    expected = customer_totals(orders, WINDOW).collect().sort("customer_id")
    assert_same(found, expected.filter(pl.col("customer_id").is_in(found["customer_id"].implode())))


def part_of(orders, n_lines):
    """A ledger of the first lines of a log, and the batches that are left."""
    part, batches = LedgerPart(0, ALL, has_text=False), list(line_batches(orders, WINDOW, None))
    n_batches = n_lines // 40
    for batch in batches[:n_batches]:
        part.add(batch)
    return part, batches[n_batches:]


def test_room_for_orders_is_given_back_when_few_are_left(tmp_path, monkeypatch):
    make_tiny(monkeypatch)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", with_ids(busy_days(600, n_orders=2), "integers")))
    part, batches = part_of(orders, 1200)
    before = part.state.seen_epoch.size
    assert before >= 2048
    part.keep(ALL // 32)
    assert 128 <= part.state.seen_epoch.size <= before // 4
    assert 8 * part.state.counters[N_SEEN] > part.state.seen_epoch.size or part.state.seen_epoch.size == 128
    for batch in batches:
        part.add(batch)
    assert part.n_disordered == 0


def test_orders_that_take_most_of_a_ledger_are_forgotten_and_do_not_come_back(tmp_path, monkeypatch):
    """One customer with most orders of every day: giving up others would not make room."""
    make_tiny(monkeypatch)
    many = pl.DataFrame({"order_id": range(4000), "customer_id": 7, "amount": 1.0})
    days = [many.with_columns(order_ts=pl.lit(date(2024, 1, day))) for day in (1, 2)]
    orders = engine.scan_orders(write(tmp_path / "a.parquet", pl.concat(days)))
    part, batches = part_of(orders, 3000)
    assert part.state.seen_epoch.size >= 8192
    part.keep(ALL)
    assert part.state.seen_epoch.size == 128
    assert part.n_disordered == 0
    for batch in batches:
        part.add(batch)
    assert part.n_disordered == 1
    assert part.state.seen_epoch.size == 128
