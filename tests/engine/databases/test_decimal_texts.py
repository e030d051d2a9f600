import polars as pl
import pyarrow as pa
import pytest

from whalecurve.engine.databases.decimal_texts import DecimalTexts, without_extensions

NUMERIC = pa.opaque(pa.string(), "numeric", "PostgreSQL")


def types_of(*texts):
    """The type found for texts that come in as many batches."""
    columns = pa.schema({"price": NUMERIC, "n": pa.int64()})
    found, plain = DecimalTexts(columns), without_extensions(columns)
    for text in texts:
        array = pa.ExtensionArray.from_storage(NUMERIC, pa.array([text], pa.string()))
        seen = found.seen(pa.record_batch([array, pa.array([1])], schema=columns), plain)
        assert seen.column("price").to_pylist() == [text]
    return found.types


@pytest.mark.parametrize(
    ("texts", "dtype"),
    [
        (("1.50", "-123", None), pl.Decimal(5, 2)),
        (("0.000001", "99999999999999999999"), pl.Decimal(26, 6)),
        (("NaN", "Infinity"), pl.Decimal(1, 0)),
        ((None,), pl.Decimal(1, 0)),
        (("1" * 30 + ".5", "0." + "1" * 8), pl.Decimal(38, 8)),
        (("1" * 30 + ".5", "0." + "1" * 9), pl.Float64()),
    ],
)
def test_the_type_is_the_narrowest_that_holds_all_digits(texts, dtype):
    assert types_of(*texts) == {"price": dtype}


def test_categories_and_types_of_a_database_are_what_they_are_stored_as():
    columns = pa.schema({"a": pa.dictionary(pa.int8(), pa.string()), "b": NUMERIC, "c": pa.uuid(), "d": pa.int8()})
    assert without_extensions(columns).types == [pa.string(), pa.string(), pa.binary(16), pa.int8()]
    assert DecimalTexts(pa.schema({"d": pa.decimal128(5, 2)})).types == {}
