"""Budgets with limits on offers: feasible, and no worse than the bound of the dual program says."""

import numpy as np
import pytest
from scipy.optimize import linprog

from whalecurve.engine.budgeting.capped import programmed
from whalecurve.engine.budgeting.frontier import Option, filled

WITHOUT = {"by_segment": False, "most": None, "most_of_offer": {}, "share": {}}


def shop(rng):
    options = [
        Option(segment=s, offer=o, cost=float(c), gross=float(rng.normal(c + 1.0, 2.0)))
        for s in range(4)
        for o, c in enumerate((0.2, 1.0, 5.0))
    ]
    return options, rng.integers(5, 60, 4).astype(float)


@pytest.mark.parametrize("seed", range(20))
def test_without_limits_it_is_the_frontier(seed):
    options, sizes = shop(np.random.default_rng(seed))
    groups = [[o for o in options if o.segment == s] for s in range(4)]
    net = {(o.segment, o.offer): o.net for o in options}
    found, frontier = programmed(options, sizes, [90.0], **WITHOUT), filled(groups, sizes, 90.0)
    value = [sum(n * net[key] for key, n in one.customers.items()) for one in (found, frontier)]
    assert value[0] == pytest.approx(value[1], abs=1e-7)
    before, after = (filled(groups, sizes, 90.0 + step).shadow_price for step in (-1e-6, 1e-6))
    assert after - 1e-7 <= found.shadow_price <= before + 1e-7  # one and the same, unless money ends between two steps


@pytest.mark.parametrize("seed", range(20))
def test_limits_hold_and_the_dual_program_allows_no_better(seed):
    rng = np.random.default_rng(seed)
    options, sizes = shop(rng)
    share = {(0, 0): 3.0, (2, 2): 1.0}
    found = programmed(
        options, sizes, [90.0], by_segment=False, most=70.0, most_of_offer={2: 10.0, 1: 25.0}, share=share
    )
    net, cost = (np.array([getattr(o, name) for o in options]) for name in ("net", "cost"))
    x = np.array([found.customers.get((o.segment, o.offer), 0.0) for o in options])
    rows = [cost, *([float(o.segment == s) for o in options] for s in range(4)), np.ones(12),
            *([float(o.offer == j) for o in options] for j in (2, 1)),
            *([float((o.segment, o.offer) == key) for o in options] for key in share)]  # fmt: skip
    limits = np.array([90.0, *sizes, 70.0, 10.0, 25.0, *share.values()])
    rows = np.array(rows)
    assert (rows @ x <= limits + 1e-7).all()
    dual = linprog(limits, A_ub=-rows.T, b_ub=-net, method="highs")
    assert net @ x == pytest.approx(dual.fun, abs=1e-6)


def test_money_may_be_split_among_the_segments():
    options = [Option(segment=s, offer=0, cost=1.0, gross=3.0) for s in range(2)]
    found = programmed(options, [10.0, 10.0], [4.0, 7.0], by_segment=True, most=None, most_of_offer={}, share={})
    assert found.customers == {(0, 0): 4.0, (1, 0): 7.0}


def test_nothing_to_choose_from_is_nothing():
    assert programmed([], [], [1.0], **WITHOUT).customers == {}
