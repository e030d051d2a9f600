"""The robust mean of all and the credibility of one purchase, beside their definitions in rational numbers."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.errors import InputError, NotIdentifiedError
from whalecurve.engine.models import Fit
from whalecurve.engine.models.spend_models import SPEND_MODELS, spend_model

MEAN = SPEND_MODELS["mean"]
histories = st.lists(
    st.tuples(st.integers(1, 5), st.integers(-40, 400).map(lambda quarters: quarters / 4)), min_size=2, max_size=150
)


def fitted(pairs):
    x, m = (np.array(column) for column in zip(*pairs, strict=True))
    return MEAN.fit(x.astype(np.uint32), m, 0.0)


def winsorised(means):
    """Classical: of n in order, the first n // 20 become the next one, the last n // 20 the one before."""
    ordered, n_cut = sorted(means), len(means) // 20
    low, high = ordered[n_cut], ordered[len(means) - 1 - n_cut]
    return [min(max(m, low), high) for m in means]


def grouped(pairs):
    """Customers by x, those of the next x added until there are 40; what is left at the end goes to the last."""
    groups = [[]]
    for x in sorted({x for x, _ in pairs}):
        if len(groups[-1]) >= 40:
            groups.append([])
        groups[-1] += [pair for pair in pairs if pair[0] == x]
    if len(groups) > 1 and len(groups[-1]) < 40:
        groups[-2] += groups.pop()
    return groups


def by_definition(pairs):
    """Mean and weight, with the normal equations of least squares solved in rational numbers."""
    n = len(pairs)
    mean = sum(map(Fraction, winsorised([m for _, m in pairs]))) / n
    u, squares = [], []
    for group in grouped(pairs):
        clipped = [Fraction(m) for m in winsorised([m for _, m in group])]
        centre = sum(clipped) / len(clipped)
        u += [Fraction(1, x) for x, _ in group]
        squares += [(m - centre) ** 2 * Fraction(len(group), len(group) - 1) for m in clipped]
    su, ss, suu, sus = sum(u), sum(squares), sum(a * a for a in u), sum(a * b for a, b in zip(u, squares, strict=True))
    determinant = n * suu - su * su
    if determinant == 0:
        return mean, Fraction(0)
    within = (n * sus - su * ss) / determinant
    between = (ss - within * su) / n
    if between <= 0:
        return mean, Fraction(0)
    return mean, between / (between + within) if within > 0 else Fraction(1)


@settings(max_examples=200, deadline=None)
@given(histories)
def test_both_parameters_are_those_of_the_definition(pairs):
    mean, weight = by_definition(pairs)
    found = fitted(pairs).params
    assert found["mean"] == pytest.approx(float(mean), rel=1e-12, abs=1e-12)
    if 1e-9 < weight < 1 - 1e-9:  # at either end rounding decides between a weight of none and one of next to nothing
        assert found["weight"] == pytest.approx(float(weight), rel=1e-8)
    else:
        assert found["weight"] == pytest.approx(float(weight), abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_customers_does_not_matter(pairs, random):
    assert fitted(random.sample(pairs, len(pairs))).to_dict() == fitted(pairs).to_dict()


@settings(max_examples=50, deadline=None)
@given(histories, st.integers(-8, 8))
def test_money_in_other_units_shrinks_the_same(pairs, exponent):
    here, there = fitted(pairs), fitted([(x, m * 2.0**exponent) for x, m in pairs])
    assert there.params == {"mean": here.params["mean"] * 2.0**exponent, "weight": here.params["weight"]}


def test_a_few_who_spend_without_measure_do_not_move_the_mean():
    ordinary = [(1 + i % 4, 10.0 + i % 7) for i in range(96)]
    modest = fitted([*ordinary, *[(2, 20.0)] * 4])
    immense = fitted([*ordinary, *[(2, 1e9)] * 4])
    assert immense.params["mean"] == pytest.approx(modest.params["mean"], abs=0.05)
    assert immense.params["mean"] < 14.0


def drawn(rng, n, between, within):
    """Customers whose means are normal around 50, and what they spend normal around these."""
    x = 1 + rng.poisson(1.5, n)
    m = rng.normal(50.0, math.sqrt(between), n) + rng.normal(0.0, 1.0, n) * np.sqrt(within / x)
    return list(zip(x.tolist(), m.tolist(), strict=True))


def test_standard_errors_are_the_spread_of_estimates_over_many_samples():
    rng = np.random.default_rng(8)
    found = [fitted(drawn(rng, 2_000, 100.0, 300.0)) for _ in range(200)]
    for name in MEAN.params:
        estimates = np.array([fit.params[name] for fit in found])
        said = np.mean([fit.standard_errors[name] for fit in found])
        assert said == pytest.approx(estimates.std(), rel=0.2), name  # of 200 samples: 5 % off by chance
    assert np.mean([fit.params["mean"] for fit in found]) == pytest.approx(50.0, abs=0.1)
    assert np.mean([fit.params["weight"] for fit in found]) == pytest.approx(0.25, abs=0.03)


def test_losses_count_as_they_are():
    found = fitted([(1, -30.0), (2, -10.0), (3, 10.0)])
    assert found.params["mean"] == -10.0
    assert (found.n, found.model) == (3, "mean")


def test_equal_numbers_of_purchases_do_not_tell_who_differs():
    found = fitted([(2, 10.0), (2, 30.0), (2, 80.0)])
    assert found.params == {"mean": 40.0, "weight": 0.0}
    assert found.warnings == (
        "repeat customers bought equally often, which does not tell own spend from chance: all get the mean",
    )


@pytest.mark.parametrize(("pairs", "words"), [([], "0 repeat customers"), ([(3, 9.0)], "1 repeat customer;")])
def test_fewer_than_two_repeat_customers_tell_nothing(pairs, words):
    x, m = np.array([x for x, _ in pairs], dtype=np.uint32), np.array([m for _, m in pairs], dtype=np.float64)
    with pytest.raises(NotIdentifiedError, match=words):
        MEAN.fit(x, m, 0.0)


def test_a_fit_by_moments_is_saved_without_a_likelihood():
    found = fitted([(1, 10.0), (2, 30.0), (4, 80.0)])
    saved = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert saved["log_likelihood"] is saved["aic"] is saved["bic"] is None
    again = Fit.from_dict(saved)
    assert again.to_dict() == found.to_dict()
    assert math.isnan(again.aic)


def test_a_spend_model_is_found_by_both_of_its_names():
    assert spend_model("gamma-gamma") is spend_model("gamma_gamma") is SPEND_MODELS["gamma-gamma"]
    with pytest.raises(InputError, match='`spend` "median" is unknown; choose one of gamma-gamma, credibility, mean'):
        spend_model("median")


@pytest.mark.parametrize("params", [{"mean": 1.0}, {"mean": math.nan, "weight": 0.5}, {"mean": 1.0, "weight": 1.5}])
def test_parameters_that_are_not_the_models_are_refused(params):
    broken = Fit.from_dict(fitted([(1, 10.0), (2, 30.0)]).to_dict() | {"params": params})
    with pytest.raises(InputError, match=r"mean has the parameters .*, expected mean, weight"):
        MEAN.check(broken)
