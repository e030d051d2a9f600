"""Progress on a terminal."""

import re
from pathlib import Path

from whalecurve.cli.progress import BRIEF, WORDS, Recap, plain, progress

ENGINE = Path(__file__).parents[2] / "engine"


def test_stages_are_told_in_plain_words_with_how_far_they_are():
    assert plain("summary") == "reading order lines"
    assert plain("summary: 1,000 of 2,000 order lines") == "reading order lines: 1,000 of 2,000 order lines"
    assert plain("by brand") == "by brand"


def test_every_stage_of_the_engine_has_plain_words():
    sources = [path.read_text() for path in ENGINE.rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'\.stage\("(\w+)"\)', source)}
    assert {"summary", "fit", "write"} <= named
    assert named - {"convert", "by"} == WORDS.keys()


def test_a_recap_has_what_each_stage_took_the_longest_first():
    times = iter([0.0, 1.0, 1.0, 3.0, 9.0, 10.0, 10.0])
    recap = Recap(lambda: next(times))
    for stage in ("open", "summary: 1 order lines", "summary: 2 order lines", "fit", "write"):
        recap.stage(stage)
    assert recap.text("score") == "score: 10.0 s (fitting models 6.0, reading order lines 2.0, writing 1.0)"


def test_a_brief_run_has_no_recap():
    times = iter([0.0, 0.5, BRIEF - 0.1, BRIEF - 0.1])
    recap = Recap(lambda: next(times))
    recap.stage("fit")
    assert recap.text("score") == ""


def test_nothing_is_drawn_where_there_is_no_terminal(capsys):
    with progress("score") as on_stage:
        on_stage("fit")
    assert capsys.readouterr() == ("", "")
