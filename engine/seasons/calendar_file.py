"""A season that is given: a CSV file of days and factors, as of promotions and closures."""

import csv
import math
import re
from datetime import date

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.paths import read_text
from whalecurve.engine.seasons.season import Season, Span

COLUMNS = ("start", "factor", "end")
YEARLY = re.compile(r"\d\d-\d\d")
LEAP_YEAR = 2024
GREATEST = 1000.0
"""Factor beyond which a file is refused: nothing sells a thousand times better for a while."""


def read_calendar(path: str) -> Season:
    """Read a calendar: columns `start`, `factor` and, where spans end by themselves, `end` (included, or empty).

    A start is a day, as 2025-11-24, or one of every year, as 11-24. A span without an end lasts until the next one of
    its kind; the last dated one for ever, the last of a year until the first of the next. Dated spans go over yearly
    ones, and spans with an end over both; days of none have the factor 1.

    Raises
    ------
    InputError
        No such file, other columns, a line that is no span, or no positive factor; with the line's number.
    """
    try:
        text = read_text(path, f"give a CSV file with the columns start and factor, or {setting('season', 'auto')}")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; save it as CSV in UTF-8") from error
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    names = [name.strip() for name in rows.fieldnames or ()]
    if not {"start", "factor"} <= set(names) <= set(COLUMNS):
        raise InputError(
            f"{path}: its columns are {', '.join(names) or 'none'}, expected start, factor and perhaps end"
        )
    rows.fieldnames = names
    spans = []
    for row in rows:
        try:
            spans.append(_span(row, names))
        except ValueError as error:
            raise InputError(f"{path}: line {rows.line_num}: {error}") from error
    if not any(span.factor > 0.0 for span in spans):
        raise InputError(f"{path}: no line has a factor above 0, so nobody would ever buy; correct the factors")
    open_starts = [span.start for span in spans if span.end is None]
    twice = next((start for start in open_starts if open_starts.count(start) > 1), None)
    if twice is not None:
        raise InputError(f"{path}: two spans without an end start on {twice}; leave one out")
    return Season(spans=tuple(spans), source=path)


def _span(cells: dict[str, str], names: list[str]) -> Span:
    """The span of a line. ValueError for anything else."""
    if None in cells or None in cells.values():
        raise ValueError(f"it has other cells than the columns {', '.join(names)}")
    row = {name: cells[name].strip() for name in names}
    start, end = _day(row["start"]), row.get("end") or None
    factor = float(row["factor"]) if row["factor"] else math.nan
    if not 0.0 <= factor <= GREATEST:
        raise ValueError(f'factor "{row["factor"]}" is no number from 0 to {GREATEST:g}; 1.2 is a fifth more')
    if end is not None:
        end = _day(end)
        if bool(YEARLY.fullmatch(start)) != bool(YEARLY.fullmatch(end)):
            raise ValueError(f"{start} to {end} has a year on one side alone; give it on both, or on neither")
        if not YEARLY.fullmatch(start) and end < start:
            raise ValueError(f"{end} is before {start}; swap them?")
    return Span(start=start, end=end, factor=factor)


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(f"{LEAP_YEAR}-{text}" if YEARLY.fullmatch(text) else text)
    except ValueError:
        raise ValueError(f'"{text}" is not a day; give one like 2025-11-24, or 11-24 for every year') from None
    return text if YEARLY.fullmatch(text) else day.isoformat()
