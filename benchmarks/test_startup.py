"""How long a command takes to answer that computes nothing."""

import subprocess
import sys
import timeit

import numpy as np
import pytest


def answered(*command):
    return subprocess.run([sys.executable, *command], check=True, capture_output=True)


WORK = {
    "whalecurve": ("-m", "whalecurve.cli", "--help"),
    "python that does nothing": ("-c", "pass"),
    "import of the engine": ("-c", "from whalecurve import engine"),
}


@pytest.mark.parametrize("name", WORK)
def test_start(timed, name):
    timed("whalecurve --help", name, lambda: answered(*WORK[name]), rounds=7)


@pytest.mark.gate
def test_help_answers_within_a_quarter_of_a_second():
    seconds = timeit.repeat(lambda: answered(*WORK["whalecurve"]), number=1, repeat=9)
    assert np.median(seconds) <= 0.25, seconds
