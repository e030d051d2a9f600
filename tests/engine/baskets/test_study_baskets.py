"""Baskets of a dozen customers, worked out by hand; and random ones, against plain Python."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.baskets import ORDERS, following, lines_of, random_baskets, together
from whalecurve.engine import InputError, study_baskets
from whalecurve.engine.baskets.relations import CUSTOMER, NEXT, TOGETHER

ASKED = {"by": "product", "category": "kind", "min_customers": 1}


@pytest.fixture(scope="module")
def dozen():
    return study_baskets(lines_of(ORDERS), ASKED)


def pair(study, relation, first, then, of="product"):
    return study.pairs.row(
        by_predicate=(pl.col("relation") == relation)
        & (pl.col("of") == of)
        & (pl.col("first") == first)
        & (pl.col("then") == then),
        named=True,
    )


def test_the_baskets_are_those_of_the_orders(dozen):
    assert (dozen.n_baskets, dozen.n_customers) == (14, 12)
    assert dozen.items["item"].to_list() == ["bread", "butter", "tea", "jam"]
    assert dozen.items["customers"].to_list() == [6, 6, 5, 4]
    assert dozen.items["baskets"].to_list() == [7, 7, 5, 4]
    assert dozen.rows == {"read": 23, "filtered": 0, "used": 23, "refused": {}}


def test_bread_and_butter_are_in_five_of_fourteen_baskets_of_four_customers(dozen):
    row = pair(dozen, TOGETHER, "bread", "butter")
    assert (row["times"], row["customers"]) == (5, 4)
    assert row["support"] == 5 / 14
    assert row["confidence"] == row["confidence_back"] == 5 / 7
    assert row["lift"] == pytest.approx(5 * 14 / 49)


def test_butter_follows_bread_in_both_purchases_that_follow_one(dozen):
    row = pair(dozen, NEXT, "bread", "butter")
    assert (row["times"], row["customers"], row["support"]) == (2, 2, 1.0)
    assert row["confidence"] == row["confidence_back"] == row["lift"] == 1.0
    assert pair(dozen, NEXT, "butter", "jam")["times"] == 1


def test_five_of_twelve_customers_have_bought_bread_and_butter(dozen):
    row = pair(dozen, CUSTOMER, "bread", "butter")
    assert (row["times"], row["customers"], row["support"]) == (5, 5, 5 / 12)
    assert row["confidence"] == 5 / 6


def test_categories_have_pairs_of_their_own(dozen):
    row = pair(dozen, TOGETHER, "bakery", "spread", of="category")
    assert (row["times"], row["customers"]) == (5, 4)
    assert pair(dozen, TOGETHER, "drink", "spread", of="category")["times"] == 2


def test_too_short_a_log_recommends_what_most_people_buy_and_says_so(dozen):
    table = {row["customer_id"]: row for row in dozen.recommendations.iter_rows(named=True)}
    nexts = {who: (row["next"], row["next_second"], row["next_third"]) for who, row in table.items()}
    assert nexts[5] == ("spread", "bakery", None)  # bought by seven and by six
    assert nexts[1] == ("drink", None, None)
    assert nexts[9] == ("bakery", "drink", None)
    assert {row["next_by"] for row in table.values()} == {"popularity"}
    assert any("too few to keep the last 90 apart" in words for words in dozen.warnings)


def test_a_dearer_product_is_of_the_next_third_of_a_category_that_they_buy(dozen):
    assert dozen.items.filter(item="butter")["tier"].item() == "low"
    assert dozen.items.filter(item="jam")["tier"].item() == "middle"
    assert dozen.items.filter(item="bread")["tier"].item() is None  # the only one of its category
    dearer = dict(dozen.recommendations.select("customer_id", "dearer").iter_rows())
    assert {who for who, product in dearer.items() if product is not None} == {2, 3, 4, 9, 11}
    assert dearer[9] == "jam"


def test_duplicates_count_once_and_returns_and_lines_without_an_item_are_counted_apart():
    lines = lines_of(ORDERS)
    again = lines.filter(pl.col("order_id").is_in(["2-0"]))
    back = lines.filter(pl.col("order_id").is_in(["7-0"])).with_columns(-pl.col("amount"))
    blank = lines.head(1).with_columns(product=pl.lit(" "))
    study = study_baskets(pl.concat([lines, again, back, blank]), ASKED)
    clean = study_baskets(lines, ASKED)
    assert_frame_equal(study.pairs, clean.pairs)
    assert study.lines == {"in_baskets": 25, "returns_left_out": 2}
    assert study.rows["refused"] == {"null_item": 1}
    assert study.rows["read"] == study.rows["used"] + 1 == 28


def test_without_order_ids_a_basket_is_a_day():
    lines = lines_of({1: [{"a", "b"}, {"c"}], 2: [{"a", "b"}]}).drop("order_id")
    study = study_baskets(lines, {"by": "product", "min_customers": 1})
    assert study.n_baskets == 3
    assert pair(study, TOGETHER, "a", "b")["times"] == 2
    some = lines.with_columns(order_id=pl.Series(["x", None, None, "y", "z"]))
    assert study_baskets(some, {"by": "product", "min_customers": 1}).n_baskets == 5


def plain_sums(baskets, relation):
    """times, expected, customers, and the statistic of each pair, in plain Python."""
    whole = [[set().union(*own)] for own in baskets] if relation == CUSTOMER else baskets
    pairs = following(whole) if relation == NEXT else together(whole)
    pairs = {pair: times for pair, times in pairs.items() if pair[0] != pair[1]}
    slots = [0] * len(baskets)
    for times in pairs.values():
        for customer, n in times.items():
            slots[customer] += n
    rows, columns = {}, {}
    for (a, b), times in pairs.items():
        n = sum(times.values())
        rows[a], columns[b] = rows.get(a, 0) + n, columns.get(b, 0) + n
        if relation != NEXT:
            rows[b], columns[a] = rows.get(b, 0) + n, columns.get(a, 0) + n
    left, right = dict.fromkeys(rows, 1.0), dict.fromkeys(columns, 1.0)
    for _ in range(400):
        left = {a: rows[a] / sum(f for b, f in right.items() if b != a) for a in rows}
        right = {b: columns[b] / sum(f for a, f in left.items() if a != b) for b in columns}
    for (a, b), times in pairs.items():
        expected, total = left[a] * right[b], sum(slots)
        squares = sum((times.get(c, 0) - expected * slots[c] / total) ** 2 for c in range(len(baskets)))
        yield (a, b), sum(times.values()), expected, len(times), squares, slots


@pytest.mark.parametrize("relation", [TOGETHER, NEXT, CUSTOMER])
def test_random_baskets_are_counted_expected_and_tested_as_in_plain_python(relation):
    from scipy import stats

    baskets = [own for own in random_baskets(np.random.default_rng(5), 40) if any(own)]
    baskets = [[group for group in own if group] for own in baskets]
    lines = lines_of({c: [{f"p{item}" for item in group} for group in own] for c, own in enumerate(baskets)})
    study = study_baskets(lines, {"by": "product", "min_customers": 1})
    expected = list(plain_sums(baskets, relation))
    assert len(expected) > 15
    for (a, b), times, by_chance, customers, squares, slots in expected:
        row = pair(study, relation, f"p{a}", f"p{b}")
        assert (row["times"], row["customers"]) == (times, customers)
        assert row["expected"] == pytest.approx(by_chance, rel=1e-8)
        assert row["affinity"] == pytest.approx(times / by_chance, rel=1e-8)
        n = sum(slots) ** 2 / sum(g * g for g in slots)
        own = {c: t for c, t in pairs_by_customer(baskets, relation, (a, b)).items()}
        rests_on = times**2 / sum(t * t for t in own.values()) if times >= by_chance else n
        if rests_on > 1.0:
            t = (times - by_chance) / max(squares * n / (n - 1.0), by_chance) ** 0.5
            assert row["p_value"] == pytest.approx(2.0 * stats.t.sf(abs(t), rests_on - 1.0), rel=1e-6)


def pairs_by_customer(baskets, relation, pair_asked):
    whole = [[set().union(*own)] for own in baskets] if relation == CUSTOMER else baskets
    return (following(whole) if relation == NEXT else together(whole))[pair_asked]


def test_memory_and_the_order_of_lines_change_nothing(monkeypatch):
    from whalecurve.engine.baskets import study_baskets as module

    baskets = random_baskets(np.random.default_rng(6), 300, n_items=40, most=5)
    lines = lines_of({c: [{f"p{item}" for item in group} for group in own] for c, own in enumerate(baskets)})
    lines = lines.with_columns(kind=pl.col("product").str.slice(1).cast(pl.Int32) % 5)
    asked = {"by": "product", "category": "kind", "min_customers": 3, "holdout_days": 15}
    once = study_baskets(lines, asked)
    monkeypatch.setattr(module, "passes_for", lambda _: 3)
    monkeypatch.setattr(module, "MOST_ROOM", 4 * 40 * 7)
    again = study_baskets(lines.sample(fraction=1.0, shuffle=True, seed=1), asked)
    for name in ("items", "pairs", "recommendations"):
        assert_frame_equal(getattr(once, name), getattr(again, name))
    assert once.trials == again.trials
    assert once.trials[0].hits


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"by": "colour"}, "colour"),
        ({"by": "product", "category": "product"}, "what `by` names"),
        ({"by": "product", "price": "kind"}, "expected a number"),
        ({"by": "product"}, "nothing is bought by 30 customers"),
        ({"by": "product", "holdout_days": 0}, "out of range"),
        ({"by": " "}, "names nothing"),
        ({"by": "NULLIF(product, product)", "min_customers": 1}, "no line of a sale names one"),
        (
            {"by": "product", "category": "CASE WHEN kind IS NULL THEN 'x' ELSE 'one' END", "min_customers": 1},
            "fewer than two",
        ),
    ],
)
def test_what_will_not_do_is_said(asked, words):
    with pytest.raises(InputError, match=words):
        study_baskets(lines_of(ORDERS), asked)


def test_days_are_those_of_the_window():
    lines = lines_of(ORDERS)
    study = study_baskets(lines, ASKED, window={"as_of": date(2024, 10, 4)})
    assert study.n_baskets == 12
