"""Ids that name nobody, against plain Python."""

from datetime import date

import polars as pl
import pytest

from tests.support.logs import log, write
from tests.support.order_free import customer_totals
from whalecurve import engine
from whalecurve.engine.audit import refuse_too_many
from whalecurve.engine.profiling.orders import orders_of
from whalecurve.engine.profiling.settings import Profiling
from whalecurve.engine.publication import open_result
from whalecurve.engine.runtime.memory import Budget
from whalecurve.engine.store.lines_to_totals import read_totals


def audited(path, **columns):
    return engine.audit_orders(engine.scan_orders(path, engine.Columns(**columns)), engine.Window())


@pytest.mark.parametrize(
    ("ids", "dtype", "words", "refused"),
    [
        (["a", "NULL", "null", " ", "0", None], pl.String, ("NULL", "0"), {"null_customer": 2, "named_nobody": 2}),
        ([b"a", b"NULL", b"x", b"\t", b"0", None], pl.Binary, ("NULL", "0"), {"null_customer": 2, "named_nobody": 2}),
        ([7, 0, -1, 10, 0, None], pl.Int64, ("NULL", "0", "-1"), {"null_customer": 1, "named_nobody": 3}),
        ([7, 0, -1, 10, 0, None], pl.Int8, (0, -1, 300), {"null_customer": 1, "named_nobody": 3}),
        ([7, 0, 1, 10, 0, 2**64 - 1], pl.UInt64, ("-1", "0", str(2**64 - 1)), {"named_nobody": 3}),
        ([7, 0, 1, 10, 0, 2**100], pl.Int128, (str(2**100), 2**200), {"named_nobody": 1}),
        ([7, 70, 1, 10, 0, 5], pl.Int32, ("007", "0.0"), {"named_nobody": 1}),
        (["7", "07", "a", "b", "c", "d"], pl.String, (7,), {"named_nobody": 1}),
        (["a,b", "c", "a", "b", "x", "y"], pl.String, ("a,b",), {"named_nobody": 1}),
    ],
)
def test_ids_that_are_nobody_are_compared_in_the_type_of_the_ids(tmp_path, ids, dtype, words, refused):
    path = write(tmp_path / "a.parquet", customer_id=pl.Series(ids, dtype=dtype))
    assert audited(path, nobody=words).refused == refused


def test_lines_of_nobody_are_reported_and_stop_no_run_unless_a_limit_is_given(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=["guest", "guest", "a", "b", "c", None])
    orders = engine.scan_orders(path, engine.Columns(nobody=("guest",)))
    audit = engine.audit_orders(orders, engine.Window())
    assert audit.warnings[-2:] == (
        "lines that name no customer: 1 (16.7%); they are not counted for any customer",
        "lines of ids that `nobody` names: 2 (33.3%); they are not counted for any customer",
    )
    refuse_too_many(orders, audit, None)
    with pytest.raises(engine.InputError, match=r"\(1 null_customer, 2 named_nobody\), more than max_refused=0.1"):
        refuse_too_many(orders, audit, 0.1)


def test_a_log_of_nobody_alone_is_refused(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=["guest", "guest", " ", "", None, "guest"])
    with pytest.raises(engine.InputError, match='every customer id in "customer_id" is null or empty, or one that'):
        audited(path, nobody=("guest",))


@pytest.mark.parametrize(
    "ids", [["a", "x", "a", "  ", "b", "x"], ["a", "x", "a", "\u2003", "b", "x"], [1, 0, 1, 3, 0, 2]]
)
def test_both_plans_leave_nobody_out(tmp_path, ids):
    orders = engine.scan_orders(write(tmp_path / "a.parquet", customer_id=ids), engine.Columns(nobody=("x", "0")))
    totals = read_totals(orders, engine.Window(), Budget(total=10**12, base=0))
    found = pl.concat(totals.tables())
    expected = customer_totals(orders, totals.audit.window)
    assert found.equals(expected)
    assert found["customer_id"].to_list() == sorted({one for one in ids if str(one) not in ("x", "0", "  ", "\u2003")})


def test_by_other_dimensions_lines_of_nobody_count_in_full(tmp_path):
    path = write(tmp_path / "a.parquet", log(customer_id=["a", "guest", " ", "b", "b", "b"], shop=pl.lit("north")))
    found = engine.concentrate(path, ["customer", "shop"], columns=engine.Columns(nobody=("guest",))).to_dict()
    by_customer, by_shop = found["dimensions"]
    assert by_customer["rows"]["refused"] == {"null_customer": 1, "named_nobody": 1}
    assert (by_shop["rows"]["used"], by_shop["lines_without_customer"]) == (6, 2)


def test_a_result_says_which_ids_were_nobody_and_a_profile_of_it_reads_them_so(tmp_path):
    ids = ["a", "guest", "b", "b", "c", "c"]
    path = write(tmp_path / "a.parquet", customer_id=ids, shop=pl.lit("north"))
    columns = engine.Columns(nobody=("till", "guest"))
    window = engine.Window(as_of=date(2024, 3, 1))
    run = engine.score(path, out=tmp_path / "scores", columns=columns, window=window)
    assert run.model["definitions"]["nobody"] == ["guest", "till"]
    assert run.manifest["rows"]["refused"] == {"named_nobody": 1}
    reading, _ = orders_of(open_result(run.out), None, Profiling())
    assert reading.orders.mapping.nobody == ("guest", "till")
