"""The compile policy: what is refused, and that the serial and the parallel forms agree to the bit."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numba import get_num_threads

from whalecurve.kernels import bgnbd
from whalecurve.kernels.compiler import jit
from whalecurve.kernels.fits import beta_geometric_fit, bgbb_fit, gamma_gamma_fit, pnbd_fit


@pytest.fixture(autouse=True)
def _usual_policy(monkeypatch):
    """What a test sets is set back."""
    for name in ("FEW_BLOCKS", "pool_is_lost", "_most_threads"):
        monkeypatch.setattr(jit, name, getattr(jit, name))


def sums_of(n_rows):
    """Every sum over customers that a fit needs, over random histories."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, n_rows).astype(float)
    T = rng.integers(9, 400, n_rows).astype(float)
    t_x = np.where(x > 0, np.ceil(x + (T - x) * rng.random(n_rows)), 0.0)
    counts, m = rng.integers(1, 5, n_rows).astype(float), rng.lognormal(3.0, 1.0, n_rows)
    return [
        *beta_geometric_fit.history_sums(x, t_x, T, counts, 0.4, 20.0, 0.8, 2.5, 0.0),
        *pnbd_fit.history_sums(x, t_x, T, counts, 0.5, 20.0, 0.6, 40.0),
        *bgbb_fit.history_sums(x, t_x, T, counts, 1.2, 0.8, 0.7, 2.8),
        *gamma_gamma_fit.spend_sums(x, m, counts, 15.0),
    ]


def test_a_compiled_function_is_not_made_a_ufunc_itself():
    with pytest.raises(TypeError, match="wrap it"):
        jit.broadcast(bgnbd.p_alive_one)


@pytest.mark.parametrize("n_rows", [100, 20 * beta_geometric_fit.BLOCK + 7])
def test_threads_and_blocks_change_no_bit(n_rows):
    usual = sums_of(n_rows)
    assert np.isfinite(usual).all()
    jit.FEW_BLOCKS = 10**9
    assert sums_of(n_rows) == usual
    jit.FEW_BLOCKS = 0
    assert sums_of(n_rows) == usual
    jit.limit_threads(1)
    assert sums_of(n_rows) == usual


def test_where_a_fork_lost_the_threads_the_serial_forms_give_the_same_bits():
    jit.FEW_BLOCKS = 0
    parallel = sums_of(9_000)
    jit.pool_is_lost = True
    assert sums_of(9_000) == parallel


def test_a_limit_on_threads_holds_inside_and_leaves_the_callers_number():
    usual, seen = get_num_threads(), []
    jit.limit_threads(1)
    with jit._few_threads():
        seen.append(get_num_threads())
    assert (seen, get_num_threads()) == ([1], usual)
    jit.limit_threads(usual + 5)
    with jit._few_threads():
        assert get_num_threads() == usual


def test_every_form_is_taken_in_turn_and_then_the_usual_policy_again():
    usual = jit.FEW_BLOCKS, jit.pool_is_lost
    chosen = [(form, jit.in_blocks("one by one", "at once", 5)) for form in jit.every_form()]
    assert chosen == [("serial", "one by one"), ("parallel", "at once")]
    assert (jit.FEW_BLOCKS, jit.pool_is_lost) == usual
    jit.pool_is_lost = True
    assert list(jit.every_form()) == ["serial"]


def test_two_threads_may_fit_at_once_where_there_is_no_openmp_library():
    """Numba then falls back to a pool that ends the process when two threads call it at the same time."""
    code = """
import threading, numpy as np
from numba import threading_layer
from whalecurve.kernels.compiler import jit
from whalecurve.kernels.fits import beta_geometric_fit
jit.FEW_BLOCKS = 0
x, T = np.ones(300_000), np.full(300_000, 9.0)
def fit():
    for _ in range(3):
        beta_geometric_fit.history_sums(x, x, T, x, 0.4, 20.0, 0.8, 2.5, 0.0)
threads = [threading.Thread(target=fit) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(threading_layer())
"""
    environment = os.environ | {"NUMBA_THREADING_LAYER": "workqueue"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "workqueue"), done.stderr
