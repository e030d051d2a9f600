import dataclasses
import itertools
import json
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.scheme import load_scheme
from whalecurve.engine.schemes.tier_rules import Lifecycle, Loyalty, LoyaltyTier
from whalecurve.engine.segments.best_shares import numbers_of
from whalecurve.engine.segments.cutoffs_of_tiers import TierCutoffs, tier_cutoffs, tier_record, with_tiers
from whalecurve.engine.segments.loyalty import earning
from whalecurve.engine.segments.rhythm import Rhythm
from whalecurve.engine.statistics.survival import kaplan_meier

STANDARD = load_scheme("standard")
AS_OF = date(2024, 12, 31)
LABELS = ["clv_tier", "spend_falling", "lifecycle_stage", "loyalty_tier"]
SCHEMA = {
    "customer_id": pl.String,
    "n_purchase_days": pl.UInt32,
    "first_purchase": pl.Date,
    "last_purchase": pl.Date,
    "days_since_last": pl.Int32,
    "clv": pl.Float64,
    "year_value": pl.Int64,
}


def frame(customers):
    """Customers of (id, purchase days, days from first to last, days since, clv, year value)."""
    rows = []
    for name, n, span, since, clv, year in customers:
        last = None if since is None else AS_OF - timedelta(days=since)
        first = None if last is None else last - timedelta(days=span)
        rows.append((name, n, first, last, since, clv, round(year * 10**6)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


GAPS = np.bincount([20, 40, 60], [800, 100, 100]).astype(np.int64)  # 80 % are over on day 20, 90 % on 40, all on 60

# Twelve customers and one with returns only.
# clv, ascending: -5 -5 60 70 80 90, 100 (6.5 / 12 = .54) to 400 (9.5 / 12 = .79), 500 (10.5 / 12 = .88), 900
# year value above 0: 20 50 60 80 80 80 (4.5 / 10), 400 (.65) 500 (.75), 600 (.85), 1000 (.95)
# rhythm: with one purchase day 20, 40 and 60 days; b to e have 4 gaps in 120 days, so that 4/7 (120 / (120 + t))^4 and
# 3/7 of 1 (t < 20), .2 (t < 40), .1 (t < 60) or .01 is first at most .2 for t = 46, .1 for 68, .05 for 106; k and l
# have 3 gaps in 3 days: (3 / (3 + t))^3 / 2 and half of the same, .1004 for t = 29, .0502 for 40
DOZEN = [
    # id  days  span  since  clv  year     tier     falls  stage      loyalty
    (("a", 11, 365, 0, 900.0, 1000), ("high", False, "active", "platinum")),
    (("b", 5, 120, 46, 500.0, 600), ("high", False, "active", "gold")),
    (("c", 5, 120, 47, 400.0, 500), ("middle", False, "dormant", "silver")),
    (("d", 5, 120, 106, 300.0, 400), ("middle", True, "dormant", "silver")),
    (("e", 5, 120, 107, 200.0, 0), ("middle", True, "churned", "bronze")),
    (("f", 1, 0, 20, 100.0, 80), ("middle", False, "new", "bronze")),
    (("g", 1, 0, 40, 90.0, 80), ("low", False, "dormant", "bronze")),
    (("h", 1, 0, 60, 80.0, 80), ("low", True, "dormant", "bronze")),
    (("i", 1, 0, 61, 70.0, 60), ("low", True, "churned", "bronze")),
    (("j", 3, 300, 20, 60.0, 50), ("low", False, "active", "bronze")),
    (("k", 4, 3, 30, -5.0, -10), ("low", False, "dormant", "bronze")),
    (("l", 4, 3, 41, -5.0, 20), ("low", True, "dormant", "bronze")),
    (("z", 0, 0, None, None, -50), (None, None, None, None)),
]
CUSTOMERS = frame([customer for customer, _ in DOZEN])


def cutoffs_of(customers, gaps=GAPS, scheme=STANDARD):
    curve = kaplan_meier(gaps, np.zeros(0, np.int64))
    return tier_cutoffs(np.array(numbers_of(customers["clv"])), earning(customers), curve, scheme)


def tiered(customers, scheme=STANDARD, gaps=GAPS, cuts=None, engine="streaming", observed_days=180):
    cuts = cuts or cutoffs_of(customers, gaps, scheme)
    return with_tiers(customers.lazy(), scheme, cuts, observed_days).collect(engine=engine)


def scheme_with(**parts):
    return dataclasses.replace(STANDARD, **parts)


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_a_dozen_customers_are_in_the_tiers_and_stages_worked_out_by_hand(engine):
    found = tiered(CUSTOMERS, engine=engine)
    assert found.select(LABELS).rows() == [expected for _, expected in DOZEN]
    assert found["is_overdue"].equals(found["spend_falling"])  # both beyond 90 %
    assert_frame_equal(found.drop(*LABELS, "is_overdue"), CUSTOMERS)


def test_a_dozen_customers_have_the_cutoffs_worked_out_by_hand():
    cuts = cutoffs_of(CUSTOMERS)
    days = [*[20] * 80, *[40] * 10, *[60] * 9]
    assert cuts == TierCutoffs(clv=(500.0, 100.0), rhythm=Rhythm(days=tuple(days)), year_value=(1000.0, 600.0, 400.0))
    assert tier_record(cuts, STANDARD) == {
        "clv_tier": {"high": 500.0, "middle": 100.0},
        "loyalty_tier": {"platinum": 1000.0, "gold": 600.0, "silver": 400.0},
        "gap_days_by_percent": days,
    }


def test_labels_take_a_byte_and_spend_falls_or_does_not():
    found = tiered(CUSTOMERS)
    assert found["spend_falling"].dtype == pl.Boolean
    for label in ("clv_tier", "lifecycle_stage", "loyalty_tier"):
        assert found[label].to_physical().dtype == pl.UInt8


def test_whether_spend_falls_is_unknown_where_fewer_than_180_days_are_observed():
    assert tiered(CUSTOMERS, observed_days=179)["spend_falling"].null_count() == 13
    assert tiered(CUSTOMERS, observed_days=180)["spend_falling"].null_count() == 1  # returns only


def test_without_a_clv_or_with_nan_there_is_no_tier():
    unknown = CUSTOMERS.with_columns(clv=pl.when(pl.col("customer_id") == "a").then(float("nan")))
    found = tiered(unknown)
    assert found["clv_tier"].null_count() == 13
    assert found["lifecycle_stage"].null_count() == found["spend_falling"].null_count() == 1
    assert tier_record(cutoffs_of(unknown), STANDARD)["clv_tier"] == {"high": None, "middle": None}


def test_where_nobody_came_back_a_customer_is_new_for_ninety_days_and_never_churned():
    once = frame([(f"{since}", 1, 0, since, 1.0, 0) for since in (0, 90, 91, 3000)])
    found = tiered(once, gaps=np.zeros(0, np.int64))
    assert found["lifecycle_stage"].to_list() == ["new", "new", "dormant", "dormant"]
    assert found["spend_falling"].to_list() == [False] * 4


def test_the_points_of_the_rhythm_are_the_schemes():
    own = scheme_with(lifecycle=Lifecycle(active_until=0.9, falling_beyond=0.81, dormant_until=0.91))
    once = frame([(f"{since}", 1, 0, since, 1.0, 0) for since in (20, 21, 40, 41, 60, 61)])
    found = tiered(once, own)
    assert found["lifecycle_stage"].to_list() == ["new", "new", "new", "dormant", "dormant", "churned"]
    assert found["spend_falling"].to_list() == [False, False, False, True, True, True]


AMOUNTS = Loyalty(
    labels=(
        LoyaltyTier(name="club", action="Invite.", amount=500.0),
        LoyaltyTier(name="friends", action="Greet.", amount=0.1),
        LoyaltyTier(name="guests", action="Serve."),
    )
)


def test_amounts_of_the_scheme_are_the_cutoffs_to_the_last_millionth():
    own = scheme_with(loyalty=AMOUNTS)
    money = frame([(f"{m}", 1, 0, 1, 1.0, m) for m in (500, 499.999999, 0.1, 0.099999, 0, -3)])
    assert tiered(money, own)["loyalty_tier"].to_list() == ["club", *["friends"] * 2, *["guests"] * 3]


def test_an_amount_beyond_all_money_is_reached_by_nobody():
    vast = dataclasses.replace(AMOUNTS.labels[0], amount=1e300)
    own = scheme_with(loyalty=Loyalty(labels=(vast, *AMOUNTS.labels[1:])))
    assert tiered(CUSTOMERS, own)["loyalty_tier"].to_list()[0] == "friends"


def test_with_nothing_earned_in_the_year_all_are_in_the_last_tier():
    found = tiered(CUSTOMERS.with_columns(year_value=pl.min_horizontal("year_value", 0)))
    assert found["loyalty_tier"].to_list() == ["bronze"] * 12 + [None]


def test_nobody_has_tiers_of_the_same_columns():
    assert_frame_equal(tiered(CUSTOMERS.clear(), gaps=np.zeros(0, np.int64)), tiered(CUSTOMERS).clear())


def test_cutoffs_read_back_from_json_give_the_same_tiers():
    cuts = cutoffs_of(CUSTOMERS)
    again = TierCutoffs.from_dict(json.loads(json.dumps(tier_record(cuts, STANDARD))), STANDARD)
    assert again == cuts
    nobody = cutoffs_of(CUSTOMERS.clear(), np.zeros(0, np.int64))
    assert TierCutoffs.from_dict(tier_record(nobody, STANDARD), STANDARD) == nobody
    assert tiered(CUSTOMERS.tail(3), cuts=again).select(LABELS).rows() == [expected for _, expected in DOZEN[-3:]]


RECORD = tier_record(cutoffs_of(CUSTOMERS), STANDARD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gap_days_by_percent": 20}, "gap_days_by_percent is 20, expected 99 whole days, 1 or more, that do not fall"),
        ({"gap_days_by_percent": [20] * 98}, "gap_days_by_percent is .* expected 99 whole days"),
        ({"gap_days_by_percent": [*[20] * 98, 19]}, "gap_days_by_percent is .* expected 99 whole days"),
        ({"gap_days_by_percent": [0, *[20] * 98]}, "gap_days_by_percent is .* expected 99 whole days"),
        ({"gap_days_by_percent": [*[20] * 98, 20.5]}, "gap_days_by_percent is .* expected 99 whole days"),
        ({"clv_tier": [500, 100]}, r"clv_tier is \[500, 100\], expected a number for each tier"),
        ({"clv_tier": {"best": 5}}, "clv_tier has best, and preset standard has high, middle and a last tier; pass"),
        ({"clv_tier": {"high": 1, "middle": 2}}, r"clv_tier has \[1, 2\], expected numbers that do not rise"),
        ({"clv_tier": {"high": 1, "middle": None}}, r"clv_tier has \[1, None\], expected numbers that do not rise"),
        ({"loyalty_tier": {"platinum": 3, "gold": 2, "silver": 0}}, "loyalty_tier has 0, expected amounts above 0"),
        (
            {"loyalty_tier": {"platinum": True, "gold": 2, "silver": 1}},
            "loyalty_tier has .True, 2, 1., expected numbers",
        ),
    ],
)
def test_thresholds_of_another_form_are_refused(change, message):
    with pytest.raises(InputError, match=f"^tier thresholds: {message}"):
        TierCutoffs.from_dict(RECORD | change, STANDARD)


def test_thresholds_without_tiers_are_refused():
    with pytest.raises(
        InputError, match=r"^tier thresholds: no clv_tier, loyalty_tier; pass the thresholds of a model"
    ):
        TierCutoffs.from_dict({"bins": 5, "gap_days_by_percent": None}, STANDARD)


# A second way to the same tiers, customer by customer, in fractions.


def best_of(values, top):
    share = {v: Fraction(2 * sum(w < v for w in values) + sum(w == v for w in values), 2 * len(values)) for v in values}
    reached = [v for v in values if share[v] >= 1 - top]
    return min(reached) if reached else max(values)


def not_back(gaps, n, span, days):
    """The share of the gaps of a customer that are longer than so many days."""
    everybody = Fraction(1 if days < 90 else "0.2")
    if gaps:
        reached = [
            percent for percent in range(1, 100) if sum(gap <= days for gap in gaps) * 100 >= percent * len(gaps)
        ]
        everybody = 1 - Fraction(max(reached, default=0), 100)
    k = n - 1
    own = Fraction(span, span + days) ** k if k else 0
    return (k * own + 3 * everybody) / (k + 3)


def is_past(gaps, n, span, since, share):
    left = not_back(gaps, n, span, since - 1) - (1 - Fraction(share)) if since > 0 else 1
    assume(n == 1 or abs(left) > 1e-12)  # a tie that no float decides
    return left <= 0


def naive(rows, gaps):
    clvs = [row[4] for row in rows if row[4] is not None]
    years = [row[5] for row in rows if row[1] > 0 and row[5] > 0]
    for _, n, span, since, clv, year in rows:
        tier, falls, stage, loyalty = None, None, None, None
        if clv is not None:
            is_high, is_middle = (clv >= best_of(clvs, top) for top in (Fraction(1, 5), Fraction(1, 2)))
            tier = "high" if is_high else "middle" if is_middle else "low"
        if n > 0:
            is_late, falls, is_gone = (is_past(gaps, n, span, since, share) for share in ("0.8", "0.9", "0.95"))
            stage = "churned" if is_gone else "dormant" if is_late else "new" if n == 1 else "active"
            tops = {"platinum": Fraction(1, 20), "gold": Fraction(1, 5), "silver": Fraction(1, 2)}
            met = [name for name, top in tops.items() if years and year >= best_of(years, top)]
            loyalty = [*met, "bronze"][0]
        yield tier, falls, stage, loyalty


money = st.integers(-20, 60)


@st.composite
def customer(draw):
    n = draw(st.integers(0, 7))
    span = draw(st.integers(n - 1, 200)) if n > 1 else 0
    since = draw(st.integers(0, 400)) if n else None
    clv = draw(st.one_of(st.none(), st.integers(-5, 30).map(float))) if n else None
    return ("", n, span, since, clv, draw(money))


crowd = st.lists(customer(), min_size=1, max_size=25)
some_gaps = st.lists(st.integers(1, 120), max_size=9)


@settings(max_examples=120, deadline=None)
@given(crowd, some_gaps)
def test_tiers_are_those_of_the_definition(rows, gaps):
    assert tiered(frame(rows), gaps=np.bincount(gaps)).select(LABELS).rows() == list(naive(rows, gaps))


@settings(max_examples=40, deadline=None)
@given(crowd, st.integers(0, 1000))
def test_tiers_do_not_depend_on_the_order_of_customers(rows, seed):
    customers = frame(rows).with_row_index()
    shuffled = customers.sample(fraction=1.0, shuffle=True, seed=seed)
    assert_frame_equal(tiered(shuffled).sort("index"), tiered(customers))


@settings(max_examples=40, deadline=None)
@given(crowd, st.sampled_from([2, 3, 10, 1000, 12345]))
def test_tiers_by_shares_do_not_depend_on_the_currency(rows, factor):
    customers = frame(rows)
    dearer = customers.with_columns(pl.col("clv", "year_value") * factor)
    assert_frame_equal(tiered(dearer).select(LABELS), tiered(customers).select(LABELS))


@settings(max_examples=40, deadline=None)
@given(crowd)
def test_equal_customers_are_never_divided_and_more_is_never_worse(rows):
    found = tiered(frame(rows))
    place = {"high": 0, "middle": 1, "low": 2, "platinum": 0, "gold": 1, "silver": 2, "bronze": 3}
    for money, tier in (("clv", "clv_tier"), ("year_value", "loyalty_tier")):
        pairs = [(m, place[t]) for m, t in found.select(money, tier).rows() if t is not None]
        for (one, better), (other, worse) in itertools.combinations(sorted(pairs, key=lambda pair: -pair[0]), 2):
            assert better == worse if one == other else better <= worse
