from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.logs import N_LINES, log, write
from whalecurve import engine
from whalecurve.engine.order_files.files import find_files, scan_file
from whalecurve.engine.orders.line_checks import checked_lines

MOMENT = datetime(2024, 1, 1, 23, tzinfo=UTC)
ODD = {
    "timestamp[us, tz=+05:30]": pa.array([MOMENT] * N_LINES, pa.timestamp("us", "+05:30")),
    "timestamp[ns, tz=Z]": pa.array([MOMENT] * N_LINES, pa.timestamp("ns", "Z")),
    "timestamp[us, tz=Mars/Olympus]": pa.array([MOMENT] * N_LINES, pa.timestamp("us", "Mars/Olympus")),
    "list_view": pa.array([[1]] * N_LINES, pa.list_view(pa.int64())),
    "large_list_view": pa.array([[1]] * N_LINES, pa.large_list_view(pa.int64())),
    "a zone inside": pa.array([{"at": MOMENT}] * N_LINES, pa.struct([("at", pa.timestamp("us", "+05:30"))])),
    "dictionary": pa.array([MOMENT] * N_LINES, pa.timestamp("us", "+05:30")).dictionary_encode(),
    "decimal256": pa.array([Decimal("1.50")] * N_LINES, pa.decimal256(50, 2)),
}


def write_arrow(path, lines=None, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = (log() if lines is None else lines).to_arrow()
    for name, column in columns.items():
        table = table.drop_columns(name) if name in table.column_names else table
        table = table.append_column(name, column)
    pq.write_table(table, path)
    return path


def placed(path, window=None, dimensions=(), **columns):
    window = window or engine.Window()
    orders = engine.scan_orders(path, engine.Columns(**columns), dimensions, window.timezone)
    return checked_lines(orders, window, places=True).collect(engine="streaming")


def refusal(path, *, timezone=None, dimensions=(), **columns):
    with pytest.raises(engine.InputError) as caught:
        engine.scan_orders(path, engine.Columns(**columns), dimensions, timezone)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_column_that_nobody_mapped_is_no_hindrance(tmp_path, kind, capfd):
    write(tmp_path / "a.parquet")
    write_arrow(tmp_path / "b.parquet", odd=ODD[kind])
    write_arrow(tmp_path / "shop=x%20y" / "c.parquet", odd=ODD[kind])
    lines = placed(tmp_path / "shop=x%20y", dimensions=["shop"])
    assert lines["dim:shop"].to_list() == ["x y"] * N_LINES
    lines = placed(tmp_path, where="amount > 1")
    assert lines["amount"].to_list() == [2_000_000, 3_000_000, 4_000_000, 5_000_000, 6_000_000] * 3
    assert lines["__row"].to_list() == [1, 2, 3, 4, 5] * 3
    assert lines["__file"].unique(maintain_order=True).to_list() == [str(tmp_path / name) for name in FILES]
    assert engine.check_orders(tmp_path).n_customers == 3
    assert "panicked" not in capfd.readouterr().err


FILES = ["a.parquet", "b.parquet", "shop=x%20y/c.parquet"]


def test_all_that_can_be_read_of_an_odd_file_is_read(tmp_path):
    path = write_arrow(tmp_path / "a.parquet", log(brand=pl.lit("x", dtype=pl.Categorical)), odd=ODD["list_view"])
    (file,) = find_files(path)
    assert file.unreadable == {"odd": "list_view<item: int64>"}
    assert scan_file(file).collect().equals(pl.read_parquet(path, columns=list(range(4)), use_pyarrow=True))


@pytest.mark.parametrize("kind", ["list_view", "large_list_view", "dictionary", "a zone inside"])
def test_an_odd_column_that_is_mapped_is_named(tmp_path, kind):
    path = write_arrow(tmp_path / "a.parquet", odd=ODD[kind])
    said = refusal(path, dimensions=["odd"])
    assert said.startswith(f'{path}: column "odd" for `by` is ')
    assert said.endswith("which cannot be read; write it as another type, or leave `by` out")
    assert 'column "odd" for `where` is ' in refusal(path, where="odd IS NOT NULL")


def test_a_decimal_of_256_bits_is_an_amount_like_others(tmp_path):
    amounts = [Decimal("1.25"), Decimal("-2"), Decimal(10) ** 30, Decimal("9000000000.01"), None, Decimal("0.01")]
    path = write_arrow(tmp_path / "a.parquet", amount=pa.array(amounts, pa.decimal256(50, 2)))
    lines = placed(path, margin="amount * 2")
    assert lines["amount"].to_list() == [1_250_000, -2_000_000, None, 9_000_000_000_010_000, None, 10_000]
    assert lines["margin"].to_list() == [2_500_000, -4_000_000, None, 18_000_000_000_020_000, None, 20_000]


@pytest.mark.parametrize(
    ("zone", "timezone", "day"),
    [
        ("+05:30", "Asia/Kolkata", date(2024, 1, 2)),
        ("+05:30", "UTC", date(2024, 1, 1)),
        ("Mars/Olympus", "Europe/Rome", date(2024, 1, 2)),
        ("Z", None, date(2024, 1, 1)),
        ("Z", "Europe/Rome", date(2024, 1, 2)),
        ("+05:00", None, date(2024, 1, 2)),
        ("-0300", None, date(2024, 1, 1)),
    ],
)
def test_a_time_with_an_offset_is_an_instant(tmp_path, zone, timezone, day):
    path = write_arrow(tmp_path / "a.parquet", order_ts=pa.array([MOMENT] * N_LINES, pa.timestamp("us", zone)))
    found = placed(path, engine.Window(timezone=timezone))["day"].cast(pl.Date)
    assert found.unique().to_list() == [day]


@pytest.mark.parametrize("zone", ["+05:30", "Mars/Olympus"])
def test_a_zone_that_nobody_knows_needs_one_whose_days_count(tmp_path, zone):
    path = write_arrow(tmp_path / "a.parquet", order_ts=pa.array([MOMENT] * N_LINES, pa.timestamp("us", zone)))
    assert refusal(path) == (
        f'{path}: the time zone of column "order_ts", "{zone}", is none that is known; its times are instants all the '
        'same, so say whose calendar days count with timezone="ZONE"'
    )


def test_a_damaged_odd_file_is_named(tmp_path):
    path = write_arrow(tmp_path / "a.parquet", odd=ODD["list_view"])
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(bytes(content))
    with pytest.raises(engine.InputError, match=r"a\.parquet: cannot be read to its end \("):
        engine.check_orders(path)


def test_a_name_with_a_colon_is_no_url(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_arrow(tmp_path / "2024-01-01T10:00.parquet", odd=ODD["list_view"])
    assert engine.check_orders("2024-01-01T10:00.parquet").audit.n_used == N_LINES
