"""Months of payback, from sums worked out by hand."""

from datetime import date
from statistics import NormalDist, mean, stdev

import pytest

from whalecurve.engine.acquisition.payback import Cohort, curve, months_observed, payback_of

Z = NormalDist().inv_cdf(0.975)


def cohort(spend, *customers, month=date(2025, 1, 1)):
    """Each customer is what they had earned by the end of each month of age."""
    return Cohort(
        month=month,
        spend=spend * 10**6,
        customers=len(customers),
        earned=tuple(sum(c[k] for c in customers) * 10**6 for k in range(len(customers[0]))),
        squares=tuple(sum((c[k] * 10**6) ** 2 for c in customers) for k in range(len(customers[0]))),
    )


def test_spend_is_back_by_the_end_of_the_first_month_whose_sum_reaches_it():
    points = curve([cohort(60, (10, 20, 30), (5, 15, 30), (5, 5, 5))], Z)
    assert [p.earned for p in points] == [20.0, 40.0, 65.0]
    assert [p.is_back for p in points] == [False, False, True]
    assert payback_of(points).month == 3


def test_what_is_not_back_yet_has_no_month():
    payback = payback_of(curve([cohort(100, (10, 20), (5, 15))], Z))
    assert (payback.month, payback.low, payback.high, payback.observed) == (None, None, None, 2)


def test_bounds_are_those_of_the_mean_of_so_many_customers():
    customers = [(3, 8), (9, 9), (1, 30), (2, 2)]
    points = curve([cohort(44, *customers)], Z)
    for k, point in enumerate(points):
        own = [c[k] for c in customers]
        error = stdev(own) / len(own) ** 0.5
        assert point.per_customer == mean(own)
        assert (point.low, point.high) == pytest.approx((mean(own) - Z * error, mean(own) + Z * error))
    payback = payback_of(points)
    assert (payback.low, payback.month, payback.high) == (2, 2, None)


def test_a_single_customer_has_no_interval():
    (point,) = curve([cohort(5, (9,))], Z)
    assert (point.low, point.high) == (None, None)
    assert payback_of([point]).month == 1
    assert payback_of([point]).low is None


def test_later_months_are_of_the_cohorts_that_were_observed_for_so_long_beside_their_own_spend():
    old, new = cohort(30, (10, 35), (0, 5)), cohort(1_000, (10,), (20,))
    first, second = curve([old, new], Z)
    assert (first.customers, first.spend, first.earned) == (4, 1_030.0, 40.0)
    assert (second.customers, second.spend, second.earned) == (2, 30.0, 40.0)
    assert payback_of([first, second]).month == 2


def test_months_without_customers_do_not_count():
    assert curve([Cohort(month=date(2025, 1, 1), spend=10, customers=0, earned=(0,), squares=(0,))], Z) == []


@pytest.mark.parametrize(
    ("month", "as_of", "months"),
    [
        (date(2025, 1, 1), date(2025, 1, 31), 0),
        (date(2025, 1, 1), date(2025, 3, 1), 0),  # the last of January has seen 30 of 30.4375 days
        (date(2025, 1, 1), date(2025, 3, 2), 1),
        (date(2024, 12, 1), date(2025, 12, 31), 12),
        (date(2025, 5, 1), date(2025, 4, 1), 0),
    ],
)
def test_a_month_of_age_is_observed_when_the_last_customer_of_a_month_is_as_old(month, as_of, months):
    assert months_observed(month, as_of) == months
