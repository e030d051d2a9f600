"""Habits of a dozen customers, worked out by hand; what is planted, and nothing where nothing is."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Simulation, find_habits, score, simulate
from whalecurve.engine.habits.find_habits import _by_segment

MONDAY = datetime(2024, 1, 1, 9)
"""A Monday, at nine."""


def line(customer, weeks, day, hour, kind="tea", amount=10.0, off=False):
    at = MONDAY + timedelta(weeks=weeks, days=day, hours=hour - 9)
    return customer, at, f"{customer}-{weeks}-{day}", kind, amount, off


DOZEN = [
    *(line(1, week, 0, 9) for week in range(4)),  # every Monday at nine
    *(line(2, week, 4, 20, "jam") for week in range(4)),  # every Friday at eight
    line(3, 0, 0, 9, amount=30.0, off=True),
    line(3, 0, 0, 9, "jam"),
    line(3, 1, 0, 9),
    line(3, 1, 0, 9, amount=-10.0),  # comes back
    *(line(customer, 0, 0, 9) for customer in range(4, 9)),
    *(line(customer, 0, 4, 20, "jam") for customer in range(9, 13)),
]
NAMES = ["customer_id", "order_ts", "order_id", "kind", "amount", "off"]


@pytest.fixture(scope="module")
def dozen():
    return find_habits(pl.DataFrame(DOZEN, schema=NAMES, orient="row"), {"by": "kind", "discounted": "off"})


def own(found, customer):
    return found.customers.row(by_predicate=pl.col("customer_id") == customer, named=True)


def test_what_is_usual_is_counted_over_orders(dozen):
    """Nineteen orders: 4 + 2 + 5 on Mondays, 4 + 4 on Fridays."""
    shares = dict(dozen.everybody["weekday"].shares.iter_rows())
    assert shares == pytest.approx({0: 11 / 19, 4: 8 / 19})
    assert dict(dozen.everybody["hour"].shares.iter_rows()) == pytest.approx({9: 11 / 19, 20: 8 / 19})
    assert dict(dozen.everybody["favourite"].shares.iter_rows()) == pytest.approx({"tea": 11 / 20, "jam": 9 / 20})
    assert dict(dozen.everybody["discounted"].shares.iter_rows()) == pytest.approx({True: 1 / 20, False: 19 / 20})
    assert dict(dozen.everybody["returned"].shares.iter_rows()) == pytest.approx({True: 1 / 20, False: 19 / 20})


def test_who_always_comes_on_one_day_makes_the_strength_nothing(dozen):
    """Two orders of a customer with several are always of the same day: ρ is 1, and the share their own."""
    assert dozen.everybody["weekday"].strength == 0.0
    first, second = own(dozen, 1), own(dozen, 2)
    assert (first["weekday"], first["weekday_share"], first["weekday_confidence"]) == ("Monday", 1.0, 1.0)
    assert (second["weekday"], second["hour"], second["favourite"]) == ("Friday", 20, "jam")


def test_favourites_are_drawn_towards_everybody(dozen):
    """Customers 1, 2 and 3 have 4, 4 and 3 kinds in orders; 3 has tea twice and jam once."""
    chance = (11 / 20) ** 2 + (9 / 20) ** 2
    alike = 4 * 3 / 3 + 4 * 3 / 3 + 2 * 1 / 2
    strength = 1 / ((alike / 11 - chance) / (1 - chance)) - 1
    assert dozen.everybody["favourite"].strength == pytest.approx(strength)
    third = own(dozen, 3)
    assert third["favourite"] == "tea"
    assert third["favourite_share"] == pytest.approx((2 + strength * 11 / 20) / (3 + strength))
    assert third["favourite_confidence"] == pytest.approx(3 / (3 + strength))
    assert own(dozen, 9)["favourite"] == "jam"


def test_baskets_gaps_discounts_and_returns_are_those_of_the_customer(dozen):
    third = own(dozen, 3)
    assert (third["n_orders"], third["basket_lines"], third["basket_value"]) == (2, 1.5, 25.0)
    assert third["discount_share"] == 30.0 / 50.0
    assert own(dozen, 1)["discount_share"] == 0.0
    assert (own(dozen, 1)["gap_by"], own(dozen, 3)["gap_by"]) == ("own", "everybody")
    assert own(dozen, 1)["gap_days"] == own(dozen, 4)["gap_days"] == 7
    assert dozen.everybody["returned"].strength == np.inf  # one line is no sign that customers differ
    assert third["return_rate"] == own(dozen, 1)["return_rate"] == pytest.approx(1 / 20)


def test_days_without_hours_have_no_usual_hour():
    lines = pl.DataFrame(DOZEN, schema=NAMES, orient="row").with_columns(pl.col("order_ts").cast(pl.Date))
    found = find_habits(lines)
    assert found.customers["hour"].null_count() == 12
    assert found.customers["favourite"].null_count() == 12
    assert found.customers["discount_rate"].null_count() == 12
    assert any("no time of an order has an hour" in words for words in found.warnings)
    assert "hour" not in found.everybody


def test_shares_of_customers_and_the_order_of_lines_change_nothing(monkeypatch):
    from whalecurve.engine.habits import find_habits as module

    rng = np.random.default_rng(1)
    rows = [
        line(int(c), int(w), int(d), int(h), str(k), float(a), bool(a > 5))
        for c, w, d, h, k, a in zip(*(rng.integers(0, most, 600) for most in (90, 20, 7, 24, 5, 9)), strict=True)
    ]
    lines = pl.DataFrame(rows, schema=NAMES, orient="row").with_columns(amount=pl.col("amount") + 1.0)
    asked = {"by": "kind", "product": "kind", "discounted": "off", "most_variation": 1.0, "min_customers": 5}
    once = find_habits(lines, asked)
    monkeypatch.setattr(module, "passes_for", lambda _: 3)
    again = find_habits(lines.sample(fraction=1.0, shuffle=True, seed=2), asked)
    for name in ("customers", "products", "replenishment"):
        assert_frame_equal(getattr(once, name), getattr(again, name))
    assert once.replenishment.height > 0


@pytest.fixture(scope="module")
def regular():
    """Coffee every thirty days or so by sixty customers of a hundred and twenty, lamps at random by all."""
    rng, rows = np.random.default_rng(3), []
    for customer in range(120):
        start = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 60)))
        day = start
        while customer < 60 and day < date(2024, 12, 1):
            rows.append((customer, day, "coffee", 9.0))
            day += timedelta(days=int(30 + rng.integers(-4, 5)))
        for gap in np.cumsum(rng.exponential(40.0, 6)):
            rows.append((customer, start + timedelta(days=int(gap)), "lamp", 50.0))
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "product", "amount"], orient="row")


def test_what_is_bought_regularly_is_due_and_what_is_bought_at_random_is_not(regular):
    found = find_habits(regular, {"product": "product"}, window={"as_of": date(2024, 11, 30)})
    products = {row["product"]: row for row in found.products.iter_rows(named=True)}
    assert products["coffee"]["is_replenished"]
    assert products["coffee"]["variation"] < 0.2
    assert 27 <= products["coffee"]["days"] <= 33
    assert not products["lamp"]["is_replenished"]
    assert products["lamp"]["customers_told"] > 100
    due = found.replenishment
    assert set(due["product"]) == {"coffee"}
    assert due.height == 60
    assert (due["due_on"] > due["last_bought"]).all()
    assert (due["until"] >= date(2024, 11, 30)).all()
    assert due.filter("is_due")["due_on"].max() <= date(2024, 11, 30)
    assert ((due["due_on"] - due["last_bought"]).dt.total_days() == due["days"]).all()


def test_small_segments_are_put_together_until_they_are_enough():
    """A single customer in a segment would be told as the small segments, were these not joined by the next larger."""
    sizes = {"a": 1, "b": 6, "c": 9}
    segments = [name for name, n in sizes.items() for _ in range(n)]
    numbers = dict.fromkeys(("n_orders", "basket_lines", "basket_value", "discount_share", "return_rate"), 1.0)
    customers = pl.DataFrame({"segment": segments}).with_columns(
        **{name: pl.lit(value) for name, value in numbers.items()},
        gap_days=pl.lit(3),
        **dict.fromkeys(("weekday", "hour", "favourite"), pl.lit("x")),
    )
    found = _by_segment(customers, 5)
    assert found.select("segment", "customers").rows() == [("(small segments)", 7), ("c", 9)]


def test_nothing_is_usual_for_one_alone_in_a_log_in_which_nothing_is_planted(tmp_path):
    simulate(Simulation(customers=1_500, seed=4, planted=False), tmp_path / "shop")
    score(tmp_path / "shop" / "orders", out=tmp_path / "scores", measures=False)
    asked = {"by": "category", "product": "category", "discounted": "discount > 0.3", "min_customers": 100}
    found = find_habits(tmp_path / "shop" / "orders", asked, scores=tmp_path / "scores")
    assert found.customers.height == 1_500
    assert found.everybody["favourite"].strength > 100.0
    assert found.everybody["hour"].strength > 50.0
    assert found.everybody["discounted"].strength < 5.0  # bargain hunters, who are there in any case
    assert found.products["is_replenished"].sum() == 0
    assert found.segments["customers"].sum() == 1_500
    assert found.segments.filter(pl.col("segment") != "(small segments)")["customers"].min() >= 100
    assert "(small segments)" in found.segments["segment"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"by": "colour"}, "colour"),
        ({"by": " "}, "names nothing"),
        ({"discounted": "kind"}, "expected a condition"),
        ({"most_variation": 0.0}, "out of range"),
        ({"min_customers": 0}, "at least 1"),
    ],
)
def test_what_will_not_do_is_said(asked, words):
    with pytest.raises(InputError, match=words):
        find_habits(pl.DataFrame(DOZEN, schema=NAMES, orient="row"), asked)
