import struct
import uuid
import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.logs import N_LINES, log, write, write_all
from whalecurve import engine
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders.line_checks import REFUSALS, checked_lines

ENDS = [2**62, -(2**62), 2**63 - 1, -(2**63)]
FAR = ["time_out_of_range", "time_before_1970", "time_out_of_range", "time_before_1970"]


def checked(path, window=None, **columns):
    orders = engine.scan_orders(path, engine.Columns(**columns))
    return checked_lines(orders, window or engine.Window()).collect(engine="streaming")


def reasons(path, window=None, **columns):
    return [REFUSALS[code] for code in checked(path, window, **columns)["refusal"]]


def amounts(path, **columns):
    return [None if units is None else units / UNITS for units in checked(path, **columns)["amount"]]


@pytest.mark.parametrize(
    ("ids", "dtype"),
    [
        ([2**63 - 1, -(2**63), 0, -1, 1, 1], pl.Int64),
        ([2**64 - 1, 2**63, 0, 1, 1, 1], pl.UInt64),
        ([127, -128, 0, 1, 1, 1], pl.Int8),
        (["a", "A", " a", "é", "a", "a"], pl.String),
        (["a", "b", "c", "a", "a", "a"], pl.Categorical),
        ([uuid.uuid5(uuid.NAMESPACE_DNS, str(i)).bytes for i in range(6)], pl.Binary),
        ([b"\x00", b"\xff\xfe", b"a", b"a", b"a", b"a"], pl.Binary),
    ],
)
def test_ids_of_any_kind_come_through_unharmed(tmp_path, ids, dtype):
    path = write(tmp_path / "a.parquet", log().with_columns(pl.Series("customer_id", ids, dtype=dtype)))
    lines = checked(path)
    assert lines["customer_id"].to_list() == ids
    assert lines["refusal"].to_list() == [0] * N_LINES


@pytest.mark.parametrize(
    ("nothing", "something"), [("", " a"), (b"", b"\x00"), (None, "x"), (" \u2003", "0"), (b"\t ", b"-")]
)
def test_an_id_without_content_counts_as_none(tmp_path, nothing, something):
    dtype = pl.Binary if isinstance(something, bytes) else pl.String
    ids = pl.Series("customer_id", [nothing, something] * 3, dtype=dtype)
    assert reasons(write(tmp_path / "a.parquet", log().with_columns(ids))) == ["null_customer", ""] * 3


