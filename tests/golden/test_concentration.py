"""Concentration of the dozen of `tests/golden/dozen.csv`: what the run and the study of it say, worked out by hand."""

import math

import pytest

from tests.golden import dozen
from whalecurve import engine

# Margins, best first: 200 140 60 50 40 40 30 25 10 -5 -10 -40, and their sums 200 340 400 450 490 530 560 585 595 590
# 580 540. Those with two purchase days or more are without 25, -5 and -10: 530 in all, 570 of gains.
TOTAL, PEAK, LOSSES = 540, 595, 55
SUMS = [0, 200, 340, 400, 450, 490, 530, 560, 585, 595, 590, 580, 540]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return dozen.scored(tmp_path_factory.mktemp("dozen"), measures=False)


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """The study of revenue: 700 500 250 190 120 110 70 60 50 20 0 -25, and without dot's -25 the repeat customers."""
    orders = tmp_path_factory.mktemp("study") / "dozen.parquet"
    dozen.lines().write_parquet(orders)
    window = engine.Window(as_of=dozen.AS_OF)
    return engine.concentrate(orders, columns=dozen.COLUMNS, window=window, value="revenue").breakdowns[0]


def test_all_customers(scored):
    found = scored[0].manifest["concentration"]["all"]
    assert (found["n_customers"], found["n_loss_makers"]) == (12, 3)
    assert (found["total"], found["total_positive"], found["total_negative"]) == (TOTAL, PEAK, -LOSSES)
    assert (found["peak_share"], found["peak_customers_share"]) == (PEAK / TOTAL, 9 / 12)
    assert found["drag_share"] == LOSSES / TOTAL
    tops = [found[name] for name in ("top_1_share", "top_5_share", "top_10_share", "top_20_share")]
    # .12, .6, 1.2 and 2.4 customers
    amounts = (0.12 * 200, 0.6 * 200, 200 + 0.2 * 140, 200 + 140 + 0.4 * 60)
    assert tops == pytest.approx([amount / TOTAL for amount in amounts], rel=1e-12)
    # .8 x 540 = 432 lies between 400 and 450, .8 x 595 = 476 between 450 and 490
    assert (found["n_for_80"], found["for_80_customers_share"]) == (4, 4 / 12)
    assert (found["n_for_80_of_peak"], found["for_80_of_peak_customers_share"]) == (5, 5 / 12)


def test_the_gini_coefficient_with_losses_is_the_normalised_one(scored):
    found = scored[0].manifest["concentration"]["all"]
    # the i-th of 12, ascending, counts 2i - 13 times in the sum of |y_i - y_j| over pairs
    pairs = -11 * -40 - 9 * -10 - 7 * -5 - 5 * 10 - 3 * 25 - 30 + 40 + 3 * 40 + 5 * 50 + 7 * 60 + 9 * 140 + 11 * 200
    assert found["gini"] == pytest.approx(2 * pairs / (2 * 12 * (PEAK + LOSSES)), rel=1e-12)
    assert found["gini_kind"] == "normalised"


def test_repeat_customers_alone(scored):
    found = scored[0].manifest["concentration"]["repeat"]
    assert (found["n_customers"], found["n_loss_makers"], found["total"]) == (9, 1, 530)
    assert found["top_20_share"] == pytest.approx((200 + 0.8 * 140) / 530, rel=1e-12)  # 1.8 customers
    assert (found["n_for_80"], found["for_80_customers_share"]) == (4, 4 / 9)  # .8 x 530 = 424: 400, then 450
    assert found["n_for_80_of_peak"] == 5  # .8 x 570 = 456: 450, then 490


