"""Told to stop, at whatever stage: one line, the status that shells expect, nothing left, the previous result whole."""

import signal
import subprocess
import sys

import pytest

from tests.support.commands import run
from tests.support.logs import simple_log

STAGED = """
import contextlib, ctypes, signal, sys
signal.signal(signal.SIGHUP, signal.{hangup})
from whalecurve.engine.stages import Stages
passing = Stages.stage
@contextlib.contextmanager
def announced(self, name):
    with passing(self, name):
        print(name, flush=True)
        if name == sys.argv[1]:
            {then}
        yield
Stages.stage = announced
from whalecurve.cli.main import app_of
app_of()(sys.argv[2:], prog_name="whalecurve")
"""
WAITS = "sys.stdin.read()"
DEAF = "lock, mutex = ctypes.CDLL(None).pthread_mutex_lock, ctypes.create_string_buffer(64); lock(mutex), lock(mutex)"
"""Outside Python for ever, as in a long query: no handler runs."""


def started(stage, *args, then=WAITS, hangup="SIG_DFL"):
    """A run that has reached a stage and does not leave it; it begins with `hangup`, whatever these tests do."""
    command = [sys.executable, "-c", STAGED.format(then=then, hangup=hangup), stage, *map(str, args)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    working = subprocess.Popen(command, text=True, **pipes)
    while working.stdout.readline() != f"{stage}\n":
        assert working.poll() is None
    return working


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def shop(tmp_path):
    """Orders, and a result of them."""
    simple_log(3_000, n_customers=300, seed=5).write_parquet(tmp_path / "a.parquet")
    assert run("score", tmp_path / "a.parquet", "--out", tmp_path / "scores").exit_code == 0
    return tmp_path


def scoring(shop):
    return "score", shop / "a.parquet", "--out", shop / "scores", "--overwrite"


@pytest.mark.parametrize(
    ("stage", "number"),
    [
        ("open", signal.SIGTERM),
        ("summary", signal.SIGTERM),
        ("fit", signal.SIGTERM),
        ("write", signal.SIGINT),
        ("write", signal.SIGHUP),
        ("measures", signal.SIGTERM),
    ],
)
def test_a_run_that_is_told_to_stop_leaves_nothing_and_says_so_in_one_line(shop, stage, number):
    before = contents(shop)
    with started(stage, *scoring(shop)) as working:
        working.send_signal(number)
        _, said = working.communicate()
    assert said == f"error: stopped by {number.name} before the end; unfinished files are removed\n"
    assert working.returncode == 128 + number
    assert contents(shop) == before
    assert sorted(path.name for path in shop.iterdir()) == ["a.parquet", "scores"]


@pytest.mark.parametrize("stage", ["summary", "write"])
def test_a_run_that_cannot_listen_is_ended_from_another_thread_and_leaves_nothing_either(shop, stage):
    before = contents(shop)
    state = ("--state", shop / "deep" / "state") if stage == "summary" else ()
    with started(stage, *scoring(shop), *state, then=DEAF) as working:
        working.send_signal(signal.SIGTERM)
        _, said = working.communicate()
    assert said == "error: stopped by SIGTERM before the end; unfinished files are removed\n"
    assert working.returncode == 143
    assert contents(shop) == before
    assert sorted(path.name for path in shop.iterdir()) == ["a.parquet", "scores"]


def test_a_hangup_that_was_ignored_before_still_is(shop):
    with started("write", *scoring(shop), hangup="SIG_IGN") as working:
        working.send_signal(signal.SIGHUP)
        _, said = working.communicate("")
    assert (working.returncode, said) == (0, "")


def test_a_second_signal_does_not_disturb_the_cleaning_up(shop):
    before = contents(shop)
    with started("write", *scoring(shop)) as working:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            working.send_signal(number)
        _, said = working.communicate()
    assert said.count("\n") == 1
    assert working.returncode in (143, 130)  # of signals that wait together, the system delivers either first
    assert contents(shop) == before


def test_handlers_of_an_embedding_program_are_its_own_again_after_a_command(shop):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert run("check", shop / "a.parquet").exit_code == 0
    assert run("check", shop / "nothing.parquet").exit_code == 1
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
    assert signal.set_wakeup_fd(-1) == -1
