"""The risk x value matrix: its cut-off, its cells, and who has none."""

import dataclasses
import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scored_dozen import DOZEN, STANDARD, cutoff_of, decided
from whalecurve.engine.errors import InputError
from whalecurve.engine.segments.segment_table import segment_table


def test_the_cutoff_is_the_least_value_of_the_best_fifth():
    assert cutoff_of(DOZEN) == 100.0  # mid-ranks (9 + .5) / 11 = .86 and, next below, (8 + .5) / 11 = .77


def totals(values):
    return pl.DataFrame({"value_at_stake": values}, schema={"value_at_stake": pl.Float64})


@pytest.mark.parametrize(
    ("values", "cutoff"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0], 5.0),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 7.0),  # 1.6 customers, two are nearer than one
        ([1.0, 2.0, 3.0, 3.0], 3.0),  # (2 + 1) / 4 is below .8 for the best already: it is the best all the same
        ([0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 9.0], 9.0),  # (5 + 1.5) / 8 = .81
        ([7.0], 7.0),
        ([5.0, 5.0, 5.0], 5.0),
        ([None, 3.0, None], 3.0),
        ([None], None),
        ([], None),
    ],
)
def test_the_cutoff_never_divides_equal_customers(values, cutoff):
    assert cutoff_of(totals(values)) == cutoff


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6)), min_size=1, max_size=30),
    st.integers(1, 99),
)
def test_the_cutoff_is_the_first_mid_rank_at_the_quantile(values, percent):
    share = {v: Fraction(2 * sum(w < v for w in values) + sum(w == v for w in values), 2 * len(values)) for v in values}
    reached = [v for v in values if share[v] >= Fraction(percent, 100)]
    assert cutoff_of(totals(values), percent / 100) == (min(reached) if reached else max(values))


@pytest.mark.parametrize("quantile", [0.0, 1.0, -0.2, math.nan])
def test_a_quantile_out_of_range_is_refused(quantile):
    with pytest.raises(InputError, match="value_quantile="):
        cutoff_of(DOZEN, quantile)


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_a_dozen_customers_are_in_their_cells_of_the_matrix(engine):
    cells = decided(DOZEN).collect(engine=engine)
    assert cells["risk"].to_list() == ["low", "high", "low", "high", "high", "low", "low"] + ["high"] * 4 + [None]
    assert cells["value_class"].to_list() == ["high"] * 2 + ["low"] * 9 + [None]
    cell = {"Grow": "a", "Retain": "b", "Maintain": "cfg", "Divest": "dehijk"}
    for name, customers in cell.items():
        assert "".join(cells.filter(matrix_segment=name)["customer_id"]) == customers
    assert cells["churn_risk"].to_list()[:4] == [1.0 - 0.90, 0.75, 0.25, 0.5]
    assert cells["matrix_action"][1] == STANDARD.retain.action
    assert cells.row(-1)[-5:] == (None,) * 5


def test_the_threshold_itself_is_high_risk():
    at_half = DOZEN.filter(pl.col("customer_id") == "d")
    risk = lambda threshold: decided(at_half, risk_threshold=threshold).collect()["risk"].item()
    assert (risk(0.5), risk(0.51)) == ("high", "low")


@pytest.mark.parametrize("missing", ["p_purchase", "value_at_stake"])
def test_whoever_lacks_a_number_has_no_cell(missing):
    partial = DOZEN.with_columns(pl.when(pl.col("customer_id") != "b").then(pl.col(missing)))
    row = decided(partial, cutoff=100.0).filter(pl.col("customer_id") == "b").collect()
    assert row.select("churn_risk", "risk", "value_class", "matrix_segment", "matrix_action").row(0) == (None,) * 5


@pytest.mark.parametrize("missing", ["p_purchase", "value_at_stake"])
def test_a_number_that_a_kernel_could_not_give_is_no_high_value(missing):
    broken = DOZEN.with_columns(
        pl.when(pl.col("customer_id") == "b").then(float("nan")).otherwise(missing).alias(missing)
    )
    row = decided(broken).filter(pl.col("customer_id") == "b").collect()
    assert row.select("churn_risk", "risk", "value_class", "matrix_segment", "matrix_action").row(0) == (None,) * 5
    assert cutoff_of(broken) == (100.0 if missing == "p_purchase" else 60.0)  # c is 9.5 / 10 now, a is best


def test_the_axis_may_be_past_value_and_clv_together():
    swapped = DOZEN.with_columns(value_at_stake=-pl.col("clv_total"))
    by_total = decided(swapped, axis="total", cutoff=100.0).collect()
    assert by_total["matrix_segment"].to_list() == decided(DOZEN).collect()["matrix_segment"].to_list()
    by_stake = decided(swapped, cutoff=-5.2).collect()
    assert "".join(by_stake.filter(value_class="high")["customer_id"]) == "efjk"  # 3.1, 5.2, 1.1 and -0.6 of clv_total


def test_where_risk_is_withheld_value_alone_is_told():
    cells = decided(DOZEN, is_risk_withheld=True).collect()
    for column in ("churn_risk", "risk", "matrix_segment", "matrix_action"):
        assert cells[column].null_count() == 12
    assert cells["value_class"].to_list() == decided(DOZEN).collect()["value_class"].to_list()
    table = segment_table(cells.lazy(), STANDARD).filter(scheme="matrix")
    assert table["customers"].to_list() == [0, 0, 0, 0, 12]
    assert table["mean_churn_risk"].null_count() == 5


def test_without_a_cutoff_nobody_has_a_cell():
    cells = decided(DOZEN, cutoff=None).collect()
    assert cells["matrix_segment"].null_count() == cells["risk"].null_count() == 12


def test_the_names_of_the_cells_are_the_schemes():
    own = dataclasses.replace(STANDARD, grow=dataclasses.replace(STANDARD.grow, name="Delight"))
    assert decided(DOZEN, own).collect()["matrix_segment"][0] == "Delight"
