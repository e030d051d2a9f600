"""Runs that are killed at random moments: no result is ever partial, none is lost, and the next run succeeds."""

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

N_KILLS = 20
WORK = """
import sys
from whalecurve import engine
engine.score(sys.argv[1], out=sys.argv[2], overwrite=True, state=sys.argv[3])
"""


def start(orders, out, state):
    return subprocess.Popen([sys.executable, "-c", WORK, str(orders), str(out), str(state)])


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
    """A log in two files, a result and a state of it, and how long a run takes."""
    folder = tmp_path_factory.mktemp("killed")
    lines = simple_log(40_000, n_customers=4_000, seed=5)
    (folder / "orders").mkdir()
    for i in range(2):
        lines[i * 20_000 : (i + 1) * 20_000].write_parquet(folder / "orders" / f"{i}.parquet")
    paths = folder / "orders", folder / "scores", folder / "state"
    began = time.monotonic()
    assert start(*paths).wait(timeout=600) == 0
    return paths, time.monotonic() - began


def test_a_run_killed_at_any_moment_leaves_a_whole_result_and_the_next_one_succeeds(shop):
    (orders, out, state), seconds = shop
    pick = random.Random(20)
    n_killed = 0
    for _ in range(N_KILLS):
        run = start(orders, out, state)
        time.sleep(pick.uniform(0.0, 1.1 * seconds))
        run.send_signal(signal.SIGKILL)
        n_killed += run.wait() == -signal.SIGKILL
        assert is_whole(out)
        assert (state / "state.json").is_file()
    assert n_killed > N_KILLS // 4  # else the moments were not within the runs
    run = start(orders, out, state)
    assert run.wait(timeout=600) == 0
    assert is_whole(out)
    assert sorted(path.name for path in Path(out).parent.iterdir()) == ["orders", "scores", "state"]


def test_the_first_run_killed_leaves_nothing_under_the_name_of_a_result(shop, tmp_path):
    (orders, _, _), seconds = shop
    for share in np.linspace(0.3, 0.9, 4):
        run = start(orders, tmp_path / "scores", tmp_path / "state")
        time.sleep(share * seconds)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert not (tmp_path / "scores").exists() or is_whole(tmp_path / "scores")
    assert start(orders, tmp_path / "scores", tmp_path / "state").wait(timeout=600) == 0
    assert is_whole(tmp_path / "scores")
