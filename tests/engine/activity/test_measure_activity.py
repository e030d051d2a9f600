"""A dozen customers by hand, random logs against plain Python, and rows that are refused."""

import json
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.oracle import activity as oracle
from whalecurve import engine
from whalecurve.engine.errors import InputError
from whalecurve.engine.statistics import wilson_interval

AS_OF = date(2026, 6, 30)

ORDERS = {
    "c01": ["2026-06-10"],
    "c02": ["2026-01-05"],
    "c03": ["2026-01-10"],
    "c04": ["2026-02-01"],
    "c05": ["2025-10-01"],
    "c06": ["2026-01-15"],
    "c07": ["2026-03-20"],
    "c08": ["2026-04-11"],
    "c09": ["2026-01-20"],
    "c10": ["2026-02-10"],
    "c11": ["2026-05-12"],
    "c12": ["2026-01-25"],
}

EVENTS = [
    ("c01", "2026-06-10 10:00", "view", "email", None),
    ("c01", "2026-06-10 10:10", "add_to_cart", "email", 12.5),
    ("c01", "2026-06-10 10:20", "begin_checkout", "email", None),
    ("c01", "2026-06-10 15:00", "view", "web", None),
    ("c02", "2026-06-01 12:00", "cart", "web", 30.0),
    ("c02", "2026-06-02 12:00", "cart", "web", 20.0),
    ("c03", "2026-06-05 09:00", "Page View", "web", None),
    ("c03", "2026-06-05 09:29", "view", "web", None),
    ("c03", "2026-06-05 09:59", "view", "web", None),
    ("c03", "2026-06-20 09:00", "quiz", None, None),
    ("c04", "2026-05-15 08:00", "opened", "email", None),
    ("c04", "2026-06-20 08:00", "email_sent", "email", None),
    ("c05", "2025-12-01 08:00", "view", "web", None),
    ("c05", "2026-06-01 08:00", "email_sent", None, None),
    ("c06", "2026-03-01 08:00", "view", "web", None),
    ("c07", "2026-03-01 08:00", "cart", "web", 10.0),
    ("c08", "2026-04-10 23:50", "cart", "web", None),
    ("c08", "2026-04-11 00:10", "cart", "web", None),
    ("c09", "2026-06-27 08:00", "cart", "web", 8.0),
    ("c11", "2026-05-01 08:00", "cart", "web", 5.0),
    ("c11", "2026-05-09 08:00", "cart", "web", 6.0),
    ("c12", "2026-06-01 08:00", "view", "web", None),
    ("c12", "2026-06-02 08:00", "view", "web", None),
    ("c12", "2026-06-25 08:00", "support", "phone", None),
]
UNUSED = [
    (None, "2026-06-01 08:00", "view", "web", None),
    (None, "2026-06-02 08:00", "view", "web", None),
    ("c99", "2026-06-01 08:00", "view", "web", None),
    ("c01", "2026-07-01 08:00", "view", "web", None),
    ("c01", None, "view", "web", None),
    ("c01", "2026-06-01 08:00", None, "web", None),
]


def frame(rows):
    columns = {
        "customer_id": pl.String,
        "time": pl.String,
        "type": pl.String,
        "channel": pl.String,
        "value": pl.Float64,
    }
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table.with_columns(pl.col("time").str.to_datetime("%Y-%m-%d %H:%M"))


def order_log(days_of):
    rows = [(customer, date.fromisoformat(str(day)), 10.0) for customer, days in days_of.items() for day in days]
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")


@pytest.fixture(scope="module")
def dozen():
    events = frame([*EVENTS, *UNUSED]).with_columns(visitor_id=pl.lit("v1"))
    return engine.measure_activity(
        order_log(ORDERS), events, window={"as_of": AS_OF}, settings={"event_kinds": {"quiz": "view"}}
    )


def of(found, customer):
    return found.customers.row(by_predicate=pl.col("customer_id") == customer, named=True)


