"""Every command opens alike."""

import os

import pytest
import typer

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
