"""Laws of migration: matrices are stochastic, counts add up, nobody moves between equal results, money scales."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.comparison.customers import FLAGS, STATUS, Labels, cells_of
from whalecurve.engine.comparison.migration import SUMS, migration, shorrocks
from whalecurve.engine.comparison.results import amounts_by_group

NAMES = ("a", "b", "c", "d")
LABELS = Labels(scheme="clv_tier", column="clv_tier", names=NAMES, is_ranked=True)
states = st.sampled_from([*NAMES[:3], None])  # nobody is ever under d
cents = st.integers(-(10**7), 10**7).map(lambda n: n / 100)
customers = st.tuples(st.sampled_from(["kept", "kept", "new", "lost"]), states, states, cents, cents)
populations = st.lists(customers, min_size=1, max_size=30)
laws = settings(max_examples=80, deadline=None)


def side_by_side(population):
    rows = [
        {
            "status": status,
            "has_bought_since": status == "kept",
            "has_come_back": False,
            "is_put_at_risk": False,
            "previous_clv_tier": None if status == "new" else start,
            "current_clv_tier": None if status == "lost" else end,
            **{f"previous_{amount}": None if status == "new" else before for amount in ("value", "clv_total")},
            **{f"current_{amount}": None if status == "lost" else after for amount in ("value", "clv_total")},
        }
        for status, start, end, before, after in population
    ]
    schema = {"status": STATUS} | dict.fromkeys(FLAGS, pl.Boolean)
    schema |= {f"{when}_clv_tier": LABELS.dtype for when in ("previous", "current")}
    schema |= {f"{when}_{amount}": pl.Float64 for when in ("previous", "current") for amount in ("value", "clv_total")}
    return pl.DataFrame(rows, schema=schema)


def cells(population):
    return cells_of(side_by_side(population).lazy(), [LABELS]).collect()


def moved(population):
    return migration(cells(population), LABELS)


def pair(status, start, end):
    return "(new)" if status == "new" else start, "(lost)" if status == "lost" else end


@laws
@given(populations)
def test_every_row_with_customers_sums_to_one(population):
    rows = moved(population).moves.group_by("from").agg(pl.col("customers", "share_of_from").sum())
    for _, customers, share in rows.iter_rows():
        assert share == pytest.approx(1.0 if customers else 0.0, rel=1e-12)


@laws
@given(populations)
def test_counts_are_those_of_the_customers_themselves(population):
    found = moved(population)
    expected = Counter(pair(*customer[:3]) for customer in population)
    seen = found.moves.filter(pl.col("customers") > 0).select("from", "to", "customers")
    assert {(start, end): n for start, end, n in seen.iter_rows()} == expected
    n_old, n_new = (sum(customer[0] != status for customer in population) for status in ("new", "lost"))
    flows = found.segments
    assert (flows["customers_old"].sum(), flows["customers_new"].sum()) == (n_old, n_new)
    assert flows["net_flow"].sum() == n_new - n_old
    assert flows["bought_since"].sum() == sum(customer[0] == "kept" for customer in population)
    assert flows["bought_since_share"].drop_nulls().eq(1.0).all()  # here all of them have
    assert (flows["customers_in"] - flows["customers_out"]).equals(flows["net_flow"].rename("customers_in"))
    assert flows["segment"].to_list()[:4] == list(NAMES)


@laws
@given(populations)
def test_money_is_conserved(population):
    found, groups = moved(population), amounts_by_group(cells(population))
    for name in SUMS:
        kept = [c[3] if name.endswith("old") else c[4] for c in population]
        away = "new" if name.endswith("old") else "lost"
        total = sum(round(y * 100) for y, c in zip(kept, population, strict=True) if c[0] != away) / 100
        whole = groups["in_old" if name.endswith("old") else "in_new"][name] or 0.0
        # sums of shown amounts are sums of floats, of the order of 1e6 here
        assert found.moves[name].sum() == pytest.approx(total, abs=1e-6)
        assert found.segments[name].sum() == pytest.approx(total, abs=1e-6)
        assert whole == total


@laws
@given(populations, st.integers(2, 1000))
def test_money_scales_and_nothing_else_changes(population, factor):
    one = moved(population)
    other = moved([(*c[:3], *(round(y * 100) * factor / 100 for y in c[3:])) for c in population])
    assert one.moves.drop(SUMS).equals(other.moves.drop(SUMS))
    for name in SUMS:
        scaled = (one.moves[name] * factor).drop_nulls().to_list()
        assert other.moves[name].drop_nulls().to_list() == pytest.approx(scaled, rel=1e-12)
    assert (one.mobility, one.up_share, one.retained_share) == (other.mobility, other.up_share, other.retained_share)


@laws
@given(populations)
def test_the_order_of_customers_changes_nothing(population):
    one, other = moved(population), moved(population[::-1])
    assert one.moves.equals(other.moves)
    assert one.segments.equals(other.segments)
    assert one.mobility == other.mobility


@laws
@given(st.lists(st.tuples(states, cents), min_size=1, max_size=30))
def test_between_equal_results_the_matrix_is_the_identity_and_mobility_zero(population):
    found = moved([("kept", state, state, value, value) for state, value in population])
    for row in found.moves.to_dicts():
        n = sum(state == row["from"] for state, _ in population)
        assert row["share_of_from"] == (None if n == 0 else float(row["from"] == row["to"]))
    assert found.retained_share == 1.0
    assert found.mobility == (0.0 if len({state for state, _ in population}) > 1 else None)
    assert found.segments["net_flow"].sum() == 0
    assert found.up_share in (0.0, None)


@laws
@given(populations)
def test_mobility_and_directions_agree_with_the_definitions(population):
    """Oracle: the dense matrix by NumPy; ranks compared customer by customer."""
    found = moved(population)
    order = [*NAMES, None]
    n = np.zeros((5, 5))
    for status, start, end, *_ in population:
        if status == "kept":
            n[order.index(start), order.index(end)] += 1
    rows = n[n.sum(axis=1) > 0]
    k = len(rows)
    P = n[n.sum(axis=1) > 0] / rows.sum(axis=1, keepdims=True)
    trace = P[np.arange(k), np.flatnonzero(n.sum(axis=1) > 0)].sum()
    assert found.mobility == (pytest.approx((k - trace) / (k - 1), rel=1e-12, abs=1e-15) if k > 1 else None)
    steps = [start > end for s, start, end, *_ in population if s == "kept" and start and end and start != end]
    n_labelled = sum(s == "kept" and bool(start and end) for s, start, end, *_ in population)
    assert (found.up_share or 0.0) * n_labelled == pytest.approx(sum(steps), rel=1e-12)
    assert (found.down_share or 0.0) * n_labelled == pytest.approx(len(steps) - sum(steps), rel=1e-12)


def test_mobility_of_matrices_with_a_known_answer():
    assert shorrocks({("a", "a"): 9, ("b", "b"): 1}) == 0.0
    assert shorrocks({("a", "b"): 9, ("b", "a"): 1}) == 2.0  # everybody changes places: k / (k - 1)
    independent = {(i, j): 1 for i in "abc" for j in "abc"}
    assert shorrocks(independent) == pytest.approx(1.0, rel=1e-15)
    assert shorrocks({("a", "a"): 3, ("a", "b"): 1, ("b", "a"): 1, ("b", "b"): 1}) == 0.75  # 2 - 3/4 - 1/2
    assert shorrocks({("a", "b"): 3}) is None
    assert shorrocks({}) is None


def test_labels_keep_the_order_of_the_scheme_and_absence_stands_last():
    found = moved([("new", None, "b", 0.0, 1.0), ("lost", "c", None, 1.0, 0.0), ("kept", "a", None, 1.0, 1.0)])
    assert found.moves["from"].unique(maintain_order=True).to_list() == [*NAMES, "(new)"]
    assert found.moves["to"].unique(maintain_order=True).to_list() == [*NAMES, None, "(lost)"]
