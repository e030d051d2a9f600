"""The logs on which labels are held against what happened next, and how their table shows it."""

from datetime import date

import polars as pl
import pytest

from tests.support import cdnow
from tests.tools import labels
from whalecurve import engine


def test_donations_have_the_histories_that_are_published():
    log = labels.donations()
    year = pl.col("order_ts").dt.year() - 1995
    histories = (
        log.group_by("customer_id")
        .agg(frequency=year.n_unique() - 1, recency=year.max())
        .group_by("frequency", "recency")
        .agg(weights=pl.len())
    )
    published = pl.read_csv(cdnow.dataset("donations.csv")).select("frequency", "recency", "weights")
    found = histories.select(pl.col("frequency", "recency", "weights").cast(pl.Int64)).sort("frequency", "recency")
    assert found.equals(published.sort("frequency", "recency"))
    assert log.select((year == 0).sum()).item() == log["customer_id"].n_unique() == 11_104


@pytest.mark.parametrize(
    ("own", "other", "verdict", "shown"),
    [
        (0.2, 0.4, "holds", "0.50"),
        (0.5, 0.4, "weak", "1.25 weak"),
        (5.9, -13.5, "holds", "5.9 / -13.5"),
        (-7.4, 45.2, "holds", "-7.4 / 45.2"),
        (0.5, 0.4, "too few", "-"),
        (None, 0.4, "holds", "-"),
    ],
)
def test_a_cell_shows_the_ratio_or_both_where_one_is_a_loss(own, other, verdict, shown):
    assert labels._cell({"spent": own, "others_spent": other}, "spent", verdict) == shown


def test_where_too_few_carry_a_label_at_the_cut_shown_what_the_verdict_is_of_is_shown_and_marked():
    rows = [
        ("few", "2010-12-09", 365, 0.1, "too few"),
        ("few", "2011-06-12", 90, 0.2, "holds"),
        ("many", "2010-12-09", 365, 0.3, "weak"),
        ("many", "2011-06-12", 90, 0.4, "holds"),
        ("none", "2010-12-09", 365, 0.5, "too few"),
        ("none", "2011-06-12", 90, 0.6, "too few"),
    ]
    table = pl.DataFrame(
        [(date.fromisoformat(cut), days, "rfm", label, bought, verdict) for label, cut, days, bought, verdict in rows],
        schema=["cut", "days", "scheme", "label", "bought", "verdict"],
        orient="row",
    )
    found = engine.LabelValidation(
        first_day=date(2009, 12, 1),
        as_of=date(2011, 12, 9),
        cuts=(date(2010, 12, 9), date(2011, 6, 12)),
        value="revenue",
        labels=table,
        churned=pl.DataFrame(),
        warnings=(),
    )
    shown = {label: labels.shown_row(found, "rfm", label) for label in ("few", "many", "none")}
    assert {label: (row["bought"], mark) for label, (row, mark) in shown.items()} == {
        "few": (0.2, labels.ELSEWHERE),
        "many": (0.3, ""),
        "none": (0.5, ""),
    }
