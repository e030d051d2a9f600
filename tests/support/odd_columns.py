"""Columns of every type that a Parquet file may have, as Polars or Arrow writes them, with values from a stock."""

from decimal import Decimal

import polars as pl
import pyarrow as pa

ZONES = (None, None, None, "UTC", "Europe/Rome", "America/New_York", "Pacific/Apia")
STRANGE_ZONES = ("+05:30", "-03:00", "Z", "Mars/Olympus", "+0000")
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DAYS = [19_400 + 11 * i for i in range(40)]
ODD_DAYS = [0, -1, -400_000, -719_162, 2_932_896, 106_751, 106_752, 2**31 - 1, -(2**31)]
WHOLE = [1, 2, 3, 5, 7, 11, 100]
ODD_WHOLE = [0, -1, -128, 127, 255, 2**31 - 1, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 2**100, -(2**127)]
FLOATS = [1.0, 1.5, 2.25, 20.0, 64.0]
ODD_FLOATS = [0.0, -0.0, -3.5, 1e-9, 19.99, 6e4, float("nan"), float("inf"), float("-inf"), 1e30, -1e300]
DECIMALS = [Decimal("1.50"), Decimal("2.25"), Decimal("20.00")]
ODD_DECIMALS = [Decimal(0), Decimal("-3.50"), Decimal("0.01")]
TEXTS = ["a", "b", "north", "é ü", "customer-17"]
ODD_TEXTS = ["", " ", "\0", "=1+1", '"', "NULL", "nan", "a\nb", "2024-01-01", "x" * 300, "\ufdd0", "😀", "EUR", "USD"]
BYTES = [bytes([i] * 16) for i in (1, 65, 200, 255)]
ODD_BYTES = [bytes(16), b"\xff\x00" * 8, b" " * 16]
LISTS = [[1], [1, 2], [3, 4]]
RECORDS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
POINTS = {"date": DAYS, "time": [0, 3600, 86_399], "moment": [day * 86_400 + 7 * day for day in DAYS]}
ODD_SPANS = [0, -1, 1, 90_000]

INTEGERS = {f"{sign}int{bits}": (bits, sign) for bits in (8, 16, 32, 64) for sign in ("", "u")}

POLARS_TYPES = {
    **{name: getattr(pl, name.replace("uint", "UInt").replace("int", "Int")) for name in INTEGERS},
    "int128": pl.Int128,
    "uint128": pl.UInt128,
    "float16": pl.Float16,
    "float32": pl.Float32,
    "float64": pl.Float64,
    "decimal": pl.Decimal(12, 2),
    "long decimal": pl.Decimal(38, 10),
    "bool": pl.Boolean,
    "text": pl.String,
    "bytes": pl.Binary,
    "category": pl.Categorical,
    "enum": pl.Enum(TEXTS + ODD_TEXTS),
    "date": pl.Date,
    **{f"moment {unit}": unit for unit in ("ms", "us", "ns")},
    **{f"span {unit}": pl.Duration(unit) for unit in ("ms", "us", "ns")},
    "time": pl.Time,
    "null": pl.Null,
    "list": pl.List(pl.Int16),
    "array": pl.Array(pl.Int64, 2),
    "struct": pl.Struct({"a": pl.Int8, "b": pl.String}),
    "list of structs": pl.List(pl.Struct({"a": pl.Int8, "b": pl.String})),
}

