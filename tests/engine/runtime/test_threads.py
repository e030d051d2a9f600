"""What a process notices of Polars' pool."""

import subprocess
import sys

from whalecurve.engine.runtime import threads


def test_polars_is_seen_to_run_from_its_first_query_on():
    """Importing starts no pool, so a parent may import before it forks; work by anybody does."""
    code = """
from whalecurve.engine.runtime import threads
import polars as pl
print(threads._polars_is_running())
pl.LazyFrame({"a": range(10_000)}).group_by(pl.col("a") % 7).agg(pl.len()).collect()
print(threads._polars_is_running())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_process_that_is_no_fork_is_not_refused():
    threads.refuse_lost_pool()
