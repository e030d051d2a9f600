"""A directory that one run holds is refused to another, until the holder ends or dies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.logs import write
from whalecurve import engine
from whalecurve.engine.publication import held

HOLD = """
import sys, time
from pathlib import Path
from whalecurve.engine.publication import held
with held(Path(sys.argv[1]), "state"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(directory):
    args = [sys.executable, "-c", HOLD, str(directory)]
    process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def refusal(directory):
    with pytest.raises(engine.InputError) as caught, held(directory, "state"):
        pytest.fail("held twice")
    return str(caught.value)


def test_another_process_is_told_who_uses_it_until_the_holder_ends(tmp_path):
    state = tmp_path / "deep" / "state"
    with holder(state) as process:
        assert refusal(state) == f'state="{state}": another run uses it; wait for its end, or name another directory'
        process.communicate("")
    with held(state, "state"):
        assert list(state.parent.iterdir()) == [state.with_name(".state.lock")]
    assert list(tmp_path.iterdir()) == []


def test_a_holder_that_is_killed_holds_nothing(tmp_path):
    with holder(tmp_path / "state") as process:
        os.kill(process.pid, signal.SIGKILL)
    with held(tmp_path / "state", "state"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_one_process_cannot_hold_it_twice_by_two_names(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to("state")
    with held(tmp_path / "state", "state"):
        assert "another run uses it" in refusal(tmp_path / "link")
    with held(tmp_path / "link", "state"), held(None, "state"), held(tmp_path / "other", "state"):
        pass


def test_a_url_and_a_place_that_cannot_be_written_are_refused():
    assert refusal(Path("s3://bucket/state")).startswith('state="s3://bucket/state": a URL, and only local paths')
    assert refusal(Path("/proc/none/state")).startswith('state="/proc/none/state": cannot be locked (')


def test_a_second_run_with_a_state_in_use_ends_before_work_and_writes_nothing(tmp_path):
    orders = write(tmp_path / "a.parquet", customer_id=[1, 2, 3, 4, 5, 6])
    with held(tmp_path / "state", "state"), pytest.raises(engine.InputError, match="another run uses it"):
        engine.score(orders, out=tmp_path / "scores", state=tmp_path / "state")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet"]
    engine.score(orders, out=tmp_path / "scores", state=tmp_path / "state")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "scores", "state"]
