"""Stage: files -> mapped, checked order lines. Every line is either usable or has the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from whalecurve.engine.money import LIMIT, to_fixed
from whalecurve.engine.orders.files import OrderFile, Paths, find_files, is_url, named, scan_url
from whalecurve.engine.orders.mapping import Dimensions, Mapping, resolve
from whalecurve.engine.settings import Columns, Window

REFUSALS = (
    "",  # usable
    "null_customer",
    "null_time",
    "time_before_1970",
    "time_out_of_range",
    "null_amount",
    "amount_not_finite",
    "amount_out_of_range",
    "null_margin",
    "margin_not_finite",
    "margin_out_of_range",
    "after_as_of",
    "before_since",
)
CODE = {name: code for code, name in enumerate(REFUSALS)}
EPOCH = date(1970, 1, 1)
END_OF_CALENDAR = 2_932_897  # 10000-01-01 in days since 1970; Python's dates end the day before
ROW, FILE = "__row", "__file"
FAR_DAYS = {"ms": 95_000_000, "us": 95_000_000, "ns": 106_750}
"""Days from 1970 that times are cut to as they are read, either way: beyond the year 262,000 Polars panics, and at the
ends of what nanoseconds hold a change of zone wraps around."""
TICKS = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}  # in a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """A mapped order log. Lines that name no customer are usable only if `guests` are taken.

    `lines` holds, lazily and in file order, one row per line that `where` selects: customer_id, time, amount, and
    margin or cost, order_id, return_flag where mapped, and `dim:...` for each dimension, in their own types.
    """

    files: list[OrderFile]
    mapping: Mapping
    lines: pl.LazyFrame
    guests: bool = False

    @property
    def name(self) -> str:
        """What messages call the log."""
        return named(self.files)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that lines carry, as they were given."""
        return tuple(self.mapping.dimensions)

    @property
    def n_rows(self) -> int | None:
        """Rows in the files; None where one of them is an object-store URL."""
        rows = [file.n_rows for file in self.files]
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


def scan_orders(orders: Paths, columns: Columns | None = None, dimensions: Dimensions = ()) -> Orders:
    """Open an order log without reading its rows.

    Parameters
    ----------
    orders
        Parquet files, directories (hive-partitioned or not), globs, object-store URLs, or a list of them.
    columns
        Which column or SQL expression plays which role.
    dimensions
        More columns or SQL expressions that lines are to carry: product, brand, city, channel.

    Raises
    ------
    InputError
        A path or file that cannot be read; a mapping that does not fit the files.
    """
    files = find_files(orders)
    mapping = resolve(columns or Columns(), files, dimensions)
    return Orders(files=files, mapping=mapping, lines=_mapped(_scan(files, mapping), mapping))


def checked_lines(orders: Orders, window: Window, *, places: bool = False) -> pl.LazyFrame:
    """Order lines with their day and exact money, and `refusal`, an index into `REFUSALS` (0: usable).

    Columns: customer_id, day (Int32, days since 1970), amount and margin (Int64, fixed-point), order_id where mapped,
    `dim:...` for each dimension, is_return, was_positive_return, refusal (UInt8). A flagged return with a positive
    amount is taken off all the same: its amount and margin change sign. `places=True` adds file and row number.
    """
    return checked(
        _mapped(_scan(orders.files, orders.mapping, places=places), orders.mapping, places=places),
        orders,
        window,
        places=places,
    )


def checked(lines: pl.LazyFrame, orders: Orders, window: Window, *, places: bool = False) -> pl.LazyFrame:
    """What `checked_lines` makes of mapped lines: of `orders.lines`, or of a batch of them."""
    roles = orders.mapping.roles
    amount = to_fixed(pl.col("amount"), roles["amount"].dtype)
    money = {"amount": amount}
    if "margin" in roles:
        money["margin"] = to_fixed(pl.col("margin"), roles["margin"].dtype)
    elif "cost" in roles:
        money["margin"] = amount - to_fixed(pl.col("cost"), roles["cost"].dtype)
    is_return = pl.col("return_flag").fill_null(value=False) if "return_flag" in roles else pl.col("amount") < 0
    is_positive_return = is_return & (pl.col("amount") > 0)
    found = [pl.col(FILE), pl.col(ROW), pl.col("time"), pl.col("amount").alias("amount_found")] if places else []
    return lines.with_columns(day=day_of(roles["time"].dtype, window.timezone)).select(
        *found,
        pl.when(~_nobody(orders)).then(pl.col("customer_id")) if orders.guests else "customer_id",
        "day",
        *(pl.when(is_positive_return).then(-units).otherwise(units).alias(name) for name, units in money.items()),
        *(["order_id"] if orders.has_order_id else []),
        *map(dimension_column, orders.dimensions),
        is_return=is_return,
        was_positive_return=is_positive_return,
        refusal=_refusal(orders),
    )


def reordered(orders: Orders, files: list[OrderFile]) -> Orders:
    """The same order log with its files in another order."""
    lines = _mapped(_scan(files, orders.mapping), orders.mapping) if files else orders.lines.clear()
    return replace(orders, files=files, lines=lines)


def rows_read(orders: Orders) -> pl.LazyFrame:
    """The columns that the mapping reads, of every row, before any expression."""
    return _scan(orders.files, orders.mapping)


