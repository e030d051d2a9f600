"""The program as a whole: the order of its commands in help, completion, no date with a time in it."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.commands import COMMANDS, printed
from whalecurve.cli.main import ACT, OPERATE, START, UNDERSTAND

PANELS = (START, UNDERSTAND, ACT, OPERATE)


def test_commands_stand_in_panels_in_the_order_of_use():
    shown = printed("--help")
    panels = [shown.index(f" {panel} ") for panel in PANELS]
    assert panels == sorted(panels)
    assert {command.rich_help_panel for command in COMMANDS.values()} == set(PANELS)
    found = re.findall(r"^│ (\w+) ", shown[panels[0] :], re.MULTILINE)
    assert found == list(COMMANDS)
    assert found[:5] == ["demo", "init", "check", "score", "report"]


@pytest.mark.parametrize("name", COMMANDS)
def test_dates_in_help_have_no_time(name):
    assert "00:00" not in printed(name, "--help")


@pytest.mark.parametrize(
    ("words", "offered"),
    [("whalecurve sc", {"score"}), ("whalecurve score --fa", {"--fail-on"}), ("whalecurve score --spend m", {"mean"})],
)
def test_a_shell_completes_commands_options_and_values(words, offered):
    environment = os.environ | {
        "_WHALECURVE_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    command = [sys.executable, "-m", "whalecurve.cli"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered
