"""Logs that begin in the middle of their customers' lives, and logs that do not."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.support import cdnow
from whalecurve import engine
from whalecurve.engine.measures.old_customers import old_customers_note

START = date(2022, 1, 1)


def stickiness(*months):
    """A table of (new, observed, back) by month."""
    rows = [("all", "all", "first_month", f"{2022 + i // 12}-{1 + i % 12:02}", *m) for i, m in enumerate(months)]
    rows += [("rfm", "Champions", "first_month", "2022-01", 900, 900, 900)]  # a group of customers is not all of them
    names = ["scheme", "group", "by", "value", "new", "observed", "back"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_more_arrivals_and_more_of_them_back_at_the_start_are_old_customers():
    table = stickiness((300, 300, 180), (200, 200, 110), (100, 100, 40), *[(60, 60, 18)] * 6, (50, 0, 0))
    (note,) = old_customers_note(table, 0.95)
    assert note.startswith(
        "55.0% of the 600 customers first seen in the first 3 months came back within 90 days, "
        "30.0% of the 360 later ones"
    )
    assert "begin in the middle of its customers' lives" in note


@pytest.mark.parametrize(
    "months",
    [
        [(60, 60, 33)] * 3 + [(60, 60, 18)] * 6,  # no more arrivals than later
        [(200, 200, 60)] * 3 + [(60, 60, 18)] * 6,  # no more of them back
        [(20, 20, 8)] * 3 + [(5, 5, 1)] * 6,  # too few to be sure
        [(400, 400, 120), (200, 200, 60)],  # nobody later
        [],
    ],
)
def test_a_start_like_any_other_is_none(months):
    assert old_customers_note(stickiness(*months), 0.95) == []


def test_nearly_all_customers_from_the_start_and_nearly_all_back_need_no_others_to_compare_with():
    (note,) = old_customers_note(stickiness((500, 500, 480), (20, 20, 15), (3, 3, 1), (2, 2, 0)), 0.95)
    assert note.startswith("94.8% of the 523 customers first seen in the first 3 months came back within 90 days: ")


def shop(first_day, n=600):
    """Customers who come at a steady pace, buy once or for a year or so, and of whom nothing is known before 2022."""
    rng, lines = np.random.default_rng(3), []
    for customer in range(n):
        day = first_day + timedelta(days=int(rng.integers(0, (date(2023, 12, 31) - first_day).days)))
        leaves = day + timedelta(days=int(rng.exponential(500.0)) if rng.random() < 0.5 else 0)
        while day <= min(leaves, date(2023, 12, 31)):
            if day >= START:
                lines.append((customer, day, 10.0))
            day += timedelta(days=1 + int(rng.exponential(40.0)))
    return pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row")


def warnings_of(frame, folder):
    frame.write_parquet(folder / "orders.parquet")
    run = engine.score(folder / "orders.parquet", out=folder / "scores")
    measured = engine.measure(folder / "orders.parquet", out=folder / "measures")
    found = [[words for words in of.manifest["warnings"] if "first seen" in words] for of in (run, measured)]
    assert found[0] == found[1]
    return found[0]


def test_a_shop_that_is_older_than_its_log_is_told_from_one_that_opened_with_it(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    assert len(warnings_of(shop(date(2017, 1, 1), 1_800), tmp_path / "old")) == 1
    assert warnings_of(shop(START), tmp_path / "new") == []


def test_the_cdnow_cohort_is_new(tmp_path):
    assert warnings_of(cdnow.sample(), tmp_path) == []