def test_each_of_a_dozen_is_in_the_segment_of_what_they_did(dozen):
    assert dict(dozen.customers.select("customer_id", "activity_segment").iter_rows()) == {
        "c01": "active buyer", "c02": "cart abandoner", "c03": "window shopper", "c04": "engaged but silent",
        "c05": "unreachable", "c06": "rest", "c07": "rest", "c08": "active buyer", "c09": "cart abandoner",
        "c10": "unreachable", "c11": "active buyer", "c12": "engaged but silent",
    }  # fmt: skip
    whole = dozen.segments.filter(by="all")
    assert dict(whole.select("activity_segment", "customers").iter_rows()) == {
        "active buyer": 3, "cart abandoner": 2, "window shopper": 1, "engaged but silent": 2, "unreachable": 2,
        "rest": 2,
    }  # fmt: skip
    assert whole["total_value"].to_list() == [30.0, 20.0, 10.0, 20.0, 20.0, 20.0]
    assert dozen.segments.filter(by="segment")["customers"].sum() == 12


def test_a_silence_of_thirty_minutes_ends_a_session(dozen):
    sessions = dict(dozen.customers.select("customer_id", "sessions").iter_rows())
    assert [sessions[f"c{n:02}"] for n in range(1, 13)] == [2, 2, 3, 0, 1, 1, 1, 1, 1, 0, 2, 2]
    assert of(dozen, "c05")["recent_sessions"] == 0
    assert of(dozen, "c03")["recent_sessions"] == 3


def test_what_the_shop_sends_is_no_activity(dozen):
    assert of(dozen, "c05")["last_activity"] == date(2025, 12, 1)
    assert of(dozen, "c10")["last_activity"] is None
    row = of(dozen, "c04")
    assert (row["recent_email_sent"], row["recent_email_opened"], row["last_activity"]) == (1, 1, date(2026, 5, 15))
    assert of(dozen, "c12")["recent_support"] == 1


def test_carts_are_bought_abandoned_recovered_or_still_open(dozen):
    columns = ("carts", "abandoned_carts", "recovered_carts", "abandoned_value", "has_open_cart", "open_cart_value")
    told = {customer: [of(dozen, customer)[name] for name in columns] for customer in ("c01", "c02", "c07", "c08")}
    assert told == {
        "c01": [1, 0, 0, 0.0, False, None],
        "c02": [1, 1, 0, 50.0, True, 50.0],
        "c07": [1, 1, 1, 10.0, False, None],
        "c08": [1, 0, 0, 0.0, False, None],
    }
    assert [of(dozen, "c09")[name] for name in columns] == [1, 0, 0, 0.0, True, 8.0]
    assert [of(dozen, "c11")[name] for name in columns] == [2, 1, 1, 5.0, False, None]
    whole = dozen.carts.row(0, named=True)
    assert [whole[name] for name in ("carts", "bought", "abandoned", "recovered", "open")] == [7, 3, 3, 2, 1]
    assert [whole[f"{name}_value"] for name in ("cart", "abandoned", "recovered")] == [91.5, 65.0, 15.0]


def test_sessions_lead_to_carts_checkouts_and_purchases(dozen):
    of_all = {row["measure"]: (row["k"], row["n"]) for row in dozen.rates.filter(by="all").to_dicts()}
    assert of_all == {
        "session_to_cart": (8, 16),
        "cart_to_checkout": (1, 8),
        "checkout_to_purchase": (1, 1),
        "cart_to_purchase": (1, 8),
        "session_to_purchase": (1, 16),
        "cart_abandoned": (3, 6),
        "cart_recovered": (2, 2),
    }
    by_channel = dozen.rates.filter(by="channel", measure="session_to_purchase")
    assert dict(by_channel.select("value", "n").iter_rows()) == {"email": 1, "web": 14, None: 1}