@pytest.mark.parametrize("precision", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_times_of_any_precision_have_their_calendar_day(tmp_path, precision, zone):
    times = pl.col("order_ts").cast(pl.Datetime(precision)).dt.replace_time_zone(zone) + pl.duration(
        hours=23, minutes=59
    )
    days = checked(write(tmp_path / "a.parquet", order_ts=times))["day"]
    assert days.cast(pl.Date).to_list() == log()["order_ts"].to_list()


@pytest.mark.parametrize("precision", ["ms", "us"])
@pytest.mark.parametrize(("zone", "asked"), [(None, None), ("Europe/London", None), ("Asia/Tokyo", "America/New_York")])
def test_impossible_times_are_refused_lines_and_no_panic(tmp_path, precision, zone, asked):
    times = pl.Series("order_ts", [*ENDS, None, 10**12], dtype=pl.Int64).cast(pl.Datetime(precision, zone))
    path = write(tmp_path / "a.parquet", log().with_columns(times))
    window = engine.Window(timezone=asked)
    assert reasons(path, window) == [*FAR, "null_time", ""]
    assert reasons(path, window, time="CAST(order_ts AS DATE)") == [*FAR, "null_time", ""]


def test_nanoseconds_and_days_at_their_ends_are_no_panic_either(tmp_path):
    times = pl.Series("order_ts", [2**63 - 1, -(2**63), 10**18, 1, 1, None]).cast(pl.Datetime("ns", "UTC"))
    path = write(tmp_path / "ns.parquet", log().with_columns(times))
    for zone in ("Asia/Tokyo", "Pacific/Pago_Pago"):  # at the ends of 64 bits either one wraps around
        assert reasons(path, engine.Window(timezone=zone))[:3] == ["time_out_of_range", "time_before_1970", ""]
    days = pl.Series("order_ts", [2**31 - 1, -(2**31), 0, -1, 2_932_896, 2_932_897], dtype=pl.Int32).cast(pl.Date)
    path = write(tmp_path / "days.parquet", log().with_columns(days))
    early, late = "time_before_1970", "time_out_of_range"
    assert reasons(path) == [late, early, "", early, "", late]


def test_times_in_96_bits_are_what_they_say_in_any_year(tmp_path):
    years = [datetime(1, 1, 1), datetime(9999, 12, 31), datetime(1677, 1, 1), datetime(2024, 1, 1, 12), None]
    times = pa.array([*years, datetime(2262, 4, 12)], pa.timestamp("us"))
    table = log().drop("order_ts").to_arrow().append_column("order_ts", times)
    pq.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    write(tmp_path / "b.parquet", log(order_ts=pl.lit(datetime(2024, 1, 1))))
    early = "time_before_1970"
    assert reasons(tmp_path) == [early, "", early, "", "null_time", "", *[""] * N_LINES]
    days = checked(tmp_path)["day"].cast(pl.Date).to_list()
    assert (days[1], days[3], days[5]) == (date(9999, 12, 31), date(2024, 1, 1), date(2262, 4, 12))
    assert reasons(tmp_path, time="CAST(order_ts AS DATE)")[:3] == [early, "", early]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Rome", "+05:30"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_in_96_bits_are_read_in_the_type_that_their_writer_says(tmp_path, unit, zone):
    noons = [datetime(2024, 1, day, 12) for day in (1, 9, 2, 3, 5, 20)]
    far = [] if unit == "ns" else [datetime(9999, 12, 31, 6)]
    lines = log() if unit == "ns" else pl.concat([log(), log().head(1)])
    table = lines.drop("order_ts").to_arrow()
    table = table.append_column("order_ts", pa.array([*noons, *far], pa.timestamp(unit)).cast(pa.timestamp(unit, zone)))
    pq.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    lines = engine.scan_orders(tmp_path, timezone="UTC").lines.collect()
    assert lines["time"].dt.replace_time_zone(None).to_list() == [*noons, *far]
    assert lines["amount"].sum() == 21.0 + len(far)


@pytest.mark.parametrize("end", [2**63 - 1, -(2**63), 2**63 - 10**13])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_a_nanosecond_time_at_an_end_of_its_range_is_none(tmp_path, end, zone):
    times = pl.Series("order_ts", [end] + [10**18] * 5).cast(pl.Datetime("ns", zone))
    path = write(tmp_path / "a.parquet", log().with_columns(times))
    for time in ("order_ts", "CAST(order_ts AS DATE)", "CAST(order_ts AS TIMESTAMP)"):
        assert reasons(path, time=time) == ["time_out_of_range" if end > 0 else "time_before_1970"] + [""] * 5
    assert engine.check_orders(path).audit.as_of.year == 2001


def test_impossible_times_in_one_file_do_not_stop_files_of_another_precision(tmp_path):
    far = log(order_ts=pl.Series("order_ts", [*ENDS, None, 10**12]).cast(pl.Datetime("ms")))
    folder = write_all(tmp_path, far, log(order_ts=pl.col("order_ts").cast(pl.Datetime("us"))), log())
    assert reasons(folder) == [*FAR, "null_time", ""] + [""] * (2 * N_LINES)


INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(
    ["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo"]
)


@settings(max_examples=25)
@given(st.lists(INSTANTS, min_size=1, max_size=20), ZONES, st.none() | ZONES)
def test_the_day_is_that_of_the_asked_zone_else_of_the_column(tmp_path, instants, zone, asked):
    times = pl.Series("order_ts", instants, dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    lines = pl.DataFrame({"customer_id": range(len(instants)), "order_ts": times, "amount": 1.0})
    days = checked(write(tmp_path / "a.parquet", lines), engine.Window(timezone=asked))["day"].cast(pl.Date)
    assert days.to_list() == [i.astimezone(zoneinfo.ZoneInfo(asked or zone)).date() for i in instants]


@pytest.mark.parametrize(
    ("instant", "asked", "day"),
    [
        (datetime(2024, 3, 30, 23, 59, 59, 999_999, tzinfo=UTC), None, date(2024, 3, 30)),  # London, still in winter
        (datetime(2024, 3, 31, 22, 59, 59, tzinfo=UTC), None, date(2024, 3, 31)),  # London, in summer from that day on
        (datetime(2024, 3, 31, 23, 0, 0, tzinfo=UTC), None, date(2024, 4, 1)),
        (datetime(2024, 3, 31, 23, 0, 0, tzinfo=UTC), "UTC", date(2024, 3, 31)),
        (datetime(2024, 4, 1, 3, 59, 59, tzinfo=UTC), "America/New_York", date(2024, 3, 31)),
        (datetime(2024, 4, 1, 4, 0, 0, tzinfo=UTC), "America/New_York", date(2024, 4, 1)),
    ],
)
def test_midnight_is_that_of_the_zone(tmp_path, instant, asked, day):
    times = pl.lit(instant).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone("Europe/London")
    days = checked(write(tmp_path / "a.parquet", order_ts=times), engine.Window(timezone=asked))["day"]
    assert days.cast(pl.Date).unique().to_list() == [day]


def test_a_naive_time_is_taken_as_it_stands(tmp_path):
    times = pl.col("order_ts").cast(pl.Datetime) + timedelta(hours=23, minutes=59)
    path = write(tmp_path / "a.parquet", order_ts=times)
    assert checked(path, engine.Window(timezone="Asia/Tokyo"))["day"].equals(checked(path)["day"])


@pytest.mark.parametrize(
    ("given", "dtype", "found"),
    [
        ([1.25, -0.1, 0.0, 9.1e12, 1e-7, 2.5e-6], pl.Float64, [1.25, -0.1, 0.0, 9.1e12, 0.0, 2e-6]),
        ([0.1, 19.99, -5.25, 0.0, 1e6, 3.0], pl.Float32, [0.1, 19.99, -5.25, 0.0, 1e6, 3.0]),
        ([127, -128, 0, 1, 2, 3], pl.Int8, [127, -128, 0, 1, 2, 3]),
        ([10**12, -(10**12), 0, 1, 2, 3], pl.Int64, [1e12, -1e12, 0, 1, 2, 3]),
        (
            [Decimal("1.10"), Decimal("-0.05"), *[Decimal("99999.99")] * 4],
            pl.Decimal(12, 2),
            [1.1, -0.05, *[99999.99] * 4],
        ),
        ([Decimal("0.000001"), *[Decimal("1.5")] * 5], pl.Decimal(38, 10), [1e-6, *[1.5] * 5]),
    ],
)
def test_money_of_any_kind_is_kept_to_a_millionth(tmp_path, given, dtype, found):
    path = write(tmp_path / "a.parquet", log().with_columns(pl.Series("amount", given, dtype=dtype)))
    assert amounts(path) == found


def test_large_decimals_are_exact_where_floats_are_not(tmp_path):
    given = [Decimal("9000000000000.01"), Decimal("-9000000000000.01"), *[Decimal("0.07")] * 4]
    path = write(tmp_path / "a.parquet", amount=pl.Series("amount", given, dtype=pl.Decimal(15, 2)), n=pl.lit(1))
    units = [int(amount * UNITS) for amount in given]
    assert checked(path)["amount"].to_list() == units
    assert checked(path, amount="amount * n")["amount"].to_list() == units


@pytest.mark.parametrize(
    ("given", "dtype", "why"),
    [
        ([float("nan"), float("inf"), -float("inf")], pl.Float64, ["amount_not_finite"] * 3),
        ([1e300, 9.3e12, None], pl.Float64, ["amount_out_of_range", "amount_out_of_range", "null_amount"]),
        ([2**63 - 1, -(2**63), None], pl.Int64, ["amount_out_of_range", "amount_out_of_range", "null_amount"]),
        ([2**64 - 1, 0, None], pl.UInt64, ["amount_out_of_range", "", "null_amount"]),
        ([2**100, -(2**100), 1], pl.Int128, ["amount_out_of_range", "amount_out_of_range", ""]),
        ([Decimal(10) ** 30, Decimal(1), None], pl.Decimal(38, 2), ["amount_out_of_range", "", "null_amount"]),
    ],
)
def test_money_that_cannot_be_counted_is_a_refused_line(tmp_path, given, dtype, why):
    path = write(tmp_path / "a.parquet", log().head(3).with_columns(pl.Series("amount", given, dtype=dtype)))
    assert reasons(path) == why


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        (pl.lit(2_000_000, dtype=pl.Int32), pl.lit(2_000, dtype=pl.Int32), 4e9),
        (pl.lit(-2, dtype=pl.Int8), pl.lit(200, dtype=pl.UInt8), -400.0),
        (pl.lit(-2, dtype=pl.Int64), pl.lit(200, dtype=pl.UInt64), -400.0),
        (pl.lit(3, dtype=pl.Int32), pl.lit(Decimal("1.25")), 3.75),
        (pl.lit(3, dtype=pl.UInt8), pl.lit(1.25, dtype=pl.Float32), 3.75),
    ],
)
def test_a_product_of_narrow_numbers_does_not_wrap(tmp_path, quantity, price, expected):
    path = write(tmp_path / "a.parquet", quantity=quantity, price=price)
    assert amounts(path, amount="quantity * price") == [expected] * N_LINES