def test_the_curves(scored):
    table = scored[2]["concentration.parquet"].filter(population="all")
    whale, lorenz = (table.filter(curve=name).sort("share_of_customers") for name in ("whale", "lorenz"))
    assert whale["share_of_customers"].to_list() == [k / 12 for k in range(13)]
    assert whale["cumulative_value"].to_list() == SUMS
    assert whale["cumulative_share"].to_list() == [amount / TOTAL for amount in SUMS]
    # smallest first: all but the best ones
    assert lorenz["cumulative_value"].to_list() == [TOTAL - amount for amount in reversed(SUMS)]
    assert scored[2]["concentration.parquet"]["population"].unique(maintain_order=True).to_list() == ["all", "repeat"]


def test_the_members_of_a_study(studied):
    rows = {row["member"]: row for row in studied.members.iter_rows(named=True)}
    cas = rows["cas"]
    assert (cas["n_lines"], cas["n_customers"], cas["n_lines_without_customer"]) == (4, 1, 0)
    assert (cas["revenue"], cas["margin"], cas["value"], cas["n_purchase_days"]) == (110, 40, 110, 2)
    assert cas["value_rank"] == 6
    total = 700 + 500 + 250 + 190 + 120 + 110 + 70 + 60 + 50 + 20 + 0 - 25
    assert (cas["value_share"], cas["cumulative_value_share"]) == (110 / total, 1870 / total)
    # .8 x 2045 = 1636, .95 x 2045 = 1942.75; sums before: 0 700 1200 1450 | 1640 1760 1870 1940 | 2000 2050 2070 2070
    best_first = ["ivy", "ada", "kim", "ben", "gil", "cas", "jon", "lou", "fay", "hal", "eli", "dot"]
    assert list(zip(rows, (row["pareto_class"] for row in rows.values()), strict=True)) == list(
        zip(best_first, "AAAABBBBCCCC", strict=True)
    )


def test_shares_in_the_appendix_need_values_that_are_not_negative(studied):
    assert studied.populations["all"].appendix.undefined == "1 of 12 values are negative"
    # repeat customers: 700 500 250 190 120 110 70 60 20, in all 2020, by nine 224.4 on average
    values = [700, 500, 250, 190, 120, 110, 70, 60, 20]
    found = studied.populations["repeat"].appendix
    squares = 490_000 + 250_000 + 62_500 + 36_100 + 14_400 + 12_100 + 4_900 + 3_600 + 400
    assert found.hhi == pytest.approx(squares / 2020**2, rel=1e-12)
    assert found.effective_number == pytest.approx(2020**2 / squares, rel=1e-12)
    assert found.theil == pytest.approx(sum(v / 2020 * math.log(9 * v / 2020) for v in values), rel=1e-12)
    assert found.theil_between + found.theil_within == pytest.approx(found.theil, rel=1e-12)
    above = (700 + 500 + 250) - 3 * 2020 / 9  # what those above the average have beyond it
    assert found.hoover == pytest.approx(above / 2020, rel=1e-12)
    # the best .9 customers, and the last 3.6
    assert found.palma == pytest.approx(0.9 * 700 / (20 + 60 + 70 + 0.6 * 110), rel=1e-12)
    # nine tenths of nine are 8.1: the least value with so many at or below it is the best, and none is above
    assert (found.tail_from, found.tail_n, found.tail_exponent) == (700, 0, None)
    assert found.tail_undefined == "fewer than 50 values are above the 90th percentile: 0"


def test_theil_is_split_by_rfm_segment(studied):
    # ada kim Loyal 750; ben At risk 190; cas New 110; gil hal jon lou Hibernating 270; ivy About to sleep 700
    segments = dict(studied.members.select("member", "rfm_segment").iter_rows())
    assert [segments[name] for name in ("kim", "lou", "ivy")] == ["Loyal customers", "Hibernating", "About to sleep"]
    by_segment = {"loyal": (2, 750), "risk": (1, 190), "new": (1, 110), "gone": (4, 270), "sleep": (1, 700)}
    between = sum(v / 2020 * math.log((v / 2020) / (n / 9)) for n, v in by_segment.values())
    assert studied.populations["repeat"].appendix.theil_between == pytest.approx(between, rel=1e-12)