def test_the_preferred_channel_has_the_largest_share_of_days_after_shrinkage(dozen):
    assert of(dozen, "c12")["preferred_channel"] == "web"
    assert of(dozen, "c10")["preferred_channel"] is None
    days = sum(dozen.channels.values())
    assert days == pytest.approx(1.0)
    assert list(dozen.channels) == ["web", "email", "phone"]
    prior, share = dozen.channel_prior, dozen.channels["web"]
    expected = share if prior is None else (2 + prior * share) / (3 + prior)
    assert of(dozen, "c12")["preferred_channel_share"] == pytest.approx(expected, rel=1e-12)


def test_every_row_is_counted_with_what_became_of_it(dozen):
    assert dozen.tally["rows"] == len(EVENTS) + len(UNUSED)
    assert dozen.tally["used"] == len(EVENTS)
    assert dozen.tally["refused"] == {
        "without a customer": 2,
        "after the last day observed": 1,
        "of customers without orders": 1,
        "without a time that can be read": 1,
        "without type": 1,
    }
    assert (dozen.tally["customers"], dozen.tally["customers_known"]) == (11, 12)
    assert dozen.visitors == {"rows": 2, "visitors": 1}
    views = 10 + 1  # of the dozen, and of a customer without orders
    counts = {"view": views, "cart": 9, "checkout": 1, "email_sent": 2, "email_opened": 1, "support": 1}
    assert dozen.kinds == counts


def test_types_that_are_not_known_count_as_visits_and_are_named():
    found = engine.measure_activity(order_log(ORDERS), frame(EVENTS), window={"as_of": AS_OF})
    assert found.of_no_kind == {"quiz": 1}
    assert of(found, "c03")["sessions"] == 3
    assert any("1 events are of unknown types" in words for words in found.warnings)


def test_without_times_of_day_a_day_is_a_session():
    days = frame(EVENTS).with_columns(pl.col("time").dt.date())
    found = engine.measure_activity(order_log(ORDERS), days, window={"as_of": AS_OF})
    assert of(found, "c03")["sessions"] == 2
    assert of(found, "c01")["sessions"] == 1
    assert "events have no times of day, so a day with any is a session" in found.warnings


def test_nobody_is_unreachable_where_events_do_not_go_back_so_far():
    late = [row for row in EVENTS if row[1] >= "2026-02"]
    found = engine.measure_activity(order_log(ORDERS), frame(late), window={"as_of": AS_OF})
    assert of(found, "c10")["activity_segment"] == "rest"
    assert any("so nobody is called unreachable" in words for words in found.warnings)


