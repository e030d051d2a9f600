"""Little memory: several passes, runs put aside on disk; the same rows."""

from datetime import date, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.ledger.test_one_pass import OPEN, PLENTY, assert_exact, assert_same
from tests.support.logs import write, write_all
from tests.support.random_logs import logs
from whalecurve import engine
from whalecurve.engine.ledger import line_batches as lines
from whalecurve.engine.ledger import one_pass
from whalecurve.engine.ledger import order_free_passes as order_free
from whalecurve.engine.ledger import part as ledger
from whalecurve.engine.ledger.ledger import Ledgers
from whalecurve.engine.ledger.one_pass import read_totals
from whalecurve.engine.runtime import growing_array as growing
from whalecurve.engine.runtime import memory as runtime
from whalecurve.engine.runtime.memory import Budget

CUSTOMER = 96
"""Bytes of a customer in the ledger."""


def make_tiny(patch):
    """Ledgers that begin with nothing and count every page, batches of a few lines, stages that need no memory."""
    for module, names in (
        (ledger, {"FIRST_CUSTOMERS": 1, "FIRST_TEXT": 8, "FIRST_ORDERS": 128}),
        (runtime, {"READING": 0, "WRITING": 0, "LEAST_LEDGER": 0, "BYTES_PER_CUSTOMER": 0}),
        (growing, {"GRAIN": 4096}),
        (lines, {"ROWS": 40}),
    ):
        for name, value in names.items():
            patch.setattr(module, name, value)


def room_for(customers, jobs, *, has_text=False):
    """A budget that leaves a ledger room for about so many customers."""
    empty = Ledgers([(0, 1)] * jobs, has_text=has_text)
    return Budget(total=empty.n_bytes + CUSTOMER * customers, base=0)


@pytest.fixture
def tiny(monkeypatch):
    make_tiny(monkeypatch)


def shop(ids, n_lines=900, seed=1):
    """Lines of many customers in time order, but for a few."""
    random = Random(seed)
    rows = [
        (random.choice(ids), date(2024, 1, 1) + timedelta(days=at * 60 // n_lines), random.choice([1.0, 0.1, -0.1]))
        for at in range(n_lines)
    ]
    for customer in random.sample(ids, 5):
        rows.insert(n_lines // 2, (customer, date(2024, 1, 1), 1.0))
    frame = pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")
    return frame.with_columns(order_id=pl.int_range(pl.len()) // 3)


IDS = {
    "integers": list(range(-150, 150)),
    "strings": [f"customer-{'x' * (n % 30)}{n}" for n in range(300)],
}


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("kind", IDS)
def test_customers_who_do_not_fit_wait_for_another_pass(tmp_path, tiny, kind, jobs):
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(IDS[kind])))
    budget = room_for(60 if kind == "integers" else 100, jobs, has_text=kind == "strings")
    aside = tmp_path / "aside"
    aside.mkdir()
    totals = read_totals(orders, OPEN, budget, jobs=jobs, aside=aside)
    assert 3 <= totals.n_passes <= 40
    assert 0 < totals.n_disordered < totals.n_customers / 4
    assert list(aside.glob("*/run-*"))
    assert_exact(totals)
    assert_exact(totals)  # as often as wanted
    totals.close()
    assert list(aside.iterdir()) == []


@settings(max_examples=12, deadline=None)
@given(logs(types=(pl.Int64, pl.UInt64, pl.String)), st.integers(1, 2))
def test_any_log_is_the_same_in_many_passes(tmp_path_factory, drawn, jobs):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    try:
        plenty = read_totals(orders, drawn.window, PLENTY, jobs=1)
    except engine.InputError:
        return
    with pytest.MonkeyPatch.context() as patch:
        make_tiny(patch)
        is_text = orders.mapping.roles["customer"].dtype == pl.String
        totals = read_totals(orders, drawn.window, room_for(3, jobs, has_text=is_text), jobs=jobs)
    assert_same(pl.concat(totals.tables()), pl.concat(plenty.tables()))
    assert totals.audit == plenty.audit
    assert totals.n_disordered <= plenty.n_disordered
    totals.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_customers_given_up_within_a_day_leave_the_others_in_order(tmp_path, tiny, monkeypatch, jobs):
    monkeypatch.setattr(ledger, "FIRST_ORDERS", 1024)
    random = Random(2)
    rows = []
    for day in (1, 2):
        today = [(customer, 0) for customer in range(2000)]
        today += [(customer, order) for customer in random.sample(range(2000), 60) for order in (1, 2, 3)] * 2
        rows += [(customer, date(2024, 1, day), order) for customer, order in random.sample(today, len(today))]
    frame = pl.DataFrame(rows, schema=["customer_id", "order_ts", "order_id"], orient="row").with_columns(amount=1.0)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", frame))
    totals = read_totals(orders, OPEN, room_for(600, jobs), jobs=jobs)
    assert totals.n_passes >= 2
    assert totals.n_disordered == 0
    assert_exact(totals)
    totals.close()


def test_tables_begin_and_end_at_the_same_customers_however_many_passes(tmp_path, tiny):
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(IDS["integers"])))
    for budget, jobs in ((PLENTY, 1), (PLENTY, 3), (room_for(60, 2), 2)):
        totals = read_totals(orders, OPEN, budget, jobs=jobs)
        heights = [table.height for table in totals.tables(64)]
        assert heights == [64] * (totals.n_customers // 64) + [totals.n_customers % 64]
        totals.close()


def test_a_ledger_that_fits_but_leaves_no_room_for_the_rest_is_put_aside(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr(runtime, "BYTES_PER_CUSTOMER", 200)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(IDS["integers"])))
    ample = read_totals(orders, OPEN, Budget(total=150_000, base=0), jobs=1, aside=tmp_path)
    assert ample.gathered.aside is None
    totals = read_totals(orders, OPEN, Budget(total=75_000, base=0), jobs=1, aside=tmp_path)
    assert totals.gathered.aside is not None
    assert totals.n_passes == 2  # one, and one for customers out of order
    assert_exact(totals)
    totals.close()