def test_a_product_beyond_64_bits_is_refused_and_not_a_small_number(tmp_path):
    path = write(tmp_path / "a.parquet", quantity=pl.lit(2**40), price=pl.lit(2**24))  # 2 ** 64 wraps to 0
    assert reasons(path, amount="quantity * price") == ["amount_out_of_range"] * N_LINES


def test_margin_is_amount_less_cost_unless_it_is_given(tmp_path):
    path = write(tmp_path / "a.parquet", cost=pl.lit(0.75), margin=pl.lit(0.1))
    assert checked(path)["margin"].to_list() == [100_000] * N_LINES
    by_cost = [(amount - 0.75) * UNITS for amount in log()["amount"]]
    assert checked(path, cost="cost")["margin"].to_list() == by_cost
    assert "margin" not in checked(path, margin="", cost="").columns


@pytest.mark.parametrize(
    ("amount", "cost", "why"),
    [
        (1.0, None, "null_margin"),
        (1.0, float("nan"), "margin_not_finite"),
        (1.0, 1e13, "margin_out_of_range"),
        (9e12, -9e12, "margin_out_of_range"),  # each is in range, the difference is not
        (None, 1.0, "null_amount"),
    ],
)
def test_a_margin_that_cannot_be_counted_is_a_refused_line(tmp_path, amount, cost, why):
    path = write(tmp_path / "a.parquet", amount=pl.lit(amount, dtype=pl.Float64), cost=pl.lit(cost, dtype=pl.Float64))
    assert reasons(path) == [why] * N_LINES


