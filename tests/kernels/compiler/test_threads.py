"""Work in parts: each row once, the same bits for any number of threads, errors as they are."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from whalecurve.kernels.compiler import threads
from whalecurve.kernels.compiler.threads import in_parts, summed_blocks
from whalecurve.kernels.likelihoods import (
    beta_geometric_likelihood,
    bgbb_likelihood,
    gamma_gamma_likelihood,
    pnbd_likelihood,
)


def sums_of(n_rows):
    """Every sum over customers that a fit needs, over random histories."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, n_rows).astype(float)
    T = rng.integers(9, 400, n_rows).astype(float)
    t_x = np.where(x > 0, np.ceil(x + (T - x) * rng.random(n_rows)), 0.0)
    counts, m = rng.integers(1, 5, n_rows).astype(float), rng.lognormal(3.0, 1.0, n_rows)
    return [
        *beta_geometric_likelihood.history_sums(x, t_x, T, counts, 0.4, 20.0, 0.8, 2.5, 0.0),
        *pnbd_likelihood.history_sums(x, t_x, T, counts, 0.5, 20.0, 0.6, 40.0),
        *bgbb_likelihood.history_sums(x, t_x, T, counts, 1.2, 0.8, 0.7, 2.8),
        *gamma_gamma_likelihood.spend_sums(x, m, counts, 15.0),
    ]


@pytest.mark.parametrize("n_rows", [100, 20 * threads.BLOCK + 7])
def test_threads_and_blocks_change_no_bit(n_rows, monkeypatch):
    usual = sums_of(n_rows)
    assert np.isfinite(usual).all()
    for n in (1, 2, 3, 7):
        monkeypatch.setattr(threads, "threads", lambda n=n: n)
        assert sums_of(n_rows) == usual


@pytest.mark.parametrize("n", [0, 1, 8, 9, 64, 1000])
@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_every_part_is_done_once(n, n_threads, monkeypatch):
    monkeypatch.setattr(threads, "threads", lambda: n_threads)
    done = np.zeros(n, np.int64)

    def work(first, end):
        done[first:end] += 1

    in_parts(work, n)
    assert (done == 1).all()


def test_little_work_stays_in_the_thread_that_asks(monkeypatch):
    monkeypatch.setattr(threads, "threads", lambda: 4)
    seen = []
    in_parts(lambda first, end: seen.append((threading.current_thread(), first, end)), threads.FEW_BLOCKS)
    assert seen == [(threading.current_thread(), 0, threads.FEW_BLOCKS)]
    in_parts(lambda first, end: seen.append((threading.current_thread(), first, end)), 100, few=100)
    assert seen[1:] == [(threading.current_thread(), 0, 100)]


@pytest.mark.parametrize("failing", [0, 50])
def test_an_error_in_a_part_comes_out(failing, monkeypatch):
    monkeypatch.setattr(threads, "threads", lambda: 2)

    def fails(first, _):
        if first == failing:
            raise ZeroDivisionError(first)

    with pytest.raises(ZeroDivisionError, match=str(failing)):
        in_parts(fails, 100)


@pytest.mark.parametrize(("told", "expected"), [("1", 1), ("100000", None), ("", None), ("many", None), ("0", None)])
def test_the_number_of_threads_is_that_of_the_environment_or_of_the_cpus(told, expected, monkeypatch):
    monkeypatch.setenv("NUMBA_NUM_THREADS", told)
    assert threads.threads() == (expected or threads.cpus())
    assert 1 <= threads.threads() <= (os.cpu_count() or 1)


def test_several_callers_may_ask_at_once():
    rows = np.ones((90, 3))
    total = []

    def add(into, first):
        into += rows[first : first + into.shape[0]]

    callers = [
        threading.Thread(target=lambda: total.append(summed_blocks(add, 90 * threads.BLOCK, 3).tolist()))
        for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert total == [[90.0, 90.0, 90.0]] * 8


def test_threads_that_a_program_did_not_wait_for_and_what_it_does_at_exit_are_served():
    """The interpreter takes no more work for pools once the program's own code has run."""
    code = """
import atexit, threading
import numpy as np
from whalecurve.kernels.compiler import threads
threads.threads = lambda: 3
def sums():
    done = np.zeros(90, np.int64)
    def work(first, end):
        done[first:end] += 1
    threads.in_parts(work, 90)
    print(set(done.tolist()))
def late():
    threading.main_thread().join()
    sums()
sums()
threading.Thread(target=late).start()
atexit.register(sums)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{1}\n" * 3, "")


def test_an_error_of_the_pool_that_is_no_end_comes_out(monkeypatch):
    class Broken:
        def submit(self, *_):
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "threads", lambda: 2)
    monkeypatch.setattr(threads, "_pool", lambda _: Broken())
    with pytest.raises(RuntimeError, match="can't start"):
        in_parts(lambda *_: None, 100)
