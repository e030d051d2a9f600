"""Who waits for kernels to be compiled is told, once, and only on a first run."""

import subprocess
import sys

import numpy as np
import pytest

from tests.support.logs import write
from whalecurve.engine.runtime import compiling
from whalecurve.kernels.compiler import cache, machine_code
from whalecurve.kernels.compiler.jit import scalar


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A cache that holds nothing."""
    monkeypatch.setattr(cache, "PLACE", tmp_path)
    monkeypatch.setattr(machine_code, "PLACE", tmp_path)
    return tmp_path


def fresh_kernel():
    """One that was never compiled: its name is that of a function made here."""

    @scalar
    def doubled(values):
        return values * 2.0

    return doubled


def test_the_first_kernel_of_a_first_run_is_announced_and_all_are_counted(empty):
    said, kernel = [], fresh_kernel()
    with compiling(lambda: said.append("first")) as compiled:
        assert compiled.n == 0
        kernel(np.ones(2))
        kernel(np.ones(2))
        kernel(np.ones((2, 2)))
    assert said == ["first"]
    assert compiled.n == 2
    assert compiled.seconds > 0.0
    kernel(np.ones(2)[::-1])
    assert compiled.n == 2


def test_where_kernels_are_there_from_earlier_nothing_is_said(empty):
    (empty / "bgnbd.pmf-1.kernel").touch()
    said = []
    with compiling(lambda: said.append("first")) as compiled:
        fresh_kernel()(np.ones(2))
    assert (said, compiled.n) == ([], 0)


@pytest.mark.slow
@pytest.mark.skipif(not machine_code.is_usable(), reason="kernels are not kept here")
def test_a_first_command_says_that_it_compiles_and_the_next_is_silent(tmp_path):
    orders = write(tmp_path / "orders.parquet")
    command = [sys.executable, "-m", "whalecurve.cli", "concentration", str(orders)]
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    first, second = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(2)
    )
    lines = first.stderr.splitlines()
    assert lines[0].startswith("compiling kernels for this machine, once; ")
    assert lines[-1].startswith("compiled ") and lines[-1].endswith(" s; later runs start at once")  # noqa: PT018
    assert second.stderr == ""
    assert first.stdout == second.stdout
