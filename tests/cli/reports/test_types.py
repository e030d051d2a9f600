import polars as pl
import pytest

from whalecurve.cli.reports.types import plain_type


@pytest.mark.parametrize(
    ("dtype", "words"),
    [
        (pl.Int64(), "whole number"),
        (pl.UInt8(), "whole number"),
        (pl.Int128(), "whole number"),
        (pl.Float32(), "number"),
        (pl.Decimal(10, 2), "number"),
        (pl.String(), "text"),
        (pl.Categorical(), "text"),
        (pl.Enum(["a", "b"]), "text"),
        (pl.Boolean(), "true or false"),
        (pl.Date(), "date"),
        (pl.Datetime("us"), "date and time"),
        (pl.Datetime("ns", "Europe/London"), "date and time (Europe/London)"),
        (pl.Time(), "time of day"),
        (pl.Duration("ms"), "span of time"),
        (pl.Null(), "empty"),
        (pl.List(pl.Int64()), "List(Int64)"),
    ],
    ids=str,
)
def test_types_are_named_in_plain_words(dtype, words):
    assert plain_type(str(dtype)) == words
