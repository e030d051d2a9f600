"""RFM scores and segments of the dozen of `tests/golden/dozen.csv`, by each way to find thresholds; and their sums."""

import pytest

from tests.golden import dozen
from whalecurve import engine

# Eleven have a purchase day (not dot). With w worse ones a score is 1 + floor(5 w / 11): w of 0 to 2 gives 1, 3 and 4
# give 2, 5 and 6 give 3, 7 and 8 give 4, 9 and 10 give 5.
#
# R, longest first: gil 551, hal 549, lou 364 | ben 305, jon 152 | ivy 121, kim 72 | fay 50, ada 30 | cas 20, eli 11
# F: eli and fay 1 day (w 0: 1), cas gil hal ivy jon lou 2 days (w 2: 1) | ben and kim 3 (w 8: 4) | ada 5 (w 10: 5)
# M: ivy -40, eli -5, hal 10 | fay 25, jon 30 | cas and lou 40 (w 5: 3) | gil 50 (w 7), ben 60 | kim 140, ada 200
QUANTILE = {
    "ada": ("455", "Loyal customers"),
    "ben": ("244", "At risk"),
    "cas": ("513", "New customers"),
    "dot": (None, None),
    "eli": ("511", "New customers"),
    "fay": ("412", "Promising"),
    "gil": ("114", "Hibernating"),
    "hal": ("111", "Hibernating"),
    "ivy": ("311", "About to sleep"),
    "jon": ("212", "Hibernating"),
    "kim": ("345", "Loyal customers"),
    "lou": ("113", "Hibernating"),
}

# F within R, M within R and F. In a group of one the score is 1, in one of two 1 and 1 + floor(5 / 2) = 3, two equal
# ones 1; in one of three 1, 1 + floor(5 / 3) = 2 and 1 + floor(10 / 3) = 4.
# R = 1: gil, hal and lou have 2 days each; M 10 hal, 40 lou, 50 gil. R = 2: jon 2 days, ben 3. R = 3: ivy 2, kim 3.
# R = 4: fay 1, ada 5. R = 5: eli 1, cas 2.
NESTED = {
    **{"gil": "114", "hal": "111", "lou": "112", "jon": "211", "ben": "231", "ivy": "311", "kim": "331"},
    **{"fay": "411", "ada": "431", "eli": "511", "cas": "531", "dot": None},
}

FIXED_TOML = "r = [365, 180, 90, 30]\nf = [2, 3, 4, 5]\nm = [0, 25, 50, 100]\n"
# R: up to 30 days 5 (ada 30), 90 4, 180 3, 365 2. F: as many as days here. M: 100 5, 50 4 (gil 50), 25 3 (fay 25), 0 2
FIXED = {
    **{"ada": "555", "ben": "234", "cas": "523", "dot": None, "eli": "511", "fay": "413", "gil": "124"},
    **{"hal": "122", "ivy": "321", "jon": "323", "kim": "435", "lou": "223"},
}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return dozen.scored(tmp_path_factory.mktemp("dozen"), measures=False)


def scores(customers):
    return {name: row["rfm_score"] for name, row in customers.items()}


def test_scores_and_segments_by_quantiles(scored):
    _, customers, _ = scored
    assert {name: (row["rfm_score"], row["rfm_segment"]) for name, row in customers.items()} == QUANTILE
    for row in customers.values():
        digits = [row[name] for name in ("r_score", "f_score", "m_score")]
        assert digits == (list(map(int, row["rfm_score"])) if row["rfm_score"] else [None] * 3)


def test_thresholds_are_the_values_at_which_scores_begin(scored):
    cuts = scored[0].model["thresholds"]
    assert cuts["days_since_last"] == [305, 121, 50, 20]
    assert cuts["n_purchase_days"] == [3, 3, 3, 5]  # nobody has 2 or 3
    assert cuts["value"] == [25, 40, 50, 140]


def test_scores_within_scores(tmp_path):
    run, customers, _ = dozen.scored(tmp_path, scoring=engine.Scoring(rfm_method="nested"), measures=False)
    assert scores(customers) == NESTED
    assert run.model["definitions"]["rfm_method"] == "nested"


def test_scores_by_cut_offs_of_ones_own(tmp_path):
    (tmp_path / "cuts.toml").write_text(FIXED_TOML, encoding="utf-8")
    scoring = engine.Scoring(rfm_method="fixed", rfm_cuts=str(tmp_path / "cuts.toml"))
    _, customers, _ = dozen.scored(tmp_path, scoring=scoring, measures=False)
    assert scores(customers) == FIXED


def segment(scored, scheme, name):
    (row,) = (row for row in scored[0].segments.to_dicts() if (row["scheme"], row["segment"]) == (scheme, name))
    return row


def test_a_segment_is_the_sum_of_its_customers(scored):
    row = segment(scored, "rfm", "Hibernating")  # gil, hal, jon, lou
    assert (row["customers"], row["customer_share"], row["orders"]) == (4, 4 / 12, 2 + 2 + 2 + 2)
    assert (row["revenue"], row["margin"], row["value"]) == (120 + 20 + 70 + 60, 50 + 10 + 30 + 40, 130)
    assert row["value_share"] == 130 / 540
    customers = [scored[1][name] for name in ("gil", "hal", "jon", "lou")]
    whole = sum(customer["clv"] for customer in scored[1].values() if customer["clv"] is not None)
    own = sum(customer["clv"] for customer in customers)
    # sums are of whole millionths
    assert row["clv"] == pytest.approx(own, abs=2e-6)
    assert row["clv_share"] == pytest.approx(own / whole, rel=1e-6)
    at_stake = sum(customer["value_at_stake"] for customer in customers)
    assert row["value_at_stake"] == pytest.approx(at_stake, abs=2e-6)
    mean = sum(customer["churn_risk"] for customer in customers) / 4
    assert row["mean_churn_risk"] == pytest.approx(mean, rel=1e-6)
    assert row["action"].startswith("Try one low-cost reactivation mail")


def test_who_is_in_no_segment_is_counted_beside_them(scored):
    for scheme in ("rfm", "matrix", "clv_tier", "lifecycle_stage", "loyalty_tier"):
        row = segment(scored, scheme, None)  # dot
        assert (row["customers"], row["orders"], row["revenue"], row["margin"]) == (1, 0, -25, -10)
        assert row["clv"] is row["value_at_stake"] is row["mean_churn_risk"] is row["action"] is None


@pytest.mark.parametrize(
    ("scheme", "sizes"),
    [
        ("clv_tier", {"high": 2, "middle": 4, "low": 5}),
        ("lifecycle_stage", {"new": 2, "active": 9, "dormant": 0, "churned": 0}),
        ("loyalty_tier", {"platinum": 1, "gold": 0, "silver": 2, "bronze": 8}),
    ],
)
def test_tiers_and_stages_are_segments_too(scored, scheme, sizes):
    rows = [row for row in scored[0].segments.to_dicts() if row["scheme"] == scheme and row["segment"] is not None]
    assert {row["segment"]: row["customers"] for row in rows} == sizes
