import itertools
import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.support.scored_dozen import DOZEN, SCHEMA, SOULMATES, STANDARD, by_segment, cutoff_of, decided
from whalecurve.engine.errors import InputError
from whalecurve.engine.segments import sums as module
from whalecurve.engine.segments import with_rfm_segment
from whalecurve.engine.segments.segment_table import segment_table, segment_table_of
from whalecurve.engine.segments.sums import segment_sums


def test_a_frame_of_nobody_keeps_its_columns():
    nobody = DOZEN.clear()
    full = decided(DOZEN).collect()
    assert cutoff_of(nobody) is None
    assert_frame_equal(decided(nobody).collect(), full.clear())
    table = segment_table(decided(nobody), STANDARD)
    assert table["customers"].to_list() == [0] * 14
    assert table["customer_share"].null_count() == 14


def test_the_table_of_a_dozen_customers_is_as_added_up_by_hand():
    table = segment_table(decided(DOZEN), STANDARD)
    rfm, matrix = by_segment(table, "rfm"), by_segment(table, "matrix")
    assert list(rfm) == [*(segment.name for segment in STANDARD.segments), None]
    assert list(matrix) == ["Retain", "Divest", "Grow", "Maintain", None]
    # values in all: 90 + 80 + 30 + 4.5 + 2.1 + 3.2 + 3.3 + 7 + 6 + 1 - .5 - .6 = 226; clv: 122
    assert rfm["Champions"] == {
        "customers": 2,
        "customer_share": 2 / 12,
        "orders": 17,
        "revenue": 1700.0,
        "margin": 170.0,
        "value": 170.0,
        "value_share": 170 / 226,
        "clv": 80.0,
        "clv_share": 80 / 122,
        "value_at_stake": 250.0,  # of a and b
        "mean_churn_risk": pytest.approx((0.10 + 0.75) / 2, rel=1e-12),
        "action": STANDARD.segments[0].action,
    }
    assert rfm["About to sleep"] == {
        **dict.fromkeys(("customers", "customer_share", "orders", "revenue", "margin", "value", "value_share"), 0),
        **dict.fromkeys(("clv", "clv_share", "value_at_stake"), 0),
        "mean_churn_risk": None,
        "action": STANDARD.segments[6].action,
    }
    assert rfm["Hibernating"]["revenue"] == 15.0
    assert rfm["Hibernating"]["clv"] == 0.0
    assert rfm[None]["value"] == -0.6
    unknown = ("clv", "value_at_stake", "mean_churn_risk", "action")
    assert [rfm[None][name] for name in unknown] == [None] * 4
    assert matrix["Retain"]["value_at_stake"] == 100.0  # b
    assert matrix["Divest"]["value_at_stake"] == 28.1  # 10 + 3.1 + 8 + 6.5 + 1.1 - .6
    assert matrix["Divest"]["customers"] == 6
    assert matrix["Divest"]["clv"] == 8.0  # 5.5 + 1 + 1 + .5 + .1 - .1
    assert matrix["Divest"]["value"] == 20.1  # 4.5 + 2.1 + 7 + 6 + 1 - .5
    assert matrix["Maintain"]["mean_churn_risk"] == pytest.approx((0.25 + 0.4 + 0.45) / 3, rel=1e-12)
    assert matrix[None]["customers"] == 1


@pytest.mark.parametrize("scheme", ["rfm", "matrix"])
def test_customers_and_money_add_up_to_all(scheme):
    rows = segment_table(decided(DOZEN), STANDARD).filter(scheme=scheme)
    assert rows["customers"].sum() == 12
    assert rows["orders"].sum() == DOZEN["n_orders"].sum()
    for column in ("customer_share", "value_share", "clv_share"):
        assert rows[column].sum() == pytest.approx(1.0, rel=1e-12)
    for column in ("revenue", "margin", "value", "clv", "value_at_stake"):
        assert rows[column].sum() == pytest.approx(math.fsum(DOZEN[column].drop_nulls()), rel=1e-12)


def test_amounts_are_rounded_to_the_nearest_millionth_not_cut():
    just_below = math.nextafter(1189.38, 0.0)
    frame = DOZEN.head(2).with_columns(revenue=pl.lit(just_below), clv=pl.lit(0.0000006))
    champions = by_segment(segment_table(decided(frame), STANDARD), "rfm")["Champions"]
    assert (champions["revenue"], champions["clv"]) == (2378.76, 0.000002)


# Tiers of the dozen, made up; z has none.
TIERS = pl.DataFrame(
    {
        "clv_tier": ["high", "high", *["middle"] * 4, *["low"] * 5, None],
        "lifecycle_stage": [*["active"] * 3, "new", *["dormant"] * 3, *["churned"] * 4, None],
        "loyalty_tier": ["platinum", "gold", *["silver"] * 3, *["bronze"] * 6, None],
    }
)


def with_tiers(as_enums=False):
    tiers = {name: pl.Enum(TIERS[name].drop_nulls().unique(maintain_order=True)) for name in TIERS.columns}
    return decided(DOZEN).collect().hstack(TIERS.cast(tiers) if as_enums else TIERS)


