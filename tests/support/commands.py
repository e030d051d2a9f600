"""The command line in this process, for tests."""

import json

from typer.main import get_command
from typer.testing import CliRunner

from whalecurve.cli import main
from whalecurve.cli.main import app_of

APP = app_of()
TOP = get_command(APP).commands
COMMANDS = {
    name if own is command else f"{name} {own.name}": own
    for name, command in ((name, TOP[name]) for name in main.COMMANDS)
    for own in getattr(command, "commands", {name: command}).values()
}
"""Every command by the words that run it, those of groups among them, in the order of the help page."""


def run(*args):
    """Outcome of `whalecurve ARGS`: exit_code, stdout, stderr. A bug is raised."""
    return CliRunner().invoke(APP, [str(arg) for arg in args], catch_exceptions=False)


def printed(*args):
    """What a command that must succeed prints; nothing goes to stderr, as in a pipe."""
    done = run(*args)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def printed_json(*args):
    """What a command that must succeed prints as its one JSON object."""
    return json.loads(printed(*args, "--format", "json"))


def refusal(*args):
    """The one line on stderr of a command that must fail over its input."""
    done = run(*args)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("error: ").removesuffix("\n")


def misuse(*args):
    """What stderr says to wrong usage, in one line."""
    done = run(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    return " ".join(done.stderr.replace("│", " ").split())
