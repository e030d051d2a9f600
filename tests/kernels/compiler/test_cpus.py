"""How many CPUs a process counts."""

import os

import pytest

from whalecurve.kernels.compiler import cpus


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A made-up machine: bound CPUs, lines of /proc/self/cgroup, files of the control groups."""

    def make(bound, groups, files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        (tmp_path / "self").write_text("".join(f"{line}\n" for line in groups))
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(bound)), raising=False)
        monkeypatch.setattr(cpus, "CGROUPS", tmp_path)
        monkeypatch.setattr(cpus, "OWN_GROUPS", tmp_path / "self")

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
    assert cpus.cpus() == expected


def test_without_control_groups_the_bound_cpus_count(machine, monkeypatch, tmp_path):
    machine(3, [], {})
    monkeypatch.setattr(cpus, "OWN_GROUPS", tmp_path / "missing")
    assert cpus.cpus() == 3
