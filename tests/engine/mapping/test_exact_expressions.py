import operator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.logs import log, write
from whalecurve import engine
from whalecurve.engine.mapping.exact_expressions import as_meant, in_64_bits

INTEGERS = {
    "i8": pl.Int8(),
    "i16": pl.Int16(),
    "i32": pl.Int32(),
    "i64": pl.Int64(),
    "u8": pl.UInt8(),
    "u16": pl.UInt16(),
    "u32": pl.UInt32(),
    "u64": pl.UInt64(),
}
"""A column of each integer type, by name."""
ENDS = {name: (pl.select(dtype.min()).item(), pl.select(dtype.max()).item()) for name, dtype in INTEGERS.items()}
ROW = {"i8": -128, "i16": 32_000, "i32": -(2**31), "i64": 2**63 - 1, "u8": 200, "u16": 65_535, "u32": 4_000_000_000}
FRAME = pl.DataFrame({name: pl.Series([ROW.get(name, 2**64 - 1)], dtype=dtype) for name, dtype in INTEGERS.items()})

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
CONDITIONS = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluated(text, frame):
    expr = as_meant(pl.sql_expr(text), dict(frame.schema), written=f'a.parquet: `where` "{text}"')
    return frame.select(found=expr)["found"]


def value(text, frame=FRAME):
    return evaluated(text, frame).item()


@pytest.mark.parametrize("number", [-(2**31), -(2**31) + 1, -(2**63) + 1, 0, 2**31])
def test_the_absolute_value_of_a_bare_number_is_exact(number):
    assert value(f"ABS(({number}))") == abs(number)
    assert value(f"-1 * ABS({number})") == -abs(number)


@st.composite
def numbers(draw, depth=2):
    """An SQL expression, and the Python function of a row that says what it is worth."""
    kind = draw(st.sampled_from(["column", "literal"] if depth == 0 else ["two", "minus", "case", "call", "abs"]))
    if kind == "column":
        name = draw(st.sampled_from(list(INTEGERS)))
        return name, lambda row: row[name]
    if kind == "literal":
        number = draw(st.integers(0, 2**31))
        return str(number), lambda row: number
    (left, left_of), (right, right_of) = draw(numbers(depth - 1)), draw(numbers(depth - 1))
    if kind == "two":
        sign = draw(st.sampled_from(list(OPERATORS)))
        return f"({left} {sign} {right})", lambda row: OPERATORS[sign](left_of(row), right_of(row))
    if kind == "minus":
        return f"(-{left})", lambda row: -left_of(row)
    if kind == "abs":
        return f"ABS({left})", lambda row: abs(left_of(row))
    if kind == "call":
        name, best = draw(st.sampled_from([("GREATEST", max), ("LEAST", min)]))
        return f"{name}({left}, {right})", lambda row: best(left_of(row), right_of(row))
    sign = draw(st.sampled_from(list(CONDITIONS)))
    text = f"(CASE WHEN {left} {sign} {right} THEN {left} ELSE {right} END)"
    return text, lambda row: left_of(row) if CONDITIONS[sign](left_of(row), right_of(row)) else right_of(row)


rows = st.fixed_dictionaries(
    {name: st.sampled_from([low, high, 0, 1]) | st.integers(low, high) for name, (low, high) in ENDS.items()}
)


@settings(max_examples=400, deadline=None)
@given(numbers(), rows)
def test_whole_numbers_of_any_width_are_computed_as_python_does(expression, row):
    text, worth = expression
    frame = pl.DataFrame({name: pl.Series([row[name]], dtype=dtype) for name, dtype in INTEGERS.items()})
    found = evaluated(text, frame)
    if found.dtype.is_float():  # a product that could need more than 128 bits
        assert found.item() == pytest.approx(float(worth(row)), rel=1e-14)
    else:
        assert found.item() == worth(row)


@settings(max_examples=200, deadline=None)
@given(numbers(depth=1), numbers(depth=1), st.sampled_from(list(CONDITIONS)), rows)
def test_conditions_on_whole_numbers_are_answered_as_python_does(left, right, sign, row):
    frame = pl.DataFrame({name: pl.Series([row[name]], dtype=dtype) for name, dtype in INTEGERS.items()})
    assert value(f"{left[0]} {sign} {right[0]}", frame) == CONDITIONS[sign](left[1](row), right[1](row))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u8 * u8", 40_000),
        ("-u8", -200),
        ("i8 - u64", -128 - (2**64 - 1)),
        ("u64 * i64", (2**64 - 1) * (2**63 - 1)),
        ("CAST(i8 AS SMALLINT) * 1000", -128_000),
        ("CAST(i8 AS SMALLINT) * CAST(i16 AS SMALLINT)", -4_096_000),
        ("COALESCE(NULLIF(i8, 0), 1) * i16", -4_096_000),
        ("ABS(i8)", 128),
        ("MOD(i16, 1000) * u16", 0),
        ("u8 * 2000000000 * 2", 800_000_000_000),
        ("POW(u8, 2)", 40_000),
        ("IF(i8 < 0, u8, 0) * u8", 40_000),
        ("u8 IN (200, 456)", True),
        ("i8 IN (128, 384)", False),
        ("u8 BETWEEN 199 AND 1000", True),
        ("u64 > i64", True),
        ("u8 * 1.5", 300.0),
    ],
)
def test_functions_and_casts_give_numbers_that_do_not_wrap(text, expected):
    assert value(text) == expected


