"""Tables as CSV, made to be opened in a spreadsheet: text that one would take for a formula is kept from being one.

A cell that begins with =, +, -, @, a tab or a line break is run as a formula, also between quotation marks: an id of
a customer could read other cells or call programs. The remedy is the usual one (OWASP, CSV injection): an apostrophe
before it. A sign and digits alone, such as a telephone number, are a number and no formula, and stay as they are.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from polars import selectors

TEXT = selectors.string() | selectors.categorical() | selectors.enum()

FORMULA = "^[=@\t\r\n＝＠＋－]|^[+-](?:[^0-9]|[0-9.,]*[^0-9.,]|$)"
"""What a spreadsheet evaluates; the wide forms as well, which some make narrow."""


def write_csv(table: pl.DataFrame, path: Path, *, is_raw: bool = False) -> None:
    """Write a table as CSV, bytes as hexadecimal text; text as it is where `is_raw`, else harmless to spreadsheets."""
    write_csv_parts([table], path, is_raw=is_raw)


def write_csv_parts(parts: Iterable[pl.DataFrame], path: Path, *, is_raw: bool = False, has_bom: bool = False) -> None:
    """The same of a table that comes in parts, one or more, of which one at a time is in memory.

    `has_bom` begins the file with the mark by which spreadsheets tell UTF-8.
    """
    with path.open("wb") as file:
        for place, part in enumerate(parts):
            readable = part.with_columns(pl.col(pl.Binary).bin.encode("hex"))
            is_first = place == 0
            (readable if is_raw else _harmless(readable)).write_csv(
                file, include_header=is_first, include_bom=is_first and has_bom
            )


def n_formulas(table: pl.DataFrame) -> int:
    """How many cells, the names of the columns among them, a spreadsheet would take for formulas."""
    texts = [pl.Series(table.columns), *table.select(TEXT.as_expr().cast(pl.String))]
    return sum(int(text.str.contains(FORMULA).sum()) for text in texts)


def _harmless(table: pl.DataFrame) -> pl.DataFrame:
    names = {name: re.sub(FORMULA, r"'\g<0>", name) for name in table.columns}
    return table.with_columns(TEXT.as_expr().cast(pl.String).str.replace(FORMULA, "'$0")).rename(names)