def test_without_a_flag_a_negative_amount_is_a_return(tmp_path):
    lines = checked(write(tmp_path / "a.parquet", amount=[1.0, -1.0, 0.0, -0.0, 5.0, -6.0]))
    assert lines["is_return"].to_list() == [False, True, False, False, False, True]


def test_a_flagged_return_is_taken_off_whatever_its_sign(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[1.0, -1.0, 2.0, 0.0, 3.0, 3.0], returned=[1, 1, 0, 0, None, 1])
    lines = checked(path, return_flag="returned = 1")
    assert lines["is_return"].to_list() == [True, True, False, False, False, True]
    assert lines["amount"].to_list() == [-1e6, -1e6, 2e6, 0, 3e6, -3e6]
    assert lines["was_positive_return"].to_list() == [True, False, False, False, False, True]


@pytest.mark.parametrize("dtype", [pl.Float64, pl.Float32, pl.Int16, pl.Decimal(12, 2)])
def test_a_negative_line_is_a_return_whatever_its_flag(tmp_path, dtype):
    amounts = pl.Series([1, -1, -2, -3, 0, None], dtype=pl.Float64).cast(dtype)
    path = write(tmp_path / "a.parquet", amount=amounts, returned=[0, 1, 0, None, 0, 0])
    lines = checked(path, return_flag="returned = 1")
    assert lines["is_return"].to_list()[:5] == [False, True, True, True, False]
    assert lines["was_unflagged_return"].to_list() == [False, False, True, True, False, False]
    assert lines["was_positive_return"].any() is False


