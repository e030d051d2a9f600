from fractions import Fraction
from itertools import accumulate

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from whalecurve.engine.concentration.curves import concentration, curve
from whalecurve.engine.concentration.ranking import with_concentration
from whalecurve.engine.errors import InputError

# Twelve customers: 100 earned, 20 lost, 80 in total. Sums, best first: 40 60 70 80 85 90 94 97 99 100 100 80.
DOZEN = np.array([5.0, 40.0, 2.0, 10.0, -20.0, 4.0, 10.0, 0.0, 20.0, 5.0, 1.0, 3.0])

cents = st.lists(st.integers(-500, 2000), min_size=1, max_size=25)


def money(amounts):
    return np.array(amounts, dtype=np.float64) / 100.0


def ranked(values):
    return with_concentration(pl.DataFrame({"value": values}, schema={"value": pl.Float64}))


def test_a_dozen_customers_have_the_measures_worked_out_by_hand():
    measured = concentration(DOZEN)
    assert (measured.n_customers, measured.n_loss_makers) == (12, 1)
    assert (measured.total, measured.total_positive, measured.total_negative) == (80.0, 100.0, -20.0)
    assert (measured.peak_share, measured.peak_customers_share, measured.drag_share) == (1.25, 10 / 12, 0.25)
    # .12, .6, 1.2 and 2.4 customers
    tops = (measured.top_1_share, measured.top_5_share, measured.top_10_share, measured.top_20_share)
    assert tops == pytest.approx((4.8 / 80, 24 / 80, 44 / 80, 64 / 80), rel=1e-12)
    assert (measured.n_for_80, measured.for_80_customers_share) == (3, 0.25)  # 64 of 80
    assert (measured.n_for_80_of_peak, measured.for_80_of_peak_customers_share) == (4, 4 / 12)  # 80 of 100


def test_the_gini_coefficient_says_which_one_it_is():
    published = concentration(np.array([-7, -15, 11, -10, 2, 4, 40]))
    assert (round(published.gini or 0, 3), published.gini_kind) == (0.700, "normalised")
    without_losses = concentration(np.array([1.0, 3.0, 0.0]))
    assert (without_losses.gini, without_losses.gini_kind) == (0.5, "classic")  # (3 + 2 + 1) / (3 * 4)
    assert without_losses.n_for_80_of_peak is None


def test_a_total_that_is_not_positive_gives_amounts_and_no_shares():
    measured = concentration(np.array([10.0, 5.0, -15.0]))
    assert (measured.total, measured.total_positive, measured.total_negative) == (0.0, 15.0, -15.0)
    assert measured.gini == pytest.approx((5 + 25 + 20) / (3 * 30), rel=1e-12)
    assert (measured.n_for_80_of_peak, measured.peak_customers_share) == (2, 2 / 3)
    undefined = ("peak_share", "drag_share", "top_1_share", "top_20_share", "n_for_80", "for_80_customers_share")
    assert [measured.to_dict()[name] for name in undefined] == [None] * 6


def test_losses_alone_have_no_peak():
    measured = concentration(np.array([-1.0, -3.0]))
    assert (measured.n_for_80_of_peak, measured.peak_customers_share, measured.gini) == (None, 0.0, 0.25)


def test_one_customer_is_everything():
    measured = concentration(np.array([0.1]))
    assert (measured.gini, measured.n_for_80, measured.top_1_share, measured.drag_share) == (0.0, 1, 0.01, 0.0)


@pytest.mark.parametrize("values", [[], [0.0, 0.0]])
def test_nothing_has_no_measures(values):
    measured = concentration(np.array(values))
    assert (measured.n_customers, measured.total, measured.gini) == (len(values), 0.0, None)
    assert measured.top_20_share is None
    assert measured.n_for_80 is None


def test_repeat_customers_are_read_by_passing_theirs_alone():
    customers = pl.DataFrame({"n_purchase_days": [1, 2, 5, 1], "value": [10.0, 60.0, 20.0, 500.0]})
    repeat = customers.filter(pl.col("n_purchase_days") >= 2)
    assert concentration(repeat["value"].to_numpy()).n_for_80 == 2
    assert concentration(customers["value"].to_numpy()).n_for_80 == 1


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_values_that_cannot_be_ranked_are_refused(broken):
    for measure in (concentration, curve):
        with pytest.raises(InputError, match="1 of 3 values are NaN or infinite"):
            measure(np.array([1.0, broken, 2.0]))


