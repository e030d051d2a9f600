"""How many CPUs a process counts, and what it notices of Polars' pool."""

import os
import subprocess
import sys

import pytest

from whalecurve.engine.runtime import threads


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A made-up machine: bound CPUs, lines of /proc/self/cgroup, files of the control groups."""

    def make(bound, groups, files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        (tmp_path / "self").write_text("".join(f"{line}\n" for line in groups))
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(bound)), raising=False)
        monkeypatch.setattr(threads, "CGROUPS", tmp_path)
        monkeypatch.setattr(threads, "OWN_GROUPS", tmp_path / "self")

    return make


V1 = {"cpu/app/cpu.cfs_quota_us": "250000\n", "cpu/app/cpu.cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("bound", "groups", "files", "expected"),
    [
        (8, [], {}, 8),
        (8, ["0::/"], {}, 8),
        (8, ["0::/"], {"cpu.max": "max 100000\n"}, 8),
        (8, ["0::/"], {"cpu.max": "400000 100000\n"}, 4),
        (8, ["0::/"], {"cpu.max": "150000 100000\n"}, 1),
        (8, ["0::/"], {"cpu.max": "50000 100000\n"}, 1),
        (2, ["0::/"], {"cpu.max": "400000 100000\n"}, 2),
        (8, ["0::/a/b"], {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"}, 3),
        (8, ["0::/host/only"], {"cpu.max": "200000 100000\n"}, 2),
        (8, ["4:memory:/app", "3:cpu,cpuacct:/app"], V1, 2),
        (8, ["4:cpuset:/app"], V1, 8),
        (8, ["3:cpu:/app"], {"cpu/app/cpu.cfs_quota_us": "-1\n", "cpu/app/cpu.cfs_period_us": "100000\n"}, 8),
        (8, ["0::/"], {"cpu.max": "nonsense\n"}, 8),
    ],
)
def test_cpus_are_those_bound_to_or_fewer_by_quota(machine, bound, groups, files, expected):
    machine(bound, groups, files)
    assert threads.cpus() == expected


def test_without_control_groups_the_bound_cpus_count(machine, monkeypatch, tmp_path):
    machine(3, [], {})
    monkeypatch.setattr(threads, "OWN_GROUPS", tmp_path / "missing")
    assert threads.cpus() == 3


def test_polars_is_seen_to_run_from_its_first_query_on():
    """Importing starts no pool, so a parent may import before it forks; work by anybody does."""
    code = """
from whalecurve.engine import threads
import polars as pl
print(threads._polars_is_running())
pl.LazyFrame({"a": range(10_000)}).group_by(pl.col("a") % 7).agg(pl.len()).collect()
print(threads._polars_is_running())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_process_that_is_no_fork_is_not_refused():
    threads.refuse_lost_pool()
