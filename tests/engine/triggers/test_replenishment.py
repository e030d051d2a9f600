"""Products that are bought regularly, against the rule in plain Python; told once, and again once bought again."""

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, find_triggers, open_result, score
from whalecurve.engine.triggers import find_triggers as package
from whalecurve.engine.triggers.choice import Choice
from whalecurve.engine.triggers.replenishment import events_of, products_due

FIRST, GAP, N = date(2024, 1, 1), 60, 40
NIGHT = date(2024, 12, 1)


def purchases():
    """Filters every 60 days by forty customers, each a few days later than the one before; lamps once."""
    for customer in range(N):
        day = FIRST + timedelta(days=customer)
        while day < NIGHT:
            yield customer, day, "filter", 10.0
            day += timedelta(days=GAP)
        yield customer, FIRST + timedelta(days=customer), "lamp", 80.0
        yield customer, FIRST + timedelta(days=customer + 1), None, 1.0


@pytest.fixture(scope="module")
def log():
    return pl.DataFrame(list(purchases()), schema=["customer_id", "order_ts", "product", "amount"], orient="row")


@pytest.fixture(scope="module")
def scores(log, tmp_path_factory):
    return scored(log, tmp_path_factory.mktemp("shop"), NIGHT)


def scored(log, folder, night):
    log.write_parquet(folder / "log.parquet")
    window = {"as_of": night - timedelta(days=1)}
    score(folder / "log.parquet", out=folder / "scores", window=window, measures=False, overwrite=True)
    return folder / "scores"


def median_gap(days, share):
    """The rule in plain Python: all gaps of the product are of 60 days, so that everybody's curve is a step there."""
    k, span = len(days) - 1, (days[-1] - days[0]).days
    weight = k / (k + 3)

    def longer(t):
        return weight * (span / (span + t)) ** k + (1 - weight) * (1.0 if t < GAP else 0.0)

    return next(t for t in range(10_000) if longer(t) <= 1.0 - share)


def expected_due(on):
    for customer in range(N):
        days = sorted(day for who, day, what, _ in purchases() if (who, what) == (customer, "filter"))
        due, most = median_gap(days, 0.5), median_gap(days, 0.9)
        if due <= (on - days[-1]).days <= most:
            yield customer, "filter", days[-1], due, days[-1] + timedelta(days=due)


@pytest.mark.parametrize("days_on", [0, 10, 30])
def test_a_product_is_due_after_half_of_the_gaps_of_the_customers_own_and_everybody(scores, days_on):
    on = NIGHT + timedelta(days=days_on)
    found = products_due(open_result(scores), None, "product", on)
    names = ["customer_id", "product", "last_bought", "days", "due_on"]
    expected = pl.DataFrame(list(expected_due(on)), schema=names, orient="row")
    assert 0 < expected.height < N
    assert_frame_equal(found, expected)


def test_without_a_memory_only_what_is_due_on_the_day_is_told(scores):
    expected = {customer for customer, *_, due_on in expected_due(NIGHT) if due_on == NIGHT}
    found = find_triggers(scores, settings={"product": "product", "triggers": ["replenishment"]})
    assert expected
    assert set(found.customers["customer_id"]) == expected
    days = {customer: days for customer, _, _, days, _ in expected_due(NIGHT)}
    told = dict(found.customers.select("customer_id", "detail").iter_rows())
    assert told == {customer: f"filter (every {days[customer]} days)" for customer in expected}


