"""Cells of text as values: which form the cells of a column have, and what each of them says.

The form is found over a sample and then held. Whole numbers, numbers, true and false, ISO dates and times are told from
text; a column with a cell of any other form is text. So is one with a number that begins with zeros, as ids and
postcodes do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

NOTHING = ("", "NULL", "null", "NA", "N/A", "n/a", "NaN", "nan", "None", "none", "\\N")
"""Cells without a value in columns that are not text: in those, only an empty cell has none."""

LONGEST_SHOWN = 40

DATES = ("%Y-%m-%d", "%Y/%m/%d")
TIMES = tuple(f"{day}{gap}{clock}" for day in DATES for gap in (" ", "T") for clock in ("%H:%M:%S%.f", "%H:%M"))
ZONE = "%#z"

BOOLEANS = {"true": True, "false": False}
ZERO_FIRST, WHOLE = r"^[+-]?0\d", r"^[+-]?\d+$"
COMMA, SURE_COMMA = r"^[+-]?\d+(,\d+)?$", r"^[+-]?\d+,(\d{1,2}|\d{4,})$"
"""Three digits after a comma may be thousands; any other number of them says that it is a decimal comma."""
MOST_ZERO_FIRST = 0.01
"""Share of cells that may be a slip in a column of numbers."""
YEAR_FIRST = r"^\d{4}[-/]\d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How cells say values: of which type, whether numbers have a decimal comma, how times are written.

    share : of the sampled cells, those of this form
    """

    dtype: pl.DataType
    has_comma: bool = False
    time: str | None = None
    share: float = 1.0


TEXT = Form(dtype=pl.String())


def form_of(cells: pl.Series, share: float = 1.0) -> Form:
    """The form that at least this share of a sample's cells have; text where there is none."""
    values = cells.drop_nulls().str.strip_chars()
    values = values.filter(~values.is_in(NOTHING))
    if values.is_empty():
        return TEXT
    most_others = values.len() * (1.0 - share)
    for form in _forms(values, most_others):
        read = read_cells if isinstance(form.dtype, pl.Datetime) else _in_form  # midnight may have gone unwritten
        n_others = read(values, form.dtype, form).null_count()
        if n_others <= most_others:
            return replace(form, share=1.0 - n_others / values.len())
    return TEXT


def _forms(values: pl.Series, most_others: float) -> Iterator[Form]:
    """The forms that values without blanks may have, the narrower ones first."""

    def fits(pattern: str) -> bool:
        return values.len() - values.str.contains(pattern).sum() <= most_others

    if fits(YEAR_FIRST):
        for time in DATES:
            yield Form(dtype=pl.Date(), time=time)
        for time in TIMES:
            yield Form(dtype=pl.Datetime("us"), time=time)
        for time in TIMES:
            yield Form(dtype=pl.Datetime("us", "UTC"), time=time + ZONE)
        return
    if values.str.contains(ZERO_FIRST).sum() > min(most_others, MOST_ZERO_FIRST * values.len()):
        return
    yield Form(dtype=pl.Boolean())
    yield Form(dtype=pl.Int64())
    if not fits(WHOLE):  # beyond 64 bits, floats would make several numbers one
        yield Form(dtype=pl.Float64())
        if fits(COMMA) and values.str.contains(SURE_COMMA).any():
            yield Form(dtype=pl.Float64(), has_comma=True)


def read_cells(cells: pl.Series, dtype: pl.DataType, form: Form) -> pl.Series:
    """The values of cells in a type; null where a cell has none, or is of no form that the type has.

    A column's own form is tried first, other forms of the type on what it leaves: blanks around a value, `12.0` for a
    whole number, another way to write a time.
    """
    if isinstance(dtype, pl.String):
        return cells
    values = _in_form(cells, dtype, form)
    unread = values.is_null() & cells.is_not_null()
    if not unread.any():
        return values
    places = unread.arg_true()
    again = _in_any_form(cells.gather(places).str.strip_chars(), dtype, form)
    return values.scatter(places, again) if again.null_count() < again.len() else values


def unread(cells: pl.Series, values: pl.Series) -> pl.Series:
    """Where a cell says something that was not read."""
    missed = values.is_null() & cells.is_not_null()
    return missed & ~cells.str.strip_chars().is_in(NOTHING) if missed.any() else missed


def cell_text(name: str, cell: str) -> str:
    """A cell as messages and the table of refused lines show it."""
    text = cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}..."
    return f'{name} "{text}"'


def _in_form(cells: pl.Series, dtype: pl.DataType, form: Form) -> pl.Series:
    if isinstance(dtype, pl.Date | pl.Datetime):
        ways = _ways(dtype)
        return _times(cells, dtype, form.time if form.time in ways else ways[0])
    if isinstance(dtype, pl.Boolean):
        return cells.str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean())
    if form.has_comma and dtype.is_numeric():
        is_plain = ~cells.str.contains(".", literal=True)
        cells = pl.select(pl.when(is_plain).then(cells.str.replace(",", ".", literal=True))).to_series()
    values = cells.cast(dtype, strict=False)
    return values.fill_nan(None) if dtype.is_float() else values


def _in_any_form(cells: pl.Series, dtype: pl.DataType, form: Form) -> pl.Series:
    """The values of few cells without blanks around them."""
    values = _in_form(cells, dtype, form)
    others: list[pl.Series] = []
    if dtype.is_integer():
        floats = cells.cast(pl.Float64, strict=False)
        is_whole = (floats == floats.floor()) & (floats.abs() < 2**53)
        others.append(pl.select(pl.when(is_whole).then(floats)).to_series().cast(dtype, strict=False))
    elif isinstance(dtype, pl.Date | pl.Datetime):
        others += [_times(cells, dtype, time) for time in _ways(dtype)]
    return pl.select(pl.coalesce(values, *others)).to_series()


def _ways(dtype: pl.Date | pl.Datetime) -> tuple[str, ...]:
    """How a date or time of a type may be written."""
    if isinstance(dtype, pl.Datetime):
        return tuple(time + ZONE for time in TIMES) if dtype.time_zone is not None else (*TIMES, *DATES)
    return (*DATES, *TIMES)


def _times(cells: pl.Series, dtype: pl.DataType, time: str) -> pl.Series:
    """Dates or times that are written so; a time of day is left out of a date, and is midnight where there is none."""
    if time in DATES:
        return cells.str.to_date(time, strict=False).cast(dtype)
    unit = dtype.time_unit if isinstance(dtype, pl.Datetime) else "us"
    values = cells.str.to_datetime(time, strict=False, time_unit=unit)
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    return values.dt.convert_time_zone(zone) if zone is not None else values.cast(dtype)