@pytest.mark.parametrize(
    ("amounts", "dtype", "is_below"),
    [
        ([4e-7, -4e-7, 1e-300, 6e-7, 0.0, -0.0], pl.Float64, [True, True, True, False, False, False]),
        ([4e-7, -4e-7, 1e-30, 6e-7, 0.0, 1.0], pl.Float32, [True, True, True, False, False, False]),
        ([*map(Decimal, ("4e-7", "-1e-10", "0", "1", "2")), None], pl.Decimal(20, 10), [True, True, *[False] * 4]),
        ([0, 1, -1, 2, 3, None], pl.Int8, [False] * 6),
    ],
)
def test_amounts_that_become_0_in_fixed_point_are_marked(tmp_path, amounts, dtype, is_below):
    path = write(tmp_path / "a.parquet", amount=pl.Series(amounts, dtype=dtype))
    assert checked(path)["is_below_resolution"].to_list() == is_below


def test_where_chooses_lines_by_columns_and_partitions(tmp_path):
    for shop in ("north", "south"):
        write(tmp_path / f"shop={shop}" / "a.parquet")
    assert checked(tmp_path, where="shop = 'north' AND amount > 2").height == 4
    assert checked(tmp_path / "shop=south", where="shop = 'south'").height == N_LINES


def test_a_partition_may_play_a_role(tmp_path):
    for day, rows in (("2024-01-01", log().head(2)), ("2024-02-01", log().tail(4))):
        write(tmp_path / f"order_ts={day}" / "a.parquet", rows.drop("order_ts"))
    days = checked(tmp_path)["day"].cast(pl.Date)
    assert days.to_list() == [date(2024, 1, 1)] * 2 + [date(2024, 2, 1)] * 4


def test_partitions_as_customers_keep_their_names_and_the_default_is_nobody(tmp_path):
    for shop in ("01", "1", "north", "__HIVE_DEFAULT_PARTITION__"):
        write(tmp_path / f"shop={shop}" / "a.parquet", log().head(1))
    lines = checked(tmp_path, customer="shop")
    assert lines["customer_id"].to_list() == ["01", "1", None, "north"]
    assert reasons(tmp_path, customer="shop") == ["", "", "null_customer", ""]


def test_a_path_decides_where_the_file_has_the_column_too(tmp_path):
    write(tmp_path / "customer_id=7" / "a.parquet")
    assert checked(tmp_path)["customer_id"].unique().to_list() == [7]


def test_partitioned_files_may_differ_in_columns_that_are_not_needed(tmp_path):
    write(tmp_path / "shop=1" / "a.parquet", unused=pl.lit(1))
    write(
        tmp_path / "shop=2" / "a.parquet", log(unused=pl.lit("x")).select("unused", "amount", "order_ts", "customer_id")
    )
    write(tmp_path / "shop=3" / "a.parquet", customer_id=pl.col("customer_id").cast(pl.Int16))
    assert checked(tmp_path).height == 3 * N_LINES


