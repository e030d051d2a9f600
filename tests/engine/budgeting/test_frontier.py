"""The best use of a budget, against linear programs solved by scipy."""

import numpy as np
import pytest
from scipy.optimize import linprog

from whalecurve.engine.budgeting.frontier import Option, filled, hull


def net_of(groups, solution):
    options = {(o.segment, o.offer): o for group in groups for o in group}
    return sum(n * options[key].net for key, n in solution.customers.items())


def program(groups, sizes, money):
    """The same, written down as it is defined."""
    options = [option for group in groups for option in group]
    rows = [[o.cost for o in options]]
    rows += [[float(o.segment == at) for o in options] for at in range(len(groups))]
    return linprog([-o.net for o in options], A_ub=rows, b_ub=[money, *sizes], method="highs")


def random_groups(rng):
    groups = []
    for segment in range(rng.integers(1, 7)):
        costs = rng.choice([0.0, 0.1, 0.5, 1.0, 1.0, 2.5, 4.0, 9.0], rng.integers(0, 5), replace=False)
        groups.append(
            [
                Option(segment=segment, offer=j, cost=float(c), gross=float(rng.normal(c, 2.0)))
                for j, c in enumerate(costs)
            ]
        )
    return groups


@pytest.mark.parametrize("seed", range(60))
def test_it_brings_what_the_linear_program_brings(seed):
    rng = np.random.default_rng(seed)
    groups = random_groups(rng)
    if not any(groups):
        groups[0] = [Option(segment=0, offer=0, cost=1.0, gross=2.0)]
    sizes = rng.integers(0, 50, len(groups)).astype(float)
    for money in (0.0, 3.0, float(rng.uniform(0.0, 200.0)), 1e6):
        found, expected = filled(groups, sizes, money), program(groups, sizes, money)
        assert net_of(groups, found) == pytest.approx(-expected.fun, abs=1e-7)
        spent = sum(n * groups[s][o].cost for (s, o), n in found.customers.items())
        assert spent <= money + 1e-9
        for at, size in enumerate(sizes):
            assert sum(n for (s, _), n in found.customers.items() if s == at) <= size + 1e-9
        more = -program(groups, sizes, money + 1e-3).fun
        assert found.shadow_price == pytest.approx((more + expected.fun) / 1e-3, abs=1e-4)


def test_a_single_offer_is_the_fractional_knapsack():
    groups = [
        [Option(segment=i, offer=0, cost=c, gross=g)] for i, (c, g) in enumerate([(1, 2), (2, 6), (4, 6), (1, 0.5)])
    ]
    found = filled(groups, [10.0, 10.0, 10.0, 10.0], 40.0)
    assert found.customers == {(1, 0): 10.0, (0, 0): 10.0, (2, 0): 2.5}
    assert found.shadow_price == 0.5


def test_an_offer_below_the_line_between_two_others_is_never_used():
    none, mail, letter, call = (Option(segment=0, offer=j, cost=c, gross=g) for j, c, g in
                                ((0, 0.5, 0.1), (1, 1.0, 5.0), (2, 2.0, 5.5), (3, 3.0, 9.0)))  # fmt: skip
    edges = hull([none, mail, letter, call])
    assert [(edge.before, edge.after) for edge in edges] == [(None, mail), (mail, call)]
    assert [edge.returned for edge in edges] == [5.0, 2.0]


def test_upgrades_take_customers_from_the_cheaper_offer():
    groups = [[Option(segment=0, offer=0, cost=1.0, gross=5.0), Option(segment=0, offer=1, cost=3.0, gross=9.0)]]
    assert filled(groups, [10.0], 20.0).customers == {(0, 0): 5.0, (0, 1): 5.0}
    assert filled(groups, [10.0], 20.0).shadow_price == 1.0
    assert filled(groups, [10.0], 30.0).customers == {(0, 1): 10.0}
    assert filled(groups, [10.0], 30.0).shadow_price == 0.0


def test_returns_that_are_equal_but_for_rounding_are_taken_in_the_order_in_which_they_build_upon_each_other():
    """The return of the upgrade is above that of the first step by one unit in the last place."""
    group = [Option(segment=0, offer=0, cost=0.2, gross=1.0), Option(segment=0, offer=1, cost=0.3, gross=1.5)]
    assert hull(group)[1].returned > hull(group)[0].returned
    assert filled([group], [10.0], 2.0).customers == {(0, 0): pytest.approx(10.0)}
    assert filled([group], [10.0], 100.0).customers == {(0, 1): 10.0}
    rng = np.random.default_rng(0)
    for _ in range(300):
        costs = rng.integers(1, 90, 3) / 100.0
        same = [
            [Option(segment=0, offer=j, cost=float(c), gross=float(c) * 3.7) for j, c in enumerate(sorted(set(costs)))]
        ]
        found = filled(same, [7.0], 4.0)
        assert net_of(same, found) == pytest.approx(-program(same, [7.0], 4.0).fun, abs=1e-9)


def test_what_brings_no_more_than_it_costs_is_not_bought():
    assert filled([[Option(segment=0, offer=0, cost=1.0, gross=1.0)]], [10.0], 100.0).customers == {}
