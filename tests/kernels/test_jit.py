"""The compile policy: what is refused, and that the serial and the parallel forms agree to the bit."""

import os
import subprocess
import sys

import numpy as np
import pytest

from whalecurve.kernels import beta_geometric_fit, bgnbd, gamma_gamma_fit, jit, pnbd_fit


def test_a_compiled_function_is_not_made_a_ufunc_itself():
    with pytest.raises(TypeError, match="wrap it"):
        jit.broadcast(bgnbd.p_alive_one)


@pytest.mark.parametrize("n_rows", [100, 20 * beta_geometric_fit.BLOCK + 7])
def test_threads_and_blocks_change_no_bit(n_rows, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, n_rows).astype(float)
    T = rng.integers(1, 400, n_rows).astype(float)
    t_x = np.where(x > 0, np.ceil(T * rng.random(n_rows)), 0.0)
    counts, m = rng.integers(1, 5, n_rows).astype(float), rng.lognormal(3.0, 1.0, n_rows)
    work = [
        lambda: beta_geometric_fit.history_sums(x, t_x, T, counts, 0.4, 20.0, 0.8, 2.5, 0.0),
        lambda: pnbd_fit.history_sums(x, t_x, T, counts, 0.5, 20.0, 0.6, 40.0),
        lambda: gamma_gamma_fit.spend_sums(x, m, counts, 15.0),
    ]
    for sums in work:
        monkeypatch.setattr(jit, "FEW_BLOCKS", 10**9)
        serial = sums()
        monkeypatch.setattr(jit, "FEW_BLOCKS", 0)
        assert np.array_equal(serial, sums())


def test_kernels_import_where_no_cache_can_be_written(tmp_path):
    """A read-only install without a home directory: compiled in memory, every time."""
    code = """
import numba.core.caching as caching
caching.CacheImpl._locator_classes = []
from whalecurve.kernels import bgnbd, jit
print(jit.CACHE, bgnbd.p_alive_one(0.0, 0.0, 3.0, 1.0, 1.0, 1.0, 1.0))
"""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False 1.0"
