"""Runs that are killed at any moment: no result is ever partial, none is lost, and the next run succeeds.

Moments are those of the run, not of the clock, so that they lie within it on any machine: an operation on a file of the
log, the result or the state, counted; or some time after a stage began, for what Polars does without Python.
"""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.support.logs import simple_log

N_OPERATIONS, N_TIMES = 14, 6
NEVER = 0
WORK = """
import os, signal, sys
from whalecurve import engine

folder, orders, out, state, at = *sys.argv[1:5], int(sys.argv[5])
n = 0

def count(event, args):
    "Hear of everything that Python does with a file below the folder, just before it is done."
    global n
    if any(isinstance(arg, (str, os.PathLike)) and os.fspath(arg).startswith(folder) for arg in args):
        n += 1
        if n == at:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
engine.score(orders, out=out, overwrite=True, state=state, on_stage=lambda stage: print(stage, flush=True))
print(n)
"""


def start(orders, out, state, at=NEVER):
    command = [sys.executable, "-c", WORK, *map(str, (out.parent, orders, out, state, at))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finished(orders, out, state):
    """The number of operations on files in a run that nobody kills."""
    with start(orders, out, state) as run:
        assert run.stdout is not None
        said = run.stdout.read().split()
    assert run.returncode == 0
    return int(said[-1])


def killed_at(at, *paths):
    """Whether a run came to its operation of that number, and so was killed."""
    with start(*paths, at=at) as run:
        assert run.stdout is not None
        run.stdout.read()
    return run.returncode == -signal.SIGKILL


def kill_after(stage, seconds, *paths):
    """Kill a run so many seconds after a stage began, if it still runs then."""
    with start(*paths) as run:
        assert run.stdout is not None
        while run.stdout.readline().strip() not in (stage, ""):
            pass
        time.sleep(seconds)
        run.kill()


def is_whole(out):
    """Whether a result holds every file that its manifest lists, each of its size, readable to the end."""
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry["bytes"] for entry in manifest["outputs"]}
    found = {path.relative_to(out).as_posix(): path.stat().st_size for path in out.rglob("*") if path.is_file()}
    found.pop("manifest.json")
    n_customers = pl.scan_parquet(out / "customers").select(pl.len()).collect().item()
    return found == listed and n_customers == manifest["customers"]["all"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A log in two files, a result and a state of it."""
    folder = tmp_path_factory.mktemp("killed")
    lines = simple_log(40_000, n_customers=4_000, seed=5)
    (folder / "orders").mkdir()
    for i in range(2):
        lines[i * 20_000 : (i + 1) * 20_000].write_parquet(folder / "orders" / f"{i}.parquet")
    paths = folder / "orders", folder / "scores", folder / "state"
    finished(*paths)
    return paths


def test_a_run_killed_at_any_moment_leaves_a_whole_result_and_the_next_one_succeeds(shop):
    _, out, state = shop
    pick = random.Random(20)
    n_operations = finished(*shop)
    seconds = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["timings"]
    assert n_operations > 40
    moments = [1, n_operations, *(pick.randint(2, n_operations - 1) for _ in range(N_OPERATIONS - 2))]
    n_killed = 0
    for at in moments:
        n_killed += killed_at(at, *shop)
        assert is_whole(out)
        assert (state / "state.json").is_file()
    assert n_killed == N_OPERATIONS
    for stage in pick.choices(list(seconds), k=N_TIMES):
        kill_after(stage, pick.uniform(0.0, seconds[stage]), *shop)
        assert is_whole(out)
        assert (state / "state.json").is_file()
    finished(*shop)
    assert is_whole(out)
    assert sorted(path.name for path in Path(out).parent.iterdir()) == ["orders", "scores", "state"]


def test_the_first_run_killed_leaves_nothing_under_the_name_of_a_result(shop, tmp_path):
    orders, _, _ = shop
    n_operations = finished(orders, tmp_path / "counted" / "scores", tmp_path / "counted" / "state")
    paths = orders, tmp_path / "killed" / "scores", tmp_path / "killed" / "state"
    for at in np.linspace(1, n_operations, 5).astype(int):
        assert killed_at(at, *paths)
        assert not paths[1].exists() or is_whole(paths[1])
    finished(*paths)
    assert is_whole(paths[1])
