"""A warmed-up cache serves every later run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import printed, refusal
from whalecurve.engine.warmup import Warmup
from whalecurve.kernels.compiler import cache


def whalecurve(folder, *args):
    """Run a command in a process of its own, its kernels cached below a directory. What it prints."""
    command = [sys.executable, "-m", "whalecurve.cli", *map(str, args)]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def cached(folder):
    return {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*.*") if path.suffix in (".kernel", ".nbc")}


@pytest.mark.slow
def test_after_a_warmup_no_run_compiles_anything(tmp_path):
    """From an empty cache, so that a kernel the warm-up forgets is noticed."""
    folder = tmp_path / "cache"
    first = json.loads(whalecurve(folder, "warmup", "--format", "json"))
    before = cached(folder)
    assert first["present"] == 0
    assert first["compiled"] == sum(path.suffix == ".kernel" for path in before) > 80
    assert {Path(first["directory"])} == {path.parent for path in before}
    shop, customers = tmp_path / "shop", "14000"  # more lines than one partition of the store holds
    whalecurve(folder, "demo", "--out", tmp_path / "demo")
    whalecurve(folder, "simulate", "--out", shop, "--customers", customers, "--ids", "string", "--model", "pnbd")
    whalecurve(folder, "score", shop / "orders", "--out", tmp_path / "a", "--unit", "week", "--model", "auto")
    whalecurve(folder, "score", shop / "orders", "--out", tmp_path / "b", "--period", "week", "--model", "bgbb")
    assert cached(folder) == before
    assert whalecurve(folder, "warmup").startswith(f"all {first['compiled']} kernels were there already, in ")


@pytest.mark.parametrize(
    ("n_compiled", "n_present", "said"),
    [
        (1, 0, "1 kernel compiled in 61 s, 0 there before, in /cache\n"),
        (2, 1_200, "2 kernels compiled in 61 s, 1,200 there before, in /cache\n"),
        (0, 150, "all 150 kernels were there already, in /cache\n"),
    ],
)
def test_what_was_done_is_said_in_a_line(monkeypatch, n_compiled, n_present, said):
    done = Warmup(directory=Path("/cache"), n_compiled=n_compiled, n_present=n_present, seconds=61.2)
    monkeypatch.setattr("whalecurve.engine.warmup.warm_up", lambda _: done)
    assert printed("warmup") == said


def test_without_a_place_for_compiled_kernels_there_is_nothing_to_warm_up(monkeypatch):
    monkeypatch.setattr(cache, "PLACE", None)
    assert refusal("warmup").endswith("set NUMBA_CACHE_DIR to one that can")
