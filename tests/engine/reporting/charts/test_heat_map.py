"""Cells lie where their row and column say, with numbers where there is room for them."""

import re

from whalecurve.engine.reporting import NARROW, WIDE
from whalecurve.engine.reporting.charts import Cell, heat_map_chart


def drawn(width, n=24, line="1.1k"):
    cells = {(i, j): Cell(level=1, lines=(line,), tip=f"{i}-{j}") for i in range(2) for j in range(n - i)}
    names = [str(j) for j in range(n)]
    return heat_map_chart(
        ["first", "second"], names, cells, width, title="T", says="S", row_title="r", column_title="c"
    )


def test_numbers_are_left_to_the_table_where_cells_are_too_narrow():
    assert drawn(WIDE).count(">1.1k</text>") == 24 + 23
    assert ">1.1k</text>" not in drawn(NARROW)
    assert drawn(NARROW, n=5).count(">1.1k</text>") == 5 + 4


def test_every_cell_has_its_rectangle_and_what_it_says():
    for width in (WIDE, NARROW):
        picture = drawn(width)
        assert picture.count("<rect ") == 24 + 23
        assert "<title>1-22</title>" in picture
        rights = [
            float(x) + float(w) for x, w in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', picture)
        ]
        assert max(rights) <= width


def test_names_that_are_too_long_are_cut():
    cells = {(0, 0): Cell(level=0, lines=("1",), tip="")}
    picture = heat_map_chart(["x" * 400], ["y"], cells, WIDE, title="T", says="S", row_title="r", column_title="c")
    assert "x" * 30 not in picture
    assert "xxx…" in picture
