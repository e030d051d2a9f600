import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal

SMALL = ["demo", "--customers", "300"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_demo_needs_no_data_and_shows_what_came_out():
    said = printed(*SMALL)
    assert "simulated order lines in whalecurve-demo/shop/orders" in said.splitlines()[0]
    assert "\n300 customers as of " in said
    assert "\nsegments: " in said
    assert "\nChampions " in printed(*SMALL, "--full")
    assert pl.read_parquet("whalecurve-demo/scores/customers").height == 300
    assert "whalecurve score --help" in said.splitlines()[-1]
    assert said.splitlines()[-2].endswith(" whalecurve-demo/report.html")
    assert Path("whalecurve-demo/report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_every_segment_of_the_demo_has_customers():
    found = {row["segment"]: row["customers"] for row in printed_json("demo")["segments"] if row["scheme"] == "rfm"}
    assert len(found) == 10
    assert min(found.values()) >= 200  # a hundredth of the demo


def test_a_demo_may_be_repeated_and_gives_the_same():
    first = printed_json(*SMALL, "--out", "here")
    again = printed_json(*SMALL, "--out", "here")
    assert first["segments"] == again["segments"]
    assert first["manifest"]["run_id"] == again["manifest"]["run_id"]
    assert first["model"] == again["model"]


def test_a_demo_spares_what_is_not_its_own():
    Path("mine/shop").mkdir(parents=True)
    Path("mine/shop/prices.txt").write_text("1")
    assert "mine/shop: the directory is not empty" in refusal(*SMALL, "--out", "mine")
    assert Path("mine/shop/prices.txt").read_text() == "1"
    Path("other").mkdir()
    Path("other/report.html").write_text("mine")
    assert "other/report.html: exists" in refusal(*SMALL, "--out", "other")
    assert Path("other/report.html").read_text() == "mine"


def test_a_demo_that_cannot_clear_its_place_says_so(monkeypatch):
    Path("old/shop").mkdir(parents=True)
    Path("old/shop/truth.json").write_text("{}")

    def refused(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refused)
    assert refusal(*SMALL, "--out", "old") == "old/shop: cannot be removed (Permission denied); choose another --out"


def test_progress_is_drawn_on_a_terminal_only():
    command = [sys.executable, "-m", "whalecurve.cli", *SMALL, "--format", "json"]
    piped = subprocess.run([*command, "--out", "piped"], capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    screen, terminal = pty.openpty()
    drawn: list[bytes] = []
    watching = threading.Thread(target=watch, args=(screen, drawn))
    watching.start()
    with subprocess.Popen([*command, "--out", "seen"], stdout=subprocess.PIPE, stderr=terminal, text=True) as working:
        os.close(terminal)
        printed_there, _ = working.communicate()
    watching.join()
    os.close(screen)
    assert b"demo: " in b"".join(drawn)
    assert json.loads(printed_there)["segments"] == json.loads(piped.stdout)["segments"]


def watch(screen, drawn):
    """Take what is drawn until the terminal is gone, so that it never fills."""
    try:
        while chunk := os.read(screen, 65_536):
            drawn.append(chunk)
    except OSError:  # how a terminal ends
        pass
