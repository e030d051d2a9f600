from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine.schemes.scheme import load_scheme
from whalecurve.engine.scoring.tally import CustomerTally
from whalecurve.engine.segments.segment_table import segment_table, segment_table_of

STANDARD = load_scheme("standard")
SEGMENTS = pl.Enum([segment.name for segment in STANDARD.segments])
TIERS = pl.Enum([tier.name for tier in STANDARD.clv_tiers.labels])
STAGES = pl.Enum([stage.name for stage in STANDARD.lifecycle.labels])
ORIGINS = pl.Enum(["matrix: Retain", "lifecycle: new", "segment: Champions"])

CUSTOMERS = pl.DataFrame(
    {
        "customer_id": [1, 2, 3, 4],
        "n_purchase_days": [5, 2, 1, 0],
        "n_orders": [7, 2, 1, 0],
        "n_lines": [9, 2, 1, 1],
        "revenue": [70.0, 20.5, 10.0, -5.0],
        "value": [7.0, 2.5, 1.0, -5.0],
        "expected_purchases": [2.5, 0.25, float("nan"), None],
        "clv_tier": pl.Series(["middle", "middle", "high", None], dtype=TIERS),
        "spend_falling": [False, True, True, None],
        "rfm_segment": pl.Series(["Champions", "At risk", "Champions", None], dtype=SEGMENTS),
        "lifecycle_stage": pl.Series(["active", "dormant", "new", None], dtype=STAGES),
        "next_best_action_from": pl.Series(["segment: Champions", "matrix: Retain", None, None], dtype=ORIGINS),
    }
)


def test_customers_are_due_soon_up_to_thirty_days_ahead_or_overdue_and_never_both():
    as_of = date(2024, 6, 1)
    days = [date(2024, 7, 1), date(2024, 7, 2), date(2024, 6, 3), None]
    told = CUSTOMERS.with_columns(
        next_purchase=pl.Series(days, dtype=pl.Date), is_overdue=pl.Series([False, False, True, None])
    )
    tally = CustomerTally(as_of=as_of)
    tally.watch(told.lazy()).collect()
    tally.watch(told.head(1).lazy()).collect()
    assert tally.due == {"soon": 2, "overdue": 1}
    assert CustomerTally().due is None


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_customers_pass_as_they_are_but_for_words_and_nulls(engine):
    tally = CustomerTally()
    watched = tally.watch(CUSTOMERS.lazy())
    passed = watched.collect(engine=engine)
    words = pl.col("rfm_segment", "clv_tier", "lifecycle_stage", "next_best_action_from").cast(pl.String)
    assert_frame_equal(passed, CUSTOMERS.with_columns(words, pl.col("expected_purchases").fill_nan(None)))
    assert watched.collect_schema() == passed.schema
    assert tally.n == {"customers": 4, "with_purchase": 3, "repeat": 2}
    assert tally.falling == {"high": 1, "middle": 1, "low": 0}
    assert tally.actions == {"matrix: Retain": 1, "lifecycle: new": 0, "segment: Champions": 1}
    assert tally.expected_purchases == 2.75
    assert tally.n_gaps["expected_purchases"] == 1
    assert_frame_equal(segment_table_of(tally.sums, STANDARD), segment_table(CUSTOMERS, STANDARD))
