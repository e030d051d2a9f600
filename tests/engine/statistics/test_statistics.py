"""Tests, intervals and shrinkage of `explain`, against enumeration, loops, published values and chance itself."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tests.oracle.shrinkage import paule_mandel, ratio_and_variance
from whalecurve.engine.statistics.clustered_ratios import Pair, RatioSums
from whalecurve.engine.statistics.proportions import (
    EXACT_BELOW,
    adjusted,
    difference_interval,
    lift,
    p_values,
    wilson_interval,
)
from whalecurve.engine.statistics.shrinkage import shrunk_means, shrunk_shares


def columns(*numbers):
    return [np.array([float(number)]) for number in numbers]


def enumerated(tables):
    """Twice the smaller tail of the count in the group, over all ways to deal out those who have it, per stratum."""
    seen = sum(table[0] for table in tables)
    spaces = []
    for k1, n1, k2, n2 in tables:
        ways = {x: math.comb(k1 + k2, x) * math.comb(n1 + n2 - k1 - k2, n1 - x) for x in range(n1 + 1)}
        spaces.append([(x, w / math.comb(n1 + n2, n1)) for x, w in ways.items() if w])
    low = high = 0.0
    for cells in itertools.product(*spaces):
        chance, x = math.prod(p for _, p in cells), sum(x for x, _ in cells)
        low += chance * (x <= seen)
        high += chance * (x >= seen)
    return min(1.0, 2.0 * min(low, high))


table = st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 9), st.integers(0, 9)).map(
    lambda t: (min(t[0], t[1]), t[1], min(t[2], t[3]), t[3])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(table, min_size=1, max_size=3))
def test_the_exact_test_is_that_of_all_ways_to_deal_out(tables):
    counts = np.array(tables, dtype=np.float64)
    (p,) = p_values(*(counts[None, :, i] for i in range(4)))
    # Log-gammas of counts this small are good to 1e-14 each.
    assert p == pytest.approx(enumerated(tables), rel=1e-11)


def test_one_stratum_is_fishers_test():
    (p,) = p_values(*columns(3, 20, 45, 100))
    tails = [stats.fisher_exact([[3, 17], [45, 55]], alternative=which).pvalue for which in ("less", "greater")]
    assert p == pytest.approx(2.0 * min(tails), rel=1e-9)  # of scipy's own accuracy


def test_many_are_tested_by_the_normal_approximation_which_goes_over_into_the_exact_test():
    n1, n2 = 12_000, 60_000
    k1, k2 = 6_150, 30_000
    pooled = (k1 + k2) / (n1 + n2)
    variance = n1 * n2 * pooled * (1.0 - pooled) / (n1 + n2)
    assert variance > EXACT_BELOW
    (p,) = p_values(*columns(k1, n1, k2, n2))
    exact = 2.0 * stats.hypergeom.sf(k1 - 1, n1 + n2, k1 + k2, n1)
    assert p == pytest.approx(exact, rel=0.05)  # an approximation


def test_nothing_to_compare_is_no_evidence():
    assert p_values(*columns(0, 0, 3, 9)).tolist() == [1.0]
    assert p_values(*columns(3, 9, 0, 0)).tolist() == [1.0]
    assert p_values(*columns(9, 9, 9, 9)).tolist() == [1.0]


def test_what_is_beyond_all_doubt_has_the_least_p_value_not_zero():
    assert p_values(*columns(0, 3_000, 3_000, 3_000)).tolist() == [1e-30]


def test_a_confounder_is_taken_out_by_its_strata():
    """In either stratum the rates are the same; put together, they are not."""
    k1, n1, k2, n2 = (np.array([row], dtype=np.float64) for row in ([10, 360], [100, 400], [40, 90], [400, 100]))
    assert p_values(k1, n1, k2, n2)[0] > 0.9
    assert p_values(*(counts.sum(axis=1) for counts in (k1, n1, k2, n2)))[0] == 1e-30


def test_wilson_and_newcombe_as_published():
    """Newcombe (1998), Statistics in Medicine 17: page 861, 81 of 263; table II, 56 of 70 less 48 of 80, method 10."""
    low, high = wilson_interval(*columns(81, 263), 0.95)
    assert [round(float(x[0]), 4) for x in (low, high)] == [0.2553, 0.3662]
    low, high = difference_interval(*columns(56, 70, 48, 80), 0.95)
    assert [round(float(x[0]), 4) for x in (low, high)] == [0.0524, 0.3339]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_nobody_of_any_number_begins_at_0_and_everybody_ends_at_1(level):
    n = np.append(np.arange(1.0, 3_000.0), [1e6, 1e9, 1e12])
    low, high = wilson_interval(np.zeros(n.size), n, level)
    assert (low == 0.0).all()
    assert ((high > 0.0) & (high < 1.0)).all()
    low, high = wilson_interval(n, n, level)
    assert (high == 1.0).all()
    assert ((low > 0.0) & (low < 1.0)).all()
    assert np.isnan(wilson_interval(np.zeros(1), np.zeros(1), level)).all()


def test_the_lift_agrees_with_the_interval_of_katz_where_counts_are_large():
    ratio, low, high = lift(*columns(30_000, 90_000, 50_000, 200_000), 0.95)
    expected = stats.contingency.relative_risk(30_000, 90_000, 50_000, 200_000)
    interval = expected.confidence_interval(0.95)
    assert ratio[0] == pytest.approx(expected.relative_risk, rel=1e-12)
    # Half a customer more in each count of tens of thousands.
    assert (low[0], high[0]) == pytest.approx((interval.low, interval.high), rel=1e-4)


def test_the_lift_has_an_interval_where_nobody_has_bought():
    ratio, low, high = lift(*columns(0, 50, 10, 50), 0.95)
    assert (ratio[0], low[0]) == (0.0, 0.0)
    assert 0.1 < high[0] < 1.0
    ratio, low, high = lift(*columns(10, 50, 0, 50), 0.95)
    assert (ratio[0], high[0]) == (math.inf, math.inf)
    assert low[0] > 1.0
    assert np.isnan(lift(*columns(0, 50, 0, 50), 0.95)).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=20))
def test_q_values_are_the_least_rate_at_which_the_procedure_rejects(tests):
    p = np.array([one[0] for one in tests])
    is_material = np.array([one[1] for one in tests])
    q = adjusted(p, is_material)
    counted = np.where(is_material, p, 1.0)
    for rate in (0.01, 0.05, 0.2, 0.5):
        ranks = [i for i, x in enumerate(sorted(counted), 1) if x <= rate * i / p.size]
        border = sorted(counted)[max(ranks) - 1] if ranks else -1.0
        near = np.abs(q - rate) < 1e-12
        assert ((q <= rate) == (counted <= border))[~near].all()


def customers_with_lines(rng, n, spread):
    """Lines and successes of each customer, in the group and elsewhere; `spread` 0 makes lines independent."""
    own, rest = rng.poisson(2.0, n), rng.poisson(6.0, n)
    rate = np.full(n, 0.1) if spread == 0.0 else rng.beta(0.1 / spread, 0.9 / spread, n)
    return [x.astype(np.float64) for x in (rng.binomial(own, rate), own, rng.binomial(rest, rate), rest)]


def pair_of(y, x, v, u):
    """Sums over customers; each an array of one value."""
    total = lambda *terms: np.array([np.prod(terms, axis=0).sum()])
    return Pair(
        group=RatioSums(y=total(y), x=total(x), yy=total(y, y), yx=total(y, x), xx=total(x, x)),
        rest=RatioSums(y=total(v), x=total(u), yy=total(v, v), yx=total(v, u), xx=total(u, u)),
        yy=total(y, v), yx=total(y, u), xy=total(x, v), xx=total(x, u),
    )  # fmt: skip


def test_the_variance_of_a_difference_of_ratios_is_that_of_what_each_customer_moves():
    y, x, v, u = customers_with_lines(np.random.default_rng(1), 300, 0.3)
    pair = pair_of(y, x, v, u)
    ratio, other = y.sum() / x.sum(), v.sum() / u.sum()
    moves = (y - ratio * x) / x.sum() - (v - other * u) / u.sum()
    assert pair.variance(pair.group.ratio, pair.rest.ratio)[0] == pytest.approx((moves**2).sum(), rel=1e-9)


def test_the_design_effect_of_independent_lines_is_one_and_of_equal_lines_their_number():
    effect = pair_of(*customers_with_lines(np.random.default_rng(2), 20_000, 0.0)).group.design_effect[0]
    assert effect == pytest.approx(1.0, abs=0.05)  # an estimate
    # Everybody has ten lines in the group or elsewhere, and all of them alike: ten lines are worth one.
    has = np.random.default_rng(3).random(20_000) < 0.3
    side = np.arange(20_000) % 2
    ten = [10.0 * has * side, 10.0 * side, 10.0 * has * (1 - side), 10.0 * (1 - side)]
    for sums in (pair_of(*ten).group, pair_of(*ten).rest):
        assert sums.design_effect[0] == pytest.approx(10.0, rel=2e-4)  # n / (n - 1) of ten thousand


def effective_counts(pair):
    """Counts of as many independent lines as those of each side are worth."""
    sides = (pair.group, pair.rest)
    return [np.rint(n / side.design_effect) for side in sides for n in (side.y, side.x)]


def many_groups(rng, n_runs, n_customers, n_group, rate, spread, rate_of_group=None):
    """Groups of some customers, each against the others of a log of its own; lines of a customer go together."""
    pairs = []
    for _ in range(n_runs):
        in_group = np.arange(n_customers) < n_group
        usual = np.where(in_group, rate_of_group or rate, rate)
        own = rng.beta(usual * (1.0 - spread) / spread, (1.0 - usual) * (1.0 - spread) / spread)
        lines = rng.poisson(3.0, n_customers)
        returned = rng.binomial(lines, own)
        terms = {"y": (0,), "x": (1,), "yy": (0, 0), "yx": (0, 1), "xx": (1, 1)}
        sides = [np.stack([returned * side, lines * side]).astype(np.float64) for side in (in_group, ~in_group)]
        pairs.append([[np.prod(side[list(at)], axis=0).sum() for at in terms.values()] for side in sides])
    group, rest = (
        RatioSums(**dict(zip(("y", "x", "yy", "yx", "xx"), np.array(side).T, strict=True)))
        for side in zip(*pairs, strict=True)
    )
    nothing = np.zeros(n_runs)
    return Pair(group=group, rest=rest, yy=nothing, yx=nothing, xy=nothing, xx=nothing)


@pytest.mark.parametrize(("n_group", "rate"), [(20, 0.02), (60, 0.02), (20, 0.1), (60, 0.1)])
def test_the_test_of_effective_lines_keeps_its_level_in_small_groups(n_group, rate):
    p = p_values(*effective_counts(many_groups(np.random.default_rng(9), 400, 600, n_group, rate, 0.1)))
    for level in (0.05, 0.01):
        assert (p <= level).sum() <= stats.binom.ppf(0.999, p.size, level)


def test_a_small_group_that_returns_most_is_found_not_hidden_by_what_it_differs_by():
    p = p_values(*effective_counts(many_groups(np.random.default_rng(10), 100, 600, 20, 0.02, 0.3, 0.6)))
    assert p.max() < 1e-5


def test_the_test_of_ratios_keeps_its_level_where_lines_of_a_customer_go_together():
    rng, n_runs = np.random.default_rng(4), 1_000
    found, of_lines, of_effective_lines = [], [], []
    for _ in range(n_runs):
        y, x, v, u = customers_with_lines(rng, 200, 0.5)
        side = np.arange(200) < 60  # a customer has lines of one kind
        sums = y * side, x * side, v * ~side, u * ~side
        pair, counts = pair_of(*sums), [one.sum() for one in sums]
        found.append(pair.p_values()[0])
        of_lines.append(p_values(*columns(*counts))[0])
        of_effective_lines.append(p_values(*effective_counts(pair))[0])
    for level in (0.05, 0.01):
        most = stats.binom.ppf(0.9999, n_runs, level)
        assert sum(p <= level for p in found) <= most
        assert sum(p <= level for p in of_effective_lines) <= most
        assert sum(p <= level for p in of_lines) > most  # as if lines were independent: too many


def test_an_interval_of_ratios_covers():
    rng, n_runs, hits = np.random.default_rng(5), 500, 0
    for _ in range(n_runs):
        y, x, v, u = customers_with_lines(rng, 80, 0.3)
        low, high = pair_of(y + 0.2 * x, x, v, u).difference_interval(0.9)
        hits += low[0] <= 0.2 <= high[0]
    assert hits >= stats.binom.ppf(1e-4, n_runs, 0.9)


def test_one_customer_is_no_evidence_however_many_lines():
    one = np.array([0.0, 50.0]), np.array([0.0, 50.0]), np.array([0.0, 0.0]), np.array([400.0, 0.0])
    assert pair_of(*one).p_values()[0] == 1.0


def test_shares_that_differ_by_chance_alone_are_shrunk_to_what_is_expected():
    n = np.full(400, 50.0)
    k = np.full(400, 10.0)
    k[:2] = [9.0, 11.0]
    assert shrunk_shares(k, n, np.full(400, 0.2)).tolist() == [0.2] * 400


def test_shrunk_shares_are_nearer_to_the_truth_and_large_values_keep_theirs():
    rng = np.random.default_rng(6)
    truth = rng.beta(8.0, 32.0, 500)
    n = np.where(np.arange(500) < 5, 1e6, rng.integers(1, 60, 500))
    k = rng.binomial(n.astype(np.int64), truth).astype(np.float64)
    shrunk = shrunk_shares(k, n, np.full(500, 0.2))
    assert ((shrunk - truth)[5:] ** 2).mean() < 0.6 * ((k / n - truth)[5:] ** 2).mean()
    assert shrunk[:5] == pytest.approx((k / n)[:5], rel=1e-3)
    posterior = (k + 8.0) / (n + 40.0)
    # The prior is estimated.
    assert shrunk[5:] == pytest.approx(posterior[5:], abs=0.02)


def test_nothing_known_is_nothing_shrunk():
    assert np.isnan(shrunk_shares(np.zeros(3), np.zeros(3), np.full(3, np.nan))).all()
    assert np.isnan(shrunk_means(np.full(3, np.nan), np.full(3, np.nan))).all()
    assert shrunk_shares(*columns(3, 10), np.array([0.3])).tolist() == [0.3]
    assert shrunk_means(*columns(0.4, 0.01)).tolist() == [0.4]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-2.0, 2.0), st.floats(1e-6, 4.0)), min_size=2, max_size=12))
def test_shrunk_means_are_those_of_paule_and_mandel_by_bisection(table):
    means, variances = (np.array(column) for column in zip(*table, strict=True))
    # The root is where a slope may be flat: half the digits.
    assert shrunk_means(means, variances) == pytest.approx(
        paule_mandel(means.tolist(), variances.tolist()), rel=1e-6, abs=1e-7
    )


def test_paule_and_mandel_as_published():
    """Eight experiments on coaching (Rubin 1981, Journal of Educational Statistics 6): no different, maybe."""
    effects, errors = columns(28, 8, -3, 7, -1, 1, 18, 12), columns(15, 10, 16, 11, 9, 11, 10, 18)
    found = shrunk_means(np.concatenate(effects), np.concatenate(errors) ** 2)
    assert found == pytest.approx(np.full(8, 7.6856), abs=1e-4)  # Q is 4.64, below its 7 degrees of freedom


def test_a_value_that_does_not_vary_keeps_its_mean_and_does_not_decide_for_the_others():
    means = np.array([0.1, 0.3, 0.3, 0.3, 0.3])
    variances = np.array([0.0, 0.04, 0.04, 0.04, 0.04])
    found = shrunk_means(means, variances)
    assert found == pytest.approx(paule_mandel(means.tolist(), [1e-18, *variances[1:].tolist()]), rel=1e-9)
    assert shrunk_means(np.array([0.1, 0.1, 0.9]), np.zeros(3)) == pytest.approx([0.1, 0.1, 0.9], rel=1e-9)


def sums_of(*tables):
    """Sums over customers of each table of (y, x)."""
    pairs = [np.array(table, dtype=np.float64).T for table in tables]
    terms = {"y": (0,), "x": (1,), "yy": (0, 0), "yx": (0, 1), "xx": (1, 1)}
    found = {name: np.array([np.prod(pair[list(at)], axis=0).sum() for pair in pairs]) for name, at in terms.items()}
    return RatioSums(**found)


def test_what_a_value_differs_by_is_none_of_its_variance():
    """A hundred customers, four values with margins of 28 to 32 of 100, one with -102 to -98 on as many lines."""
    tables = [[(30 + i % 5 - 2, 100) for i in range(100)] for _ in range(4)] + [
        [(-100 + i % 5 - 2, 100) for i in range(100)]
    ]
    sums = sums_of(*tables)
    assert sums.variance == pytest.approx(np.full(5, 2.0 / 99.0 / 100.0**2), rel=1e-9)
    assert shrunk_means(sums.ratio, sums.variance) == pytest.approx([0.3, 0.3, 0.3, 0.3, -1.0], abs=1e-4)


counts = st.tuples(st.integers(0, 9), st.integers(1, 9)).map(lambda t: (min(t), t[1]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(counts, min_size=2, max_size=9), min_size=2, max_size=6))
def test_variances_and_design_effects_are_those_of_plain_loops(tables):
    sums = sums_of(*tables)
    expected = [ratio_and_variance(table) for table in tables]
    assert sums.variance == pytest.approx([variance for _, variance in expected], rel=1e-9, abs=1e-15)
    chances = [r * (1.0 - r) / sum(x for _, x in table) for (r, _), table in zip(expected, tables, strict=True)]
    own = [v / c for (_, v), c in zip(expected, chances, strict=True) if c > 1e-12]
    found = sums.design_effect[np.array(chances) > 1e-12]
    assert found == pytest.approx([max(one, 1.0) for one in own], rel=1e-9)


def test_a_ratio_of_none_has_the_design_effect_of_the_others():
    ten = [(10, 10)] * 3 + [(0, 10)] * 7
    effects = sums_of(ten, [(0, 10)] * 10).design_effect
    assert effects == pytest.approx([100.0 / 9.0, 100.0 / 9.0], rel=1e-9)
    assert sums_of(ten, [(7, 40)]).design_effect[1] == 40.0  # one customer's lines are worth one


def test_an_interval_of_effective_lines_covers_where_a_group_differs_much():
    rng, n_runs, hits = np.random.default_rng(8), 500, 0
    for _ in range(n_runs):
        own, rest = rng.poisson(2.0, 60) * (np.arange(60) < 30), rng.poisson(6.0, 60)
        rate, usual = rng.beta(1.2, 0.8, 60), rng.beta(0.4, 19.6, 60)
        y, v = rng.binomial(own, rate), rng.binomial(rest, usual)
        pair = pair_of(*(x.astype(np.float64) for x in (y, own, v, rest)))
        k1, n1, k2, n2 = (n / side.design_effect for side in (pair.group, pair.rest) for n in (side.y, side.x))
        low, high = difference_interval(k1, n1, k2, n2, 0.9)
        hits += low[0] <= 0.6 - 0.02 <= high[0]
    assert hits >= stats.binom.ppf(1e-4, n_runs, 0.9)


def test_shrunk_means_are_those_of_a_normal_prior():
    rng = np.random.default_rng(7)
    truth, spread = rng.normal(0.3, 0.1, 2_000), rng.uniform(0.001, 0.04, 2_000)
    seen = truth + rng.normal(0.0, np.sqrt(spread))
    posterior = 0.3 + 0.01 / (0.01 + spread) * (seen - 0.3)
    assert np.abs(shrunk_means(seen, spread) - posterior).max() < 0.05  # the prior is estimated
    assert shrunk_means(seen, np.full(2_000, 1e4)) == pytest.approx(seen.mean(), abs=1e-9)


def test_q_values_are_those_of_statsmodels():
    p = np.random.default_rng(4).beta(0.4, 2.0, 60)
    p[::7] = p[3]
    theirs = multipletests(p, method="fdr_bh")[1]
    assert adjusted(p, np.ones(p.size, dtype=bool)) == pytest.approx(theirs, rel=1e-12)


def test_intervals_of_wilson_are_those_of_statsmodels():
    k, n = np.array([0, 3, 50, 100]), np.array([10, 20, 70, 100])
    low, high = wilson_interval(k, n, 0.99)
    theirs = proportion_confint(k, n, alpha=0.01, method="wilson")
    assert low == pytest.approx(theirs[0], abs=1e-12)
    assert high == pytest.approx(theirs[1], abs=1e-12)
