"""`whalecurve activity` from the shell."""

import json
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal

DAYS = 40


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Customers who buy every few days, and visit on each of them, some with a cart."""
    folder = tmp_path_factory.mktemp("shop")
    lines = [(n, date(2026, 1, 1) + timedelta(day), 10.0) for n in range(12) for day in range(n, DAYS * 5, 7 + n)]
    pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row").write_parquet(folder / "o.parquet")
    events = [
        (n, datetime(2026, 1, 1, 8 + n) + timedelta(day), ("view", "cart", "quiz")[day % 3], "web")
        for n in range(12)
        for day in range(n, DAYS * 5, 3)
    ]
    names = ["customer_id", "timestamp", "event", "medium"]
    pl.DataFrame(events, schema=names, orient="row").write_csv(folder / "events.csv")
    printed("score", folder / "o.parquet", "--out", folder / "scores", "--quiet")
    return folder


def asked(shop, *args):
    return ["activity", shop / "o.parquet", "--events", shop / "events.csv", "--scores", shop / "scores", *args]


def test_text_has_segments_rates_groups_and_whether_activity_tells(shop):
    text = printed(*asked(shop))
    assert " events read: " in text.splitlines()[0]
    assert "of 12 customers of 12" in text.splitlines()[0]
    for words in ("\nactive buyer ", "\nsessions with a cart ", "\nRFM segment ", "\nweb ", "was not tested: "):
        assert words in text
    assert 'quiz; say what they are with --event-kinds "NAME=cart"' in text


def test_json_and_files_have_the_same(shop, tmp_path):
    record = printed_json(*asked(shop, "--out", tmp_path / "out", "--event-kinds", "quiz=view"))
    assert json.loads((tmp_path / "out" / "activity.json").read_text()) == record
    assert set(record["events"]["kinds"]) == {"view", "cart"}
    assert {row["by"] for row in record["rates"]} == {"all", "segment", "channel"}
    assert pl.read_parquet(tmp_path / "out" / "customers.parquet").height == 12


def test_settings_reach_the_engine(shop):
    options = ("--recent-days", "1m", "--session-minutes", 10, "--abandoned-days", "2d", "--recovered-days", "1w")
    record = printed_json(*asked(shop, *options, "--window-sessions", 5, "--unreachable-days", "1y", "--level", 0.9))
    names = (
        "recent_days",
        "session_minutes",
        "abandoned_days",
        "recovered_days",
        "window_sessions",
        "unreachable_days",
    )
    assert [record["settings"][name] for name in (*names, "level")] == [30, 10, 2, 7, 5, 365, 0.9]


def test_what_will_not_do_is_one_line(shop):
    assert refusal(*asked(shop, "--event-kinds", "quiz")).startswith('--event-kinds "quiz" says no kind; write')
    assert refusal(*asked(shop, "--event-time", "moment")).startswith(f"{shop / 'events.csv'}: no column")
    assert "--events-preset" in refusal(*asked(shop, "--events-preset", "ga5"))
