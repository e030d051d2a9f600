"""What `--jobs` does to every pool of threads, measured in processes of their own."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.logs import write
from whalecurve.cli import console

MEASURE = """
import contextlib, json, sys, time
from whalecurve.cli.console import limit_threads
limit_threads(json.loads(sys.argv[1]))

from whalecurve import engine
import numpy as np, polars as pl, pyarrow as pa, scipy.linalg
from whalecurve.kernels.compiler import threads
from whalecurve.kernels.likelihoods import beta_geometric_likelihood as beta_geometric_likelihood
from pathlib import Path

def ours():
    "Threads of Python, OpenBLAS and OpenMP, which carry the process's name; Polars names its own."
    return min(listed() for _ in range(50))  # a thread that has ended may be listed for a moment, those of a pool stay

def listed():
    comm, n = Path("/proc/self/comm").read_text(), 0
    for thread in Path("/proc/self/task").glob("*/comm"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            n += thread.read_text() == comm
    time.sleep(0.01)
    return n

np.ones((500, 500)) @ np.ones((500, 500))
scipy.linalg.inv(np.eye(300))
idle = ours()
n = 200_000
x, T = np.ones(n), np.full(n, 9.0)
began, cpu = time.perf_counter(), time.process_time()
while time.perf_counter() - began < 0.3:
    beta_geometric_likelihood.history_sums(x, x, T, x, 0.4, 20.0, 0.8, 2.5, 0.0)
busy = (time.process_time() - cpu) / (time.perf_counter() - began)
engine.check_orders(sys.argv[2])
print(json.dumps({
    "polars": pl.thread_pool_size(), "kernels": threads.threads(), "arrow": pa.cpu_count(),
    "arrow_io": pa.io_thread_count(), "idle": idle, "after": ours(), "busy": busy,
}))
"""


def measured(jobs, folder, **environment):
    command = [sys.executable, "-c", MEASURE, json.dumps(jobs), str(write(folder / "orders.parquet"))]
    inherited = {name: value for name, value in os.environ.items() if name not in console.POOLS}
    done = subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_one_job_is_one_thread_in_every_library(tmp_path):
    found = measured(1, tmp_path)
    assert {name: found[name] for name in ("polars", "kernels", "arrow", "arrow_io", "idle", "after")} == {
        "polars": 1, "kernels": 1, "arrow": 1, "arrow_io": 1, "idle": 1, "after": 1,
    }  # fmt: skip
    assert found["busy"] < 1.1


def test_jobs_win_over_the_environment_and_never_exceed_the_cpus(tmp_path):
    n = len(os.sched_getaffinity(0))
    found = measured(n + 5, tmp_path, POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1")
    assert [found[name] for name in ("polars", "kernels", "arrow", "arrow_io")] == [n] * 4
    assert found["after"] - 1 <= 3 * (n - 1)  # OpenBLAS of NumPy, OpenBLAS of SciPy, kernels


def test_without_jobs_the_environment_decides(tmp_path):
    found = measured(None, tmp_path, POLARS_MAX_THREADS="1")
    assert (found["polars"], found["kernels"]) == (1, len(os.sched_getaffinity(0)))


def test_a_process_that_has_imported_the_libraries_keeps_what_it_has(monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    before = dict(os.environ)
    pytest.importorskip("polars")
    console.limit_threads(1)
    assert before == os.environ
