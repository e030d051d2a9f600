"""Lists and the names of their files."""

import polars as pl
import pytest

from whalecurve.engine import InputError, Result
from whalecurve.engine.audiences.members import audiences
from whalecurve.engine.audiences.settings import Exporting


def result(*names):
    segments = pl.DataFrame({"scheme": ["rfm"] * len(names), "segment": names}, schema_overrides={"segment": pl.String})
    return Result(path="scores", segments=segments, model={}, manifest={}, as_of=None)


def stems(*names):
    return [one.stem for one in audiences(result(*names), Exporting(segments=names))]


def test_files_are_named_after_segments():
    assert stems("Champions", "Can't lose them", "Größte Kunden") == ["champions", "cant_lose_them", "grösste_kunden"]


def test_names_that_are_alike_or_empty_have_files_of_their_own():
    assert stems("A", "a 2", "a!", "a?", "***", "???") == ["a", "a_2", "a_3", "a_4", "segment", "segment_2"]


def test_without_segments_there_is_one_list():
    assert [(one.segment, one.stem) for one in audiences(result("A"), Exporting())] == [(None, "customers")]


def test_a_result_without_segments_of_the_scheme_is_refused():
    with pytest.raises(InputError, match="scores: has no segments of matrix; score its orders again"):
        audiences(result("A"), Exporting(scheme="matrix", segments=("Defend",)))
