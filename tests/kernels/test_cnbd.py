"""(M)BG/CNBD-k: against integrals of its definition and fifty digits, against simulation, and against k = 1."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from tests.oracle import cnbd as definition
from tests.support.numbers import TAME, WILD, without_flags
from whalecurve.kernels import bgcnbd, bgnbd, cnbd, mbgcnbd, mbgnbd

POINTS = Path(__file__).parents[1] / "reference" / "cnbd_points.csv"
WEEKLY = (3.0, 1.1, 2.4, 0.7, 3.2)
HISTORY = (2.0, 30.43, 38.86)
FUNCTIONS = {
    "log_likelihood": (*HISTORY, 1.7),
    "p_alive": HISTORY,
    "expected_purchases": (26.0,),
    "expected_if_alive": (26.0, *HISTORY),
    "conditional_expected_purchases": (26.0, *HISTORY),
    "pmf": (2.0, 26.0),
    "p_no_purchase": (26.0, *HISTORY),
    "p_no_purchase_if_alive": (26.0, *HISTORY),
}
"""By name: arguments before the parameters."""


def points():
    with POINTS.open(newline="") as file:
        for row in csv.DictReader(file):
            yield row["function"], tuple(map(float, row["arguments"].split())), float(row["value"])


def test_agrees_with_the_definition_and_with_fifty_digits():
    rows = list(points())
    assert len(rows) > 150
    assert {row[0] for row in rows} == {*FUNCTIONS} - {"conditional_expected_purchases", "p_no_purchase_if_alive"}
    for function, arguments, value in rows:
        assert getattr(cnbd, function)(*arguments) == pytest.approx(value, rel=2e-13), (function, arguments)


def test_the_stored_points_are_what_the_oracle_gives():
    stored = {(function, arguments): value for function, arguments, value in points()}
    for arguments in ((13.0, 2.0, 30.43, 38.86, *WEEKLY, 1.0), (1e-3, 9.0, 37.7, 38.0, *WEEKLY, 0.0)):
        value = stored["expected_if_alive", arguments]
        whole = (arguments[0], int(arguments[1]), *arguments[2:-1], int(arguments[-1]))
        assert float(definition.expected_by_series(*whole)) == pytest.approx(value, rel=1e-16)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_stage_is_the_model_without_stages_to_the_last_digit(function):
    params = (0.525, 6.183, 0.891, 1.614)
    for module, plain in ((bgcnbd, bgnbd), (mbgcnbd, mbgnbd)):
        with_gaps, arguments = FUNCTIONS[function], FUNCTIONS[function]
        if function == "log_likelihood":
            arguments = with_gaps[:-1]
        if function.endswith("if_alive"):
            arguments = (with_gaps[0], with_gaps[1], with_gaps[3])  # t, x, T
        expected = getattr(plain, function)(*arguments, *params)
        assert getattr(module, function)(*with_gaps, 1.0, *params) == expected


def test_the_conditional_expectation_is_that_of_the_living_times_p_alive():
    alive, ahead = mbgcnbd.p_alive(*HISTORY, *WEEKLY), mbgcnbd.expected_if_alive(26.0, *HISTORY, *WEEKLY)
    assert mbgcnbd.conditional_expected_purchases(26.0, *HISTORY, *WEEKLY) == alive * ahead
    quiet = mbgcnbd.p_no_purchase_if_alive(26.0, *HISTORY, *WEEKLY)
    assert mbgcnbd.p_no_purchase(26.0, *HISTORY, *WEEKLY) == pytest.approx(1.0 - alive * (1.0 - quiet), rel=1e-14)


@pytest.mark.parametrize("module", [bgcnbd, mbgcnbd])
@pytest.mark.parametrize("params", [WEEKLY, (7.0, 0.4, 1.5, 1.0, 0.6)])
def test_probabilities_add_up_and_their_mean_is_the_expectation(module, params):
    n = np.arange(400.0)
    shares = module.pmf(n, 13.0, *params)
    assert shares.sum() == pytest.approx(1.0, rel=1e-12)
    assert (n * shares).sum() == pytest.approx(module.expected_purchases(13.0, *params), rel=1e-10)


def test_sums_by_stages_and_by_integrals_agree_where_both_serve():
    from whalecurve.kernels.functions import erlang_stages

    for k, r, a, b in ((2.0, 0.4, 0.8, 1.5), (5.0, 2.5, 1.0, 30.0), (12.0, 60.0, 3.0, 0.2)):
        for y in (40.0, 900.0):
            by_steps = erlang_stages._mean_by_steps(k, r, 0.0, y, a, b)
            assert erlang_stages._mean_by_panels(k, r, 0.0, y, a, b) == pytest.approx(by_steps, rel=1e-12)


def test_expectations_have_no_end_of_numbers():
    """Far ahead, or after very many purchases, results are finite, and no greater than without dropout."""
    t = 10.0 ** np.arange(-6, 16)
    means = mbgcnbd.expected_purchases(t, *WEEKLY)
    assert np.isfinite(means).all()
    assert (np.diff(means) > 0.0).all()
    assert (means <= 1.1 / 2.4 / 3.0 * t + 1.0).all()
    busy = bgcnbd.conditional_expected_purchases(52.0, 5000.0, 38.0, 39.0, *WEEKLY)
    assert 0.0 < busy < 52.0 * 5000.0


def test_customers_drawn_from_the_model_buy_as_expected():
    """2 k years of customers of MBG/CNBD-3, event by event: what they did after T, by what was known at T."""
    k, r, alpha, a, b = 3, 2.0, 1.5, 0.6, 4.0
    rng, n, T, t = np.random.default_rng(7), 100_000, 20.0, 13.0
    rate, dropout = rng.gamma(r, 1.0 / alpha, n), rng.beta(a, b, n)
    x, t_x, later, now = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    active = rng.random(n) >= dropout
    alive = active.copy()
    while active.any():
        now[active] += rng.gamma(k, 1.0, int(active.sum())) / rate[active]
        past, ahead = active & (now <= T), active & (now > T) & (now <= T + t)
        x[past] += 1
        t_x[past] = now[past]
        later[ahead] += 1
        active &= now <= T + t
        active &= rng.random(n) >= dropout
        alive[past] = active[past]
    params = (k, r, alpha, a, b)
    expected = mbgcnbd.conditional_expected_purchases(t, x, t_x, T, *params)
    p_alive, quiet = mbgcnbd.p_alive(x, t_x, T, *params), mbgcnbd.p_no_purchase(t, x, t_x, T, *params)
    silence = (T - t_x) * (x + 1.0) / T
    for some in (x == 0, (x > 0) & (silence < 1.0), (x > 0) & (silence >= 1.0), (x > 5) & (silence < 1.0)):
        size = math.sqrt(some.sum())
        assert abs((later - expected)[some].mean()) < 4.0 * (later - expected)[some].std() / size
        assert abs((alive - p_alive)[some].mean()) < 4.0 * 0.5 / size
        assert abs(((later == 0) - quiet)[some].mean()) < 4.0 * 0.5 / size
    assert later.sum() == pytest.approx(expected.sum(), rel=0.01)


def test_who_buys_by_the_clock_is_missed_at_once():
    """Ten purchases a week apart, then silence: the more stages, the sooner P(alive) falls; each as a number."""
    beats = np.array([0.0, 1.0, 2.0, 3.0])
    told = {k: mbgcnbd.p_alive(10.0, 10.0, 10.0 + beats, float(k), 3.0, 3.0 / k, 0.8, 6.0) for k in (1, 3, 12)}
    assert told[12].round(3).tolist() == [0.952, 0.903, 0.086, 0.0]
    assert (told[3][2:] < told[1][2:]).all()
    assert (told[12][2:] < told[3][2:]).all()


def test_who_is_late_but_alive_is_expected_the_sooner():
    just, due = (
        mbgcnbd.expected_if_alive(0.2, 10.0, 10.0, 10.0 + wait, 12.0, 6.0, 0.5, 0.8, 6.0) for wait in (0.0, 0.9)
    )
    assert due > 20.0 * just


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_cannot_be_is_nan(function):
    ufunc, given = getattr(cnbd, function), FUNCTIONS[function]
    tosses = () if function == "p_no_purchase_if_alive" else (1.0,)
    assert np.isfinite(ufunc(*given, *WEEKLY, *tosses))
    for k in (0.0, 1.5, 13.0, -1.0, math.nan):
        assert math.isnan(ufunc(*given, k, *WEEKLY[1:], *tosses))
    for i in range(1, 5):
        wrong = [*WEEKLY]
        wrong[i] = -1.0
        assert math.isnan(ufunc(*given, *wrong, *tosses))
    for i in range(len(given)):
        wrong = [*given]
        wrong[i] = math.nan
        assert math.isnan(ufunc(*wrong, *WEEKLY, *tosses))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_argument_sets_a_flag(function):
    ufunc = getattr(cnbd, function)
    found = without_flags(ufunc, TAME)
    assert found.shape == (4000,)
    assert np.isnan(without_flags(ufunc, WILD)).mean() > 0.5


def test_arrays_broadcast():
    x = np.array([0.0, 1.0, 2.0, math.nan])
    t_x = np.where(x > 0.0, 1.0, 0.0)
    found = mbgcnbd.conditional_expected_purchases(np.ones((3, 1)), x, t_x, 9.0, *WEEKLY)
    assert found.shape == (3, 4)
    assert np.isnan(found[:, 3]).all()
    assert np.isfinite(found[:, :3]).all()
