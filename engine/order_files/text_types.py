"""The types that columns of text files are read in: fixed once for all files of a log, by a sample of the first."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.formats import TextLayout, sampled
from whalecurve.engine.order_files.column_types import common_types
from whalecurve.engine.order_files.footers import OrderFile
from whalecurve.engine.order_files.names import column_names


def with_types(files: list[OrderFile]) -> list[OrderFile]:
    """The files, those of text with types: of a column that other files have, theirs; else what a sample shows.

    The sample is of the first text file that has a value in the column.
    """
    forms: dict[str, TextLayout] = {}
    for file in files:
        own = [name for name in file.schema if name not in file.partitions]
        unknown = [name for name in own if name not in forms]
        if file.layout is not None and file.n_rows != 0 and unknown:
            layout = sampled(file.path, file.layout, unknown)
            forms |= dict.fromkeys((name for name in unknown if name in layout.forms), layout)
    typed = _types_of_others(files)
    return [file if file.layout is None else _typed(file, file.layout, forms, typed) for file in files]


def _types_of_others(files: list[OrderFile]) -> dict[str, pl.DataType]:
    others = [file for file in files if file.layout is None]
    types: dict[str, pl.DataType] = {}
    for name in column_names(others):
        with suppress(InputError):  # of others that disagree, whoever asks for the column is told
            types |= common_types([name], others)
    return types


def _typed(
    file: OrderFile, layout: TextLayout, forms: Mapping[str, TextLayout], typed: Mapping[str, pl.DataType]
) -> OrderFile:
    known = [name for name in layout.names if name in forms]
    layout = replace(
        layout,
        forms={name: forms[name].forms[name] for name in known},
        likely={name: forms[name].likely[name] for name in known if name in forms[name].likely},
        fixed=frozenset(name for name in layout.names if name in typed),
    )
    types = {name: layout.forms[name].dtype for name in known} | {name: typed[name] for name in layout.fixed}
    return replace(file, layout=layout, schema=file.schema | types)


VERY_LIKELY = 0.95
"""Share of the sampled cells that are numbers, from which a column in an expression of money is taken for one."""


def typed_for(
    files: list[OrderFile],
    *,
    ids: Collection[str],
    numbers: Collection[str],
    parts: Collection[str],
    times: Collection[str],
) -> list[OrderFile]:
    """The files, those of text with columns in types that suit what is made of them.

    Parameters
    ----------
    ids
        Columns that stay text, whatever their cells look like, unless files of other kinds have them too.
    numbers
        Columns of money: floats, which hold whole numbers too, so that a first fraction below the sample is one. They
        are not text as long as most sampled cells are numbers.
    parts
        Columns that money is worked out from: the same, but that few sampled cells may be something else.
    times
        Columns of times, as long as most sampled cells are.
    """
    wanted = _Wanted(ids=ids, numbers=numbers, parts=parts, times=times)
    return [file if file.layout is None else _suited(file, file.layout, wanted) for file in files]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What columns are wanted for; see `typed_for`."""

    ids: Collection[str]
    numbers: Collection[str]
    parts: Collection[str]
    times: Collection[str]


def _suited(file: OrderFile, layout: TextLayout, wanted: _Wanted) -> OrderFile:
    types: dict[str, pl.DataType] = {}
    for name in layout.names:
        form = layout.form(name)
        dtype = form.dtype
        if name in layout.fixed or name in file.partitions:
            continue
        is_money = name in wanted.numbers or (name in wanted.parts and form.share >= VERY_LIKELY)
        if name in wanted.ids:
            types[name] = pl.String()
        elif is_money and (dtype.is_numeric() or name not in layout.forms):
            types[name] = pl.Float64()
        elif name in wanted.times and dtype.is_temporal():
            types[name] = dtype
    return replace(file, schema=file.schema | types)
