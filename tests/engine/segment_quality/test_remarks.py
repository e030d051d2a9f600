import polars as pl

from whalecurve.engine.schemes import QualityRules
from whalecurve.engine.segment_quality import remarked, remarks_of
from whalecurve.engine.segment_quality.quality_table import SCHEMA

USUAL = {"scheme": "rfm", "customers": 100, "customer_share": 0.1, "value_within": 0.5, "clv_within": 0.5}


def remarks(*rows, **rules):
    """The words of each row, and the sentences of those that have any."""
    given = pl.DataFrame([dict.fromkeys(SCHEMA) | USUAL | row for row in rows], schema=SCHEMA)
    words = remarked(given, QualityRules(**rules))["remarks"].to_list()
    told = remarks_of(given, QualityRules(**rules))
    assert len([word for word in words if word]) == len(told)
    return words, [row["remark"] for row in told]


def test_segments_with_nothing_to_say_are_passed_over():
    row = {"segment": "A", "value_spread": 0.9, "split_by": "m_score", "split_share": 0.9}
    assert remarks({"segment": None}, row) == ([None, None], [])


def test_too_few_customers_are_said_and_nothing_else_of_them():
    words, told = remarks({"segment": "A", "customers": 29, "value_spread": 9.0, "customer_share": 0.9})
    assert words == ["small"]
    assert told == ["too small to act on: 29 customers, fewer than 30"]
    assert remarks({"segment": "A", "customers": 29}, min_customers=29)[0] == [None]


def test_large_is_said_of_segments_and_cells_but_not_of_tiers():
    row = {"segment": "A", "customer_share": 0.51, "split_by": "m_score", "split_share": 0.3}
    words, told = remarks(row, row | {"scheme": "clv_tier"})
    assert words == ["large", None]
    assert told == [
        "too large to mean anything: 51% of customers; a split by M score would take 30% of its variance of value"
    ]
    assert remarks(row, max_share=0.51)[0] == [None]


def test_mixed_is_a_relative_spread_as_large_as_that_of_all():
    row = {"segment": "A", "value_spread": 1.26, "gap_spread": 1.0, "split_by": "lifecycle_stage", "split_share": 0.2}
    words, told = remarks(row)
    assert words == ["mixed"]
    assert told == [
        "mixed in value (1.3 times the relative spread of all customers) and days between purchases (1.0 times the "
        "relative spread of all customers)"
    ]
    assert remarks(row, mixed_from=1.27)[0] == [None]
    split = "; a split by lifecycle stage would take 20% of its variance of value"
    assert remarks(row, split_from=0.2)[1][0].endswith(split)


def test_segments_that_explain_nothing_are_said_to():
    row = {"segment": None, "value_within": 0.96, "clv_within": 0.97}
    assert remarks(row) == (["alike"], ["hardly tells customers apart: 96% of value and 97% of CLV vary within"])
    assert remarks(row | {"clv_within": 0.9})[0] == [None]
    assert remarks(row | {"scheme": "lifecycle_stage"})[0] == [None]
