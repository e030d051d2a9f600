"""What the dozen of `tests/golden/dozen.csv` answered, and what became of their tickets, worked out by hand."""

from datetime import date, datetime
from math import sqrt

import polars as pl
import pytest
from scipy.stats import t as student

from tests.golden import dozen
from whalecurve import engine

Z = 1.959963984540054

ANSWERS = [
    # customer, day, question, score, scale, product
    ("ada", date(2024, 3, 1), "NPS", 10.0, None, None),
    ("ada", date(2024, 11, 2), "Net Promoter Score", 9.0, None, None),  # the latest counts
    ("ben", date(2024, 6, 1), "nps", 9.0, None, None),
    ("cas", date(2024, 6, 20), "nps", 6.0, None, None),
    ("eli", date(2024, 7, 1), "nps", 7.0, 10, None),
    ("fay", date(2024, 5, 10), "nps", 8.0, None, None),
    ("gil", date(2023, 6, 1), "nps", 0.0, None, None),
    ("jon", date(2024, 12, 1), "nps", 10.0, None, None),
    ("ivy", date(2024, 5, 1), "nps", None, None, None),  # asked in vain
    ("kim", date(2024, 5, 1), "nps", None, None, None),
    ("hal", date(2024, 5, 1), "nps", 11.0, None, None),  # 11 of 10
    ("hal", date(2024, 5, 1), "nps", 5.0, 5, None),  # NPS is of 10
    ("lou", date(2025, 1, 2), "nps", 3.0, None, None),  # after the end
    ("zoe", date(2024, 5, 1), "nps", 3.0, None, None),  # nobody
    ("ada", date(2024, 5, 1), "csat", 5.0, None, None),
    ("ben", date(2024, 5, 1), "csat", 4.0, None, None),
    ("cas", date(2024, 5, 1), "csat", 2.0, None, None),
    ("eli", date(2024, 5, 1), "csat", 3.5, None, None),  # between two answers
    ("fay", date(2024, 5, 1), "csat", 7.0, 7, None),  # another scale: one customer, who is not told
    ("ada", date(2024, 5, 1), "review", 5.0, None, "lamp"),
    ("ada", date(2024, 5, 1), "review", 2.0, None, "vase"),
    ("ben", date(2024, 5, 1), "review", 1.0, None, "lamp"),
    ("cas", date(2024, 5, 1), "review", 4.5, None, "lamp"),
    ("fay", date(2024, 5, 1), "review", 4.0, None, "vase"),
    ("ada", date(2024, 5, 1), "Parcel came in", 2.0, None, None),
    ("ben", date(2024, 5, 1), "Parcel came in", 5.0, None, None),
]
TICKETS = [
    # customer, opened, solved, reopened, rating
    ("ada", datetime(2024, 8, 2, 10), datetime(2024, 8, 2, 15, 30), False, 5),
    ("ada", datetime(2024, 9, 2, 9), datetime(2024, 9, 3, 10), True, 3),
    ("ben", datetime(2024, 10, 1), None, None, None),
    ("cas", datetime(2024, 12, 30, 12), datetime(2025, 1, 2), None, None),  # open on the last day
    ("eli", datetime(2024, 12, 21), datetime(2024, 12, 20), None, None),  # solved before it was opened
    ("zoe", datetime(2024, 8, 1), None, None, None),  # nobody; but tickets are kept since that day
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dozen")
    run, *_ = dozen.scored(folder)
    names = ["customer", "time", "question", "score", "scale", "product"]
    answers = pl.DataFrame(ANSWERS, schema=names, orient="row")
    tickets = pl.DataFrame(TICKETS, schema=["customer", "opened", "solved", "reopened", "rating"], orient="row")
    settings = {"min_customers": 2, "repeat_days": 180}
    return engine.measure_experience(run.out, surveys=answers, tickets=tickets, settings=settings)


def row_of(table, **keys):
    (row,) = table.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in keys.items())
    ).iter_rows(named=True)
    return row


def wilson(k, n):
    p, z2 = k / n, Z * Z
    centre, half = p + z2 / (2 * n), Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (centre - half) / (1 + z2 / n), (centre + half) / (1 + z2 / n)


def test_rows_that_are_not_used_are_counted_with_the_reason(found):
    assert found.rows["surveys"] == {
        "rows": 26,
        "used": 21,
        "refused": {
            "with a score that is not on its scale": 2,
            "after the last day observed": 1,
            "of customers without orders": 1,
            "with a scale that the question cannot have": 1,
        },
        "customers": 9,
        "customers_known": 12,
    }
    refused = {"of customers without orders": 1, "solved before it was opened": 1}
    assert found.rows["tickets"] == {
        "rows": 6, "used": 4, "refused": refused, "customers": 3, "customers_known": 12
    }  # fmt: skip


def test_nps_is_promoters_less_detractors_of_the_latest_answers(found):
    row = row_of(found.scores, by="all", question="nps")
    assert (row["scale"], row["customers"], row["answers"], row["asked"]) == (10, 7, 7, 10)
    assert row["nps"] == pytest.approx(100 / 7)
    assert (row["top_share"], row["bottom_share"]) == pytest.approx((3 / 7, 2 / 7))
    p, d = 4 / 9, 3 / 9  # Bonett & Price: one answer more in each
    half = Z * sqrt((p + d - (p - d) ** 2) / 9)
    assert (row["nps_low"], row["nps_high"]) == pytest.approx((100 * (p - d - half), 100 * (p - d + half)))
    assert (row["top_share_low"], row["top_share_high"]) == pytest.approx(wilson(3, 7))
    error = student.ppf(0.975, 6) * sqrt(68 / 6 / 7)
    assert row["mean"] == pytest.approx(7.0)
    assert (row["mean_low"], row["mean_high"]) == pytest.approx((7 - error, 7 + error))


