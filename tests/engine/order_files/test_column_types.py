from datetime import datetime
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve import engine
from whalecurve.engine.order_files.column_types import common_types
from whalecurve.engine.order_files.footers import OrderFile

US, MS, NS = pl.Datetime("us"), pl.Datetime("ms"), pl.Datetime("ns")
INTEGERS = [pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64()]
TYPES = [
    *(*INTEGERS, pl.Int128(), pl.Float32(), pl.Float64(), pl.Decimal(10, 2), pl.Decimal(38, 6)),
    *(pl.Date(), US, MS, NS, pl.Datetime("us", "UTC"), pl.Datetime("ms", "UTC"), pl.Datetime("us", "Europe/London")),
    *(pl.String(), pl.Binary(), pl.Boolean(), pl.Categorical(), pl.Enum(["a"]), pl.Null(), pl.List(pl.Int64())),
]


def files(types):
    return [
        OrderFile(path=f"p{i}.parquet", n_rows=1, n_bytes=1, schema={} if dtype is None else {"x": dtype})
        for i, dtype in enumerate(types)
    ]


def common(*types):
    return common_types(["x"], files(types))["x"]


def common_or_none(types):
    try:
        return common(*types)
    except engine.InputError:
        return None


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((pl.Int32(), pl.Int64()), pl.Int64()),
        ((pl.Int64(), pl.UInt32()), pl.Int64()),
        ((pl.UInt8(), pl.UInt64()), pl.UInt64()),
        ((pl.UInt64(), pl.UInt64()), pl.UInt64()),
        ((pl.Int64(), pl.Float32()), pl.Float64()),
        ((pl.Float32(), pl.Float32()), pl.Float32()),
        ((pl.Decimal(10, 2), pl.Decimal(12, 4)), pl.Float64()),
        ((pl.Int64(), pl.Float64(), pl.UInt64()), pl.Float64()),
        ((US, NS), US),
        ((NS, MS, US), MS),
        ((pl.Date(), MS), MS),
        ((NS, pl.Date(), NS), US),
        ((pl.Datetime("ns", "UTC"), pl.Datetime("us", "UTC")), pl.Datetime("us", "UTC")),
        ((pl.Categorical(), pl.String()), pl.String()),
        ((pl.Enum(["a"]),), pl.String()),
        ((pl.Null(), pl.Float64(), pl.Null()), pl.Float64()),
        ((pl.Null(), pl.Null()), pl.Null()),
        ((None, pl.Int64(), None), pl.Int64()),
    ],
)
def test_one_type_serves_all_files(types, expected):
    assert common(*types) == expected


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ((pl.Int64(), pl.String()), 'p1.parquet: column "x" is String, but Int64 in p0.parquet;'),
        ((pl.Int8(), pl.Int64(), pl.UInt64()), 'p2.parquet: column "x" is UInt64, but Int8 in p0.parquet;'),
        ((pl.String(), None, pl.Binary()), 'p2.parquet: column "x" is Binary, but String in p0.parquet;'),
        ((pl.Int64(), pl.Int128()), 'p1.parquet: column "x" is Int128, but Int64 in p0.parquet;'),
        ((US, pl.Datetime("us", "UTC")), "p1.parquet: column"),
        ((pl.Date(), pl.Datetime("us", "UTC")), "p1.parquet: column"),
        ((pl.Datetime("us", "UTC"), pl.Datetime("us", "Asia/Tokyo")), "p1.parquet: column"),
        ((pl.Boolean(), pl.Int64()), "p1.parquet: column"),
        # each pair has a common type, all three have none
        ((pl.UInt32(), pl.UInt64(), pl.Int8()), "is UInt64, but UInt32 in p0.parquet; write both files with one type"),
    ],
)
def test_types_that_do_not_meet_are_named_with_both_files(types, message):
    with pytest.raises(engine.InputError) as caught:
        common(*types)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3))
def test_the_order_of_files_does_not_matter(types):
    assert len({str(common_or_none(order)) for order in permutations(types)}) == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(INTEGERS), min_size=1, max_size=3))
def test_a_common_integer_type_holds_every_value(types):
    wide = common_or_none(types)
    if wide is not None:
        for dtype in types:
            ends = pl.select(low=dtype.min(), high=dtype.max())
            assert ends.select(pl.all().cast(wide)).rows() == ends.rows()


def test_late_dates_survive_files_of_different_precision():
    late = pl.Series([datetime(9999, 12, 31, 23, 59, 59)], dtype=US)
    assert late.cast(common(US, NS)).to_list() == late.to_list()
