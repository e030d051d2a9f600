"""Stage: files -> mapped, checked order lines. Every line is either usable or has the reason why not."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.config import Columns, Window
from whalecurve.engine.files import OrderFile, Paths, find_files, is_url
from whalecurve.engine.mapping import Mapping, resolve
from whalecurve.engine.money import LIMIT, to_fixed

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
END_OF_CALENDAR = 2_932_897  # 10000-01-01 in days since 1970; Python's dates end the day before
ROW, FILE = "__row", "__file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """A mapped order log. `lines` holds, lazily and in file order, one row per line that `where` selects:

    customer_id, time, amount, and margin or cost, order_id, return_flag where mapped, in their own types.
    """

    files: list[OrderFile]
    mapping: Mapping
    lines: pl.LazyFrame

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


def scan_orders(orders: Paths, columns: Columns | None = None) -> Orders:
    """Open an order log without reading its rows.

    Parameters
    ----------
    orders
        Parquet files, directories (hive-partitioned or not), globs, object-store URLs, or a list of them.
    columns
        Which column or SQL expression plays which role.

    Raises
    ------
    InputError
        A path or file that cannot be read; a mapping that does not fit the files.
    """
    files = find_files(orders)
    mapping = resolve(columns or Columns(), files)
    return Orders(files=files, mapping=mapping, lines=_mapped(_scan(files, mapping), mapping))


def checked_lines(orders: Orders, window: Window, *, places: bool = False) -> pl.LazyFrame:
    """Order lines with their day and exact money, and `refusal`, an index into `REFUSALS` (0: usable).

    Columns: customer_id, day (Int32, days since 1970), amount and margin (Int64, fixed-point), is_return,
    was_positive_return, order_id where mapped, refusal (UInt8). A flagged return with a positive amount is
    taken off all the same: its amount and margin change sign. `places=True` adds file and row number.
    """
    roles = orders.mapping.roles
    lines = _mapped(_scan(orders.files, orders.mapping, places=places), orders.mapping, places=places)
    amount = to_fixed(pl.col("amount"), roles["amount"].dtype)
    money = {"amount": amount}
    if "margin" in roles:
        money["margin"] = to_fixed(pl.col("margin"), roles["margin"].dtype)
    elif "cost" in roles:
        money["margin"] = amount - to_fixed(pl.col("cost"), roles["cost"].dtype)
    flag = pl.col("return_flag").fill_null(value=False) if "return_flag" in roles else pl.col("amount") < 0
    is_positive_return = flag & (pl.col("amount") > 0)
    return lines.with_columns(
        day=_day(roles["time"].dtype, window.timezone),
        is_return=flag,
        was_positive_return=is_positive_return,
        fixed=pl.struct(**{k: pl.when(is_positive_return).then(-v).otherwise(v) for k, v in money.items()}),
    ).select(
        *([FILE, ROW, "time", pl.col("amount").alias("amount_found")] if places else []),
        "customer_id",
        "day",
        *(pl.col("fixed").struct.field(name) for name in money),
        "is_return",
        "was_positive_return",
        *(["order_id"] if orders.has_order_id else []),
        refusal=_refusal(orders),
    )


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
    same_kind = not (is_url(a.path) or is_url(b.path)) and a.is_hive == b.is_hive
    if same_kind and a.is_hive:
        return a.schema == b.schema
    return same_kind and all(a.schema.get(name) == b.schema.get(name) for name in mapping.inputs)


def _scan_run(run: list[OrderFile], mapping: Mapping, *, places: bool) -> pl.LazyFrame:
    schema = {name: run[0].schema[name] for name in mapping.inputs if name in run[0].schema}
    plain = not run[0].is_hive and not is_url(run[0].path)
    lines = pl.scan_parquet(
        [file.path for file in run] if plain or run[0].is_hive else run[0].path,
        schema=schema if plain else None,
        extra_columns="ignore" if plain else "raise",
        hive_partitioning=run[0].is_hive,
        glob=is_url(run[0].path),
        include_file_paths=FILE if places else None,
        row_index_name=ROW if places else None,
    )
    columns = [
        (pl.col(name) if name in schema else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in mapping.inputs.items()
    ]
    if not places:
        return lines.select(columns)
    starts = pl.LazyFrame(_starts(run), schema={FILE: pl.String, "__start": pl.Int64}, orient="row")
    numbered = lines.join(starts, on=FILE, how="left", maintain_order="left")
    row = pl.col(ROW).cast(pl.Int64) - pl.col("__start").fill_null(0)
    return numbered.select(*columns, FILE, row.alias(ROW))


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
        *([FILE, ROW] if places else []),
    )


def _day(dtype: pl.DataType, timezone: str | None) -> pl.Expr:
    time = pl.col("time")
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None and timezone is not None:
            time = time.dt.convert_time_zone(timezone)
        time = time.dt.date()
    return time.cast(pl.Int32, strict=False)


def _refusal(orders: Orders) -> pl.Expr:
    roles = orders.mapping.roles
    customer, day = pl.col("customer_id"), pl.col("day")
    nobody = customer.is_null()
    if isinstance(roles["customer"].dtype, pl.String):
        nobody |= customer.str.len_bytes() == 0
    elif isinstance(roles["customer"].dtype, pl.Binary):
        nobody |= customer.bin.size() == 0
    tests = [
        ("null_customer", nobody),
        ("null_time", pl.col("time").is_null()),
        ("time_out_of_range", day.is_null() | (day >= END_OF_CALENDAR)),
        ("time_before_1970", day < 0),
        *_money_tests("amount", [("amount", roles["amount"].dtype)]),
    ]
    sources = [(role, roles[role].dtype) for role in ("margin", "cost") if role in roles]
    tests += _money_tests("margin", sources)
    code = pl.lit(0, dtype=pl.UInt8)
    for name, is_so in reversed(tests):
        code = pl.when(is_so).then(pl.lit(CODE[name], dtype=pl.UInt8)).otherwise(code)
    return code


def _money_tests(name: str, sources: list[tuple[str, pl.DataType]]) -> list[tuple[str, pl.Expr]]:
    tests = []
    for column, dtype in sources:
        tests.append((f"null_{name}", pl.col(column).is_null()))
        if dtype.is_float():
            tests.append((f"{name}_not_finite", ~pl.col(column).is_finite()))
        tests.append((f"{name}_out_of_range", pl.col(column).cast(pl.Float64).abs() > LIMIT))
    return tests