def in_window(first_day: int | None, last_day: int) -> pl.Expr:
    """Whether a checked line is usable and its day observed, both ends included."""
    usable = (pl.col("refusal") == 0) & (pl.col("day") <= last_day)
    return usable if first_day is None else usable & (pl.col("day") >= first_day)


def _scan(files: list[OrderFile], mapping: Mapping, *, places: bool = False) -> pl.LazyFrame:
    """All files as one frame of the needed columns, in their common types and in file order."""
    runs: list[list[OrderFile]] = []
    for file in files:
        if runs and _reads_alike(runs[-1][-1], file, mapping):
            runs[-1].append(file)
        else:
            runs.append([file])
    return pl.concat([_scan_run(run, mapping, places=places) for run in runs], how="vertical")


def _reads_alike(a: OrderFile, b: OrderFile, mapping: Mapping) -> bool:
    if is_url(a.path) or is_url(b.path) or a.partitions != b.partitions:
        return False
    return all(a.schema.get(name) == b.schema.get(name) for name in (*mapping.inputs, *a.partitions))


def _scan_run(run: list[OrderFile], mapping: Mapping, *, places: bool) -> pl.LazyFrame:
    first = run[0]
    file, row = (FILE, ROW) if places else (None, None)
    if is_url(first.path):
        lines = scan_url(first.path, file=file, row=row)
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
        )
    columns = [_read_as(name, first.schema.get(name), dtype) for name, dtype in mapping.inputs.items()]
    if not places:
        return lines.select(columns)
    starts = pl.LazyFrame(_starts(run), schema={FILE: pl.String, "__start": pl.Int64}, orient="row")
    numbered = lines.join(starts, on=FILE, how="left", maintain_order="left")
    return numbered.select(*columns, FILE, pl.col(ROW).cast(pl.Int64) - pl.col("__start").fill_null(0))


def _read_as(name: str, found: pl.DataType | None, dtype: pl.DataType) -> pl.Expr:
    """A file's column in the type of all files; null where the file has none."""
    if found is None:
        return pl.lit(None, dtype=dtype).alias(name)
    column = pl.col(name)
    if isinstance(found, pl.Date | pl.Datetime):
        unit = found.time_unit if isinstance(found, pl.Datetime) else None
        far = FAR_DAYS[unit] * TICKS[unit] if unit else FAR_DAYS["us"]
        column = column.to_physical().clip(-far, far).cast(found)
    return column.cast(dtype).alias(name)


def _starts(run: list[OrderFile]) -> list[tuple[str, int]]:
    starts, start = [], 0
    for file in run:
        starts.append((file.path, start))
        start += file.n_rows or 0
    return starts


def _mapped(rows: pl.LazyFrame, mapping: Mapping, *, places: bool = False) -> pl.LazyFrame:
    names = {"customer": "customer_id", "order": "order_id"}
    selected = rows if mapping.where is None else rows.filter(mapping.where)
    return selected.select(
        *(role.expr.alias(names.get(name, name)) for name, role in mapping.roles.items()),
        *(role.expr.alias(dimension_column(text)) for text, role in mapping.dimensions.items()),
        *([FILE, ROW] if places else []),
    )


def day_of(dtype: pl.DataType, timezone: str | None) -> pl.Expr:
    """The calendar day of a mapped line in days since 1970 (Int32); null where there is none."""
    time = pl.col("time")
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None and timezone is not None:
            time = time.dt.convert_time_zone(timezone)
        time = time.dt.date()
    return time.cast(pl.Int32, strict=False)


def _nobody(orders: Orders) -> pl.Expr:
    """Whether a line names no customer: null, or an id without content."""
    customer, dtype = pl.col("customer_id"), orders.mapping.roles["customer"].dtype
    if isinstance(dtype, pl.String):
        return customer.is_null() | (customer.str.len_bytes() == 0)
    if isinstance(dtype, pl.Binary):
        return customer.is_null() | (customer.bin.size() == 0)
    return customer.is_null()


def _refusal(orders: Orders) -> pl.Expr:
    roles, day = orders.mapping.roles, pl.col("day")
    tests = [
        *([] if orders.guests else [("null_customer", _nobody(orders))]),
        ("null_time", pl.col("time").is_null()),
        ("time_out_of_range", day.is_null() | (day >= END_OF_CALENDAR)),
        ("time_before_1970", day < 0),
        *_money_tests("amount", [("amount", roles["amount"].dtype)]),
    ]
    tests += _money_tests("margin", [(role, roles[role].dtype) for role in ("margin", "cost") if role in roles])
    if "cost" in roles:
        margin = pl.col("amount").cast(pl.Float64) - pl.col("cost").cast(pl.Float64)
        tests.append(("margin_out_of_range", margin.abs() > LIMIT))
    code = pl.lit(0, dtype=pl.UInt8)
    for name, is_so in reversed(tests):
        code = pl.when(is_so).then(pl.lit(CODE[name], dtype=pl.UInt8)).otherwise(code)
    return code


def _money_tests(name: str, sources: Sequence[tuple[str, pl.DataType]]) -> list[tuple[str, pl.Expr]]:
    tests = []
    for column, dtype in sources:
        tests.append((f"null_{name}", pl.col(column).is_null()))
        if dtype.is_float():
            tests.append((f"{name}_not_finite", ~pl.col(column).is_finite()))
        tests.append((f"{name}_out_of_range", pl.col(column).cast(pl.Float64).abs() > LIMIT))
    return tests
