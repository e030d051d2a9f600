"""`--memory` is kept: the most that a fresh process holds, read from the system, against what it was given."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

N_CUSTOMERS, N_LINES = 3_000_000, 6_000_000
PLENTY, MORE = 50_000_000_000, 575_000_000  # beyond what the libraries hold, which is not the same everywhere

WORK = """
import json, sys
from pathlib import Path
from whalecurve.cli.console import return_memory
return_memory()
import polars as pl
from whalecurve.engine import score
from whalecurve.engine.store.scratch import Scratch
from whalecurve.engine.runtime.memory import resident_memory
orders, out, more = sys.argv[1:]
# Libraries and compiled kernels are loaded when they are first needed: a few lines need them all, so that what is
# measured afterwards is not the size of the libraries' files.
pl.scan_parquet(orders).head(1_000).sink_parquet(f"{out}-few.parquet")
score(f"{out}-few.parquet", out=f"{out}-few", memory=int(more))
filed = []
close = Scratch.close
Scratch.close = lambda self: (filed.append(self.n_filed), close(self))
memory = resident_memory() + int(more)
score(orders, out=out, layout="flat", memory=memory)
peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(json.dumps({"peak": 1024 * peak, "filed": sum(filed), "memory": memory}))
"""


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """Three million customers with two lines each, over a year."""
    rng = np.random.default_rng(8)
    customers = np.concatenate([rng.permutation(N_CUSTOMERS), rng.integers(0, N_CUSTOMERS, N_LINES - N_CUSTOMERS)])
    days = np.sort(rng.integers(19_700, 20_065, N_LINES)).astype("datetime64[D]")
    amounts = np.round(rng.gamma(2.0, 20.0, N_LINES), 2) * rng.choice([1.0, -0.5], N_LINES, p=[0.97, 0.03])
    path = tmp_path_factory.mktemp("memory") / "orders.parquet"
    frame = pl.DataFrame({"customer_id": customers, "order_ts": days, "amount": amounts, "margin": amounts * 0.3})
    frame.write_parquet(path, row_group_size=250_000)
    return path


def scored(orders, out, more):
    command = [sys.executable, "-c", WORK, str(orders), str(out), str(more)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_run_keeps_to_its_memory_and_finds_the_same(orders, tmp_path):
    free, bound = scored(orders, tmp_path / "free", PLENTY), scored(orders, tmp_path / "bound", MORE)
    assert free["filed"] <= bound["filed"]
    assert bound["peak"] <= bound["memory"], bound
    for name in ("customers", "segments.parquet", "concentration.parquet"):
        one, other = (pl.read_parquet(tmp_path / run / name) for run in ("free", "bound"))
        assert_frame_equal(one, other, check_exact=True, check_row_order=True)
    one, other = (json.loads((tmp_path / run / "model.json").read_text(encoding="utf-8")) for run in ("free", "bound"))
    assert one == other


def test_memory_that_cannot_do_stops_before_work_and_names_the_least_that_would(orders, tmp_path):
    command = ["score", str(orders), "--out", str(tmp_path / "scores"), "--memory", "100MB"]
    done = subprocess.run(
        [sys.executable, "-m", "whalecurve.cli", *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "--memory 100MB is too little; the least that would do is " in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