@settings(max_examples=60, deadline=None)
@given(cents)
def test_customers_for_80_percent_are_exact_to_the_cent(amounts):
    best_first = list(accumulate(sorted(amounts, reverse=True)))
    total, peak = best_first[-1], sum(a for a in amounts if a > 0)
    measured = concentration(money(amounts))
    reach = lambda amount: next(k for k, s in enumerate(best_first, start=1) if 5 * s >= 4 * amount)
    assert measured.n_for_80 == (reach(total) if total > 0 else None)
    assert measured.n_for_80_of_peak == (reach(peak) if peak > 0 and min(amounts) < 0 else None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_customers_never_matters(values, random):
    shuffled = random.sample(values, len(values))
    assert concentration(np.array(shuffled)) == concentration(np.array(values))
    assert_frame_equal(curve(np.array(shuffled)), curve(np.array(values)), check_exact=True)
    by_value = ranked(values).unique().sort("value")
    assert_frame_equal(ranked(shuffled).unique().sort("value"), by_value, check_exact=True)


def test_money_in_other_units_has_the_same_shape():
    shares = ("gini", "peak_share", "drag_share", "top_5_share", "n_for_80", "n_for_80_of_peak")
    small, large = concentration(DOZEN / 64).to_dict(), concentration(DOZEN).to_dict()
    assert [small[name] for name in shares] == [large[name] for name in shares]


def test_the_curves_have_their_ends_and_their_turning_points():
    table = curve(DOZEN, points=4)
    whale, lorenz = (table.filter(curve=name).drop("curve").rows() for name in ("whale", "lorenz"))
    assert whale == [
        (0.0, 0.0, 0.0),
        (3 / 12, 70 / 80, 70.0),
        (6 / 12, 90 / 80, 90.0),
        (9 / 12, 99 / 80, 99.0),
        (10 / 12, 1.25, 100.0),  # the peak
        (1.0, 1.0, 80.0),
    ]
    assert lorenz == [
        (0.0, 0.0, 0.0),
        (1 / 12, -0.25, -20.0),  # the lowest point
        (3 / 12, -19 / 80, -19.0),
        (6 / 12, -10 / 80, -10.0),
        (9 / 12, 10 / 80, 10.0),
        (1.0, 1.0, 80.0),
    ]


@pytest.mark.parametrize("n", range(1, 60))
def test_the_curves_end_exactly_where_everything_is(n):
    table = curve(np.full(n, 0.07), points=3)
    ends = table.filter(pl.col("share_of_customers") >= 1.0)
    assert ends["cumulative_share"].to_list() == [1.0, 1.0]
    assert ranked(np.full(n, 0.07))["cumulative_value_share"].to_list() == [1.0] * n


@settings(max_examples=30, deadline=None)
@given(cents, st.integers(1, 40))
def test_every_point_of_the_whale_curve_is_the_sum_of_the_best(amounts, points):
    sums = [0, *accumulate(sorted(amounts, reverse=True))]
    whale = curve(money(amounts), points).filter(curve="whale")
    positions = [round(share * len(amounts)) for share in whale["share_of_customers"]]
    assert positions == sorted(set(positions))
    assert whale["cumulative_value"].to_list() == pytest.approx(
        [sums[k] / 100 for k in positions], rel=1e-12, abs=1e-12
    )
    assert whale["cumulative_value"].max() == pytest.approx(max(sums) / 100, rel=1e-12)


def test_a_curve_without_a_positive_total_gives_amounts():
    table = curve(np.array([1.0, -3.0]), points=2).filter(curve="whale")
    assert table["cumulative_value"].to_list() == [0.0, 1.0, -2.0]
    assert table["cumulative_share"].to_list() == [None] * 3


def test_a_curve_of_nobody_is_empty_and_has_its_columns():
    table = curve(np.array([]))
    assert table.is_empty()
    assert_frame_equal(table, curve(DOZEN).clear())


def test_a_curve_needs_a_point():
    with pytest.raises(InputError, match="0 points requested; pass at least 1"):
        curve(DOZEN, points=0)


def test_ties_share_rank_share_and_class():
    table = ranked(DOZEN)
    assert table["value_rank"].to_list() == [5, 1, 9, 3, 12, 7, 3, 11, 2, 5, 10, 8]
    assert table["value_share"].to_list() == (DOZEN / 80).tolist()
    through = [90, 40, 99, 80, 80, 94, 80, 100, 60, 90, 100, 97]
    assert table["cumulative_value_share"].to_list() == [s / 80 for s in through]
    # Before both tens 60 of 80 are reached, 75 %: both cross, both are A. After them nobody is below 95 %.
    assert "".join(table["pareto_class"]) == "CACACCACACCC"


def test_whoever_crosses_a_limit_belongs_to_the_class_before_it():
    # Shares before each: 0 50 75 | 85 93 | 97 per cent
    assert "".join(ranked([50.0, 25.0, 10.0, 8.0, 4.0, 3.0])["pareto_class"]) == "AAABBC"


def test_a_limit_met_exactly_in_decimals_ends_the_class():
    assert "".join(ranked([0.7, 0.1, 0.06, 0.05, 0.05, 0.04])["pareto_class"]) == "AABBBC"
    assert "".join(ranked([0.7, 0.1, 0.15, 0.03, 0.02])["pareto_class"]) == "ABACC"


@settings(max_examples=60, deadline=None)
@given(cents)
def test_ranks_and_classes_are_those_of_the_definition(amounts):
    table = ranked(money(amounts))
    total = sum(amounts)
    better = [[b for b in amounts if b > a] for a in amounts]
    assert table["value_rank"].to_list() == [1 + len(b) for b in better]
    if total <= 0:
        assert table["pareto_class"].to_list() == [None] * len(amounts)
        assert table["value_share"].null_count() == table["cumulative_value_share"].null_count() == len(amounts)
        return
    before = [Fraction(sum(b), total) for b in better]
    named = ["A" if b < Fraction(4, 5) else "B" if b < Fraction(19, 20) else "C" for b in before]
    assert table["pareto_class"].to_list() == named
    through = [sum(b for b in amounts if b >= a) / total for a in amounts]
    # a total near nothing magnifies the rounding of cents to binary fractions
    assert table["cumulative_value_share"].to_list() == pytest.approx(through, rel=1e-12, abs=1e-11)
    assert sum(table["value_share"]) == pytest.approx(1.0, abs=1e-10)


def test_the_other_columns_stay_and_nobody_is_no_problem():
    customers = pl.DataFrame({"customer_id": ["a", "b"], "value": [1.0, 2.0]})
    added = ["value_rank", "value_share", "cumulative_value_share", "pareto_class"]
    table = with_concentration(customers)
    assert_frame_equal(table.drop(added), customers)
    assert table.select(added).dtypes == [pl.UInt32, pl.Float64, pl.Float64, pl.String]
    assert_frame_equal(with_concentration(customers.clear()), table.clear())


def ranks_of_polars(values):
    """The best rank that ties share, and the last, by another road."""
    series = pl.Series(values)
    return series.rank("min", descending=True), series.rank("max", descending=True)


close = st.integers(0, 300).map(lambda n: 1.0 + n * 2.0**-52)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.lists(close, min_size=1, max_size=80), st.lists(st.sampled_from([0.0, -0.0, 1e-300, 1e300]), min_size=1)
    )
)
def test_values_that_differ_in_their_last_bit_are_ranked_apart(values):
    table = ranked(values)
    best, last = ranks_of_polars(values)
    assert table["value_rank"].to_list() == best.to_list()
    sums = list(accumulate(map(Fraction, sorted(values, reverse=True))))
    if sums[-1] > 0:
        through = [float(sums[k - 1] / sums[-1]) for k in last]
        assert table["cumulative_value_share"].to_list() == pytest.approx(through, rel=1e-12)


