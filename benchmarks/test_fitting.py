"""BG/NBD and Gamma-Gamma fits: whalecurve and lifetimes, from the same histories to the same optimum."""

import pytest

from benchmarks import data, rivals
from whalecurve import engine
from whalecurve.kernels import bgnbd

SIZES = {"1e+05": 100_000, "1e+06": 1_000_000}


def fit(histories):
    return engine.fit_histories("bgnbd", histories["x"], histories["t_x"], histories["T"])


def fit_spend(histories):
    return engine.fit_spend(histories["x"], histories["m"])


PURCHASES = {"whalecurve": fit, "lifetimes": rivals.fit}
SPEND = {"whalecurve": fit_spend, "lifetimes": rivals.fit_spend}


def test_both_reach_one_optimum_and_ours_is_no_lower():
    histories = data.histories(100_000)
    ours, theirs = fit(histories), rivals.fit(histories)
    params = [theirs.params_[name] for name in ("r", "alpha", "a", "b")]
    assert list(ours.params.values()) == pytest.approx(params, rel=1e-3)
    x, t_x, T = (histories[name].to_numpy() for name in ("x", "t_x", "T"))
    assert ours.log_likelihood >= bgnbd.log_likelihood(x, t_x, T, *params).sum() - 1e-6
    spend, other = fit_spend(histories), rivals.fit_spend(histories)
    assert list(spend.params.values()) == pytest.approx([other.params_[name] for name in "pqv"], rel=1e-3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PURCHASES)
def test_bgnbd_fit(timed, name, size):
    histories = data.histories(SIZES[size])
    rounds = 5 if name == "whalecurve" else 1
    timed(f"BG/NBD fit | {size} customers", name, lambda: PURCHASES[name](histories), rounds=rounds)


@pytest.mark.parametrize("name", SPEND)
def test_gamma_gamma_fit(timed, name):
    histories = data.histories(100_000)
    timed("Gamma-Gamma fit | 1e+05 customers", name, lambda: SPEND[name](histories), rounds=3)
