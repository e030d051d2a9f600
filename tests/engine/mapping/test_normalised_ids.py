import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine.mapping.normalised_ids import normalised_text

IDS = ["Ann@x", " ann@X", "ANN@x\t", "bob@x", "ÉVA@x", "éva@x\u3000"]


def customers(path, **columns):
    orders = engine.scan_orders(path, engine.Columns(**columns))
    return engine.customer_summary(orders).collect().sort("customer_id").select("customer_id", "revenue").rows()


def test_ids_that_differ_in_case_and_white_space_are_one_customer(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=IDS)
    assert customers(path, normalise_ids=("trim", "lower")) == [("ann@x", 6.0), ("bob@x", 4.0), ("éva@x", 11.0)]
    trimmed = {customer for customer, _ in customers(path, normalise_ids=("trim",))}
    assert trimmed == {"Ann@x", "ann@X", "ANN@x", "bob@x", "ÉVA@x", "éva@x"}
    lower = {customer for customer, _ in customers(path, normalise_ids=("lower",))}
    assert lower == {"ann@x", " ann@x", "ann@x\t", "bob@x", "éva@x", "éva@x\u3000"}
    assert {customer for customer, _ in customers(path)} == set(IDS)


def test_the_order_of_rows_and_files_changes_nothing(tmp_path):
    lines = log(customer_id=IDS)
    folder = write_all(tmp_path, lines.reverse().head(2), lines.reverse().tail(4))
    assert customers(folder, normalise_ids=("lower", "trim")) == [("ann@x", 6.0), ("bob@x", 4.0), ("éva@x", 11.0)]


def test_an_expression_is_normalised_too_and_an_id_of_white_space_stays_nobody(tmp_path):
    path = write(tmp_path / "a.parquet", name=["A", "a ", " ", None, "A", "a"])
    found = customers(path, customer="CONCAT(name, '')", normalise_ids=("trim", "lower"))
    assert ("a", 14.0) in found


def test_ids_that_are_nobody_are_normalised_as_the_others(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=["Guest", "GUEST ", "guest", "a", "b", "c"])
    orders = engine.scan_orders(path, engine.Columns(nobody=("Guest",), normalise_ids=("trim", "lower")))
    assert engine.audit_orders(orders, engine.Window()).refused == {"named_nobody": 3}
    assert normalised_text(" GUEST", ("trim", "lower")) == "guest"


def test_what_is_done_to_ids_is_recorded_where_it_is(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=IDS)
    steps = engine.scan_orders(path, engine.Columns(normalise_ids=("trim", "lower"))).definitions["normalise_ids"]
    assert steps == ["trim", "lower"]
    assert "normalise_ids" not in engine.scan_orders(path).definitions


@pytest.mark.parametrize("ids", [pl.Series([1, 2, 3, 4, 5, 6]), pl.Series([b"a"] * 6)])
def test_only_ids_of_text_can_be_normalised(tmp_path, ids):
    path = write(tmp_path / "a.parquet", customer_id=ids)
    with pytest.raises(engine.InputError, match="only ids of text have case and white space; leave"):
        engine.scan_orders(path, engine.Columns(normalise_ids=("lower",)))


def test_a_step_that_there_is_not_is_refused():
    with pytest.raises(engine.InputError, match='`normalise_ids` "upper" is unknown; choose one of trim, lower'):
        engine.Columns(normalise_ids=("upper",))
