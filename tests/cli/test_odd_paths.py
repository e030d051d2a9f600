"""Whatever a path names, be it a pipe, a directory, a URL or nothing a system could hold: one line, at once."""

import os

import pytest

from tests.support.commands import misuse, refusal, run
from tests.support.logs import log, write

SCORE = ("score", "a.parquet", "--out", "scores")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.parquet", log(customer_id=[1, 2, 3, 4, 5, 6]))
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / "pipe.parquet")
    (tmp_path / "file").touch()
    return tmp_path


LONG = "x" * 300
PIPE, FOLDER = "cannot be read (a named pipe, expected a file); ", "cannot be read (a directory, expected a file); "
READ = {
    "orders, pipe": (("score", "pipe.parquet", "--out", "s"), "pipe.parquet: a named pipe, neither a file nor a"),
    "orders, pipe in a directory": (("check", "."), "./pipe.parquet: a named pipe, expected a file; move it"),
    "orders, too long": (("check", LONG), "no usable path (File name too long); correct it"),
    "cuts, pipe": ((*SCORE, "--rfm-method", "fixed", "--rfm-cuts", "pipe.toml"), f"pipe.toml: {PIPE}pass a TOML"),
    "cuts, directory": ((*SCORE, "--rfm-method", "fixed", "--rfm-cuts", "folder.toml"), f"folder.toml: {FOLDER}pass"),
    "cuts, record": ((*SCORE, "--rfm-method", "fixed", "--rfm-cuts", "pipe.json"), f"pipe.json: {PIPE}restore it"),
    "scheme, pipe": ((*SCORE, "--segments", "pipe.toml"), f"pipe.toml: {PIPE}pass a TOML file or a preset"),
    "scheme, directory": ((*SCORE, "--segments", "folder.toml"), f"folder.toml: {FOLDER}pass a TOML file or a preset"),
    "scheme, too long": ((*SCORE, "--segments", f"{LONG}.toml"), "no usable path (File name too long); correct it"),
    "thresholds, pipe": ((*SCORE, "--thresholds", "pipe.json"), f"pipe.json: {PIPE}restore it, or make"),
    "thresholds, too long": ((*SCORE, "--thresholds", LONG), "no usable path (File name too long); correct it"),
    "covariates, pipe": ((*SCORE, "--covariates", "pipe.parquet"), "pipe.parquet: a named pipe, neither a file nor"),
    "covariates, too long": ((*SCORE, "--covariates", LONG), "no usable path (File name too long); correct it"),
    "scores, pipe": (("profile", "pipe.json"), "pipe.json: a named pipe; name a directory that whalecurve score"),
    "scores, too long": (("compare", LONG, LONG), "no usable path (File name too long); correct it"),
    "state, file": ((*SCORE, "--state", "file"), "--state file: no directory; name a new or empty one"),
}


@pytest.mark.parametrize(("args", "message"), READ.values(), ids=READ)
def test_what_is_read_is_a_regular_file_or_refused_in_one_line(here, args, message):
    assert message in refusal(*args)


def test_settings_come_from_a_regular_file_alone(here):
    for name, what in (("pipe.toml", "a named pipe"), ("folder.toml", "a directory")):
        assert f"{name}: cannot be read ({what}, expected a file); check the path" in misuse(*SCORE, "--config", name)
    assert "File name too long" in misuse(*SCORE, "--config", LONG)


URL = "hf://bucket/place"
WRITE = {
    "score": SCORE[:2],
    "score --dry-run": ("score", "a.parquet", "--dry-run"),
    "measures": ("measures", "a.parquet"),
    "validate": ("validate", "a.parquet", "--holdout", "5d"),
    "concentration": ("concentration", "a.parquet"),
    "explain": ("explain", "a.parquet", "--segment", "Champions", "--by", "amount"),
    "report": ("report", "scores"),
    "simulate": ("simulate", "--customers", "10"),
    "demo": ("demo", "--customers", "10"),
}


@pytest.mark.parametrize("args", WRITE.values(), ids=WRITE)
def test_no_command_writes_to_a_url_or_to_an_impossible_name(here, args):
    before = sorted(here.iterdir())
    what = "/shop" if args[0] == "demo" else ""
    words = f"--out {URL}{what}: a URL, and only local paths are written; name one, and copy it there later"
    assert refusal(*args, "--out", URL) == words
    for out in (LONG, "caf\udce9"):
        assert refusal(*args, "--out", out).endswith(("correct it", "rename it"))
    assert sorted(here.iterdir()) == before


def test_commands_that_read_results_write_to_no_url_either(here):
    assert run(*SCORE).exit_code == 0
    for args in (("compare", "scores", "scores"), ("profile", "scores", "--min-customers", "1")):
        assert refusal(*args, "--out", URL).startswith(f"--out {URL}: a URL, and only local paths are written")
    assert refusal(*SCORE[:2], "--out", "new", "--state", URL).startswith(f"--state {URL}: a URL, and only local paths")
    assert not (here / "s3:").exists()


def test_attributes_of_customers_may_lie_behind_a_url(here):
    assert run(*SCORE).exit_code == 0
    message = refusal("profile", "scores", "--min-customers", "1", "--customers", f"file://{here}/nothing.parquet")
    assert message.startswith(f"file://{here}/nothing.parquet: no such file (")