def test_response_is_answers_of_all_who_were_asked(found):
    row = row_of(found.scores, by="all", question="nps")
    assert row["response_rate"] == pytest.approx(0.8)
    # ada was asked twice: residuals .4, .2 five times, -.8 twice, -.0 ... of customers, over ten rows
    squares = 0.4**2 + 6 * 0.2**2 + 2 * 0.8**2
    n = 100 / (4 + 8)
    effect = n / (n - 1) * squares / 100 / (0.16 / 10)
    assert (row["response_rate_low"], row["response_rate_high"]) == pytest.approx(wilson(8 / effect, 10 / effect))


def test_csat_is_the_share_of_the_top_two_of_five(found):
    row = row_of(found.scores, by="all", question="csat")
    assert (row["scale"], row["customers"], row["nps"]) == (5, 3, None)
    assert (row["top_share"], row["bottom_share"], row["mean"]) == pytest.approx((2 / 3, 1 / 3, 11 / 3))
    assert (row["top_share_low"], row["top_share_high"]) == pytest.approx(wilson(2, 3))


def test_several_reviews_of_one_customer_go_together(found):
    row = row_of(found.scores, by="all", question="review")
    assert (row["customers"], row["answers"]) == (4, 5)
    assert (row["mean"], row["top_share"], row["bottom_share"]) == pytest.approx((3.3, 0.6, 0.4))
    n = 25 / 7
    error = student.ppf(0.975, n - 1) * sqrt(n / (n - 1) * 7.38 / 25)
    assert (row["mean_low"], row["mean_high"]) == pytest.approx((3.3 - error, 3.3 + error))
    of_lamp, of_vase = (row_of(found.scores, by="product", value=name) for name in ("lamp", "vase"))
    assert (of_lamp["customers"], of_lamp["mean"], of_vase["customers"], of_vase["mean"]) == (3, 3.5, 2, 3.0)


def test_a_question_of_ones_own_has_a_mean_and_no_classes(found):
    row = row_of(found.scores, by="all", question="Parcel came in")
    assert (row["scale"], row["mean"], row["top_share"], row["nps"]) == (None, 3.5, None, None)


def test_waves_with_too_few_answers_are_told_together(found):
    waves = found.scores.filter(by="wave", question="nps")
    assert waves.select("value", "customers", "nps").rows() == [
        ("(small groups)", 3, pytest.approx(0.0)),  # gil 0, ada 10, eli 7
        ("2024-Q2", 3, pytest.approx(0.0)),
        ("2024-Q4", 2, pytest.approx(100.0)),
    ]


def test_nobody_is_told_on_their_own(found):
    assert found.scores["customers"].min() == 2
    assert found.scores.filter(question="csat", scale=7).is_empty()


def test_classes_say_what_their_customers_are_worth(found):
    of = {row["class"]: row for row in found.classes.filter(question="nps").iter_rows(named=True)}
    assert list(of) == ["promoter", "passive", "detractor", "no answer", "all customers"]
    assert [row["customers"] for row in of.values()] == [3, 2, 2, 2, 11]
    assert [row["mean_value"] for row in of.values()][:4] == pytest.approx([290 / 3, 10.0, 45.0, 50.0])
    assert of["promoter"]["mean_days_since_last"] == pytest.approx((30 + 305 + 152) / 3)
    assert of["promoter"]["share"] == pytest.approx(3 / 7)
    assert of["no answer"]["share"] is None


def test_who_bought_within_the_days_after_an_answer_is_told_by_class(found):
    """The answers up to 4 July were followed for 180 days: ada's first, ben; eli, fay; cas, gil."""
    of = {row["class"]: row for row in found.classes.filter(question="nps").iter_rows(named=True)}
    told = [(row["observed"], row["bought_share"]) for row in of.values()]
    assert told == [(2, 0.5), (2, 0.5), (2, 1.0), (None, None), (None, None)]
    assert of["promoter"]["difference"] == pytest.approx(0.5 - 0.75)
    assert of["detractor"]["difference"] == pytest.approx(0.5)
    assert of["detractor"]["difference_low"] < 0.0 < of["detractor"]["difference_high"]


def test_tickets_are_solved_as_kaplan_and_meier_have_it(found):
    row = row_of(found.tickets, by="all")
    assert (row["customers"], row["customers_with_ticket"], row["tickets"], row["solved"]) == (8, 3, 4, 2)
    assert row["resolution_rate"] == 0.5
    assert (row["resolution_rate_low"], row["resolution_rate_high"]) == pytest.approx(wilson(2 / 2.4, 4 / 2.4))
    assert (row["hours_half"], row["hours_most"], row["solved_in_a_day"]) == (25, None, 0.25)
    assert (row["reopened_rate"], row["rating_mean"], row["rating_mean_low"]) == (0.5, 4.0, None)
    assert (row["orders"], row["contacts_per_order"]) == (13, pytest.approx(4 / 13))