def test_lines_know_their_file_and_their_row_in_it(tmp_path):
    folder = write_all(tmp_path, log(), log().head(2), log(order_ts=pl.col("order_ts").cast(pl.Datetime)), log())
    write(folder / "shop=1" / "a.parquet")
    orders = engine.scan_orders(folder, engine.Columns(where="amount <> 1"))
    placed = checked_lines(orders, engine.Window(), places=True).collect(engine="streaming")
    found = list(zip(placed["__file"].str.strip_prefix(f"{folder}/"), placed["__row"], strict=True))
    rows = [("p0.parquet", 6), ("p1.parquet", 2), ("p2.parquet", 6), ("p3.parquet", 6), ("shop=1/a.parquet", 6)]
    assert found == [(name, row) for name, n in rows for row in range(1, n)]


OWN_NAMES = ["__row", "__file", "__start", "__row_", "dim:brand", "day", "refusal", "time", "order_id", "is_return"]
"""Names that whalecurve gives to columns of its own."""


def test_columns_of_the_log_may_have_any_name_that_ours_have(tmp_path):
    named = log(**{name: pl.lit(i) for i, name in enumerate(OWN_NAMES)})
    for folder in (write_all(tmp_path / "plain", named, named), tmp_path / "parts"):
        write(tmp_path / "parts" / "day=7" / "a.parquet", named.drop("day"))
        given = [name for name in OWN_NAMES if name in engine.scan_orders(folder).mapping.available]
        orders = engine.scan_orders(folder, engine.Columns(order="", where='"__row" = 0'), given)
        lines = checked_lines(orders, engine.Window(), places=True).collect(engine="streaming")
        assert lines["__row"].to_list() == [*range(N_LINES)] * len(orders.files)
        assert lines["__file"].unique(maintain_order=True).to_list() == orders.paths
        found = {name: lines[f"dim:{name}"].unique().to_list() for name in given}
        expected = {name: [OWN_NAMES.index(name)] for name in given}
        assert found == expected | ({"day": [7]} if folder.name == "parts" else {})


def write_with_wrong_statistics(path, amounts, claimed):
    """A file whose footer says that its smallest amount is `claimed`; older writers did so with decimals."""
    lines = log(amount=pl.Series(amounts, dtype=pl.Int64))
    pq.write_table(lines.to_arrow(), path, use_dictionary=False, compression="none")
    content = path.read_bytes()
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    low, high = struct.pack("<q", min(amounts)), struct.pack("<q", claimed)
    path.write_bytes(content[:start] + content[start:].replace(low, high))
    assert pq.read_metadata(path).row_group(0).column(2).statistics.min == claimed
    return path


@pytest.mark.parametrize("where", ["amount < 0", "amount = -123456789", "amount IN (-123456789)", "amount <= 0"])
def test_a_condition_is_answered_by_the_rows_and_never_by_statistics(tmp_path, where):
    path = write_with_wrong_statistics(tmp_path / "a.parquet", [-123456789, 5, 6, 7, 8, 9], claimed=4)
    orders = engine.scan_orders(path, engine.Columns(where=where))
    assert orders.lines.collect(engine="streaming")["amount"].to_list() == [-123456789]
    assert orders.lines.select(pl.len()).collect(engine="streaming").item() == 1
    audit = engine.audit_orders(orders, engine.Window())
    assert (audit.n_filtered, audit.n_used, audit.refused) == (5, 1, {})


def test_lines_come_in_file_order_with_the_roles_as_columns(tmp_path):
    folder = write_all(tmp_path, log(), log(amount=pl.col("amount") * 10))
    orders = engine.scan_orders(folder, engine.Columns(amount="amount * 2"))
    lines = orders.lines.collect()
    assert lines.columns == ["customer_id", "time", "amount"]
    assert lines["amount"].to_list() == [*range(2, 13, 2), *range(20, 121, 20)]
    assert (orders.has_margin, orders.has_order_id, orders.timezone) == (False, False, None)


