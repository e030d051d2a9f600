"""Charts one by one: what is drawn as PNG has its text, names are checked, files are written whole."""

import struct
import sys
import zlib

import pytest

from whalecurve.engine import InputError
from whalecurve.engine.reporting.pictures import SCALE, Picture, Plots, check_kind
from whalecurve.engine.reporting.style import chart_style

WIDTH, HEIGHT = 60, 30


def svg(words):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" class="chart" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><style>{chart_style()}</style><text x="5" y="20">{words}</text></svg>\n'
    )


def pixels(png):
    """Width, height and the rows of bytes as they are filtered: equal for equal pictures, by the PNG format alone."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (n,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + n] if kind == b"IDAT" else b""
        at += n + 12
    return width, height, zlib.decompress(data)


def test_a_png_is_as_large_as_asked_for_and_shows_its_text():
    width, height, drawn = pixels(Picture(name="a", svg=svg("top 20%")).png())
    assert (width, height) == (WIDTH * SCALE, HEIGHT * SCALE)
    empty = pixels(Picture(name="a", svg=svg(" ")).png())[2]
    assert sum(a != b for a, b in zip(drawn, empty, strict=True)) > 200
    assert len(set(empty)) <= 2


def test_without_the_package_a_png_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError) as told:
        Picture(name="a", svg=svg("x")).png()
    assert str(told.value).endswith(
        'needs the package vl-convert-python; install it with pip install "whalecurve[png]"'
    )


def test_a_chart_is_saved_as_its_ending_says(tmp_path):
    chart = Picture(name="a", svg=svg("x"))
    chart.save(tmp_path / "a.svg")
    chart.save(tmp_path / "a.PNG")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == chart.svg
    assert (tmp_path / "a.PNG").read_bytes() == chart.png()
    with pytest.raises(InputError, match="name a file with one of these endings"):
        chart.save(tmp_path / "a.gif")
    with pytest.raises(InputError, match="exists; choose another file"):
        chart.save(tmp_path / "a.svg")
    chart.save(tmp_path / "a.svg", overwrite=True)


def test_charts_are_found_by_name_and_shown_by_notebooks():
    plots = Plots({"whale-curve": svg("w"), "clv": svg("c")})
    assert dir(plots) == ["clv", "whale_curve"]
    assert plots.whale_curve() == Picture(name="whale-curve", svg=svg("w"))
    assert plots.clv()._repr_svg_().startswith("<svg xmlns=")
    with pytest.raises(AttributeError, match="the report has no chart whale; there are whale_curve, clv"):
        plots.whale  # noqa: B018 - asked for its effect
    assert (repr(plots), repr(plots.clv())) == ("<Plots clv, whale_curve>", "<Picture clv>")


def test_another_kind_of_picture_is_refused():
    with pytest.raises(InputError, match='`figures_as` "gif" is unknown; choose svg or png'):
        check_kind("gif")
