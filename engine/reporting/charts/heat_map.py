"""Cells in rows and columns, shaded by a number and with the number in them where there is room."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import NARROW, Markup, cut, element, extent, gettext, joined
from whalecurve.engine.reporting.charts.svg import NORMAL, SMALL, TINY, picture, text, tip

LINE = 15
"""Height of a line of text in a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: its shade (of `svg.LEVELS`), the lines in it, and what is said when the pointer rests on it."""

    level: int
    lines: tuple[str, ...]
    tip: str


def heat_map_chart(
    rows: Sequence[str],
    across: Sequence[str],
    cells: Mapping[tuple[int, int], Cell],
    width: int,
    *,
    title: str,
    says: str,
    row_title: str,
    column_title: str,
    height: float = 24.0,
) -> Markup:
    """Rows from top to bottom, columns from left to right; a cell that is not there stays empty."""
    most = 110.0 if width <= NARROW else 190.0
    left = min(most, 10 + max(extent(name, NORMAL) for name in (*rows, "")))
    wide = (width - left) / max(len(across), 1)
    top = 40.0
    size = _size(cells.values(), wide, is_narrow=width <= NARROW)
    every = max(1, math.ceil((max((extent(name, NORMAL) for name in across), default=0.0) + 4) / wide))
    read = gettext("{rows} down, {columns} across", rows=row_title, columns=column_title)
    parts = [text(left if left + extent(read, NORMAL) <= width else 0, 12, read, class_="quiet")]
    for j in range(0, len(across), every):
        middle = left + (j + 0.5) * wide
        if middle + extent(across[j], NORMAL) / 2 <= width:
            parts.append(text(middle, 32, across[j], anchor="middle", class_="quiet"))
    for i, name in enumerate(rows):
        middle = top + (i + 0.5) * height
        parts.append(text(left - 6, middle + 4, cut(name, left - 8, NORMAL), anchor="end", class_="quiet"))
        for j in range(len(across)):
            if cell := cells.get((i, j)):
                parts.append(_cell(cell, size, left + j * wide, top + i * height, wide, height))
    return picture(width, top + len(rows) * height + 4, *parts, title=title, says=says)


def _size(cells: Iterable[Cell], wide: float, *, is_narrow: bool) -> str | None:
    """The size of text in which the lines of all cells fit; None where none does that can be read."""
    lines = [line for cell in cells for line in cell.lines]
    sizes = {"small": SMALL} if is_narrow else {"small": SMALL, "tiny": TINY}
    fits = (name for name, size in sizes.items() if all(extent(line, size) + 2 <= wide for line in lines))
    return next(fits, None)


def _cell(cell: Cell, size: str | None, x: float, y: float, wide: float, height: float) -> Markup:
    """A cell with its lines in a size of text; without them where no size fits."""
    lines = cell.lines if size else ()
    first = y + height / 2 - (len(lines) - 1) * LINE / 2 + 4
    return element(
        "g",
        tip(cell.tip),
        element("rect", x=x, y=y, width=max(wide - 1, 0.5), height=height - 1),
        joined(
            *(text(x + wide / 2, first + k * LINE, line, anchor="middle", class_=size) for k, line in enumerate(lines))
        ),
        class_=f"h{cell.level}",
    )
