"""A log read for all customers: what its values are as text."""

from datetime import time, timedelta

import polars as pl
import pytest

from whalecurve.engine.orders import as_text

VALUES = {
    "time": (
        pl.Series([time(9), time(9, 0, 0, 1), time(9, 0, 0, 500_000)]),
        ["09:00:00", "09:00:00.000001", "09:00:00.500"],
    ),
    "span": (pl.Series([timedelta(seconds=1), timedelta(seconds=1, microseconds=1)]), ["PT1S", "PT1.000001S"]),
    "bytes": (pl.Series([b"a", b"\xff", b""]), ["61", "ff", ""]),
    "float": (pl.Series([0.1, 0.1 + 2**-56]), ["0.1", "0.10000000000000002"]),
}


@pytest.mark.parametrize("kind", VALUES)
def test_every_value_is_a_text_of_its_own(kind):
    values, texts = VALUES[kind]
    assert values.to_frame("value").select(as_text(values.dtype))["value"].to_list() == texts
