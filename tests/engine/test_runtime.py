import os
from pathlib import Path

import pytest

from whalecurve.engine import runtime
from whalecurve.engine.runtime import available_memory, hash_passes


@pytest.mark.parametrize(
    ("n_lines", "memory", "passes"),
    [
        (0, 1, 1),
        (1, 10**9, 1),
        (10**6, runtime.BYTES_PER_LINE * 10**6, 1),
        (10**6, runtime.BYTES_PER_LINE * 10**6 - 1, 2),
        (10**8, 4 * 10**9, 4),
        (10**12, 1, runtime.MOST_PASSES),
    ],
)
def test_passes_grow_with_lines_and_shrink_with_memory(n_lines, memory, passes):
    assert hash_passes(n_lines, memory) == passes


def test_without_a_budget_a_share_of_the_memory_is_taken(monkeypatch):
    monkeypatch.setattr(runtime, "available_memory", lambda: 10 * 2**30)
    budget = int(runtime.SHARE_OF_MEMORY * 10 * 2**30)
    n_lines = budget // runtime.BYTES_PER_LINE
    assert (hash_passes(n_lines, None), hash_passes(n_lines + 1, None)) == (1, 2)


def test_memory_is_that_of_the_machine():
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < available_memory() <= machine


@pytest.mark.parametrize(("limit", "expected"), [("1048576\n", 1048576), ("max\n", None), (None, None)])
def test_a_control_group_may_allow_less(monkeypatch, limit, expected):
    def read(self, **_):
        if limit is None:
            raise FileNotFoundError(self)
        return limit

    monkeypatch.setattr(Path, "read_text", read)
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert available_memory() == (expected or machine)