def test_lines_carry_each_dimension_under_its_text_and_in_its_type(tmp_path):
    brands = ["x", None, "y", "x", "", "x"]
    path = write(tmp_path / "a.parquet", brand=brands, n=[1, 2, 3, 4, 5, None], amount=pl.lit(2))
    given = ("brand", "n", "n > 2", "customer_id")
    orders = engine.scan_orders(path, engine.Columns(amount="amount * n"), dimensions=given)
    assert orders.dimensions == given
    lines = checked_lines(orders, engine.Window()).collect(engine="streaming")
    assert lines["dim:brand"].to_list() == brands
    assert lines["dim:n"].to_list() == [1, 2, 3, 4, 5, None]
    assert lines["dim:n > 2"].to_list() == [False, False, True, True, True, None]
    assert lines["dim:customer_id"].to_list() == lines["customer_id"].to_list()
    assert [lines.schema[f"dim:{name}"] for name in given] == [pl.String(), pl.Int64(), pl.Boolean(), pl.Int64()]
    assert set(orders.lines.collect().columns) >= {f"dim:{name}" for name in given}


def test_dimensions_change_nothing_else(tmp_path):
    path = write(tmp_path / "shop=north" / "a.parquet", brand=pl.lit("x"), empty=pl.Series([None] * N_LINES))
    plain = engine.scan_orders(tmp_path)
    more = engine.scan_orders(tmp_path, dimensions=["brand", "shop", "empty", "order_ts"])
    assert plain.dimensions == ()
    assert set(plain.mapping.inputs) == {"customer_id", "order_ts", "amount"}
    for places in (False, True):
        lines = checked_lines(more, engine.Window(), places=places).collect()
        expected = checked_lines(plain, engine.Window(), places=places).collect()
        assert lines.select(expected.columns).equals(expected)
        assert lines["dim:shop"].to_list() == ["north"] * N_LINES
        assert lines["dim:empty"].null_count() == N_LINES
    assert path.is_file()


@pytest.mark.parametrize("nobody", [[None, "", "a"], [None, b"", b"a"], [None, None, 7]])
def test_lines_that_name_no_customer_serve_where_guests_are_taken(tmp_path, nobody):
    times = [date(2024, 1, 1)] * 5 + [None]
    path = write(tmp_path / "a.parquet", customer_id=nobody * 2, order_ts=times, amount=[1.0, 2.0, 3.0, None, 5.0, 6.0])
    orders = engine.scan_orders(path)
    lines = checked_lines(replace(orders, guests=True), engine.Window()).collect()
    assert lines["customer_id"].to_list() == [None, None, nobody[2]] * 2
    assert [REFUSALS[code] for code in lines["refusal"]] == ["", "", "", "null_amount", "", "null_time"]
    assert reasons(path) == ["null_customer", "null_customer", "", "null_customer", "null_customer", "null_time"]


def zoned(zone, unit="us"):
    """Six instants, an hour before midnight in UTC, as a column of a zone."""
    moments = [datetime(2024, 1, day, 23, tzinfo=UTC).astimezone(zoneinfo.ZoneInfo(zone)) for day in range(1, 7)]
    return log(order_ts=pl.Series("order_ts", moments, dtype=pl.Datetime(unit, zone)))


def test_files_of_different_zones_hold_instants_of_the_asked_zone(tmp_path):
    folder = write_all(tmp_path, zoned("UTC"), zoned("Europe/Rome", "ms"), zoned("America/New_York", "ns"))
    with pytest.raises(engine.InputError, match="both are instants, so say whose calendar days count with timezone="):
        engine.scan_orders(folder)
    for asked, first in (("UTC", 1), ("Asia/Tokyo", 2), ("America/Los_Angeles", 1)):
        orders = engine.scan_orders(folder, timezone=asked)
        assert orders.timezone == asked
        days = checked_lines(orders, engine.Window(timezone=asked)).collect()["day"].cast(pl.Date).to_list()
        assert days == [date(2024, 1, day) for day in range(first, first + 6)] * 3
        by_expression = engine.scan_orders(folder, engine.Columns(time="CAST(order_ts AS DATE)"), timezone=asked)
        assert checked_lines(by_expression, engine.Window()).collect()["day"].cast(pl.Date).to_list() == days


