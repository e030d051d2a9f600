"""CSV and its relatives: how a file is written, which types its columns have, and its rows in these types."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.formats.text_cells import TEXT, Form, cell_text, form_of, read_cells, unread
from whalecurve.engine.formats.text_records import Dialect, records, text_pieces

SEPARATORS = ",;\t|"
ONE_NAME = re.compile(r'"?\w[\w .-]{0,63}"?')
"""The first line of a file of one column."""

HEAD, HEAD_LINES = 2**18, 20
"""Bytes that are looked at first, and lines of them from which the separator is told."""

SAMPLE_ROWS = 10_000
"""Rows whose cells decide the types of columns."""

LIKELY = 0.5
"""Share of the sampled cells that are numbers, or times, from which a column that is to be so is taken for one."""

FAULT = "__fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLayout:
    """How a text file is written.

    names : of its columns, in order
    forms : what the cells of a column look like, by the sample; of a column that is read in another type than the
        form's, how its numbers and times are written all the same
    likely : columns that are text since a few sampled cells are, with the form of the other cells
    fixed : columns whose type is that of other files, of a kind that has types
    """

    dialect: Dialect
    names: tuple[str, ...]
    forms: dict[str, Form] = field(default_factory=dict)
    likely: dict[str, Form] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def form(self, name: str) -> Form:
        """How the cells of a column say what they say, whether or not it is taken for text."""
        return self.likely.get(name) or self.forms.get(name, TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHead:
    """The first look at a text file; `is_empty` where nothing follows the names of the columns."""

    layout: TextLayout
    is_empty: bool
    bytes_a_row: float


def read_head(path: str, encoding: str | None = None) -> TextHead:
    """Separator and columns of a text file.

    Raises
    ------
    InputError
        Nothing in it; no separator; no names above the values; another encoding.
    """
    with text_pieces(path, encoding, HEAD) as pieces:
        head = next(pieces, b"").decode()
    if not head.strip():
        raise InputError(f"{path}: empty, without even names of columns; export the file again, or exclude it")
    if "\n" not in head and "\r" in head.strip("\r"):
        raise InputError(f"{path}: its lines end in a carriage return alone; write it with line feeds")
    lines = [f"{line}\n" for line in head.split("\n", HEAD_LINES)[:HEAD_LINES]]
    separator = _separator(lines)
    if separator is None:
        raise InputError(
            f"{path}: no separator (comma, semicolon, tab or bar) that parts the first lines alike; write it as CSV"
        )
    names = _names(path, next(csv.reader(lines, delimiter=separator)))
    n_lines = head.count("\n")
    return TextHead(
        layout=TextLayout(dialect=Dialect(separator, encoding), names=names),
        is_empty=not "".join(lines[1:]).strip(),
        bytes_a_row=len(head) / max(1, n_lines),
    )


def _separator(lines: list[str]) -> str | None:
    """The separator that parts most lines into as many cells as the first one; of several, into the most cells.

    A first line that is one name and no more is that of a single column, as a list of ids has.
    """

    def fit(separator: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(lines, delimiter=separator))
        except csv.Error:  # a cell beyond all measure
            return 0, 0
        n = len(rows[0])
        return (sum(len(row) == n for row in rows) if n > 1 else 0), n

    fits = {separator: fit(separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: fits[separator])
    return best if fits[best][0] or ONE_NAME.fullmatch(lines[0].strip()) else None


def _names(path: str, header: list[str]) -> tuple[str, ...]:
    """The names of columns; one that comes again is told apart by a number, as Polars does."""
    if _has_values(header):
        raise InputError(
            f"{path}: its first line has values ({', '.join(map(_in_quotes, header[:2]))}), not names of columns; put "
            f"names above"
        )
    names: dict[str, None] = {}
    for cell in header:
        name, n = cell.strip(), 0
        while name in names:
            name, n = f"{cell.strip()}_duplicated_{n}", n + 1
        names[name] = None
    return tuple(names)


def _in_quotes(cell: str) -> str:
    return f'"{cell}"'


def _has_values(header: list[str]) -> bool:
    """Whether the first line has a date or time, or nothing but numbers."""
    cells = [cell.strip() for cell in header if cell.strip()]
    if not any(cell[0] in "+-.0123456789" for cell in cells):  # most often; a thousand files take seconds less
        return False
    types = [form_of(pl.Series([cell], dtype=pl.String)).dtype for cell in cells]
    return any(dtype.is_temporal() for dtype in types) or all(dtype.is_numeric() for dtype in types)


def sampled(path: str, layout: TextLayout, names: Sequence[str]) -> TextLayout:
    """The layout with the forms of the named columns, by a sample of this file's first rows."""
    wanted = [name for name in layout.names if name in names]
    tables, n_rows = [], 0
    for table in records(path, list(layout.names), layout.dialect, wanted, FAULT):
        tables.append(table.filter(pl.col(FAULT).is_null())[: SAMPLE_ROWS - n_rows])
        n_rows += tables[-1].height
        if n_rows >= SAMPLE_ROWS:
            break
    sample = pl.concat(tables) if tables else pl.DataFrame(schema=dict.fromkeys(wanted, pl.String()))
    forms = {name: form_of(sample[name]) for name in wanted if sample[name].null_count() < sample.height}
    likely = {name: form_of(sample[name], LIKELY) for name, form in forms.items() if form == TEXT}
    return replace(
        layout,
        forms=layout.forms | forms,
        likely=layout.likely | {name: form for name, form in likely.items() if form != TEXT},
    )


def typed_records(path: str, layout: TextLayout, types: dict[str, pl.DataType], fault: str) -> Iterator[pl.DataFrame]:
    """The rows with columns of these types, and `fault`: what of a row cannot be read, null where all can.

    The columns are of the file. A cell that says nothing of its column's type is null, and the fault of its row.
    """
    for cells in records(path, list(layout.names), layout.dialect, list(types), fault):
        columns, faults = [], [cells[fault]]
        for name, dtype in types.items():
            values = read_cells(cells[name], dtype, layout.form(name))
            columns.append(values.alias(name))
            missed = unread(cells[name], values)
            if missed.any():
                said = pl.Series([cell_text(name, cell) for cell in cells[name].filter(missed)], dtype=pl.String)
                none = pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
                faults.append(none.scatter(missed.arg_true(), said))
        first = faults[0] if len(faults) == 1 else pl.select(pl.coalesce(*faults)).to_series()
        table = pl.DataFrame([*columns, first.alias(fault)])
        table.columns = [*types, fault]  # Polars calls a column without a name by its place
        yield table


def n_records(path: str, layout: TextLayout) -> int:
    """How many rows a file has, read to its end."""
    return sum(
        table.height for table in records(path, list(layout.names), layout.dialect, list(layout.names[:1]), FAULT)
    )
