"""Stage: files -> mapped, checked order lines. Every line is either usable or has the reason why not."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from whalecurve.engine.attributes import with_attributes
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.mapping import AT, FAULT, Mapping
from whalecurve.engine.object_stores import location_of, scan_options
from whalecurve.engine.order_files import (
    OrderFile,
    named,
    plain_values,
    scan_odd,
    scan_text,
    scan_unpruned,
    scan_url,
)
from whalecurve.engine.paths import is_object_url, is_web_url

ROW, FILE = "__row", "__file"
"""The columns of mapped lines that say where a line comes from."""
FAR_DAYS = 95_000_000
"""Days from 1970 that times are cut to as they are read, either way: beyond the year 262,000 Polars panics."""
NANOSECOND_DAYS = 106_750
"""Days from 1970 that nanoseconds hold in full, either way. A time beyond them may have been cut off at the ends of 64
bits, so it is taken for one that is too far away for any calendar."""
TICKS = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}  # in a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """A mapped order log. Lines that name no customer are usable only if `guests` are taken.

    `lines` holds, lazily and in file order, one row per line that `where` selects: customer_id, time, amount, and
    margin or cost, order_id, return_flag where mapped, and `dim:...` for each dimension, in their own types; where a
    file is text, `FAULT` too, which says what of a line cannot be read. `passed_over` are files of the directories that
    are not read, told by their names. `notes` say how attributes of customers match, and which were pooled.
    """

    files: list[OrderFile]
    mapping: Mapping
    lines: pl.LazyFrame
    guests: bool = False
    passed_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What messages call the log."""
        return named(self.files)

    @property
    def paths(self) -> list[str]:
        """Path or URL of each file; frames have none."""
        return [file.path for file in self.files if file.kind != "frame"]

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Path, rows and bytes of each file, as a record says them; of a table its version, of an answer its query."""
        return [{"path": file.path, "rows": file.n_rows, "bytes": file.n_bytes} | file.origin for file in self.files]

    @property
    def definitions(self) -> dict[str, Any]:
        """How lines are read, as a record says it: the columns by role, the condition, ids that are nobody.

        What few logs need is told where it is used, see `Mapping.further`.
        """
        columns = {role: filled.mapping for role, filled in self.mapping.roles.items()}
        mapping, nobody = self.mapping, list(self.mapping.nobody) or None
        told = {"columns": columns, "where": mapping.where_text, "missing": mapping.missing, "nobody": nobody}
        return told | mapping.further | mapping.attribute_settings

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that lines carry, as they were given."""
        return tuple(self.mapping.dimensions)

    @property
    def n_rows(self) -> int | None:
        """Rows in the files, about so many where one of them is text; None where one is an object-store URL."""
        rows = [file.n_rows_about if file.n_rows is None else file.n_rows for file in self.files]
        return sum(n or 0 for n in rows) if None not in rows else None

    @property
    def has_margin(self) -> bool:
        """Whether lines carry margin, as such or as amount less cost."""
        return "margin" in self.mapping.roles or "cost" in self.mapping.roles

    @property
    def has_order_id(self) -> bool:
        """Whether lines carry an order id."""
        return "order" in self.mapping.roles

    @property
    def timezone(self) -> str | None:
        """The zone that the time column carries; None for dates and naive times."""
        dtype = self.mapping.roles["time"].dtype
        return dtype.time_zone if isinstance(dtype, pl.Datetime) else None


def dimension_column(dimension: str) -> str:
    """The column of lines that carries a dimension."""
    return f"dim:{dimension}"


def rows_read(orders: Orders) -> pl.LazyFrame:
    """The columns that the mapping reads, of every row, before any expression."""
    return scan_rows(orders.files, orders.mapping)


def rows_with(orders: Orders, columns: dict[str, pl.DataType]) -> pl.LazyFrame:
    """The rows that `where` selects, with more columns, each in a type that all files can be read in."""
    mapping = replace(orders.mapping, inputs=orders.mapping.inputs | columns)
    return mapping.selected(scan_rows(orders.files, mapping))


