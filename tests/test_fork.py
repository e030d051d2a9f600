"""Workers forked from a parent that has imported whalecurve, run kernels or used Polars, as servers and queues do."""

import subprocess
import sys

import pytest

from tests.support.logs import N_LINES, write

PARENT = """
import os, signal, sys
from pathlib import Path
import numpy as np
from whalecurve import engine
from whalecurve.engine.runtime import threads
from whalecurve.kernels.likelihoods import bgbb_likelihood, beta_geometric_likelihood

orders = Path(sys.argv[1])

def sums():
    n, rng = 90_000, np.random.default_rng(0)
    x, T = rng.integers(0, 9, n).astype(float), rng.integers(9, 99, n).astype(float)
    t_x = np.where(x > 0, np.ceil(x + (T - x) * rng.random(n)), 0.0)
    discrete = bgbb_likelihood.history_sums(x, t_x, T, np.ones(n), 1.0, 2.0, 3.0, 4.0)
    return [*discrete, *beta_geometric_likelihood.history_sums(x, t_x, T, np.ones(n), 0.4, 20.0, 0.8, 2.5, 0.0)]

def polars():
    import polars as pl
    return pl.LazyFrame({"a": range(10_000)}).group_by(pl.col("a") % 7).agg(pl.len()).collect().height

def score():
    return engine.score(orders, out=orders.parent / f"scores{os.getpid()}", overwrite=True).manifest["rows"]["used"]

def in_child(work):
    "What it returns, or why it is refused, as text. A child that hangs is ended."
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        signal.alarm(600)  # far beyond what a busy machine needs, kernels to be compiled included
        try:
            said = repr(work())
        except engine.InputError as error:
            said = f"error: {error}"
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said
    return said
"""


@pytest.fixture
def in_parent(tmp_path):
    """Runs code after `PARENT` in a process of its own; the code asserts."""

    def run(code):
        orders = write(tmp_path / "orders.parquet")
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PARENT + code, str(orders)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_a_child_of_a_parent_that_imported_or_ran_kernels_does_all_work(in_parent):
    """Threads of the parent's are not in the child, which starts its own, and so do its own children."""
    in_parent(f"""
assert in_child(score) == "{N_LINES}"
expected = repr(sums())
assert in_child(sums) == expected
assert in_child(lambda: in_child(sums)) == repr(expected)
assert in_child(score) == "{N_LINES}"
""")


@pytest.mark.parametrize("use", ["polars", "score"])
def test_a_child_of_a_parent_that_used_polars_is_told_so_and_can_run_kernels(in_parent, use):
    """Polars would wait for ever for threads that the child does not have, whoever used it before."""
    in_parent(f"""
{use}()
said = in_child(score)
assert said.startswith("error: this process was forked from one that had already used Polars"), said
assert "\\n" not in said and "forkserver" in said
expected = in_child(sums)
assert repr(sums()) == expected
assert in_child(lambda: in_child(score)) == repr(said)
assert {use}()
""")
