"""Days until the next purchase by the models, against a search day by day."""

import numpy as np
import pytest

from whalecurve.engine.forecasts.next_purchase import waits_if_active
from whalecurve.engine.models import MODELS, Fit

DAYS = np.arange(1.0, 3653.0)
PARAMS = {
    "bgnbd": (0.8, 20.0, 0.9, 3.0),
    "mbgnbd": (0.6, 12.0, 0.5, 2.0),
    "pnbd": (0.7, 15.0, 0.6, 30.0),
}
rng = np.random.default_rng(3)
X = np.append(rng.integers(0, 12, 60), [0, 4, 3, 40]).astype(np.float64)
T = np.append(rng.integers(0, 700, 60), [5_000, 3, 3, 10]).astype(np.float64)


def fit_of(model, params=None):
    params = PARAMS[model] if params is None else params
    named = dict(zip(MODELS[model].params, params, strict=True))
    return Fit(
        model=model, params=named, standard_errors=None, covariance=None, log_likelihood=0.0, aic=0.0, bic=0.0, n=1,
        converged=True, gradient_norm=0.0, iterations=1, unit="day",
    )  # fmt: skip


def first_of(is_over):
    """The first of `DAYS` on which it is over; 0 where there is none."""
    return int(DAYS[np.argmax(is_over)]) if is_over.any() else 0


@pytest.mark.parametrize("model", PARAMS)
def test_days_are_the_first_by_which_a_half_a_quarter_and_three_quarters_have_bought(model):
    found = waits_if_active(X, T, T, fit_of(model), PARAMS[model], 1.0)
    for x, age, days in zip(X, T, found.tolist(), strict=True):
        left = MODELS[model].no_purchase_if_alive(DAYS, x, age, *PARAMS[model])
        half, quarter, three_quarters = (first_of(left <= share) for share in (0.5, 0.75, 0.25))
        assert days == ([half, quarter, three_quarters] if x > 3 and half else [half, 0, 0])
    assert (found[:, 0] == 0).any()
    assert (found[:, 1] > 0).any()


def test_of_the_bg_nbd_the_median_has_a_closed_form():
    r, alpha, _, _ = PARAMS["bgnbd"]
    found = waits_if_active(X, T, T, fit_of("bgnbd"), PARAMS["bgnbd"], 1.0)[:, 0]
    expected = np.ceil((alpha + T) * (2.0 ** (1.0 / (r + X)) - 1.0))
    assert found.tolist() == np.where(expected <= 3652, expected, 0).tolist()


def test_whoever_is_likely_to_leave_first_has_no_day():
    """A Pareto/NBD customer who is active but as likely to leave as to buy, ten times over, never comes to a half."""
    params = (1.0, 100.0, 5.0, 5.0)
    assert waits_if_active(
        np.array([5.0]), np.array([0.0]), np.array([0.0]), fit_of("pnbd", params), params, 1.0
    ).tolist() == [[0] * 3]


def test_the_unit_of_time_changes_no_day():
    r, alpha, a, b = PARAMS["bgnbd"]
    weeks = waits_if_active(X, T / 7.0, T / 7.0, fit_of("bgnbd"), (r, alpha / 7.0, a, b), 7.0)
    assert weeks.tolist() == waits_if_active(X, T, T, fit_of("bgnbd"), PARAMS["bgnbd"], 1.0).tolist()


def test_customers_may_have_parameters_of_their_own():
    r, alpha, a, b = PARAMS["mbgnbd"]
    own = np.linspace(5.0, 50.0, X.size)
    found = waits_if_active(X, T, T, fit_of("mbgnbd"), (r, own, a, b), 1.0)
    for i in (0, 30, 61):
        alone = waits_if_active(
            X[i : i + 1], T[i : i + 1], T[i : i + 1], fit_of("mbgnbd"), (r, float(own[i]), a, b), 1.0
        )
        assert found[i].tolist() == alone[0].tolist()
    assert found.tolist() != waits_if_active(X, T, T, fit_of("mbgnbd"), (r, alpha, a, b), 1.0).tolist()


def test_nobody_has_no_days():
    nobody = np.empty(0)
    assert waits_if_active(nobody, nobody, nobody, fit_of("bgnbd"), PARAMS["bgnbd"], 1.0).shape == (0, 3)
