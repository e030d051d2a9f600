"""Rows of side inputs in known columns: usual names, expressions, types, refusals, ids."""

from datetime import datetime

import polars as pl
import pytest

from whalecurve.engine.errors import ColumnMissingError, ColumnTypeError, InputError
from whalecurve.engine.side_inputs import SideRole, open_side_input, tally

CUSTOMER = SideRole(name="customer_id", setting="event_customer", kind="customer", usual=("customer_id", "customer"))
TIME = SideRole(name="time", setting="event_time", kind="time", usual=("time", "timestamp"))
TYPE = SideRole(name="type", setting="event_type", kind="text", usual=("event", "type"))
VALUE = SideRole(name="value", setting="event_value", kind="money", usual=("value",), is_required=False)
ROLES = (CUSTOMER, TIME, TYPE, VALUE)


def events(**changed):
    columns = {
        "Customer ID": [1, 2, None],
        "timestamp": [datetime(2026, 1, 1, 23), datetime(2026, 1, 2), datetime(2026, 1, 3)],
        "event": ["view", "cart", "view"],
        "value": [None, 12.5, 1.0],
    }
    return pl.DataFrame(columns | changed)


def rows_of(frame, ids=None, given=(), **asked):
    source = open_side_input(frame, ROLES, dict(given))
    return source.rows(ids or pl.Int64(), **asked).collect()


def test_columns_of_usual_names_are_taken_whatever_their_spelling():
    rows = rows_of(events())
    assert rows["customer_id"].to_list() == [1, 2, None]
    assert rows["type"].to_list() == ["view", "cart", "view"]
    assert rows["value"].to_list() == [None, 12_500_000, 1_000_000]
    assert rows["refused"].to_list() == [None, None, "without a customer"]


def test_a_role_is_an_expression_where_it_is_given():
    rows = rows_of(events(), given={"type": "UPPER(event)", "value": "value * 2"})
    assert rows["type"].to_list() == ["VIEW", "CART", "VIEW"]
    assert rows["value"].to_list() == [None, 25_000_000, 2_000_000]


def test_an_optional_role_can_be_left_out_and_a_required_one_cannot():
    assert "value" not in rows_of(events(), given={"value": ""}).columns
    with pytest.raises(InputError, match="`event_time` is empty"):
        rows_of(events(), given={"time": ""})


def test_zoned_times_are_told_in_the_zone_that_is_asked_for():
    zoned = events().with_columns(pl.col("timestamp").dt.replace_time_zone("UTC"))
    rows = rows_of(zoned, timezone="Europe/Moscow")
    assert rows["time"].to_list()[0] == datetime(2026, 1, 2, 2)


def test_a_missing_column_is_named_with_the_setting_that_names_it():
    with pytest.raises(InputError, match=r"no column time or timestamp.*`event_time`"):
        rows_of(events().drop("timestamp"))
    with pytest.raises(ColumnMissingError, match='no column "when"'):
        rows_of(events(), given={"time": "when"})


def test_a_type_that_cannot_serve_is_refused_with_what_would():
    texts = events(timestamp=["2026-01-01", "2026-01-02", "2026-01-03"])
    with pytest.raises(ColumnTypeError, match="is String, expected a date or datetime; parse it"):
        rows_of(texts)


def test_ids_of_a_text_file_are_read_in_the_type_of_the_orders(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("customer,time,event\n7,2026-01-01,view\nx,2026-01-01,view\n")
    rows = open_side_input(path, ROLES, {}).rows(pl.Int64()).collect()
    assert rows["customer_id"].to_list() == [7, None]
    assert open_side_input(path, ROLES, {}).rows(pl.String()).collect()["customer_id"].to_list() == ["7", "x"]


def test_ids_of_another_type_are_refused():
    with pytest.raises(ColumnTypeError, match="expected String as in the orders"):
        rows_of(events(), pl.String())


def test_ids_are_normalised_as_those_of_the_orders_and_blank_ones_are_none():
    texts = events(**{"Customer ID": [" Ann@x.org", "  ", "BOB"]})
    rows = rows_of(texts, pl.String(), normalise_ids=("trim", "lower"))
    assert rows["customer_id"].to_list() == ["ann@x.org", None, "bob"]


def test_every_row_is_counted_once_with_the_reason():
    frame = events(**{"Customer ID": [1, 9, None]})
    source = open_side_input(frame, ROLES, {})
    known = pl.LazyFrame({"customer_id": [1, 2, 3]})
    counted = tally(source, source.rows(pl.Int64()), known)
    assert (counted.n_rows, counted.n_used) == (3, 1)
    assert counted.refused == {"of customers without orders": 1, "without a customer": 1}
    assert (counted.n_customers, counted.n_known) == (1, 3)


def test_a_role_may_be_one_value_for_all_rows_where_it_says_so():
    with pytest.raises(InputError, match="gives one value for all rows"):
        open_side_input(events(), ROLES, {"type": "'view'"})
    constant = SideRole(name="type", setting="event_type", kind="text", may_be_constant=True)
    rows = open_side_input(events(), (CUSTOMER, TIME, constant), {"type": "'view'"}).rows(pl.Int64()).collect()
    assert rows["type"].to_list() == ["view"] * 3


def test_a_flag_may_be_a_condition_over_columns_of_any_type():
    flag = SideRole(name="is_view", setting="event_flag", kind="flag", is_required=False)
    rows = open_side_input(events(), (CUSTOMER, flag), {"is_view": "event = 'view'"}).rows(pl.Int64()).collect()
    assert rows["is_view"].to_list() == [True, False, True]