def random_log(seed, customers=60, days=200):
    """Orders and events of customers on the same days, some of them at midnight, in some minutes many."""
    rng = np.random.default_rng(seed)
    first = date(2025, 12, 1)
    orders = {
        f"{n}": sorted({first + timedelta(int(day)) for day in rng.integers(0, days, rng.integers(1, 9))})
        for n in range(customers)
    }
    n = 4000
    bursts = rng.integers(0, days * 24, n // 4).repeat(4)
    moments = [
        datetime(2025, 12, 1) + timedelta(hours=int(hour), minutes=int(minute))
        for hour, minute in zip(bursts, rng.choice([0, 1, 5, 20, 30, 59, 90], n), strict=True)
    ]
    events = pl.DataFrame(
        {
            "customer_id": [str(one) for one in rng.integers(0, customers, n // 4).repeat(4)],
            "time": moments,
            "type": rng.choice(["view", "cart", "checkout", "email_opened", "other"], n),
            "channel": rng.choice(np.array(["web", "app", "mail", None], dtype=object), n),
            "value": rng.integers(1, 50, n).astype(float),
        },
        schema_overrides={"channel": pl.String},
    )
    return order_log(orders), events, first + timedelta(days - 1)


@pytest.fixture(scope="module")
def random_logs(tmp_path_factory):
    """A log, its scores, what is measured of it, and what plain Python says."""
    orders, events, as_of = random_log(7)
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    orders.write_parquet(path)
    window = {"as_of": as_of}
    scores = engine.score(path, out=path.parent / "scores", window=window, measures=False).path
    found = engine.measure_activity(path, events, scores=scores, window=window)
    told = {}
    for (customer,), own in events.group_by("customer_id"):
        bought = orders.filter(customer_id=customer)["order_ts"].to_list()
        rows = list(own.select("time", "type", "channel").iter_rows())
        puts = [(time.date(), value) for time, value in own.filter(type="cart").select("time", "value").iter_rows()]
        told[customer] = oracle.sessions(rows, bought), oracle.carts(puts, bought, as_of)
    return path, events, scores, window, found, told


def test_sessions_and_carts_are_those_of_plain_python(random_logs):
    *_, found, told = random_logs
    for row in found.customers.to_dicts():
        sessions, carts = told.get(row["customer_id"], ([], []))
        assert row["sessions"] == len(sessions)
        assert row["carts"] == len(carts)
        assert row["abandoned_carts"] == sum(cart[3] == "abandoned" for cart in carts)
        assert row["recovered_carts"] == sum(cart[4] for cart in carts)
        assert row["abandoned_value"] == pytest.approx(sum(cart[2] for cart in carts if cart[3] == "abandoned"))


def test_rates_are_those_of_plain_python_by_channel_with_the_interval_of_a_clustered_share(random_logs):
    *_, found, told = random_logs
    for channel in ("web", "app", "mail"):
        counts = [
            (sum(one[4] for one in own), len(own))
            for sessions, _ in told.values()
            if (own := [one for one in sessions if one[1] == channel])
        ]
        k, n = (sum(count[i] for count in counts) for i in (0, 1))
        row = found.rates.row(
            by_predicate=(pl.col("value") == channel) & (pl.col("measure") == "session_to_purchase"), named=True
        )
        assert (row["k"], row["n"], row["customers"]) == (k, n, len(counts))
        equal = n * n / sum(x * x for _, x in counts)
        spread = equal / (equal - 1) * sum((y - k / n * x) ** 2 for y, x in counts) / n**2
        worth = max(spread / (k / n * (1 - k / n) / n), 1.0)
        low, high = wilson_interval(np.array([k / worth]), np.array([n / worth]), 0.95)
        assert (row["low"], row["high"]) == pytest.approx((low[0], high[0]), rel=1e-9)


def test_the_order_of_rows_and_the_shares_of_customers_change_nothing(random_logs):
    path, events, scores, window, found, _ = random_logs
    shuffled = events.sample(fraction=1.0, shuffle=True, seed=1)
    again = engine.measure_activity(path, shuffled, scores=scores, window=window, memory=1)
    for name in ("customers", "segments", "rates", "carts"):
        assert getattr(again, name).equals(getattr(found, name))
    assert again.to_dict() == found.to_dict()


def test_what_is_written_says_what_was_read(random_logs, tmp_path):
    path, events, scores, window, found, _ = random_logs
    events.write_parquet(tmp_path / "events.parquet")
    out = tmp_path / "out"
    engine.measure_activity(path, tmp_path / "events.parquet", scores=scores, window=window, out=out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert [file["path"] for file in manifest["inputs"]] == [str(path), str(tmp_path / "events.parquet")]
    assert manifest["events"]["used"] == 4000
    assert pl.read_parquet(out / "customers.parquet").equals(found.customers)
    assert json.loads((out / "activity.json").read_text()) == json.loads(json.dumps(found.to_dict()))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"session_minutes": 0}, "session_minutes=0"),
        ({"recent_days": 0}, "recent_days=0"),
        ({"event_kinds": {"quiz": "game"}}, 'says that "quiz" is "game"; there are view, cart'),
        ({"event_time": "moment"}, 'no column "moment"'),
        ({"events_preset": "ga5"}, '"ga5" is unknown; choose one of ga4, klaviyo'),
        ({"level": 1.5}, "level=1.5"),
    ],
)
def test_settings_that_will_not_do_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        engine.measure_activity(order_log(ORDERS), frame(EVENTS), settings=settings)
