import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine


def outcome(path, **columns):
    """The number of lines used, or what is said instead."""
    try:
        return engine.audit_orders(engine.scan_orders(path, engine.Columns(**columns)), engine.Window()).n_used
    except engine.InputError as error:
        return str(error)


@pytest.mark.parametrize("sql", ["CAST(id AS BIGINT)", "TRY_CAST(id AS BIGINT)", "CAST(id AS VARCHAR)"])
@pytest.mark.parametrize("where", [None, "amount < 99"])
def test_floats_beyond_2_to_the_53_are_no_ids(tmp_path, sql, where):
    path = write(tmp_path / "a.parquet", id=pl.Series([1.0, 2.0**53, 3.0, 4.0, None, float("nan")]))
    if sql.startswith("CAST(id AS BIGINT)"):
        path = write(tmp_path / "a.parquet", id=pl.Series([1.0, 2.0**53, 3.0, 4.0, None, 5.0]))
    assert outcome(path, customer=sql, where=where) == (
        f'{path}: `customer` "{sql}" makes ids of floats, as "id", that are as large as 9007199254740992: from '
        f"2^53 on they are the same for neighbouring whole numbers, and customers would be merged; write the ids as "
        f"integers or text where the log is exported"
    )


def test_floats_below_it_are_and_what_where_leaves_out_may_be_anything(tmp_path):
    ids = pl.Series([1.0, 2.0**53 - 1, -(2.0**53 - 1), 4.0, float("inf"), 2.0**60])
    path = write(tmp_path / "a.parquet", id=ids)
    assert outcome(path, customer="TRY_CAST(id AS BIGINT)", where="amount < 6") == 4
    assert "would be merged" in outcome(path, customer="TRY_CAST(id AS BIGINT)")


def test_short_floats_end_at_2_to_the_24_in_any_of_the_files(tmp_path):
    wide, short = log(id=pl.lit(2.0**24)), log(id=pl.lit(1.0, dtype=pl.Float32))
    assert outcome(write(tmp_path / "a.parquet", wide), customer="CAST(id AS BIGINT)") == 6
    assert "from 2^24 on" in outcome(write_all(tmp_path / "b", wide, short), customer="CAST(id AS BIGINT)")


def test_an_id_that_outgrows_floats_on_the_way_is_refused_too(tmp_path):
    path = write(tmp_path / "a.parquet", store=pl.lit(2.0**30), till=pl.lit(7))
    assert "would be merged" in outcome(path, customer="CAST(store * 100000000 + till AS BIGINT)")
    assert outcome(path, customer="CAST(store * 100 + till AS BIGINT)") == 6


def test_order_ids_are_held_to_the_same(tmp_path):
    path = write(tmp_path / "a.parquet", invoice=pl.lit(2.0**54))
    assert "and orders would be merged" in outcome(path, order="CAST(invoice AS BIGINT)")


def test_whole_numbers_of_any_size_stay_ids(tmp_path):
    assert outcome(write(tmp_path / "a.parquet", customer_id=pl.lit(2**62 + 1))) == 6
    assert outcome(write(tmp_path / "b.parquet", id=pl.lit(2**62 + 1)), customer="id + 1") == 6