@pytest.mark.parametrize("dtype", [pl.Int128, pl.String])
def test_the_order_free_plan_puts_its_parts_aside_too(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(order_free, "hash_passes", lambda n_lines, memory: 3)
    monkeypatch.setattr(one_pass, "takes_customers", lambda orders: False)
    frame = shop(IDS["integers"]).with_columns(pl.col("customer_id").cast(dtype))
    aside = tmp_path / "aside"
    aside.mkdir()
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", frame)), OPEN, PLENTY, aside=aside)
    assert len(list(aside.glob("*/*"))) == 3
    assert [table.height for table in totals.tables(100)] == [100] * (totals.n_customers // 100) + [
        totals.n_customers % 100
    ]
    assert_exact(totals)
    totals.close()
    assert list(aside.iterdir()) == []


def test_what_was_put_aside_is_removed_when_a_later_pass_fails(tmp_path, tiny, monkeypatch):
    n_passes = 0

    def failing(*arguments):
        nonlocal n_passes
        n_passes += 1
        if n_passes == 2:
            raise OSError("the disk went away")
        return lines.line_batches(*arguments)

    monkeypatch.setattr(one_pass, "line_batches", failing)
    orders = engine.scan_orders(write_all(tmp_path / "orders", shop(IDS["integers"])))
    aside = tmp_path / "aside"
    aside.mkdir()
    with pytest.raises(engine.InputError, match="the disk went away"):
        read_totals(orders, OPEN, room_for(60, 2), jobs=2, aside=aside)
    assert n_passes == 2
    assert list(aside.iterdir()) == []


def test_customers_too_many_to_be_scored_stop_the_first_pass(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr(runtime, "BYTES_PER_CUSTOMER", 10**6)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(IDS["integers"])))
    with pytest.raises(engine.InputError, match=r"for 2\d\d customers; the least that would do is \d+MB"):
        read_totals(orders, OPEN, Budget(total=10**8, base=0))


def test_customers_out_of_order_are_computed_part_by_part_where_memory_asks_for_it(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(order_free, "hash_passes", lambda n_lines, memory: asked.append(n_lines) or 3)
    frame = shop(IDS["strings"])
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", frame)), OPEN, PLENTY)
    assert totals.n_disordered
    assert totals.n_passes == 4
    late = frame.group_by("customer_id").agg(pl.len(), pl.col("order_ts").diff().min() < timedelta())
    assert asked == [late.filter("order_ts")["len"].sum()]
    assert_exact(totals)
    totals.close()
