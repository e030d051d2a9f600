"""Ids that name nobody, against plain Python."""

import unicodedata
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.logs import log, write
from tests.support.order_free import customer_totals
from whalecurve import engine
from whalecurve.engine.audit import refuse_too_many
from whalecurve.engine.orders import nobody
from whalecurve.engine.profiling.orders import orders_of
from whalecurve.engine.profiling.settings import Profiling
from whalecurve.engine.publication import open_result
from whalecurve.engine.runtime.memory import Budget
from whalecurve.engine.store.lines_to_totals import read_totals

# White_Space of the Unicode character database: PropList.txt, version 16
WHITE_SPACE = [
    *range(0x9, 0xE),
    0x20,
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
]
SEPARATORS = {"Zs", "Zl", "Zp"}


def test_white_space_is_what_unicode_says():
    assert sorted(map(ord, nobody.WHITE_SPACE)) == WHITE_SPACE
    controls = {chr(code) for code in WHITE_SPACE if unicodedata.category(chr(code)) not in SEPARATORS}
    assert controls == set("\t\n\v\f\r\x85")


LETTERS = st.sampled_from([*map(chr, WHITE_SPACE), "a", "~", "!", "é", "ア", "\0", "\u200b", "\x7f"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.none() | st.text(LETTERS, max_size=4), max_size=20), st.sampled_from([pl.String, pl.Binary]))
def test_an_id_of_white_space_alone_is_blank(ids, dtype):
    texts = [one if one is None or dtype == pl.String else one.encode() for one in ids]
    white = {chr(code) for code in WHITE_SPACE}
    expected = [one is not None and set(one) <= white for one in ids]
    assert nobody.is_blank(pl.Series("customer_id", texts, dtype=dtype)).tolist() == expected


def test_bytes_that_are_no_text_are_not_blank():
    ids = pl.Series("customer_id", [b"\xe2\x80", b"\x20\xff", b"\xc2", b" \0", b"\xe3\x80\x80"])
    assert nobody.is_blank(ids).tolist() == [False, False, False, False, True]


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
        "lines that name no customer: 1 (16.7%); they are in nobody's value",
        "lines of ids that `nobody` names: 2 (33.3%); they are in nobody's value",
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
