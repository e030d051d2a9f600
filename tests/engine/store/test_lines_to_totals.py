"""The store against plain Python over the checked lines: the same rows and the same audit, always."""

from datetime import date, datetime, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.support.logs import log, write, write_all
from tests.support.order_free import customer_totals, lines_of, order_free_summary
from tests.support.random_logs import IDS, logs
from tests.support.tiny_store import make_tiny, tiny_store
from whalecurve import engine
from whalecurve.engine.audit.audit import audit_orders
from whalecurve.engine.orders.log import value_column
from whalecurve.engine.runtime import memory
from whalecurve.engine.runtime.memory import Budget
from whalecurve.engine.store import lines_to_totals
from whalecurve.engine.store.lines_to_totals import read_totals
from whalecurve.engine.store.summary import collect_summary

PLENTY = Budget(total=10**12, base=0)
OPEN = engine.Window()


def outcome(work):
    """A result, or what is said instead."""
    try:
        return work()
    except engine.InputError as error:
        return str(error)


@pytest.fixture(autouse=True)
def closed(monkeypatch):
    """Every store is closed at the end, as its callers do."""
    made, plain = [], lines_to_totals.Totals

    def totals(**fields):
        made.append(plain(**fields))
        return made[-1]

    monkeypatch.setattr(lines_to_totals, "Totals", totals)
    yield
    for one in made:
        one.close()


def assert_exact(totals, value="revenue"):
    assert_frame_equal(pl.concat(totals.tables()), customer_totals(totals.orders, totals.audit.window, value))


@settings(max_examples=40)
@given(logs(), st.booleans(), st.integers(1, 3))
def test_any_log_adds_up_to_what_the_definitions_say(tmp_path_factory, drawn, is_tiny, jobs):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    expected = outcome(lambda: audit_orders(orders, drawn.window))
    value = "margin" if orders.has_margin else "revenue"

    def found():
        return read_totals(orders, drawn.window, PLENTY, jobs=jobs, value=value)

    if is_tiny:
        with tiny_store():
            totals = outcome(found)
    else:
        totals = outcome(found)
    if isinstance(expected, str):
        assert totals == expected
        return
    assert totals.audit == expected
    assert_exact(totals, value)
    totals.close()


@settings(max_examples=30)
@given(logs())
def test_the_summary_of_any_log_is_that_of_these_totals_bit_for_bit(tmp_path_factory, drawn):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    if isinstance(outcome(lambda: audit_orders(orders, drawn.window)), str):
        return
    expected = order_free_summary(orders, drawn.window).collect()
    found = collect_summary(orders, drawn.window, value_column(orders, None))
    assert found.schema == expected.schema
    assert found.equals(expected)


def daily(customer, days, **columns):
    """Lines of one customer, a day each in the year 2024."""
    lines = pl.DataFrame({"order_ts": [date(2024, 1, 1) + timedelta(days=day) for day in days]})
    return lines.with_columns(customer_id=pl.lit(customer), amount=pl.lit(1.0), **columns)


SHOPS = {
    "integers": list(range(-150, 150)),
    "skewed": [*range(280), 2**62, -(2**62), 2**63 - 1, -(2**63)],
    "strings": [f"customer-{'x' * (n % 30)}{n}" for n in range(300)],
    "long shared beginnings": [f"{'shop-of-the-north/' * 5}{n:08}" for n in range(300)],
    "two families": [f"{word}-{n}" for word in ("customer-number" * 2, "guest-at-the-till") for n in range(150)],
    "nothing but ends": ["a", "", "a\0", "a\0\0", "b" * 64, "b" * 65, *(f"{'b' * 64}{n}" for n in range(90))],
}


