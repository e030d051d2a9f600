"""Every command opens alike."""

import json
import os
import subprocess
import sys

import pytest
import typer

from tests.support.commands import run
from tests.support.logs import write
from whalecurve.cli.options.output import Format
from whalecurve.cli.options.running import Running
from whalecurve.engine import InputError


def test_bad_input_inside_ends_the_command_with_one_line(capsys):
    with pytest.raises(typer.Exit) as ended, Running().started("check"):
        raise InputError("a.parquet: no rows at all")
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "error: a.parquet: no rows at all\n"


def test_a_bug_inside_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), Running().started("check"):
        _ = 1 / 0


def test_stages_are_taken_where_there_is_no_terminal(capsys):
    with Running().started("check") as on_stage:
        on_stage("reading")
    assert capsys.readouterr().err == ""


def test_the_form_of_the_result_is_text_unless_asked_otherwise():
    assert not Running().as_json
    assert Running(format=Format.json).as_json


def test_memory_is_given_back_in_every_command(monkeypatch):
    monkeypatch.delenv("_RJEM_MALLOC_CONF", raising=False)
    with Running().started("check"):
        assert "dirty_decay_ms:1000" in os.environ["_RJEM_MALLOC_CONF"]


def test_what_is_news_goes_to_stderr_as_text_or_json_unless_all_shall_be_quiet(capsys):
    Running().say("compiling")
    assert capsys.readouterr() == ("", "compiling\n")
    Running(log_format=Format.json).say("compiling")
    said = json.loads(capsys.readouterr().err)
    assert (said["level"], said["message"], list(said)) == ("info", "compiling", ["time", "level", "message"])
    Running(quiet=True).say("compiling")
    assert capsys.readouterr() == ("", "")


def test_a_quiet_run_prints_its_result_only_where_json_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.parquet")
    (tmp_path / "whalecurve.toml").write_text("")
    done = run("check", "a.parquet", "--quiet")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    done = run("check", "a.parquet", "-q", "--format", "json")
    assert (json.loads(done.stdout)["customers"], done.stderr) == (3, "")
    assert run("check", "none.parquet", "--quiet").stderr.startswith("error: none.parquet: no such file")


@pytest.mark.parametrize("asked", [("--format", "json"), ("--log-format", "json")], ids=" ".join)
def test_bad_input_is_one_json_object_where_json_is_asked_for(tmp_path, asked):
    orders = write(tmp_path / "a.parquet")
    done = run("check", orders, "--timezone", "Mars", *asked)
    said = json.loads(done.stderr)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said.pop("time").endswith("+00:00")
    message = said.pop("message")
    assert message.startswith('--timezone "Mars" is not a known zone; try one like')
    assert said == {"level": "error", "kind": "input", "options": ["--timezone"], "exit_status": 1}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("score", "a.parquet", "--format", "json"), "Missing option '--out'."),
        (("score", "a.parquet", "--format=json", "--nosuch"), "No such option: --nosuch"),
        (("check", "a.parquet", "--log-format=json", "--jobs", "0"), "Invalid value for '--jobs'"),
        (("check", "a.parquet", "--jobs", "1", "--jobs", "2", "--format", "json"), "given 2 times; give it once"),
        (("validate", "a.parquet", "--format", "json", "--cut", "2024-01-01"), "add --labels"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_wrong_usage_is_one_json_object_where_json_is_asked_for(args, message):
    done = run(*args)
    said = json.loads(done.stderr)
    assert message in said["message"]
    assert (done.exit_code, done.stdout, said["kind"], said["exit_status"]) == (2, "", "usage", 2)


def started(folder, *args):
    """What a process of its own does."""
    command = [sys.executable, "-m", "whalecurve.cli", *map(str, args)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_stages_are_logged_as_json_in_a_line_each(tmp_path):
    write(tmp_path / "a.parquet")
    (tmp_path / "whalecurve.toml").write_text("")
    done = started(tmp_path, "score", "a.parquet", "--out", "scores", "--verbose", "--log-format", "json")
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert said[0]["message"] == "settings from whalecurve.toml"
    stages = [one for one in said if one.get("logger") == "whalecurve"]
    assert len(stages) > 3
    assert {one["level"] for one in stages} == {"info"}
    assert done.returncode == 0


BUGGY = """
from whalecurve.cli import main
from whalecurve.cli.commands.start import check
def buggy(*_, **__):
    raise RuntimeError("bug")
from whalecurve import engine
engine.check_orders
engine.__dict__["check_orders"] = buggy
main.main()
"""


def test_a_bug_ends_with_a_status_of_its_own_and_keeps_its_traceback(tmp_path):
    command = [sys.executable, "-c", BUGGY, "check", "a.parquet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.endswith("RuntimeError: bug\n")


def test_options_of_stores_come_from_the_file_and_those_given_win_name_by_name(tmp_path, monkeypatch):
    from whalecurve.engine.object_stores import options

    monkeypatch.setattr(options, "_given", {})
    write(tmp_path / "a.parquet")
    (tmp_path / "s.toml").write_text('[storage]\naws_region = "eu-west-1"\naws_endpoint_url = "https://there"\n')
    words = ("check", str(tmp_path / "a.parquet"), "--config", str(tmp_path / "s.toml"))
    assert run(*words, "--storage-option", "aws_region=us-east-2").exit_code == 0
    assert options.store_options("s3") == {"aws_region": "us-east-2", "aws_endpoint_url": "https://there"}
    assert run(*words[:2]).exit_code == 0
    assert options.store_options("s3") == {}


def test_an_option_of_stores_that_nobody_knows_is_bad_input(tmp_path):
    write(tmp_path / "a.parquet")
    told = run("check", str(tmp_path / "a.parquet"), "--storage-option", "region=x")
    assert (told.exit_code, told.stderr.partition(";")[0]) == (1, 'error: --storage-option "region" is unknown')
    told = run("check", str(tmp_path / "a.parquet"), "--storage-option", "a-secret-alone")
    assert told.stderr == "error: --storage-option number 1 is not KEY=VALUE; write aws_region=eu-west-1\n"
