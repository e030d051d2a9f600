"""Shared set-up: where compiled kernels are cached, and no test that depends on how fast it runs."""

import hashlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.object_stores import bucket, ceph_server, moto_server, server  # noqa: F401 - fixtures of all tests

KERNELS = Path(__file__).parents[1] / "kernels"
# numba notices a change in the file of a function but not in the files it calls.
KEY = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(KERNELS.rglob("*.py")))).hexdigest()[:16]
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"whalecurve-numba-{KEY}"))

# A deadline, and the time that drawing examples takes, say how busy the machine is, not whether the code is right.
# `tmp_path` may be the same for all examples of a test: each overwrites what the one before wrote.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("any machine")


def pytest_sessionstart() -> None:
    """Have a kernel in the cache: a first run says that it compiles, and tests read what commands print."""
    import numpy as np

    from whalecurve.kernels.concentration.curves import total

    total(np.zeros(1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of slow tests: several processes take a file at a time, and none should be left with one."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
