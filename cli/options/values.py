"""Values as they are written on the command line: spans of time, sizes, lists of dimensions, of names and of ids."""

import csv
import io
from collections.abc import Iterable
from typing import Literal

import typer

SegmentScheme = Literal["rfm", "matrix", "clv_tier", "lifecycle_stage", "loyalty_tier"]
"""The engine's type of this name, which is not imported so that help answers at once; a test holds them equal."""


def days(text: str | int) -> int:
    """Days in a span such as 365d, 52w, 12m, 1y or plain 365."""
    lengths = {"d": 1.0, "w": 7.0, "m": 365.25 / 12.0, "y": 365.25}
    unit = next((unit for unit in lengths if str(text).endswith(unit)), "")
    try:
        return round(float(str(text).removesuffix(unit)) * lengths.get(unit, 1.0))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f'"{text}" is no span of time; write days as 365d, or weeks 52w, months 12m, years 1y'
        ) from error


def days_or_auto(text: str | int) -> int | str:
    """Days in a span, or that they are to be found in the log."""
    return "auto" if text == "auto" else days(text)


def range_of(text: str | tuple[int, int]) -> tuple[int, int]:
    """Two whole numbers such as 2-8, or one for both."""
    if isinstance(text, tuple):
        return text
    least, _, most = text.partition("-")
    try:
        return int(least), int(most or least)
    except ValueError as error:
        raise typer.BadParameter(f'"{text}" is no range; write it as 2-8, or one number') from error


def change(text: str | float) -> float:
    """A relative change such as +5% or -5%, as a share."""
    return _number_before("%", text, "change", "+5% or -5%")


def share(text: str | float) -> float:
    """A share such as 3%, or 0.03."""
    try:
        return float(text.strip()[:-1]) / 100.0 if isinstance(text, str) and text.strip().endswith("%") else float(text)
    except ValueError as error:
        raise typer.BadParameter(f'"{text}" is no share; write it as 3% or 0.03') from error


def points(text: str | float) -> float:
    """Points of a share such as +2pt or -0.5pt, as a share."""
    return _number_before("pt", text, "number of points", "+2pt or -0.5pt")


def _number_before(sign: str, text: str | float, what: str, example: str) -> float:
    if not isinstance(text, str):
        return text
    number = text.strip()
    try:
        return float(number.removesuffix(sign) if number.endswith(sign) else "") / 100.0
    except ValueError as error:
        raise typer.BadParameter(f'"{text}" is no {what}; write it as {example}') from error


def size(text: str | int) -> int:
    """Bytes in a size such as 4GB, 800MB or 4GiB."""
    units = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
    folded = str(text).strip().casefold()
    unit = next((u for u in sorted(units, key=len, reverse=True) if folded.endswith(u)), "")
    try:
        n_bytes = int(float(folded.removesuffix(unit)) * units.get(unit, 1.0))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f'"{text}" is no size; write it as 4GB or 800MB') from error
    if n_bytes <= 0:
        raise typer.BadParameter(f'"{text}" is no size; write it as 4GB or 800MB')
    return n_bytes


def dimensions_in(text: str) -> list[str]:
    """The dimensions of a list with commas between them; a comma in parentheses or quotes is part of one."""
    from whalecurve.engine.sql_commas import separating_commas  # imported late: help texts do not wait for the engine

    ends = [*separating_commas(text), len(text)]
    return [text[start:end].strip() for start, end in zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True)]


def names_in(text: str | None) -> list[str]:
    """The names of a list with commas between them, none of which holds one; None, or no text: no names."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def ids_text(ids: Iterable[str]) -> str:
    """The list that `ids_in` reads back: commas between, and double quotes around an id that holds any."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(list(ids))
    return line.getvalue()


def ids_in(text: str | None) -> tuple[str, ...]:
    """The ids of a list with commas between them; one in double quotes may hold commas. None, or no text: no ids."""
    rows = csv.reader([text or ""], skipinitialspace=True)
    return tuple(id_.strip() for row in rows for id_ in row if id_.strip())