def scan_rows(files: list[OrderFile], mapping: Mapping, *, places: bool = False) -> pl.LazyFrame:
    """All files as one frame of the needed columns, in their common types and in file order, with attributes beside.

    With `places`, their file and row under the names that `place_columns` yields. Statistics of row groups are not
    asked which rows a condition selects: older writers got those of decimals wrong, and lines went missing.
    """
    runs: list[list[OrderFile]] = []
    for file in files:
        if file.n_rows == 0:  # whatever its types
            continue
        if runs and _reads_alike(runs[-1][-1], file, mapping):
            runs[-1].append(file)
        else:
            runs.append([file])
    if not runs:
        place = dict(zip(place_columns(mapping), (pl.String(), pl.Int64()), strict=True)) if places else {}
        fault = {} if mapping.fault is None else {mapping.fault: pl.String()}
        rows = pl.LazyFrame(schema=mapping.inputs | fault | place)
    else:
        rows = pl.concat([mapping.filled(_scan_run(run, mapping, places=places)) for run in runs], how="vertical")
    return with_attributes(rows, mapping.roles["customer"].expr, mapping.attributes)


def _reads_alike(a: OrderFile, b: OrderFile, mapping: Mapping) -> bool:
    if mapping.fill_down or a.kind != b.kind or a.kind == "arrow" or a.source is not None or b.source is not None:
        return False
    if is_web_url(a.path) or is_web_url(b.path) or _store_of(a) != _store_of(b):
        return False
    if a.kind == "text":
        return True
    if a.is_odd or b.is_odd or a.partitions != b.partitions:
        return False
    return all(a.schema.get(name) == b.schema.get(name) for name in (*mapping.inputs, *a.partitions))


def _store_of(file: OrderFile) -> str | None:
    """The root of the store that an object lies in: Polars reads those of one at once."""
    return location_of(file.path).root if is_object_url(file.path) else None


def _scan_run(run: list[OrderFile], mapping: Mapping, *, places: bool) -> pl.LazyFrame:
    first = run[0]
    file, row = place_columns(mapping) if places else (None, None)
    if first.kind == "text":
        return _scan_texts(run, mapping, file, row)
    if first.source is not None:
        own = [name for name in mapping.inputs if name in first.schema]
        lines = _with_places(scan_unpruned(first, own), first, file, row)
    elif is_web_url(first.path):
        lines = scan_url(first.path, file=file, row=row)
    elif first.is_odd or first.kind == "arrow":
        lines = _with_places(scan_odd(first, [n for n in mapping.inputs if n in first.schema]), first, file, row)
    else:
        own = [name for name in mapping.inputs if name in first.schema and name not in first.partitions]
        lines = pl.scan_parquet(
            [file.path for file in run],
            schema={name: first.schema[name] for name in own},
            extra_columns="ignore",
            hive_partitioning=bool(first.partitions),
            hive_schema={name: first.schema[name] for name in first.partitions} or None,
            glob=False,
            include_file_paths=file,
            row_index_name=row,
            use_statistics=False,
            **scan_options(first.path),
        )
    columns = [_read_as(name, first.schema.get(name), dtype) for name, dtype in mapping.inputs.items()]
    if mapping.fault is not None:
        columns.append(pl.lit(None, dtype=pl.String).alias(mapping.fault))
    if file is None or row is None:
        return lines.select(columns)
    paths, starts = zip(*_starts(run), strict=True)
    start = pl.col(file).replace_strict(paths, starts, default=0, return_dtype=pl.Int64)
    return lines.select(*columns, file, pl.col(row).cast(pl.Int64) - start)


