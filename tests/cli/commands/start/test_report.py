"""`whalecurve report` from the shell: the file, text and JSON, one-line errors, settings by their options."""

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal, run
from tests.support.logs import simple_log, write
from whalecurve import engine


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    orders = write(folder / "orders.parquet", simple_log(2_000, 200, seed=2))
    engine.score(orders, out=folder / "scores")
    engine.score(orders, out=folder / "other", scoring=engine.Scoring(rfm_bins=4))
    return folder / "scores"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_is_written_to_report_html_and_the_sections_are_told(here, scores):
    words = printed("report", scores).splitlines()
    made = engine.report(scores)
    assert (here / "report.html").read_text(encoding="utf-8") == made.html
    assert words[0] == f"10 sections, {len(made.charts)} charts: {', '.join(made.sections)}"
    assert words[1].startswith("report.html, ")
    assert len(words) == 2


def test_json_says_the_same(here, scores):
    record = printed_json("report", scores, "--out", "r.html", "--figures", "figures", "--title", "Monday")
    assert record["out"] == "r.html"
    assert record["bytes"] == (here / "r.html").stat().st_size
    assert sorted(f"{name}.svg" for name in record["charts"]) == sorted(p.name for p in (here / "figures").iterdir())
    assert "<h1>Monday</h1>" in (here / "r.html").read_text(encoding="utf-8")


def test_an_earlier_result_adds_who_moved(here, scores):
    words = printed("report", scores, "--compare", scores)
    assert "11 sections" in words
    assert "Segment migration" in words


def test_what_differs_between_results_can_be_allowed(here, scores):
    other = scores.with_name("other")
    assert "--allow" in refusal("report", scores, "--compare", other)
    assert not (here / "report.html").exists()
    assert "rfm_bins" in refusal("report", scores, "--compare", other, "--allow", "nothing")


def test_settings_are_named_by_their_options(here, scores):
    (here / "report.html").write_text("mine")
    assert refusal("report", scores) == (
        "--out report.html: exists; choose another file, or replace it with --overwrite"
    )
    assert (here / "report.html").read_text() == "mine"
    printed("report", scores, "--overwrite")
    assert (here / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_results_of_other_commands_add_their_sections(here, scores):
    orders = scores.with_name("orders.parquet")
    engine.concentrate(orders, ["customer"], out=here / "spread")
    assert "Concentration by dimension" in printed("report", scores, "--beside", "spread")
    assert refusal("report", scores, "--overwrite", "--beside", "spread,none") == (
        "--beside none: not a whalecurve result; name a directory that a whalecurve command wrote"
    )


def test_what_is_no_result_is_refused(here):
    assert refusal("report", "scores") == "scores: no such directory; name a directory that whalecurve score wrote"
    assert "Missing argument" in misuse("report")
    assert "Example:" in run("report", "--help").stdout
