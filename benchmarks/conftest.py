"""Shared set-up: the cache of compiled kernels, data made once, the contestants' versions."""

import hashlib
import os
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[1] / "kernels"
# numba notices a change in the file of a function but not in the files it calls.
KEY = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(KERNELS.rglob("*.py")))).hexdigest()[:16]
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"whalecurve-numba-{KEY}"))

LIBRARIES = ("whalecurve", "polars", "numba", "numpy", "lifetimes", "pandas", "duckdb")


def pytest_benchmark_update_json(output_json):
    """Let the results say whose they are."""
    output_json["versions"] = {library: version(library) for library in LIBRARIES}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where simulated logs are kept for the session."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def timed(benchmark):
    """Time a function in its group, by the clock and on all cores, after one call that compiles and warms."""

    def run(group, name, function, rounds=5, *, warm=True):
        spent = []

        def counted():
            began = time.process_time()
            result = function()
            spent.append(time.process_time() - began)
            return result

        benchmark.group = group
        result = benchmark.pedantic(counted, rounds=rounds, warmup_rounds=int(warm))
        benchmark.extra_info.update(contestant=name, cpu_seconds=statistics.median(spent[-rounds:]))
        return result

    return run
