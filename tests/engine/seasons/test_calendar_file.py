import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.seasons import Span, read_calendar


def written(tmp_path, text, name="calendar.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_calendar_has_starts_factors_and_ends(tmp_path):
    path = written(tmp_path, "\ufeffstart, factor,end\n11-20,1.6,\n01-05,0.9,\n\n2025-06-13,0,2025-06-15\n")
    season = read_calendar(path)
    assert season.spans == (
        Span(start="11-20", end=None, factor=1.6),
        Span(start="01-05", end=None, factor=0.9),
        Span(start="2025-06-13", end="2025-06-15", factor=0.0),
    )
    assert season.source == path


def test_ends_may_be_left_out(tmp_path):
    assert read_calendar(written(tmp_path, "factor,start\n2,2025-01-01\n")).spans[0].factor == 2.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its columns are none"),
        ("start,factors\n", "its columns are start, factors"),
        ("start,factor\n2025-13-01,1\n", 'line 2: "2025-13-01" is not a day'),
        ("start,factor\n02-30,1\n", 'line 2: "02-30" is not a day'),
        ("start,factor\n11-01,\n", 'line 2: factor "" is no number'),
        ("start,factor\n11-01,-1\n", 'line 2: factor "-1" is no number'),
        ("start,factor\n11-01,nan\n", 'line 2: factor "nan" is no number'),
        ("start,factor\n11-01,much\n", "line 2: could not convert"),
        ("start,factor\n11-01,0\n", "no line has a factor above 0"),
        ("start,factor\n", "no line has a factor above 0"),
        ("start,factor\n11-01,1,9\n", "line 2: it has other cells than the columns start, factor"),
        ("start,factor\n11-01,1\n11-01,2\n", "two spans without an end start on 11-01"),
        ("start,factor\n11-01\n", "line 2: it has other cells"),
        ("start,factor,end\n2025-01-02,1,2025-01-01\n", "line 2: 2025-01-01 is before 2025-01-02"),
        ("start,factor,end\n2025-11-24,1,20251101\n", "line 2: 2025-11-01 is before 2025-11-24"),
        ("start,factor,end\n2025-01-02,1,01-05\n", "line 2: 2025-01-02 to 01-05 has a year on one side alone"),
    ],
)
def test_what_is_no_calendar_is_refused_with_its_line(tmp_path, text, says):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as refused:
        read_calendar(path)
    assert str(refused.value).startswith(f"{path}: {says}")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_calendar(str(tmp_path / "none.csv"))


def test_text_of_another_encoding_is_refused(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("start,factor,Zeit\xe4\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_calendar(str(path))
