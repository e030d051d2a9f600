"""What counts as an event, customer by customer, from rows written by hand."""

from datetime import date

import polars as pl
import pytest

from whalecurve.engine.segments import Rhythm
from whalecurve.engine.triggers.events import Rules, events, with_past

GAPS = tuple(range(1, 100))
"""A rhythm in which one hundredth of the gaps is over each day."""


def rules(on, since=None):
    return Rules(
        on=on,
        since=since,
        rhythm=Rhythm(days=GAPS),
        second_days=50,
        gone_beyond=0.95,
        tiers=("gold", "silver"),
        watch=("At risk",),
    )


def customer(**own):
    row = {
        "customer_id": 1,
        "first_purchase": date(2020, 2, 29),
        "last_purchase": date(2024, 6, 1),
        "n_purchase_days": 5,
        "days_since_last": 0,
        "value": 10.0,
        "clv": 5.0,
        "rfm_segment": "Champions",
        "loyalty_tier": "silver",
        "spend_falling": False,
        "before_last_purchase": date(2024, 6, 1),
        "before_told": 0,
        "before_rfm_segment": "Champions",
        "before_loyalty_tier": "silver",
        "before_spend_falling": False,
    }
    schema = {"before_told": pl.UInt8, "n_purchase_days": pl.UInt32, "before_last_purchase": pl.Date}
    schema |= {name: pl.String for name in ("before_rfm_segment", "before_loyalty_tier")}
    return pl.DataFrame([row | own], schema_overrides=schema | {"before_spend_falling": pl.Boolean})


def happened(on, since=None, **own):
    asked = rules(on, since)
    rows = customer(**own).with_columns(silence=asked.silence())
    found = events(with_past(rows, asked), asked)
    return dict(found.select("trigger", "detail").iter_rows())


NOBODY = {
    "before_last_purchase": None, "before_told": None, "before_rfm_segment": None, "before_loyalty_tier": None,
    "before_spend_falling": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("on", "since", "words"),
    [
        (date(2024, 2, 29), date(2024, 2, 28), "first purchase 4 years ago"),
        (date(2023, 2, 28), date(2023, 2, 27), "first purchase 3 years ago"),
        (date(2021, 3, 5), date(2021, 2, 20), "first purchase 1 year ago"),
        (date(2021, 2, 27), date(2021, 2, 20), None),
        (date(2021, 3, 5), date(2021, 2, 28), None),
        (date(2020, 2, 29), date(2020, 2, 1), None),
        (date(2023, 2, 28), None, "first purchase 3 years ago"),
        (date(2023, 3, 1), None, None),
    ],
)
def test_an_anniversary_is_the_day_of_a_later_year(on, since, words):
    told = happened(on, since, last_purchase=on, before_last_purchase=on)
    assert told.get("anniversary") == words


def test_an_anniversary_may_lie_in_the_year_before_the_list():
    first = {"first_purchase": date(2020, 12, 30), "last_purchase": date(2023, 1, 1)}
    told = happened(date(2023, 1, 2), date(2022, 12, 29), **first)
    assert told["anniversary"] == "first purchase 2 years ago"
    assert "anniversary" not in happened(date(2023, 1, 2), date(2022, 12, 30), **first)


@pytest.mark.parametrize(("n_days", "told"), [(49, 0), (50, 1), (94, 1), (96, 5)])
def test_a_silence_after_one_purchase_asks_for_a_second_then_for_the_customer(n_days, told):
    """Half of those who come back have after 50 days, and 95 % after 95."""
    first = date(2024, 1, 1)
    on = date.fromordinal(first.toordinal() + n_days)
    asked = rules(on, on)
    rows = customer(first_purchase=first, last_purchase=first, n_purchase_days=1)
    assert with_past(rows, asked)["past"].item() == told
    names = set(happened(on, on, first_purchase=first, last_purchase=first, n_purchase_days=1))
    assert names == {name for name, bit in (("second_purchase", 1), ("win_back", 4)) if told & bit}


def test_a_silence_is_told_once_until_the_next_purchase():
    on, last = date(2024, 7, 1), date(2024, 1, 1)
    silent = {"last_purchase": last, "first_purchase": date(2023, 11, 1), "before_last_purchase": last}
    assert set(happened(on, on, **silent)) == {"overdue", "win_back"}
    assert set(happened(on, on, **silent, before_told=2)) == {"win_back"}
    assert set(happened(on, on, **silent, before_told=6)) == set()
    bought_since = silent | {"before_last_purchase": date(2023, 12, 1)}
    assert set(happened(on, on, **bought_since, before_told=6)) == {"overdue", "win_back"}


def test_changes_are_told_of_customers_who_are_remembered():
    on = date(2024, 6, 2)
    entered = {"rfm_segment": "At risk", "spend_falling": True}
    assert happened(on, on, **entered) == {
        "entered_segment": "Champions → At risk",
        "spend_falling": "buys less than their own rhythm has it",
    }
    assert happened(on, on, before_rfm_segment="At risk") == {"left_segment": "At risk → Champions"}
    assert happened(on, on, rfm_segment=None, before_rfm_segment="At risk") == {"left_segment": "At risk → no label"}
    assert happened(on, on, rfm_segment="Hibernating") == {}
    assert happened(on, None, **entered, **NOBODY) == {}


def test_a_tier_is_reached_by_a_purchase_of_ones_own():
    on = date(2024, 6, 2)
    risen = {"loyalty_tier": "gold", "before_last_purchase": date(2024, 5, 1)}
    assert happened(on, on, **risen) == {"loyalty_tier": "silver → gold"}
    assert happened(on, on, **risen, before_loyalty_tier=None) == {"loyalty_tier": "no label → gold"}
    assert happened(on, on, loyalty_tier="gold") == {}
    assert happened(on, on, before_loyalty_tier="gold", before_last_purchase=date(2024, 5, 1)) == {}
