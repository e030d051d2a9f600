import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.runtime import memory as runtime
from whalecurve.engine.runtime.memory import Budget, available_memory, hash_passes, memory_budget, resident_memory


@pytest.mark.parametrize(
    ("n_lines", "memory", "passes"),
    [
        (0, 1, 1),
        (1, 10**9, 1),
        (10**6, runtime.BYTES_PER_LINE * 10**6, 1),
        (10**6, runtime.BYTES_PER_LINE * 10**6 - 1, 2),
        (10**8, 4 * 10**9, 6),
        (10**12, 1, runtime.MOST_PASSES),
    ],
)
def test_passes_grow_with_lines_and_shrink_with_memory(n_lines, memory, passes):
    assert hash_passes(n_lines, memory) == passes


def test_a_budget_asks_for_passes_by_what_reading_and_the_process_leave_of_it():
    budget = Budget(total=2 * 10**9, base=10**8)
    n_lines = (2 * 10**9 - 10**8 - runtime.READING) // runtime.BYTES_PER_LINE
    assert (budget.passes(n_lines), budget.passes(n_lines + 1)) == (1, 2)
    assert Budget(total=1, base=10**8).passes(n_lines) == runtime.hash_passes(n_lines, runtime.LEAST_STORE)


def test_a_budget_of_now_is_the_same_limit_for_what_the_process_holds_by_now(monkeypatch):
    monkeypatch.setattr(runtime, "resident_memory", lambda: 10**8)
    budget = memory_budget(10**9, 7)
    monkeypatch.setattr(runtime, "resident_memory", lambda: 3 * 10**8)
    assert (budget.base, budget.now) == (10**8, Budget(total=10**9, base=3 * 10**8, n_lines=7))


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


def test_resident_memory_grows_with_what_is_held():
    """In a process of its own: in this one, allocators give back at their leisure what earlier tests held."""
    code = """
from whalecurve.engine.runtime.memory import resident_memory
before = resident_memory()
held = bytearray(b"x") * 50_000_000
print(resident_memory() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 49_000_000 < int(done.stdout) < 60_000_000


def test_where_the_system_does_not_say_what_is_resident_a_guess_is_taken(monkeypatch):
    def missing(self, **_):
        raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "read_text", missing)
    assert resident_memory() == 200_000_000


@pytest.mark.parametrize("n_lines", [None, 0, 1_000, 10**9])
@pytest.mark.parametrize("n_customers", [0, 5, 10**7, 10**9])
def test_a_budget_that_is_too_small_names_the_least_that_would_do(n_lines, n_customers):
    with pytest.raises(InputError) as caught:
        Budget(total=10**8, base=2 * 10**8, n_lines=n_lines).check(n_customers)
    said = re.fullmatch(r"`memory` 100MB is too little(.*); the least that would do is (\d+)MB", str(caught.value))
    assert said
    assert said[1] == (f" for {n_customers:,} customers" if n_customers else "")
    least = int(said[2]) * 10**6
    Budget(total=least, base=2 * 10**8, n_lines=n_lines).check(n_customers)
    with pytest.raises(InputError):
        Budget(total=least - 10_000_001, base=2 * 10**8, n_lines=n_lines).check(n_customers)


def test_lines_take_what_reading_leaves_and_no_less_than_a_little():
    budget = Budget(total=10**9, base=10**8)
    assert budget.store == 10**9 - 10**8 - runtime.READING
    assert Budget(total=10**8, base=10**8).store == runtime.LEAST_STORE
    assert Budget(total=10**9, base=10**8, n_lines=10).store > budget.store


def test_the_budget_is_what_is_given_or_a_share_of_what_is_there(monkeypatch):
    monkeypatch.setattr(runtime, "available_memory", lambda: 10**10)
    assert memory_budget(10**9).total == 10**9
    assert memory_budget(None).total == int(runtime.SHARE_OF_MEMORY * 10**10)
    monkeypatch.setattr(runtime, "resident_memory", lambda: 10**8)
    assert memory_budget(None).base == 10**8


def test_memory_is_a_number_of_bytes():
    with pytest.raises(InputError, match='memory="4GB" is not a number of bytes; give one, as 4_000_000_000 for 4 GB'):
        memory_budget("4GB")