def test_a_product_is_told_once_and_again_after_it_was_bought(log, tmp_path):
    asked = {"product": "product", "triggers": ["replenishment"], "cooling_off": 0}
    state, told = tmp_path / "state", []
    for night in (NIGHT + timedelta(days=n) for n in range(8)):
        scored(log, tmp_path, NIGHT)
        told.append(find_triggers(tmp_path / "scores", state=state, settings=asked | {"on": night}).customers)
    everybody = pl.concat(told)["customer_id"]
    assert everybody.is_unique().all()
    due_in_time = {c for n in range(8) for c, *_, on in expected_due(NIGHT + timedelta(days=n)) if on >= NIGHT}
    assert set(everybody) == due_in_time
    customer = everybody[0]
    bought = [
        (customer, NIGHT + timedelta(days=1), "filter", 10.0),
        (customer, NIGHT + timedelta(days=2), "filter", 10.0),
    ]
    longer = pl.concat([log, pl.DataFrame(bought, schema=log.schema, orient="row")])
    scored(longer, tmp_path, NIGHT + timedelta(days=70))
    again = find_triggers(tmp_path / "scores", state=state, settings=asked).customers
    assert customer in again["customer_id"]


def test_held_back_products_wait(log, tmp_path):
    asked = {"product": "product", "triggers": ["replenishment"], "cooling_off": 400}
    scored(log, tmp_path, NIGHT)
    state = tmp_path / "state"
    (first, *_) = find_triggers(tmp_path / "scores", state=state, settings=asked).customers["customer_id"]
    bought = [(first, NIGHT, "filter", 10.0)]
    scored(
        pl.concat([log, pl.DataFrame(bought, schema=log.schema, orient="row")]), tmp_path, NIGHT + timedelta(days=62)
    )
    for later in (62, 63):
        on = {"on": NIGHT + timedelta(days=later)}
        found = find_triggers(tmp_path / "scores", state=state, settings=asked | on)
        assert first in found.held_back.filter(reason="cooling off")["customer_id"]
    cool = find_triggers(
        tmp_path / "scores", state=state, settings=asked | {"on": NIGHT + timedelta(days=64), "cooling_off": 0}
    )
    assert first in cool.customers["customer_id"]


def test_a_product_that_was_told_is_not_told_again_since_another_had_to_wait():
    later = FIRST + timedelta(days=90)
    told = pl.DataFrame(
        [(1, "filter", FIRST), (2, "filter", FIRST)], schema=["customer_id", "product", "last_bought"], orient="row"
    )
    due = pl.DataFrame(
        [(1, "filter", FIRST), (1, "salt", FIRST), (2, "filter", later), (3, "salt", FIRST)],
        schema=["customer_id", "product", "last_bought"],
        orient="row",
    )
    waits = pl.DataFrame({"customer_id": [1], "trigger": ["replenishment"]})
    remembered = package._told_of(due, told, Choice(told=waits.clear(), held_back=waits))
    assert remembered is not None
    assert remembered.rows() == [(1, "filter", FIRST), (2, "filter", later), (3, "salt", FIRST)]


def test_several_products_make_one_event_the_longest_due_first():
    due = pl.DataFrame(
        [
            (1, name, FIRST, 30, FIRST + timedelta(days=30 + later))
            for name, later in zip("abcde", (4, 3, 2, 1, 0), strict=True)
        ]
        + [(2, "a", FIRST, 7, FIRST + timedelta(days=7))],
        schema=["customer_id", "product", "last_bought", "days", "due_on"],
        orient="row",
    )
    assert events_of(due).rows() == [
        (1, "replenishment", "e (every 30 days), d (every 30 days), c (every 30 days) and 2 more"),
        (2, "replenishment", "a (every 7 days)"),
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"product": "sku"}, 'no column "sku"'),
        ({"product": "customer_id"}, "nothing is bought again by 30 customers; name a column that tells kinds of "),
        (
            {"triggers": ["replenishment"]},
            "`product` says what is bought again, and replenishment in `triggers` looks for it",
        ),
        ({"product": "product", "triggers": ["overdue"]}, "give both, or neither"),
    ],
)
def test_what_cannot_be_replenished_is_refused(scores, settings, message):
    with pytest.raises(InputError) as told:
        find_triggers(scores, settings=settings)
    assert message in str(told.value)