@pytest.mark.parametrize("as_enums", [True, False])
def test_tiers_and_stages_of_a_dozen_customers_are_added_up_beside_segments_and_cells(as_enums):
    table = segment_table(with_tiers(as_enums), STANDARD)
    assert table["scheme"].unique(maintain_order=True).to_list() == [
        "rfm",
        "matrix",
        "clv_tier",
        "lifecycle_stage",
        "loyalty_tier",
    ]
    assert_frame_equal(table.head(16), segment_table(decided(DOZEN), STANDARD))
    tiers, stages, loyalty = (by_segment(table, scheme) for scheme in ("clv_tier", "lifecycle_stage", "loyalty_tier"))
    assert list(tiers) == ["high", "middle", "low", None]
    assert list(stages) == ["new", "active", "dormant", "churned", None]
    assert list(loyalty) == ["platinum", "gold", "silver", "bronze", None]
    assert [row["customers"] for row in tiers.values()] == [2, 4, 5, 1]
    assert [row["customers"] for row in stages.values()] == [1, 3, 3, 4, 1]
    assert [row["clv"] for row in loyalty.values()] == [60.0, 20.0, 36.5, 5.5, None]
    assert tiers["low"]["value"] == 16.8  # 3.3 + 7 + 6 + 1 - .5
    assert stages["churned"]["orders"] == 13
    assert tiers["middle"]["action"] == STANDARD.clv_tiers.middle.action
    assert stages["new"]["action"] == STANDARD.lifecycle.new.action
    assert loyalty["bronze"]["action"] == STANDARD.loyalty.labels[-1].action


def test_a_tier_that_the_scheme_does_not_have_is_refused():
    other = with_tiers().with_columns(loyalty_tier=pl.lit("diamond"))
    with pytest.raises(
        InputError, match='preset standard: customers carry the loyalty tier "diamond", which the scheme'
    ):
        segment_table(other, STANDARD)


@pytest.mark.parametrize("column", ["revenue", "clv"])
def test_an_amount_too_large_for_exact_sums_is_told_by_its_column(column):
    vast = decided(DOZEN).with_columns(pl.when(pl.col("customer_id") == "c").then(1e19).otherwise(column).alias(column))
    with pytest.raises(InputError, match=rf"^{column}: a customer has more than 1e\+18, too much for exact sums"):
        segment_sums(vast)


def test_amounts_beyond_64_bits_are_still_added_exactly():
    vast = decided(DOZEN.head(2)).with_columns(clv=pl.Series([2.0**57, 2.0**58]), revenue=pl.lit(-(2.0**59)))
    champions = by_segment(segment_table(vast, STANDARD), "rfm")["Champions"]
    assert (champions["clv"], champions["revenue"]) == (3 * 2.0**57, -(2.0**60))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=4))
def test_parts_add_up_to_the_whole(cuts):
    customers, bounds = with_tiers(), [0, *sorted(cuts), 12]
    parts = [segment_sums(customers[a:b]) for a, b in itertools.pairwise(bounds)]
    assert_frame_equal(segment_table_of(parts, STANDARD), segment_table(customers, STANDARD), check_exact=True)


def test_a_batch_of_more_rows_than_sums_can_hold_is_added_in_parts(monkeypatch):
    whole = segment_table(with_tiers(), STANDARD)
    monkeypatch.setattr(module, "MOST_ROWS", 5)
    assert_frame_equal(segment_table(with_tiers(), STANDARD), whole, check_exact=True)


def test_without_returns_only_there_is_no_row_without_a_segment():
    table = segment_table(decided(DOZEN.head(11)), STANDARD)
    assert table["segment"].null_count() == 0
    assert table.height == 14


def test_a_frame_may_be_lazy_or_not_and_lack_what_was_not_mapped():
    lazy = decided(DOZEN)
    assert_frame_equal(segment_table(lazy.collect(), STANDARD), segment_table(lazy, STANDARD))
    bare = with_rfm_segment(DOZEN.drop("margin", "clv", "value_at_stake").lazy(), STANDARD)
    table = segment_table(bare, STANDARD)
    assert table["scheme"].unique().to_list() == ["rfm"]
    assert table.schema == segment_table(lazy, STANDARD).schema
    missing = ("margin", "clv", "clv_share", "value_at_stake", "mean_churn_risk")
    assert [table[column].null_count() for column in missing] == [table.height] * 5
    assert table["value"].null_count() == 0


def test_a_total_that_is_not_positive_has_no_shares():
    losses = DOZEN.with_columns(value=-pl.col("value"))
    table = segment_table(decided(losses), STANDARD)
    assert table["value_share"].null_count() == table.height
    assert table["value"].sum() < 0


def test_segments_of_another_scheme_are_refused():
    with pytest.raises(InputError, match='preset soulmates: customers carry the rfm segment "At risk"'):
        segment_table(decided(DOZEN), SOULMATES)


amounts = st.integers(-(10**12), 10**12).map(lambda units: units / 1e6)
crowd = st.lists(
    st.tuples(st.integers(1, 5), amounts, st.floats(0.0, 1.0), st.floats(-1e6, 1e6)), min_size=1, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(crowd, st.integers(0, 1000))
def test_sums_are_exact_and_free_of_the_order_of_rows(customers, seed):
    frame = pl.DataFrame(
        [
            (str(i), r, r, r, 1, value, value, value, p, clv, value + clv, 2 * clv)
            for i, (r, value, p, clv) in enumerate(customers)
        ],
        schema=SCHEMA,
        orient="row",
    )
    table = segment_table(decided(frame), STANDARD)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    assert_frame_equal(segment_table(decided(shuffled), STANDARD), table, check_exact=True)
    champions = [value for r, value, _, _ in customers if r == 5]
    exact = sum((Fraction(round(value * 10**6), 10**6) for value in champions), Fraction(0))
    assert by_segment(table, "rfm")["Champions"]["value"] == float(exact)
    risks = [Fraction(1.0 - p) for r, _, p, _ in customers if r == 5]
    mean = float(sum(risks) / len(risks)) if risks else None
    assert by_segment(table, "rfm")["Champions"]["mean_churn_risk"] == mean
