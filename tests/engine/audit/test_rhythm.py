from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from whalecurve import engine

FIRST = date(2023, 1, 2)


def notes(gaps, **window):
    """What is said of customers with these gaps, a list of days each, who begin in the same fortnight."""
    rows = []
    for i, own in enumerate(gaps):
        days = np.cumsum([i % 14, *own])
        rows += [(i, FIRST + timedelta(days=int(day)), float(i + day)) for day in days]
    lines = pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")
    return engine.check_orders(lines, window=window or None).notes


@pytest.mark.parametrize(("gap", "jitter"), [(7, 0), (30, 1), (365, 2)])
def test_gaps_that_are_alike_are_those_of_subscriptions_whatever_their_length(gap, jitter):
    rng = np.random.default_rng(gap)
    regular = [gap + rng.integers(-jitter, jitter + 1, 5) for _ in range(30)]
    (said,) = notes(regular)
    assert said.startswith("30 of 30 customers with 3 gaps or more buy at regular gaps, the middle one of ")
    assert "leave the lines of subscriptions out with `where`; the command subscriptions measures contracts" in said


@pytest.mark.parametrize("mean", [4, 9, 30, 90])
@pytest.mark.parametrize("n_gaps", [3, 8])
def test_gaps_at_random_are_none(mean, n_gaps):
    rng = np.random.default_rng(mean)
    assert notes([1 + rng.exponential(mean, n_gaps) for _ in range(200)]) == ()


def test_those_who_buy_every_day_or_now_and_then_are_no_subscribers():
    assert notes([[1] * 20 for _ in range(30)]) == ()
    assert notes([[30, 30] for _ in range(30)]) == ()  # two gaps say little
    assert notes([[30] * 4 for _ in range(9)]) == ()  # nor do nine customers


def test_a_minority_of_subscribers_is_not_remarked():
    rng = np.random.default_rng(1)
    at_random = [1 + rng.exponential(40, 5) for _ in range(60)]
    assert notes([*at_random, *([30] * 5 for _ in range(40))]) == ()


def test_a_log_shorter_than_two_median_gaps_is_told_with_both():
    (said,) = notes([[40 + i % 3] for i in range(20)])
    assert said.startswith(
        "the log has 55 days, fewer than 2 median gaps between the purchase days of a customer (41 days"
    )
    assert said.endswith("name the files of earlier days too")
    (said,) = notes([[40 + i % 3] for i in range(20)], since=FIRST)
    assert said.endswith("or give an earlier `since`")
    assert notes([[40], *([10] for _ in range(20))]) == ()
    assert notes([[40 + i % 3] for i in range(9)]) == ()  # too few gaps


def test_days_that_are_all_the_first_of_a_month_may_be_months():
    def said(days):
        lines = pl.DataFrame({"customer_id": range(len(days)), "order_ts": days, "amount": [1.0] * len(days)})
        return engine.check_orders(lines).notes

    firsts = [date(2023, month, 1) for month in range(1, 7)]
    (told,) = said(firsts)
    assert told.startswith("all 6 days are the first of a month: if the times are months, count by them, with ")
    assert said([*firsts, date(2023, 3, 2)]) == ()
    assert said(firsts[:3]) == ()