def _scan_texts(run: list[OrderFile], mapping: Mapping, file_name: str | None, row_name: str | None) -> pl.LazyFrame:
    assert mapping.fault is not None, "there are text files"
    lines = scan_text(run, mapping.inputs, mapping.fault, file_name=file_name, row_name=row_name)
    columns = [_read_as(name, dtype, dtype) for name, dtype in mapping.inputs.items()]
    places = [name for name in (file_name, row_name) if name is not None]
    return lines.select(*columns, mapping.fault, *places)


def _with_places(lines: pl.LazyFrame, file: OrderFile, file_name: str | None, row_name: str | None) -> pl.LazyFrame:
    if file_name is None or row_name is None:
        return lines
    return lines.with_row_index(row_name).with_columns(pl.lit(file.path).alias(file_name))


def _read_as(name: str, stored: pl.DataType | None, dtype: pl.DataType) -> pl.Expr:
    """A file's column in the type of all files; null where the file has none."""
    if stored is None:
        return pl.lit(None, dtype=dtype).alias(name)
    column, stored = plain_values(name, stored)
    if isinstance(stored, pl.Date):
        column = column.to_physical().clip(-FAR_DAYS, FAR_DAYS).cast(stored)
    if isinstance(stored, pl.Datetime):
        column = _in_calendar(column, stored)
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
            column = column.dt.convert_time_zone(dtype.time_zone)
    return column.cast(dtype).alias(name)


def _starts(run: list[OrderFile]) -> list[tuple[str, int]]:
    starts, start = [], 0
    for file in run:
        starts.append((file.path, start))
        start += file.n_rows or 0
    return starts


def _in_calendar(column: pl.Expr, stored: pl.Datetime) -> pl.Expr:
    """A time that no step panics over; nanoseconds as microseconds, which have room for what is too far away."""
    ticks = column.to_physical()
    if stored.time_unit != "ns":
        far = FAR_DAYS * TICKS[stored.time_unit]
        return ticks.clip(-far, far).cast(stored)
    end, far = NANOSECOND_DAYS * TICKS["ns"], FAR_DAYS * TICKS["us"]
    micros = pl.when(ticks > end).then(far).when(ticks < -end).then(-far).otherwise(ticks // 1000)
    return micros.cast(pl.Datetime("us", stored.time_zone))


def place_columns(mapping: Mapping) -> tuple[str, str]:
    """The columns of rows that say file and row: names that no column of the files has."""
    return mapping.free_name(FILE), mapping.free_name(ROW)


def mapped_rows(rows: pl.LazyFrame, mapping: Mapping, *, places: bool = False) -> pl.LazyFrame:
    """The rows that `where` selects, a column a role, in file order; with `places` also their file and row."""
    names = {"customer": "customer_id", "order": "order_id"}
    selected, marks = mapping.selected(rows), []
    if mapping.kept is not None:
        at = mapping.free_name(AT)
        selected = selected.with_row_index(at)
        marks = mapping.kept.marks(at, mapping.roles["order"].expr)
    return selected.select(
        *(role.expr.alias(names.get(name, name)) for name, role in mapping.roles.items()),
        *(role.expr.alias(dimension_column(text)) for text, role in mapping.dimensions.items()),
        *marks,
        *([pl.col(mapping.fault).alias(FAULT)] if mapping.fault is not None else []),
        *(pl.col(name).alias(own) for name, own in zip(place_columns(mapping), (FILE, ROW), strict=True) if places),
    )


def value_column(orders: Orders, value: str | None) -> str:
    """What `value` is measured in: margin where lines carry it, else revenue, unless one was chosen."""
    if value not in (None, "margin", "revenue"):
        raise InputError(f'{setting("value")} "{value}" is unknown; choose margin or revenue')
    if value == "margin" and not orders.has_margin:
        raise InputError(
            f"{setting('value', 'margin')}: the orders carry no margin; map it with {setting('margin')} or "
            f"{setting('cost')}, or take revenue"
        )
    return value or ("margin" if orders.has_margin else "revenue")