def shop(ids, n_lines=900, seed=1, giant=0.0):
    """Lines of many customers in any order; a share of them all of the first one's."""
    random = Random(seed)
    rows = [
        (ids[0] if random.random() < giant else random.choice(ids),
         date(2024, 1, 1) + timedelta(days=random.randrange(60)),
         random.choice([1.0, 0.1, -0.1, 0.0, 123_456_789.01, 0.000001]), random.choice([0, 7, 8, None]))
        for _ in range(n_lines)
    ]  # fmt: skip
    schema = {"customer_id": None, "order_ts": None, "amount": None, "order_id": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize("giant", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("kind", SHOPS)
def test_partitions_of_a_few_lines_and_files_change_nothing(tmp_path, kind, giant):
    frame = shop(SHOPS[kind], giant=giant)
    orders = engine.scan_orders(write_all(tmp_path / "orders", frame[:300], frame[300:301], frame[301:]))
    aside = tmp_path / "aside"
    aside.mkdir()
    with tiny_store():
        totals = read_totals(orders, OPEN, PLENTY, jobs=3, aside=aside, value="revenue")
        assert_exact(totals)
        assert_exact(totals)  # as often as wanted
        assert list(aside.iterdir()) == []  # the files have no names
        totals.close()


def test_ids_that_grow_with_time_still_divide_into_partitions(tmp_path, monkeypatch):
    frame = pl.concat([daily(customer, [customer // 10]) for customer in range(400)])
    orders = engine.scan_orders(write(tmp_path / "a.parquet", frame))
    seen = []
    plain = lines_to_totals.scan

    def scan(store, *arguments):
        seen.append(store.n_of_part.max())
        return plain(store, *arguments)

    monkeypatch.setattr(lines_to_totals, "scan", scan)
    with tiny_store():
        assert_exact(read_totals(orders, OPEN, PLENTY))
    assert seen[0] <= 40  # of 400 lines, meant to be 5 each


@pytest.mark.parametrize("jobs", [1, 2, 7])
@pytest.mark.parametrize("customer", [1, "one"])
def test_one_customer_and_several_threads_are_one_row(tmp_path, jobs, customer):
    orders = engine.scan_orders(write(tmp_path / f"{customer}.parquet", daily(customer, [1, 2])))
    totals = read_totals(orders, OPEN, PLENTY, jobs=jobs)
    assert totals.n_customers == 1
    assert_exact(totals)


@pytest.mark.parametrize("days", [(1, 3), (3, 1)])
def test_a_negative_line_that_the_flag_does_not_mark_is_no_purchase(tmp_path, days):
    lines = daily(1, days).with_columns(type=pl.Series(["S", "CB"]), amount=pl.Series([100.0, -50.0]))
    orders = engine.scan_orders(write(tmp_path / "a.parquet", lines), engine.Columns(return_flag="type = 'R'"))
    totals = read_totals(orders, OPEN, PLENTY)
    assert_exact(totals)
    row = pl.concat(totals.tables()).row(0, named=True)
    assert (row["n_purchase_days"], row["n_return_lines"], row["sold"], row["returned"]) == (1, 1, 10**8, 5 * 10**7)


def test_the_audit_is_given_to_the_caller_as_soon_as_it_is_known_to_stop_there(tmp_path):
    def refuse(audit):
        raise engine.InputError(f"{audit.n_used} lines are too many")

    orders = engine.scan_orders(write(tmp_path / "a.parquet"))
    with pytest.raises(engine.InputError, match="6 lines are too many"):
        read_totals(orders, OPEN, PLENTY, accept=refuse)


def test_integers_of_128_bits_are_customers_and_orders_too(tmp_path):
    ids = pl.Series([1, 1 + 2**64, 1 + 2**65, 5, 5, 6], dtype=pl.Int128)
    lines = log(order_id=ids, order_ts=[date(2024, 1, 1)] * 6, customer_id=[1, 1, 1, 2, 2, 2])
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", lines)), OPEN, PLENTY)
    assert pl.concat(totals.tables())["n_orders"].to_list() == [3, 2]
    lines = log(customer_id=pl.Series([*IDS[pl.Int128], 1], dtype=pl.Int128))
    totals = read_totals(engine.scan_orders(write(tmp_path / "b.parquet", lines)), OPEN, PLENTY)
    assert pl.concat(totals.tables())["customer_id"].to_list() == sorted(IDS[pl.Int128])
    assert_exact(totals)


def test_margins_that_wrap_around_in_64_bits_are_out_of_range(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[9.1e12, 1.0, 1.0, 4.0, 5e12, 6.0], cost=[-9.1e12, 0, 0, 0, -4e12, 0])
    totals = read_totals(engine.scan_orders(path), OPEN, PLENTY)
    assert totals.audit.refused == {"margin_out_of_range": 1}
    assert_exact(totals)


@pytest.mark.parametrize("guess", [datetime(2024, 1, 1, 23, 30), datetime(2024, 1, 2, 0, 30)])
def test_days_begin_where_the_zone_of_the_window_says(tmp_path, guess):
    times = pl.Series([guess] * 6).dt.replace_time_zone("Europe/London")
    orders = engine.scan_orders(write(tmp_path / "a.parquet", order_ts=times))
    totals = read_totals(orders, engine.Window(timezone="America/New_York"), PLENTY)
    assert totals.audit.last_day == date(2024, 1, 1)
    assert_exact(totals)


def test_tables_begin_and_end_at_the_same_customers_however_lines_were_divided(tmp_path):
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(SHOPS["integers"])))
    for is_filed, jobs in ((False, 1), (True, 3)):
        with tiny_store(is_filed=is_filed):
            totals = read_totals(orders, OPEN, PLENTY, jobs=jobs)
            heights = [table.height for table in totals.tables(64)]
        n = totals.n_customers
        assert heights == [64] * (n // 64) + ([n % 64] if n % 64 else [])
        totals.close()


def test_a_reader_that_fails_leaves_nothing_and_is_named(tmp_path, monkeypatch):
    def failing(*_):
        raise OSError("the disk went away")
        yield

    monkeypatch.setattr(lines_to_totals, "line_batches", failing)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(SHOPS["integers"])))
    aside = tmp_path / "aside"
    aside.mkdir()
    with pytest.raises(engine.InputError, match="the disk went away"):
        read_totals(orders, OPEN, PLENTY, jobs=2, aside=aside)
    assert list(aside.iterdir()) == []


def test_customers_too_many_to_be_scored_are_said_before_anything_is_written(tmp_path, monkeypatch):
    make_tiny(monkeypatch)
    monkeypatch.setattr(memory, "BYTES_PER_CUSTOMER", 10**6)
    orders = engine.scan_orders(write(tmp_path / "a.parquet", shop(SHOPS["integers"])))
    with pytest.raises(engine.InputError, match=r"for 2\d\d customers; the least that would do is \d+MB"):
        read_totals(orders, OPEN, Budget(total=10**8, base=0))


@pytest.mark.parametrize("period", ["week", "month", "year"])
def test_totals_by_period_are_those_of_lines_whose_days_are_periods(tmp_path, period):
    frame = shop(SHOPS["integers"], n_lines=600).with_columns(
        pl.col("order_ts") + pl.duration(days=pl.int_range(pl.len()) % 700), pl.col("amount").clip(-1, 1)
    )
    orders = engine.scan_orders(write(tmp_path / "a.parquet", frame))
    window = engine.Window(period=period)
    totals = read_totals(orders, window, PLENTY)
    found = pl.concat(totals.tables()).sort("customer_id")
    settled = totals.audit.window
    start = {"week": "1w", "month": "1mo", "year": "1y"}[period]
    first_of_period = frame.with_columns(pl.col("order_ts").dt.truncate(start))
    last = pl.Series([settled.as_of]).dt.truncate(start)[0]
    complete = first_of_period.filter(pl.col("order_ts") < last)
    by_period = lines_of(
        engine.scan_orders(write(tmp_path / "b.parquet", complete)), engine.Window(as_of=settled.as_of)
    )
    expected = {}
    for customer in found["customer_id"]:
        own = [line for line in by_period if line.customer == customer]
        days = {}
        for line in own:
            days.setdefault(line.day, []).append(line)
        bought = [
            day
            for day, lines in days.items()
            if any(not line.is_return for line in lines)
            and (not any(line.is_return for line in lines) or sum(line.amount for line in lines) > 0)
        ]
        expected[customer] = (len(bought), sum(line.amount for line in own))
    assert {
        row["customer_id"]: (row["period_n_purchase_days"], row["period_revenue"])
        for row in found.iter_rows(named=True)
    } == expected
