from tests.support.logs import write
from whalecurve import engine
from whalecurve.engine.stages import Stages


def test_a_stage_tells_how_many_lines_of_how_many_it_has_read():
    told = []
    stages = Stages(told.append)
    with stages.stage("summary"):
        stages.lines_read(2_000)(1_000)
        stages.lines_read(None)(1_500)
    assert told == ["summary", "summary: 1,000 of 2,000 order lines", "summary: 1,500 order lines"]
    Stages().lines_read(1)(1)  # where nobody listens


def test_scoring_tells_the_lines_that_it_has_read(tmp_path):
    told = []
    engine.score(write(tmp_path / "a.parquet"), out=tmp_path / "scores", on_stage=told.append)
    assert told[:3] == ["open", "summary", "summary: 6 of 6 order lines"]
