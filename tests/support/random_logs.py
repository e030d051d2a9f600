"""Random small order logs in every type that a log may have, in files of any order, clean or not."""

import itertools
from dataclasses import dataclass
from datetime import date

import polars as pl
from hypothesis import strategies as st

from tests.support.logs import write_all
from whalecurve import engine

SMALL = ["a", "b", "c", "customer-1", "customer-2", "customer-22", "é", "a\0", "customer-with-a-long-name"]
IDS = {
    pl.Int8: [-128, -1, 0, 1, 127],
    pl.Int32: [-(2**31), 0, 1, 2, 3, 2**31 - 1],
    pl.Int64: [-(2**63), -1, 0, 1, 2, 2**63 - 1],
    pl.UInt64: [0, 1, 2, 2**63 - 1, 2**63, 2**64 - 1],
    pl.Int128: [-(2**100), 0, 1, 2**64, 2**100],
    pl.String: SMALL,
    pl.Binary: [one.encode() + end for one in SMALL for end in (b"", b"\xff\0")],
}
TIMES = {
    "date": pl.Date(),
    "us": pl.Datetime("us"),
    "ns": pl.Datetime("ns"),
    "ms": pl.Datetime("ms"),
    "zoned": pl.Datetime("us", "America/New_York"),
}
FIRST_HOUR = 24 * 19_700  # hours since 1970
ODD_HOURS = [None, -1, -24 * 400_000, 24 * 3_000_000]
AMOUNTS = [0.1, 0.2, 19.99, 1e6 + 0.01, 0.0, -0.0, -0.1, -19.99, 1.0000005]
ODD_AMOUNTS = [None, float("nan"), float("inf"), -1e300, 9.3e12, -1e-9, 1e-9]
WINDOWS = st.builds(
    engine.Window,
    since=st.sampled_from([None, None, date(1960, 1, 1), date(2023, 12, 11)]),
    as_of=st.sampled_from([None, None, date(2023, 12, 14), date(2024, 1, 31)]),
    timezone=st.sampled_from([None, None, "Asia/Tokyo"]),
    unit=st.sampled_from(["day", "week"]),
)


@dataclass(frozen=True)
class Log:
    """Lines in files, the roles that columns play, and the window to observe."""

    files: list[pl.DataFrame]
    columns: engine.Columns
    window: engine.Window

    def scan(self, folder):
        """Write the files; the log as it is read."""
        return engine.scan_orders(write_all(folder, *self.files), self.columns)

    @property
    def lines(self):
        """All lines in one table."""
        return pl.concat(self.files)


def often(values, odd, *, is_clean):
    """Mostly values; odd ones too unless all is clean."""
    return st.sampled_from(values if is_clean else values * 3 + odd)


@st.composite
def logs(draw, *, types=tuple(IDS), arranged=("in time", "files swapped", "shuffled"), max_size=60):
    is_clean = draw(st.sampled_from([True, True, False]))
    n = draw(st.integers(1, max_size))
    dtype, time = draw(st.sampled_from(types)), draw(st.sampled_from(list(TIMES.values())))

    def column(name, strategy, dtype):
        return pl.Series(name, draw(st.lists(strategy, min_size=n, max_size=n)), dtype=dtype, strict=False)

    empty = {pl.String: ["", None], pl.Binary: [b"", None]}.get(dtype, [None])
    hours = often(list(range(FIRST_HOUR, FIRST_HOUR + 200, 9)), ODD_HOURS, is_clean=is_clean)
    money = draw(st.sampled_from([*[pl.Float64] * 5, pl.Float32, pl.Int32, pl.Decimal(12, 2)]))
    units = often(AMOUNTS if money in (pl.Float64, pl.Float32) else [0, 1, -1, 20], [None], is_clean=is_clean)
    if money == pl.Float64:
        units = often(AMOUNTS, ODD_AMOUNTS, is_clean=is_clean)
    found = [
        column("customer_id", often(IDS[dtype], empty, is_clean=is_clean), dtype),
        in_type(column("order_ts", hours, pl.Int64), time),
        column("amount", units, money),
    ]
    if third := draw(st.sampled_from([None, "margin", "cost"])):
        found.append(column(third, units, money))
    order = draw(st.sampled_from([None, pl.Int64, pl.UInt64, pl.Int128, pl.String]))
    if order is not None:
        names = ["x", "y", "zz"] if order == pl.String else IDS[order]
        found.append(column("order_id", often(names[-3:], [None], is_clean=draw(st.booleans())), order))
    has_flags = draw(st.sampled_from([False, False, False, True]))
    if has_flags:
        found.append(column("is_back", often([False, False, True], [None], is_clean=is_clean), pl.Boolean))
    lines = arrange(draw, pl.DataFrame(found), draw(st.sampled_from(arranged)))
    window = draw(WINDOWS)
    return Log(lines, engine.Columns(return_flag="is_back" if has_flags else None), window)


def in_type(hours, dtype):
    """Hours since 1970 as dates or times, those beyond what the type holds at its end."""
    if dtype == pl.Date:
        return (hours // 24).cast(pl.Int32).cast(dtype)
    ticks = {"ms": 3_600_000, "us": 3_600_000_000, "ns": 3_600_000_000_000}[dtype.time_unit]
    if dtype.time_unit == "ns":
        hours = hours.clip(-2_562_047, 2_562_047)
    return (
        (hours * ticks)
        .cast(pl.Datetime(dtype.time_unit))
        .dt.replace_time_zone(dtype.time_zone, ambiguous="earliest", non_existent="null")
    )


def arrange(draw, lines, how):
    """Lines in one to four files."""
    n = lines.height
    lines = lines[draw(st.permutations(range(n)))] if how == "shuffled" else lines.sort("order_ts", nulls_last=True)
    cuts = [0, *sorted(draw(st.lists(st.integers(0, n), max_size=3))), n]
    files = [lines[a:b] for a, b in itertools.pairwise(cuts)]
    return files[::-1] if how == "files swapped" else files
