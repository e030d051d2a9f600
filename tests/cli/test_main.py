"""The program as a whole: the order of its commands in help, completion, no date with a time in it."""

import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tests.support.commands import COMMANDS, TOP, printed
from whalecurve.cli import main
from whalecurve.cli.main import PANELS, app_of


def test_commands_stand_in_panels_in_the_order_of_use():
    shown = printed("--help")
    panels = [shown.index(f" {panel} ") for panel in PANELS.values()]
    assert panels == sorted(panels)
    assert {command.rich_help_panel for command in TOP.values()} == set(PANELS.values())
    found = re.findall(r"^│ (\w+) ", shown[panels[0] :], re.MULTILINE)
    assert found == list(main.COMMANDS)
    assert found[:5] == ["demo", "init", "check", "score", "report"]


@pytest.mark.parametrize("name", COMMANDS)
def test_dates_in_help_have_no_time(name):
    assert "00:00" not in printed(*name.split(), "--help")


def test_the_page_of_help_is_that_of_the_whole_app():
    done = subprocess.run(
        [sys.executable, "-m", "whalecurve.cli", "--help"], capture_output=True, text=True, check=True
    )
    listed = CliRunner().invoke(app_of(are_listed=True), ["--help"])
    assert listed.stdout == printed("--help")
    assert done.stdout.split() == printed("--help").split()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_stands_alone_in_the_app_is_the_same(name):
    words = [*name.split(), "--help"]
    alone = CliRunner().invoke(app_of(words[:1]), words)
    assert (alone.exit_code, alone.stdout) == (0, printed(*words))


def test_a_command_that_is_named_is_all_that_is_loaded():
    code = "import sys; from whalecurve.cli.main import main; sys.argv = ['whalecurve', 'check', '--help']; main()"
    shown = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {code}"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stderr.split() if re.fullmatch(r"whalecurve\.cli\.commands\.\w+\.\w+", name)}
    assert loaded == {"whalecurve.cli.commands.start.check"}


def test_a_command_that_there_is_not_is_refused_with_what_is_like_it():
    done = subprocess.run([sys.executable, "-m", "whalecurve.cli", "scor"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such command 'scor'" in done.stderr
    assert "score" in done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("whalecurve sc", {"score", "schema"}),
        ("whalecurve score --fa", {"--fail-on"}),
        ("whalecurve score --spend m", {"mean"}),
    ],
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