ARROW_TYPES = {
    **{name: getattr(pa, name)() for name in INTEGERS},
    "float16": pa.float16(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "decimal32": pa.decimal32(9, 2),
    "decimal64": pa.decimal64(18, 2),
    "decimal": pa.decimal128(12, 2),
    "long decimal": pa.decimal128(38, 36),
    "decimal256": pa.decimal256(50, 2),
    "longest decimal": pa.decimal256(76, 74),
    "bool": pa.bool_(),
    "bool8": pa.bool8(),
    "text": pa.string(),
    "large text": pa.large_string(),
    "text view": pa.string_view(),
    "json": pa.json_(),
    "bytes": pa.binary(),
    "large bytes": pa.large_binary(),
    "bytes view": pa.binary_view(),
    "fixed bytes": pa.binary(16),
    "uuid": pa.uuid(),
    "date": pa.date32(),
    "date64": pa.date64(),
    **{f"moment {unit}": unit for unit in UNITS},
    **{f"span {unit}": pa.duration(unit) for unit in UNITS},
    "time s": pa.time32("s"),
    "time ms": pa.time32("ms"),
    "time us": pa.time64("us"),
    "time ns": pa.time64("ns"),
    "null": pa.null(),
    "list": pa.list_(pa.int16()),
    "large list": pa.large_list(pa.int64()),
    "list view": pa.list_view(pa.int32()),
    "large list view": pa.large_list_view(pa.int32()),
    "array": pa.list_(pa.int64(), 2),
    "struct": pa.struct({"a": pa.int8(), "b": pa.string()}),
    "struct of strange": pa.struct({"a": pa.timestamp("us", "Mars/Olympus"), "b": pa.list_view(pa.int8())}),
    "map": pa.map_(pa.string(), pa.int32()),
    "list of structs": pa.list_(pa.struct({"a": pa.int8(), "b": pa.string()})),
    "text codes": pa.dictionary(pa.int8(), pa.string()),
    "large text codes": pa.dictionary(pa.int32(), pa.large_string()),
    "int codes": pa.dictionary(pa.int32(), pa.int64()),
    "decimal codes": pa.dictionary(pa.int32(), pa.decimal128(9, 2)),
    "date codes": pa.dictionary(pa.int16(), pa.date32()),
    "byte codes": pa.dictionary(pa.int16(), pa.binary()),
}

USUAL = {
    "customer": ("int64", "text", "int32", "uint64", "bytes"),
    "time": ("date", "moment us", "moment ms", "moment ns"),
    "amount": ("float64", "decimal", "int32", "float32", "int64"),
    "order": ("int64", "text", "uint32"),
    "flag": ("bool",),
    "dimension": ("text", "int16", "date", "float64", "bool"),
}


def kinds(writer):
    """The types that a writer has, by name."""
    return POLARS_TYPES if writer == "polars" else ARROW_TYPES


def column(chance, kind, n, *, writer, zone=None, null_share=0.0, is_clean=True):
    """A column of n values of a kind, times in a zone, for a table of the writer; and the values as Python has them."""
    values = [None if chance.random() < null_share else value for value in _values(chance, kind, n, is_clean=is_clean)]
    if kind.startswith("moment"):
        unit = kind.split()[1]
        ticks = [None if value is None else _fitting(value * UNITS[unit]) for value in values]
        if writer == "polars":
            return pl.Series(ticks, dtype=pl.Int64).cast(pl.Datetime(unit, zone)), values  # zone: one of `ZONES`
        return pa.array(ticks, pa.int64()).cast(pa.timestamp(unit, zone)), values
    if writer == "polars":
        dtype = POLARS_TYPES[kind]
        if kind == "date" or kind.startswith("span"):
            return pl.Series(values, dtype=pl.Int32 if kind == "date" else pl.Int64).cast(dtype), values
        return pl.Series(values, dtype=dtype, strict=False), values
    return _arrow(values, ARROW_TYPES[kind]), values


def _arrow(values, dtype):
    if pa.types.is_dictionary(dtype):
        return _arrow(values, dtype.value_type).dictionary_encode().cast(dtype)
    if isinstance(dtype, pa.ExtensionType | pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(dtype, pa.array(values, dtype.storage_type))
    if pa.types.is_date(dtype):
        return pa.array(values, pa.int32()).cast(pa.date32()).cast(dtype)
    if pa.types.is_decimal(dtype):
        return pa.array(values, pa.decimal128(11, 2)).cast(dtype) if dtype.scale < 40 else pa.array(values, dtype)
    return pa.array(values, dtype)


def _fitting(ticks):
    """The ticks, or the last ones that 64 bits hold: what a writer that cut off left behind."""
    return min(max(ticks, -(2**63)), 2**63 - 1)


def _values(chance, kind, n, *, is_clean):
    plain, odd = _stock(kind)
    return [chance.choice(plain if is_clean or chance.random() < 0.8 else plain + odd) for _ in range(n)]


def _stock(kind):
    """Usual and odd values of a kind: moments in seconds, dates in days, spans in ticks."""
    for pattern, values in STOCK:
        if pattern in kind:
            return _held(kind, values)
    raise ValueError(kind)


STOCK = (
    ("moment", (POINTS["moment"], [day * 86_400 for day in ODD_DAYS])),
    ("date64", (DAYS, ODD_DAYS[:5])),
    ("date", (DAYS, ODD_DAYS)),
    ("decimal", (DECIMALS, ODD_DECIMALS)),
    ("float", (FLOATS, ODD_FLOATS)),
    ("bool8", ([1, 0], [2, -1])),
    ("bool", ([True, False], [])),
    ("span", (POINTS["time"], ODD_SPANS)),
    ("time", (POINTS["time"], [])),
    ("text", (TEXTS, ODD_TEXTS)),
    ("category", (TEXTS, ODD_TEXTS)),
    ("enum", (TEXTS, ODD_TEXTS)),
    ("json", (['{"a": 1}', "1"], ["null", ""])),
    ("byte", (BYTES, ODD_BYTES)),
    ("uuid", (BYTES, ODD_BYTES)),
    ("null", ([None], [])),
    ("array", ([[1, 2], [3, 4]], [])),
    ("struct of", ([{"a": 1, "b": [1]}], [None])),
    ("structs", ([RECORDS, RECORDS[:1]], [[]])),
    ("struct", (RECORDS, [{"a": None, "b": None}])),
    ("map", ([[("a", 1)], [("b", 2)]], [[]])),
    ("list", (LISTS, [[]])),
    ("int", (WHOLE, ODD_WHOLE)),
)


def _held(kind, values):
    """Those values that a whole number of so many bits holds."""
    plain, odd = values
    if "int" not in kind or "codes" in kind:
        return plain, [one for one in odd if not isinstance(one, int) or abs(one) < 2**63 or "128" in kind]
    bits = int(kind.rpartition("t")[2])
    low, high = (0, 2**bits) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    return plain, [one for one in odd if low <= one < high]
