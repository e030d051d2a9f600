"""Runs that are killed at any moment: no result or state is ever partial, none is lost, and the next run succeeds.

Moments are those of the run, not of the clock, so that they lie within it on any machine: an operation on a file of the
log, the result or the state, counted; or some time after a stage began, for what Polars does without Python.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.logs import simple_log

N_OPERATIONS, N_TIMES = 5, 2
NEVER = 0
FILES = ("0.parquet", "1.parquet")
WORK = """
import itertools, os, signal, sys
from whalecurve import engine
from whalecurve.engine.store import lines_to_totals
from whalecurve.engine.store.scratch import Scratch

folder, orders, out, state, spills, at = *sys.argv[1:6], int(sys.argv[6])
operations, filed, close = itertools.count(1), [], Scratch.close
Scratch.close = lambda self: (filed.append(self.n_filed), close(self))

def count(event, args):
    "Hear of everything that Python does with a file below the folder, just before it is done."
    if any(isinstance(arg, (str, os.PathLike)) and os.fspath(arg).startswith(folder) for arg in args):
        if next(operations) == at:
            os.kill(os.getpid(), signal.SIGKILL)

if spills:
    # bytes in memory before lines, totals and days go to disk
    lines_to_totals.MOST_HELD = lines_to_totals.TOTALS_HELD = 0
sys.addaudithook(count)
told = {"on_stage": lambda stage: print(stage, flush=True)}
engine.score(orders, out=out, overwrite=True, layout="hive", state=state or None, **told)
print(next(operations) - 1, sum(filed))
"""


@dataclass(frozen=True)
class Shop:
    """A log in two files, and a folder for a result and a state; `spills`: lines and totals go to disk at once."""

    folder: Path
    orders: Path
    has_state: bool
    spills: bool

    @property
    def out(self):
        return self.folder / "scores"

    @property
    def state(self):
        return self.folder / "state"

    def beside(self, folder):
        """The same log with nothing scored yet."""
        return Shop(folder, self.orders, self.has_state, self.spills)

    def start(self, at=NEVER, orders=None):
        state = self.state if self.has_state else ""
        given = (self.folder, orders or self.orders, self.out, state, "yes" if self.spills else "", at)
        temporary = self.folder / "temporary"
        temporary.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-c", WORK, *map(str, given)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(temporary)},
        )

    def finished(self, orders=None):
        """The number of operations on files in a run that nobody kills."""
        with self.start(orders=orders) as run:
            assert run.stdout is not None
            said = run.stdout.read().split()
        assert run.returncode == 0
        assert (int(said[-1]) > 0) == self.spills
        return int(said[-2])

    def killed_at(self, at):
        """Whether a run came to its operation of that number, and so was killed."""
        with self.start(at) as run:
            assert run.stdout is not None
            run.stdout.read()
        return run.returncode == -signal.SIGKILL

    def kill_after(self, stage, seconds):
        """Kill a run so many seconds after a stage began, if it still runs then."""
        with self.start() as run:
            assert run.stdout is not None
            while run.stdout.readline().strip() not in (stage, ""):
                pass
            time.sleep(seconds)
            run.kill()

    def check(self, *, n_held=1):
        """The result has every file that its manifest lists, each of its size; the state holds what it says it holds.

        n_held : how many of the files the state holds at least
        """
        manifest = json.loads((self.out / "manifest.json").read_text(encoding="utf-8"))
        listed = {entry["path"]: entry["bytes"] for entry in manifest["outputs"]}
        files = [path for path in self.out.rglob("*") if path.is_file() and path.name != "manifest.json"]
        assert {path.relative_to(self.out).as_posix(): path.stat().st_size for path in files} == listed
        assert pl.scan_parquet(self.out / "customers").select(pl.len()).collect().item() == manifest["customers"]["all"]
        if self.has_state:
            record = json.loads((self.state / "state.json").read_text(encoding="utf-8"))
            names = [Path(file["path"]).name for file in record["files"]]
            assert sorted(names) in [list(FILES[:n]) for n in range(n_held, len(FILES) + 1)]
            lines = pl.concat(pl.read_parquet(path) for path in self.state.glob("lines-*.parquet"))
            amounts = pl.concat(pl.read_parquet(self.orders / name) for name in names)["amount"]
            assert lines["n_lines"].sum() == amounts.len()
            assert lines["amount"].sum() == round(float(amounts.sum()) * 1e6)

    def left(self):
        """What lies in the folder, hidden or not, and in the place of temporary files."""
        assert not any((self.folder / "temporary").iterdir())
        return sorted(path.name for path in self.folder.iterdir() if path.name != "temporary")


def assert_same_result(one, other):
    frames = (pl.read_parquet(out / "customers").sort("customer_id") for out in (one, other))
    assert_frame_equal(*frames, check_exact=True)
    models = (json.loads((out / "model.json").read_text(encoding="utf-8")) for out in (one, other))
    assert next(models) == next(models)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log in two files."""
    folder = tmp_path_factory.mktemp("log")
    lines = simple_log(20_000, n_customers=2_000, seed=5)
    for i, name in enumerate(FILES):
        lines[i * 10_000 : (i + 1) * 10_000].write_parquet(folder / name)
    return folder


@pytest.fixture(scope="module", params=["state, spilled", "state", "spilled", "neither"])
def scored(request, log, tmp_path_factory):
    """A result of the log from a run that nobody killed, and its number of operations; a state of its first file."""
    folder = tmp_path_factory.mktemp("scored")
    shop = Shop(folder, log, "state" in request.param, "spilled" in request.param)
    if shop.has_state:
        shop.finished(log / FILES[0])
        shutil.copytree(shop.state, folder / "begun")
    return shop, shop.finished()


def renewed(shop, scored):
    """Have a shop's state hold the first file alone again; what killed runs left beside it stays."""
    if shop.has_state:
        shutil.rmtree(shop.state, ignore_errors=True)
        shutil.copytree(scored.folder / "begun", shop.state)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_the_result_and_the_next_one_is_right(scored, tmp_path):
    whole, n_operations = scored
    shop, pick = whole.beside(tmp_path), random.Random(20)
    shutil.copytree(whole.out, shop.out)
    seconds = json.loads((whole.out / "manifest.json").read_text(encoding="utf-8"))["timings"]
    assert n_operations > 30
    for at in (1, *(pick.randint(2, n_operations - 1) for _ in range(N_OPERATIONS - 2)), n_operations):
        renewed(shop, whole)
        assert shop.killed_at(at)
        shop.check()
    for stage in pick.choices(list(seconds), k=N_TIMES):
        renewed(shop, whole)
        shop.kill_after(stage, pick.uniform(0.0, seconds[stage]))
        shop.check()
    shop.finished()
    shop.check(n_held=len(FILES))
    assert shop.left() == (["scores", "state"] if shop.has_state else ["scores"])
    assert_same_result(shop.out, whole.out)


def test_the_first_run_killed_leaves_nothing_under_the_name_of_a_result_and_the_next_one_is_right(scored, tmp_path):
    whole, n_operations = scored
    shop = whole.beside(tmp_path)
    for at in (n_operations // 3, n_operations * 2 // 3):
        assert shop.killed_at(at)
        if shop.out.exists():
            shop.check()
    shop.finished()
    shop.check(n_held=len(FILES))
    assert shop.left() == (["scores", "state"] if shop.has_state else ["scores"])
    assert_same_result(shop.out, whole.out)