def test_what_functions_of_texts_and_times_count_does_not_wrap_either():
    frame = pl.DataFrame({"name": ["abc"], "ts": [datetime(2024, 5, 6)]})
    assert value("LENGTH(name) - 5", frame) == -2
    assert value("EXTRACT(MONTH FROM ts) * 100 + EXTRACT(DAY FROM ts)", frame) == 506


def test_a_product_beyond_128_bits_is_a_float_and_no_small_number():
    assert value("i64 * i64 * u64") == pytest.approx(float((2**63 - 1) ** 2 * (2**64 - 1)), rel=1e-15)


def test_a_column_alone_keeps_its_type():
    types = dict(FRAME.schema)
    assert {str(evaluated(name, FRAME).dtype) for name in INTEGERS} == {str(dtype) for dtype in types.values()}


@pytest.mark.parametrize(
    ("text", "dtype"),
    [("i8 + 1", pl.Int64), ("u8", pl.UInt8), ("NULLIF(u64, 0)", pl.UInt64), ("CAST(i8 AS HUGEINT)", pl.Int128)],
)
def test_a_computed_id_has_64_bits_and_the_sign_of_the_original(text, dtype):
    types, original = dict(FRAME.schema), pl.sql_expr(text)
    assert FRAME.select(in_64_bits(as_meant(original, types, written=""), original, types)).dtypes == [dtype]


def lines_of(path, dimensions=(), **columns):
    return engine.scan_orders(path, engine.Columns(**columns), dimensions).lines.collect()


SMALL = {"a": pl.Int8(), "b": pl.Int16(), "u": pl.UInt32(), "v": pl.UInt32()}
ROLES = ["customer", "order", "amount", "margin", "cost"]


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    st.sampled_from([*ROLES, "by", "where", "return_flag", "time"]),
    st.sampled_from(["a", "b", "u", "v"]),
    st.sampled_from(["a", "b", "u", "v"]),
    st.sampled_from(list(OPERATORS)),
)
def test_every_role_takes_narrow_numbers_for_what_they_are(tmp_path_factory, data, role, x, y, sign):
    ends = {name: (pl.select(dtype.min()).item(), pl.select(dtype.max()).item()) for name, dtype in SMALL.items()}
    values = {name: data.draw(st.lists(st.integers(*ends[name]), min_size=6, max_size=6)) for name in SMALL}
    worth = [OPERATORS[sign](p, q) for p, q in zip(values[x], values[y], strict=True)]
    if role in ("customer", "order", "by", "time"):  # what is beyond 64 bits is an error for these, see below
        assume(all(-(2**63) <= number < 2**63 for number in worth))
    path = write(
        tmp_path_factory.mktemp("roles") / "a.parquet",
        log().with_columns(pl.Series(name, values[name], dtype=dtype) for name, dtype in SMALL.items()),
    )
    text = f"{x} {sign} {y}"
    if role == "where":
        found, expected = lines_of(path, where=f"{text} < 0").height, sum(number < 0 for number in worth)
    elif role == "return_flag":
        lines = lines_of(path, return_flag=f"{text} < 0")
        found, expected = lines["return_flag"].to_list(), [number < 0 for number in worth]
    elif role == "time":
        lines = lines_of(path, time=f"CAST({text} AS TIMESTAMP)")
        found = [(moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) for moment in lines["time"]]
        far = 95_000_000 * 86_400_000_000
        expected = [min(max(number, -far), far) for number in worth]
        found, expected = [n for n in found if abs(n) < far], [n for n in expected if abs(n) < far]
    elif role == "by":
        found, expected = lines_of(path, [text])[f"dim:{text}"].to_list(), worth
    else:
        names = {"customer": "customer_id", "order": "order_id"}
        found, expected = lines_of(path, **{role: text})[names.get(role, role)].to_list(), worth
    assert found == expected


@pytest.mark.parametrize("dtype", [pl.Int32, pl.UInt32, pl.Int64])
def test_the_advice_for_epochs_works_on_seconds_of_any_width(tmp_path, dtype):
    seconds = pl.Series("ts", [1_700_000_000] * 6, dtype=dtype)
    path = write(tmp_path / "a.parquet", log().with_columns(seconds))
    lines = lines_of(path, time="CAST(ts * 1000000 AS TIMESTAMP)")
    assert lines["time"].unique().to_list() == [datetime(2023, 11, 14, 22, 13, 20)]


