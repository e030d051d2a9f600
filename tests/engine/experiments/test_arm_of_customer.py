"""Seats in arms: exact shares, what is there stays, and nobody is forgotten in small strata."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.experiments import PLACES, arms_of, places_of
from whalecurve.engine.experiments.arm_of_customer import arms_at, balanced_bounds, due_to, hash_bounds, in_turn

THIRDS = [Fraction(1, 3)] * 3


def test_arms_follow_one_another_as_wide_as_their_shares():
    bounds = hash_bounds(arms_of("a:0.25,b:0.5,c:0.25"))
    assert bounds.tolist() == [PLACES // 4, 3 * PLACES // 4]
    places = np.array([0, PLACES // 4 - 1, PLACES // 4, 3 * PLACES // 4 - 1, 3 * PLACES // 4, PLACES - 1])
    assert arms_at(places, bounds).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("n_new", "present", "due"),
    [
        (9, [0, 0, 0], [3, 3, 3]),
        (3, [2, 1, 0], [0, 1, 2]),
        (2, [10, 1, 0], [0, Fraction(1, 2), Fraction(3, 2)]),
        (1, [10, 10, 4], [0, 0, 1]),
        (0, [5, 1, 0], [0, 0, 0]),
        (10, [0, 0, 1], [Fraction(11, 3), Fraction(11, 3), Fraction(8, 3)]),
    ],
)
def test_what_is_due_makes_up_for_what_is_there(n_new, present, due):
    assert due_to(n_new, THIRDS, present) == due


counts = st.integers(0, 1_000)


@given(st.lists(st.tuples(st.integers(1, 9), counts), min_size=2, max_size=5), counts)
def test_what_is_due_is_all_that_is_new_and_never_negative(arms, n_new):
    whole = sum(weight for weight, _ in arms)
    due = due_to(n_new, [Fraction(weight, whole) for weight, _ in arms], [n for _, n in arms])
    assert sum(due) == n_new
    assert min(due) >= 0


fractions_ = st.fractions(0, 50, max_denominator=60)


@given(st.lists(fractions_, min_size=1, max_size=5), st.fractions(0, Fraction(59, 60), max_denominator=60))
def test_whole_numbers_in_turn_are_next_to_what_is_due(parts, turn):
    due = [*parts, -sum(parts) % 1]  # a whole sum
    seats = in_turn(due, turn)
    assert sum(seats) == sum(due)
    assert all(abs(seat - part) < 1 for seat, part in zip(seats, due, strict=True))


def test_over_all_turns_each_arm_gets_what_is_due():
    due, n = [Fraction(1, 10), Fraction(9, 20), Fraction(9, 20)], 1_000
    seats = [in_turn(due, Fraction(turn, n)) for turn in range(n)]
    assert [sum(column) for column in zip(*seats, strict=True)] == [100, 450, 450]


def customers(sizes):
    strata = [name for name, n in sizes.items() for _ in range(n)]
    places = places_of(pl.Series(range(len(strata))), "spring")
    return pl.DataFrame({"stratum": strata, "place": places}, schema_overrides={"stratum": pl.Enum([*sizes])})


def bounds_of(new, arms, present):
    return balanced_bounds(new["place"].to_numpy(), new["stratum"], arms, present, "spring")


def counted(new, bounds, n_arms):
    arm = arms_at(new["place"].to_numpy(), bounds, new["stratum"])
    table = new.with_columns(pl.Series("arm", arm)).group_by("stratum", "arm").len()
    found = {(stratum, place): n for stratum, place, n in table.iter_rows()}
    return {s: [found.get((s, k), 0) for k in range(n_arms)] for s in new["stratum"].unique().to_list()}


def test_shares_of_each_stratum_are_exact_and_follow_the_order_of_places():
    arms, new = arms_of("a:0.45,b:0.45,c:0.1"), customers({"x": 100, "y": 20, "z": 7})
    bounds = bounds_of(new, arms, {})
    found = counted(new, bounds, 3)
    assert found["x"] == [45, 45, 10]
    assert found["y"] == [9, 9, 2]
    assert sum(found["z"]) == 7
    arm = pl.Series("arm", arms_at(new["place"].to_numpy(), bounds, new["stratum"]))
    assert new.with_columns(arm).filter(stratum="x").sort("place")["arm"].is_sorted()


def test_many_strata_of_one_customer_get_all_arms_by_their_shares():
    arms, new = arms_of("a:0.9,b:0.1"), customers({f"s{i}": 1 for i in range(2_000)})
    found = counted(new, bounds_of(new, arms, {}), 2)
    n_b = sum(n for _, n in found.values())
    assert abs(n_b - 200) < 3 * (2_000 * 0.9 * 0.1) ** 0.5


def test_a_full_arm_gets_nobody_and_one_without_room_nobody_either():
    arms, new = arms_of("a:0.5,b:0.5"), customers({"x": 10})
    assert counted(new, bounds_of(new, arms, {"x": [30, 0]}), 2) == {"x": [0, 10]}
    assert counted(new, bounds_of(new, arms, {"x": [0, 30]}), 2) == {"x": [10, 0]}
    assert counted(new, bounds_of(new, arms, {"x": [3, 7]}), 2) == {"x": [7, 3]}
