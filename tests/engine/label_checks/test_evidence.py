"""A label beside what its customers did: shares, lift, AUC, means, verdict."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.label_checks.claims import Claim
from whalecurve.engine.label_checks.evidence import evidence_of


def claim(says="less", outcome="bought"):
    return Claim(scheme="risk", label="high", has_label=pl.lit(value=True), outcome=outcome, says=says)


def found(rows, **of_claim):
    """Evidence on customers of (labelled, bought, spent)."""
    labelled, bought, spent = (np.array(column) for column in zip(*rows, strict=True))
    return evidence_of(claim(**of_claim), labelled.astype(bool), bought.astype(bool), spent.astype(float))


def test_shares_and_means_are_those_of_the_two_groups():
    row = found([(1, 1, 10.0), (1, 0, 0.0), (1, 0, -1.0), (0, 1, 40.0), (0, 1, 20.0)])
    assert (row["customers"], row["others"], row["share"]) == (3, 2, 3 / 5)
    assert (row["bought"], row["others_bought"]) == (1 / 3, 1.0)
    assert (row["spent"], row["others_spent"]) == (3.0, 30.0)
    assert row["lift"] == pytest.approx(1 / 3)
    half = 1.959963984540054 * np.std([10.0, 0.0, -1.0], ddof=1) / 3**0.5
    assert (row["spent_low"], row["spent_high"]) == pytest.approx((3.0 - half, 3.0 + half))


customers = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(-3, 9)), min_size=2, max_size=25)


@settings(deadline=None)
@given(customers, st.sampled_from(["more", "less"]))
def test_the_auc_is_the_share_of_pairs_that_the_label_puts_right(rows, says):
    auc = found(rows, says=says)["auc"]
    sign = 1 if says == "more" else -1
    pairs = [sign * (a - b) for (a, x, _), (b, y, _) in itertools.product(rows, rows) if x and not y]
    if pairs:
        assert auc == pytest.approx(sum(1.0 if d > 0 else 0.5 if d == 0 else 0.0 for d in pairs) / len(pairs))
    else:
        assert auc is None


@settings(deadline=None)
@given(customers, st.sampled_from(["more", "less", None]), st.sampled_from(["bought", "spent"]))
def test_intervals_hold_what_they_are_of_and_all_numbers_are_of_json(rows, says, outcome):
    row = found(rows, says=says, outcome=outcome)
    for name in ("bought", "others_bought", "auc", "spent", "others_spent"):
        value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
        if low is not None:
            assert low - 1e-12 <= value <= high + 1e-12
    assert all(value is None or isinstance(value, str) or np.isfinite(value) for value in row.values())


def crowd(n, share_bought, spent=1.0, *, labelled):
    k = round(n * share_bought)
    return [(labelled, i < k, spent * (1 + i % 2)) for i in range(n)]


@pytest.mark.parametrize(
    ("says", "outcome", "verdict"),
    [
        ("less", "bought", "holds"),
        ("more", "bought", "weak"),
        ("less", "spent", "weak"),
        ("more", "spent", "holds"),
        (None, "bought", None),
    ],
)
def test_a_claim_holds_only_in_its_direction_and_outcome(says, outcome, verdict):
    rows = [*crowd(200, 0.2, 50.0, labelled=True), *crowd(200, 0.6, 10.0, labelled=False)]
    assert found(rows, says=says, outcome=outcome)["verdict"] == verdict


def test_a_difference_within_the_intervals_is_weak():
    rows = [*crowd(200, 0.40, labelled=True), *crowd(200, 0.45, labelled=False)]
    assert found(rows, says="less")["verdict"] == "weak"


@pytest.mark.parametrize(("n", "m"), [(29, 500), (500, 29), (0, 500), (500, 0)])
def test_with_fewer_than_thirty_customers_on_a_side_there_is_no_verdict(n, m):
    rows = [*crowd(n, 0.0, labelled=True), *crowd(m, 1.0, labelled=False)]
    assert found(rows, says="less")["verdict"] == "too few"


def test_of_nobody_there_is_nothing_to_say():
    row = evidence_of(claim(), *(np.zeros(0, bool) for _ in range(2)), np.zeros(0))
    assert (row["customers"], row["share"], row["bought"], row["auc"], row["spent"]) == (0, None, None, None, None)