def test_an_id_beyond_64_bits_is_an_error_that_names_the_option(tmp_path):
    big = pl.Series("a", [2**62] * 6, dtype=pl.Int64)
    path = write(tmp_path / "a.parquet", log().with_columns(big))
    with pytest.raises(engine.InputError, match=r'a\.parquet: `customer` "a \* 4" does not work on every row'):
        engine.check_orders(path, engine.Columns(customer="a * 4"))


MOMENTS = pl.DataFrame(
    {
        "day": [date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 2)],
        "naive": [datetime(2023, 12, 31, 23), datetime(2024, 1, 1), datetime(2024, 1, 1, 12)],
        "clock": [time(8), time(12), time(23, 59)],
    }
).with_columns(
    rome=pl.col("naive").dt.replace_time_zone("Europe/Rome"),
    milli=pl.col("naive").cast(pl.Datetime("ms")),
    nano=pl.col("naive").cast(pl.Datetime("ns")),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("day >= '2024-01-01'", [False, True, True]),
        ("'2024-01-01' <= day", [False, True, True]),
        ("day > '2023-12-31 12:00'", [False, True, True]),
        ("day = '2024-01-01'", [False, True, False]),
        ("day <> '2024-01-01'", [True, False, True]),
        ("day IN ('2024-01-01', '2023-12-31')", [True, True, False]),
        ("day NOT IN ('2024-01-01')", [True, False, True]),
        ("day BETWEEN '2023-12-31' AND '2024-01-01'", [True, True, False]),
        ("CAST(naive AS DATE) = '2024-01-01'", [False, True, True]),
        ("naive >= '2024-01-01'", [False, True, True]),
        ("naive > '2024-01-01'", [False, False, True]),
        ("naive >= '2024-01-01T12:00:00'", [False, False, True]),
        ("naive IN ('2024-01-01 12:00')", [False, False, True]),
        ("naive < '9999-12-31'", [True, True, True]),
        ("nano < '9999-12-31'", [True, True, True]),
        ("nano >= '2024-01-01'", [False, True, True]),
        ("milli > '2023-12-31 23:00:00.000001'", [False, True, True]),
        ("rome >= '2024-01-01'", [False, True, True]),  # midnight in Rome
        ("rome >= '2024-01-01T00:00:00Z'", [False, False, True]),
        ("rome = '2023-12-31T23:00:00+00:00'", [False, True, False]),
        ("rome IN ('2024-01-01')", [False, True, False]),
        ("clock > '08:00'", [False, True, True]),
        ("CASE WHEN day >= '2024-01-01' THEN naive > '2024-01-01' ELSE FALSE END", [False, False, True]),
        ("day >= DATE '2024-01-01'", [False, True, True]),
    ],
)
def test_a_text_that_a_time_is_compared_with_is_read_as_a_time(text, expected):
    assert evaluated(text, MOMENTS).to_list() == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "day >= 'Jan 2024'",
            "compares Date with 'Jan 2024', which is not an ISO date or time; write it as 2024-01-31",
        ),
        ("naive >= '2024-13-01'", "compares Datetime"),
        ("naive >= '2024-01-01T00:00:00+02:00'", "which has no time zone, with '2024-01-01T00:00:00+02:00'; leave out"),
    ],
)
def test_a_text_that_is_no_time_is_named_with_its_option(text, message):
    with pytest.raises(engine.InputError) as caught:
        evaluated(text, MOMENTS)
    assert str(caught.value).startswith(f'a.parquet: `where` "{text}" {message}') or message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CAST(ts AS DATE)", date(2024, 1, 2)),
        ("TRY_CAST(ts AS DATE)", date(2024, 1, 2)),
        ("CAST(ts AS TIME)", time(8)),
        ("CAST(ts AS TIMESTAMP)", datetime(2024, 1, 2, 8)),
        ("EXTRACT(DAY FROM ts)", 2),
        ("STRFTIME(ts, '%Y-%m-%d')", "2024-01-02"),
        ("CAST(ts AS DATE) = '2024-01-02'", True),
    ],
)
def test_the_day_and_the_hour_of_a_zoned_time_are_those_of_its_zone(text, expected):
    moment = datetime(2024, 1, 1, 23, tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    assert value(text, pl.DataFrame({"ts": pl.Series([moment], dtype=pl.Datetime("us", "Asia/Tokyo"))})) == expected


def test_a_condition_on_days_written_as_text_selects_lines(tmp_path):
    path = write(tmp_path / "a.parquet")
    days = log()["order_ts"]
    text = f"order_ts >= '{days[3]}'"
    assert lines_of(path, where=text)["time"].to_list() == [day for day in days if day >= days[3]]


def test_an_instant_written_with_its_offset_is_the_same_in_every_zone():
    moment = datetime(2024, 7, 1, 12, tzinfo=UTC)
    for zone in ("UTC", "Europe/Rome", "America/New_York"):
        frame = pl.DataFrame({"ts": pl.Series([moment.astimezone(ZoneInfo(zone))], dtype=pl.Datetime("us", zone))})
        assert value("ts = '2024-07-01T14:00:00+02:00'", frame) is True