@pytest.mark.parametrize("spoilt", [0, 1])
def test_many_values_too_close_for_their_leading_bits_are_sorted_all_the_same(spoilt):
    n = 5000
    values = 1.0 + np.random.default_rng(1).permutation(n) * 2.0**-52
    values[:spoilt] = -1e300  # a range so wide that no word has room for the last bits
    assert ranked(values)["value_rank"].to_list() == ranks_of_polars(values)[0].to_list()


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 1000, 4097])
@pytest.mark.parametrize("n_distinct", [1, 3, 10**9])
def test_parts_of_the_work_never_divide_a_tie(n, n_distinct):
    amounts = np.random.default_rng(n).integers(0, n_distinct, n)
    table = ranked(money(amounts))
    best, last = ranks_of_polars(amounts)
    assert table["value_rank"].to_list() == best.to_list()
    sums = np.sort(amounts)[::-1].cumsum()
    if sums[-1] > 0:
        through = sums[last.to_numpy() - 1] / sums[-1]
        assert table["cumulative_value_share"].to_list() == pytest.approx(through.tolist(), rel=1e-12)


def test_rows_whose_values_cannot_be_ranked_are_refused():
    with pytest.raises(InputError, match="1 of 2 values are NaN or infinite"):
        ranked([1.0, np.nan])
