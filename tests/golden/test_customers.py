"""Every column of a customer, for the dozen of `tests/golden/dozen.csv`, with the arithmetic by which it was found."""

import math
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from tests.golden import dozen
from whalecurve import engine
from whalecurve.kernels import bgnbd, gamma_gamma

TOTAL = 200 + 140 + 60 + 50 + 40 + 40 + 30 + 25 + 10 - 5 - 10 - 40  # margins, best first: 540
WITHOUT_A_PURCHASE = {"dot"}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return dozen.scored(tmp_path_factory.mktemp("dozen"))


@pytest.fixture(scope="module")
def customers(scored):
    return scored[1]


def column(customers, name):
    return {customer: row[name] for customer, row in customers.items()}


# Days of the year: 1 February is day 32 (31 + 1), 1 March 60, 1 April 91, 1 July 182; in 2024 one more from March on.
# 2023-01-01 is 365 + 365 = 730 days before as-of, 2024-01-01 is 365.
HISTORIES = {
    # first, last, purchase days, recency, T, days since
    "ada": (date(2024, 8, 1), date(2024, 12, 1), 5, 31 + 30 + 31 + 30, 122 + 30, 30),
    "ben": (date(2023, 1, 1), date(2024, 3, 1), 3, 365 + 60, 730, 730 - 425),  # the part sent back leaves the day
    "cas": (date(2023, 3, 1), date(2024, 12, 11), 2, 671 - 20, 730 - 59, 20),  # nothing is left of 1 February
    "dot": (None, None, 0, None, None, None),
    "eli": (date(2024, 12, 20), date(2024, 12, 20), 1, 0, 11, 11),  # a free order is a purchase
    "fay": (date(2024, 11, 11), date(2024, 11, 11), 1, 0, 19 + 31, 50),
    "gil": (date(2023, 3, 31), date(2023, 6, 29), 2, 30 + 31 + 29, 730 - 89, 641 - 90),
    "hal": (date(2023, 4, 1), date(2023, 7, 1), 2, 30 + 31 + 30, 730 - 90, 640 - 91),
    "ivy": (date(2024, 3, 1), date(2024, 9, 1), 2, 31 + 30 + 31 + 30 + 31 + 31, 365 - 60, 305 - 184),
    "jon": (date(2023, 8, 1), date(2024, 8, 1), 2, 366, 730 - 212, 518 - 366),  # the return in October is no purchase
    "kim": (date(2024, 7, 10), date(2024, 10, 20), 3, 31 + 71, 102 + 72, 72),
    "lou": (date(2024, 1, 1), date(2024, 1, 2), 2, 1, 365, 364),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_purchase_days_and_times(customers, name):
    row = customers[name]
    first, last, n_days, recency, age, since = HISTORIES[name]
    assert (row["first_purchase"], row["last_purchase"], row["n_purchase_days"]) == (first, last, n_days)
    assert (row["recency"], row["T"], row["days_since_last"]) == (recency, age, since)
    assert row["frequency"] == (n_days - 1 if n_days else None)


LINES = {
    # lines, return lines, orders
    "ada": (6, 0, 5),
    "ben": (4, 1, 3),
    "cas": (4, 1, 3),  # the order that was sent back was one
    "dot": (1, 1, 0),
    "eli": (1, 0, 1),
    "fay": (2, 0, 2),  # on one day
    "gil": (2, 0, 2),
    "hal": (2, 0, 2),
    "ivy": (2, 0, 2),
    "jon": (3, 1, 2),
    "kim": (3, 0, 3),
    "lou": (2, 0, 2),
}


def test_lines_and_orders(customers):
    names = ("n_lines", "n_return_lines", "n_orders")
    assert {name: tuple(row[column] for column in names) for name, row in customers.items()} == LINES


MONEY = {
    # revenue, margin, monetary value, return rate, average order value
    "ada": (500, 5 * 40, (200 - 40) / 4, 0, 500 / 5),
    "ben": (90 - 30 + 80 + 50, 40 - 20 + 30 + 10, (60 - 20) / 2, 30 / 220, 190 / 3),
    "cas": (50 - 50 + 40 + 70, 20 - 20 + 30 + 10, (40 - 30) / 1, 50 / 160, 110 / 3),
    "dot": (-25, -10, None, None, None),
    "eli": (0, -5, 0, None, 0 / 1),  # nothing sold: no rate
    "fay": (20 + 30, 10 + 15, 0, 0, 50 / 2),
    "gil": (60 + 60, 20 + 30, (50 - 20) / 1, 0, 120 / 2),
    "hal": (10 + 10, 5 + 5, (10 - 5) / 1, 0, 20 / 2),
    "ivy": (500 + 200, -30 - 10, (-40 + 30) / 1, 0, 700 / 2),  # repeat purchases may lose money
    "jon": (70 + 70 - 70, 30 + 30 - 30, (30 - 30) / 1, 70 / 140, 70 / 2),
    "kim": (100 + 100 + 50, 60 + 60 + 20, (140 - 60) / 2, 0, 250 / 3),
    "lou": (30 + 30, 25 + 15, (40 - 25) / 1, 0, 60 / 2),
}


@pytest.mark.parametrize("name", MONEY)
def test_money(customers, name):
    row = customers[name]
    names = ("revenue", "margin", "monetary_value", "return_rate", "average_order_value")
    assert tuple(row[column] for column in names) == MONEY[name]
    assert row["value"] == row["margin"]  # where there is a margin


def test_forecasts_are_those_of_the_fitted_models(scored):
    run, customers, _ = scored
    buyers = [row for name, row in customers.items() if name not in WITHOUT_A_PURCHASE]
    x, t_x, age, m, value = (
        np.array([row[name] for row in buyers], dtype=np.float64)
        for name in ("frequency", "recency", "T", "monetary_value", "value")
    )
    purchases, spend = (tuple(run.model[model]["params"].values()) for model in ("transactions", "spend"))
    per_purchase = gamma_gamma.expected_value(x, m, *spend)
    ends = [0.0, *(365.25 / 12 * month for month in range(1, 12)), 365.0]
    upto = [bgnbd.conditional_expected_purchases(end, x, t_x, age, *purchases) for end in ends]
    months = zip(ends[1:], upto, upto[1:], strict=False)
    clv = sum((until - before) * per_purchase / 1.10 ** (end / 365.25) for end, before, until in months)
    no_purchase = bgnbd.p_no_purchase(365.0, x, t_x, age, *purchases)
    if_active = [bgnbd.expected_if_alive(end, x, age, *purchases) for end in ends]
    months = zip(ends[1:], if_active, if_active[1:], strict=False)
    at_stake = sum((until - before) * per_purchase / 1.10 ** (end / 365.25) for end, before, until in months)
    expected = {
        "p_alive": bgnbd.p_alive(x, t_x, age, *purchases),
        "expected_purchases": upto[-1],
        "p_purchase": 1.0 - no_purchase,
        "churn_risk": no_purchase,
        "expected_value": per_purchase,
        "clv": clv,
        "clv_total": value + clv,
        "value_at_stake": at_stake,
    }
    for name, numbers in expected.items():
        assert [row[name] for row in buyers] == pytest.approx(numbers.tolist(), rel=1e-12), name
        assert {customers[customer][name] for customer in WITHOUT_A_PURCHASE} == {None}
    assert customers["eli"]["p_alive"] == customers["fay"]["p_alive"] == 1.0  # bought once: the model, not a fact


# Gaps that are over, 14: 1 30 30 31 31 31 71 90 91 181 184 244 366 651; those still open, 11: 11 20 30 50 72 121 152
# 305 364 549 551. Of those as long or longer, not over after 1 day are 24/25, after 30 20/22 of that, after 31 16/19,
# after 71 14/15, then 12/13, 11/12, 8/9 (of 181 or more there are nine), 7/8, 6/7: .387 of all after 244 days; after
# 366 3/4 of that, .290; after 651 none. 30 are never observed, so that the curve goes to its end: all are followed,
# 80 % of them by 651 days, which is more than the longest risk horizon. A year before the end six had bought: ben, cas,
# gil, hal, jon and lou, of whom gil and hal did not again.
def test_the_risk_horizon_is_what_it_takes_for_four_fifths_of_those_that_are_followed(scored):
    risk = scored[0].model["risk"]
    assert (risk["horizon_days"], risk["chosen"], risk["followed_days"]) == (365, "auto", 651)
    assert scored[0].model["definitions"]["risk_days"] == "auto"
    assert (risk["test"], risk["withheld"]) == (None, None)
    assert risk["untested"].startswith("of 6 customers known on 2024-01-01, 4 bought in the 365 days after it; 100 who")


def test_intervals_are_even_on_the_log_scale_and_as_wide_as_their_level(tmp_path):
    """How wide one standard error is, `test_intervals` has; 90 % are 1.6449 of them, 50 % are 0.6745."""
    (tmp_path / "wide").mkdir()
    (tmp_path / "narrow").mkdir()
    wide, narrow = (
        dozen.scored(tmp_path / name, scoring=engine.Scoring(intervals=level), measures=False)[1]
        for name, level in (("wide", 0.9), ("narrow", 0.5))
    )
    ends = ("expected_purchases_low", "expected_purchases_high", "clv_low", "clv_high")
    for name in ("ada", "ben", "kim"):
        row = wide[name]
        for estimate, low, high in (("expected_purchases", *ends[:2]), ("clv", *ends[2:])):
            assert row[low] * row[high] == pytest.approx(row[estimate] ** 2, rel=1e-9)
            errors = [math.log(rows[name][high] / rows[name][estimate]) for rows in (wide, narrow)]
            assert errors[0] / errors[1] == pytest.approx(1.6448536 / 0.6744898, rel=1e-6)
    assert [wide["dot"][name] for name in ends] == [None] * 4


def mid_rank_shares(numbers):
    """The share of the customers below each, half of those that are equal with them."""
    known = [number for number in numbers.values() if number is not None]
    below = lambda number: sum(other < number for other in known) + known.count(number) / 2
    return {name: below(number) / len(known) for name, number in numbers.items() if number is not None}


def test_cells_of_the_matrix_follow_from_risk_and_value(customers):
    shares = mid_rank_shares(column(customers, "value_at_stake"))
    best = {name for name, share in shares.items() if share >= 0.8}
    assert best == {"ada", "kim"}  # the two best of 11: 10.5 / 11 and 9.5 / 11; the third has 8.5 / 11 = 0.77
    cells = {("high", "high"): "Retain", ("high", "low"): "Divest", ("low", "high"): "Grow", ("low", "low"): "Maintain"}
    for name, row in customers.items():
        if name in WITHOUT_A_PURCHASE:
            assert row["risk"] is row["value_class"] is row["matrix_segment"] is row["matrix_action"] is None
            continue
        assert row["risk"] == ("high" if row["churn_risk"] >= 0.5 else "low")
        assert row["value_class"] == ("high" if name in best else "low")
        assert row["matrix_segment"] == cells[row["risk"], row["value_class"]]
    found = column(customers, "matrix_segment")
    assert (found["ada"], found["kim"], found["eli"], found["gil"]) == ("Grow", "Retain", "Maintain", "Divest")
    assert customers["kim"]["matrix_action"].startswith("Personal contact")


def test_clv_tiers_are_the_best_fifth_the_next_three_tenths_and_the_rest(customers):
    shares = mid_rank_shares(column(customers, "clv"))
    assert sorted(round(share * 11, 1) for share in shares.values()) == [k + 0.5 for k in range(11)]  # no ties
    named = {name: "high" if s >= 0.8 else "middle" if s >= 0.5 else "low" for name, s in shares.items()}
    assert column(customers, "clv_tier") == {**named, "dot": None}
    # of 11: 10.5 and 9.5 are high; 8.5, 7.5, 6.5 and 5.5 are middle, the last just so
    assert [list(named.values()).count(tier) for tier in ("high", "middle", "low")] == [2, 4, 5]


# Closed gaps: 1 30 30 31 31 31 71 90 91 181 184 244 366 651. Open ones: eli 11, cas 20, ada 30, fay 50, kim 72,
# ivy 121, jon 152, ben 305, lou 364, hal 549, gil 551. By Kaplan-Meier 24/25 of all are longer than a day, then
#   30: x 20/22 = .873, 31: x 16/19 = .735, 71: x 14/15 = .686, 90: x 12/13 = .633, 91: x 11/12 = .580,
#   181: x 8/9 = .516, 184: x 7/8 = .451, 244: x 6/7 = .387, 366: x 3/4 = .290, 651: 0
# so that 4 % are over after a day, 12 % after 30, 26 % after 31, 31 % after 71, 36 % after 90, 41 % after 91, 48 %
# after 181, 54 % after 184, 61 % after 244, 70 % after 366 and all after 651.
BY_PERCENT = {1: 4, 30: 12, 31: 26, 71: 31, 90: 36, 91: 41, 181: 48, 184: 54, 244: 61, 366: 70, 651: 99}

# Everybody's 80 % point is 651 days, and no silence is longer; own gaps bring it nearer for those with short ones. With
# one gap of a day lou has, at 363 days, (1 / 364) / 4 + 3/4 x (1 - .61) = .293; with one of 90 days gil has, at 550,
# (90 / 640) / 4 + 3/4 x (1 - .70) = .260: both more than .2.
SPECIAL = {"eli": "new", "fay": "new", "dot": None}


def test_stages_of_the_life_cycle(scored):
    run, customers, _ = scored
    days = run.model["thresholds"]["gap_days_by_percent"]
    assert {day: max(i for i, one in enumerate(days, start=1) if one == day) for day in days} == BY_PERCENT
    assert column(customers, "lifecycle_stage") == {name: SPECIAL.get(name, "active") for name in customers}


def test_nobodys_spend_is_falling(customers):
    assert column(customers, "spend_falling") == dict.fromkeys(customers, False) | {"dot": None}


# Value since 2 January 2024, above nothing: ben 10, cas 10, lou 15 (not the 25 of the day before), fay 25, kim 140,
# ada 200. Shares of the six at or below, by mid-rank: 1/6, 1/6, 2.5/6, 3.5/6 = .58, 4.5/6 = .75, 5.5/6 = .92. None
# reaches .95, so that the best is platinum; .80 is reached by ada, .50 by fay and kim.
def test_loyalty_tiers(scored):
    run, customers, _ = scored
    assert run.model["thresholds"]["loyalty_tier"] == {"platinum": 200.0, "gold": 200.0, "silver": 25.0}
    tiers = {"ada": "platinum", "kim": "silver", "fay": "silver", "dot": None}
    assert column(customers, "loyalty_tier") == {name: tiers.get(name, "bronze") for name in customers}


# kim is of high value at high risk, which comes before all else; eli and fay are new; of the others, the segment.
ORIGINS = {
    "ada": "segment: Loyal customers",
    "ben": "segment: At risk",
    "cas": "segment: New customers",
    "dot": None,
    "eli": "lifecycle: new",
    "fay": "lifecycle: new",
    "gil": "segment: Hibernating",
    "hal": "segment: Hibernating",
    "ivy": "segment: About to sleep",
    "jon": "segment: Hibernating",
    "kim": "matrix: Retain",
    "lou": "segment: Hibernating",
}


def test_the_next_best_action_is_the_first_of_the_precedence(scored):
    run, customers, _ = scored
    assert column(customers, "next_best_action_from") == ORIGINS
    assert customers["kim"]["next_best_action"] == customers["kim"]["matrix_action"]
    assert customers["kim"]["segment_action"].startswith("Reward the habit")
    assert customers["eli"]["next_best_action"].startswith("Welcome them, and give a reason")
    assert customers["eli"]["segment_action"].startswith("Welcome them, help them get the most")
    assert customers["ben"]["next_best_action"] == customers["ben"]["segment_action"]
    assert customers["dot"]["next_best_action"] is customers["dot"]["segment_action"] is None
    counted = {row["from"]: row["customers"] for row in run.manifest["next_best_actions"] if row["customers"]}
    assert counted == {origin: list(ORIGINS.values()).count(origin) for origin in ORIGINS.values() if origin}


NEXT = ("next_purchase", "next_purchase_from", "next_purchase_to")


def first_day(share, silent, *history):
    """The first day by which no more than a share is silent, day by day."""
    return next(day for day in range(1, 3653) if silent(day, *history) <= share)


def quiet(t, shape, scale):
    """P(no purchase within t days) of a customer who is active, whose rate is gamma with this shape and scale."""
    return (scale / (scale + t)) ** shape


def longer(t, k, span):
    """The share of gaps longer than t days of a customer with k gaps in so many days."""
    everybody = 1 - Fraction(max([over for day, over in BY_PERCENT.items() if day <= t], default=0), 100)
    return (k * (Fraction(span, span + t) ** k if k else 0) + 3 * everybody) / (k + 3)


# Nobody is silent beyond the 90 % point, 651 days: of eli's gaps .96 are longer than 10 days, of gil's .260 than 549.
def test_the_next_purchase_is_the_median_of_the_model(scored):
    run, customers, _ = scored
    assert run.model["next_purchase"]["untested"] == run.model["risk"]["untested"]
    assert (run.model["next_purchase"]["basis"], run.model["next_purchase"]["chosen"]) == ("model", "auto")
    r, alpha, _, _ = run.model["transactions"]["params"].values()
    for name, row in customers.items():
        if name in WITHOUT_A_PURCHASE:
            assert [row[end] for end in (*NEXT, "is_overdue")] == [None] * 4
            continue
        assert row["is_overdue"] is False
        days = [first_day(share, quiet, r + row["frequency"], alpha + row["T"]) for share in (0.5, 0.75, 0.25)]
        told = [dozen.AS_OF + timedelta(days=day) for day in days]
        expected = [None] * 3 if row["p_alive"] < 0.5 else told if name == "ada" else [told[0], None, None]
        assert [row[end] for end in NEXT] == expected, name
    assert {name for name, row in customers.items() if row["next_purchase_from"]} == {"ada"}  # four gaps


# eli has been silent for 11 days, .96 of everybody's gaps are longer: .48 at most are from 184 days on (.46; .52 are
# after 181). fay for 50, .74: .37 from 366 days on (.30; .39 after 244). kim has two gaps in 102 days, so that of the
# gaps 2/5 (102 / (102 + t))^2 + 3/5 S(t) are longer than t.
def test_by_the_rhythm_half_of_the_gaps_as_long_as_the_silence_are_over(tmp_path):
    run, customers, _ = dozen.scored(tmp_path, scoring=engine.Scoring(next_purchase="rhythm"), measures=False)
    assert (run.model["next_purchase"]["basis"], run.model["next_purchase"]["chosen"]) == ("rhythm", "given")
    assert customers["eli"]["next_purchase"] == date(2024, 12, 20) + timedelta(days=184)
    assert customers["fay"]["next_purchase"] == date(2024, 11, 11) + timedelta(days=366)
    assert customers["ada"]["next_purchase_from"] < customers["ada"]["next_purchase_to"]
    for name, (first, last, n_days, _, _, since) in HISTORIES.items():
        row = customers[name]
        if name in WITHOUT_A_PURCHASE:
            assert [row[end] for end in (*NEXT, "is_overdue")] == [None] * 4
            continue
        history = n_days - 1, (last - first).days
        assert longer(since - 1, *history) > Fraction(1, 10)
        left = longer(since, *history)
        shares = [left / 2, left * 3 / 4, left / 4]
        days = [first_day(share, longer, *history) for share in shares]
        told = [last + timedelta(days=day) for day in days]
        assert [row[end] for end in NEXT] == (told if name == "ada" else [told[0], None, None]), name


RANKS = {
    # rank, value and those before and with it, class: A below 0.8 x 540 = 432 before it, B below 513
    "ada": (1, 200, 200, "A"),
    "kim": (2, 140, 340, "A"),
    "ben": (3, 60, 400, "A"),
    "gil": (4, 50, 450, "A"),  # crosses
    "cas": (5, 40, 450 + 80, "B"),  # two of a kind share rank and sum
    "lou": (5, 40, 450 + 80, "B"),
    "jon": (7, 30, 560, "C"),
    "fay": (8, 25, 585, "C"),
    "hal": (9, 10, 595, "C"),  # the peak
    "eli": (10, -5, 590, "C"),
    "dot": (11, -10, 580, "C"),
    "ivy": (12, -40, 540, "C"),
}


@pytest.mark.parametrize("name", RANKS)
def test_ranks_and_shares(customers, name):
    row = customers[name]
    rank, value, through, letter = RANKS[name]
    assert (row["value_rank"], row["value"], row["pareto_class"]) == (rank, value, letter)
    assert (row["value_share"], row["cumulative_value_share"]) == (value / TOTAL, through / TOTAL)