def test_names_of_utc_are_one_zone(tmp_path):
    folder = write_all(tmp_path, zoned("UTC"), zoned("Etc/UTC"))
    assert engine.scan_orders(folder).timezone == "UTC"


def test_a_text_that_a_time_is_compared_with_is_a_time_of_the_asked_zone(tmp_path):
    path = write(tmp_path / "a.parquet", zoned("UTC"))
    where = engine.Columns(where="order_ts >= '2024-01-03'")
    assert engine.scan_orders(path, where).lines.collect().height == 4
    assert engine.scan_orders(path, where, timezone="Asia/Tokyo").lines.collect().height == 5


@pytest.mark.parametrize("column", ["customer_id", "order_ts", "amount"])
def test_a_file_without_rows_has_no_say_in_types(tmp_path, column):
    empty = log().clear()
    odd = [pl.Series(column, [], dtype=dtype) for dtype in (pl.List(pl.Int64), pl.String, pl.Boolean, pl.Int128)]
    folder = write_all(tmp_path, *(empty.with_columns(one) for one in odd), log(), empty.drop(column))
    assert checked(folder).equals(checked(write(tmp_path / "alone" / "a.parquet")))
    assert engine.audit_orders(engine.scan_orders(folder), engine.Window()).n_read == 2 * N_LINES


def test_files_without_any_row_are_refused_as_such(tmp_path):
    folder = write_all(tmp_path, log().clear(), log().clear())
    with pytest.raises(engine.InputError, match="no rows at all"):
        engine.check_orders(folder)
    assert engine.scan_orders(folder).lines.collect().is_empty()


GROWN = {"return_flag": "returned = 1", "margin": "margin", "order": "order_id"}


def test_columns_that_some_files_lack_are_null_there_if_that_is_said(tmp_path):
    more = log(brand=pl.lit("x"), margin=pl.lit(0.5), returned=pl.lit(1), order_id=pl.lit("o"))
    folder = write_all(tmp_path, log(), more)
    with pytest.raises(engine.InputError, match='take it for null there with missing="null"'):
        engine.scan_orders(folder, engine.Columns(**GROWN), ["brand"])
    columns = engine.Columns(**GROWN | {"margin": "COALESCE(margin, amount / 2)"}, missing="null")
    orders = engine.scan_orders(folder, columns, ["brand", "UPPER(brand)"])
    lines = checked_lines(orders, engine.Window()).collect()
    assert lines["refusal"].to_list() == [0] * 2 * N_LINES
    assert lines["is_return"].to_list() == [False] * N_LINES + [True] * N_LINES
    assert lines["dim:brand"].to_list() == [None] * N_LINES + ["x"] * N_LINES
    assert lines["dim:UPPER(brand)"].to_list() == [None] * N_LINES + ["X"] * N_LINES
    assert lines["order_id"].to_list() == [None] * N_LINES + ["o"] * N_LINES
    assert lines["margin"].to_list() == [i * 500_000 for i in range(1, 7)] + [-500_000] * N_LINES


def test_a_margin_that_is_null_in_some_files_is_refused_and_counted_there(tmp_path):
    folder = write_all(tmp_path, log(), log(margin=pl.lit(0.5)))
    assert reasons(folder, missing="null") == ["null_margin"] * N_LINES + [""] * N_LINES


@pytest.mark.parametrize("lacking", ["customer_id", "order_ts", "amount", "brand"])
def test_what_every_line_needs_is_null_in_no_file(tmp_path, lacking):
    whole = log(brand=pl.lit("x"))
    folder = write_all(tmp_path, whole, whole.drop(lacking))
    columns = engine.Columns(where="brand = 'x'", missing="null")
    with pytest.raises(engine.InputError) as caught:
        engine.scan_orders(folder, columns)
    assert f'no column "{lacking}" for `' in str(caught.value)
    assert "missing=" not in str(caught.value)
