"""Side inputs of tools that are known: told by their columns, read out of nested ones, their words understood."""

import tomllib
from datetime import datetime
from importlib import resources

import polars as pl
import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.side_inputs import SideRole, open_side_input, side_presets

CUSTOMER = SideRole(name="customer_id", setting="event_customer", kind="customer", usual=("customer_id",))
TIME = SideRole(name="time", setting="event_time", kind="time", usual=("time",))
TYPE = SideRole(name="type", setting="event_type", kind="text", usual=("event", "type"))
CHANNEL = SideRole(name="channel", setting="event_channel", kind="text", usual=("channel",), is_required=False)
PRODUCT = SideRole(name="product", setting="event_product", kind="text", usual=("product",), is_required=False)
VALUE = SideRole(name="value", setting="event_value", kind="money", usual=("value",), is_required=False)
ROLES = (CUSTOMER, TIME, TYPE, CHANNEL, PRODUCT, VALUE)

PARAM = pl.Struct(
    {
        "key": pl.String,
        "value": pl.Struct(
            {"string_value": pl.String, "int_value": pl.Int64, "float_value": pl.Float64, "double_value": pl.Float64}
        ),
    }
)


def param(key, **value):
    return {"key": key, "value": dict.fromkeys(("string_value", "int_value", "float_value", "double_value")) | value}


def ga4(**changed):
    """Three events as the BigQuery export has them."""
    columns = {
        "event_timestamp": [1_767_222_000_000_000, 1_767_225_600_000_000, 1_767_229_200_000_000],
        "event_name": ["view_item", "add_to_cart", "quiz_done"],
        "user_pseudo_id": ["x1", "x2", "x3"],
        "user_id": ["a", "b", None],
        "event_params": [
            [param("page", string_value="/shoe")],
            [param("page", string_value="/cart"), param("value", double_value=12.5)],
            None,
        ],
        "traffic_source": [{"medium": "email"}, {"medium": "organic"}, {"medium": None}],
        "items": [[{"item_id": "s1"}, {"item_id": "s2"}], [], None],
    }
    types = {"event_params": pl.List(PARAM), "items": pl.List(pl.Struct({"item_id": pl.String}))}
    return pl.DataFrame(columns | changed, schema_overrides=types)


def opened(frame, preset=None, **given):
    return open_side_input(frame, ROLES, given, of="events", preset=preset)


def test_nested_columns_of_ga4_are_read_and_its_words_understood():
    source = opened(ga4())
    rows = source.rows(pl.String()).collect()
    assert source.preset.name == "ga4"
    assert rows["time"].to_list()[0] == datetime(2025, 12, 31, 23)
    assert rows["type"].to_list() == ["view", "cart", "quiz_done"]
    assert rows["value"].to_list() == [None, 12_500_000, None]
    assert rows["product"].to_list() == ["s1", None, None]
    assert rows["channel"].to_list() == ["email", "organic", None]
    assert rows["refused"].to_list() == [None, None, "without a customer"]
    assert source.columns["value"] == "event_params[value]"


def test_times_of_a_tool_that_has_them_in_one_zone_are_told_in_that_which_is_asked_for():
    rows = opened(ga4()).rows(pl.String(), timezone="Europe/Berlin").collect()
    assert rows["time"].to_list()[0] == datetime(2026, 1, 1, 0)


def test_whole_numbers_of_a_key_are_a_value_too(tmp_path):
    params = [[param("value", int_value=7)], [param("value", string_value="7")], [param("value", float_value=0.5)]]
    path = tmp_path / "events.parquet"
    ga4(event_params=params).write_parquet(path)
    assert opened(path).rows(pl.String()).collect()["value"].to_list() == [7_000_000, None, 500_000]


def test_what_is_given_comes_before_the_preset_and_keeps_its_words():
    rows = opened(ga4(), type="UPPER(event_name)", value="").rows(pl.String()).collect()
    assert rows["type"].to_list() == ["VIEW_ITEM", "ADD_TO_CART", "QUIZ_DONE"]
    assert "value" not in rows.columns


def test_the_first_column_that_is_there_is_taken_and_a_missing_nested_one_left_out():
    other = ga4().with_columns(
        collected_traffic_source=pl.struct(manual_medium=pl.lit("cpc")), items=pl.lit(None, dtype=pl.String)
    )
    source = opened(other)
    assert source.rows(pl.String()).collect()["channel"].to_list() == ["cpc"] * 3
    assert "product" not in source.roles


def test_a_file_of_klaviyo_is_told_by_its_columns():
    frame = pl.DataFrame(
        {
            "person_id": ["k1"], "metric_id": ["m"], "type": ["Added to Cart"], "datetime": [datetime(2026, 1, 1)],
            "property_value": [3.25], "email": ["a@x.org"],
        }
    )  # fmt: skip
    row = opened(frame).rows(pl.String()).collect().row(0, named=True)
    assert (row["customer_id"], row["type"], row["value"]) == ("a@x.org", "cart", 3_250_000)


def test_a_preset_can_be_named_or_refused_and_an_unknown_one_is_told():
    plain = ga4().with_columns(customer_id="user_id", time=pl.lit(datetime(2026, 1, 1)), type="event_name")
    assert opened(plain, preset="").roles["customer_id"].mapping == "customer_id"
    assert opened(plain, preset="ga4").roles["customer_id"].mapping == "user_id"
    with pytest.raises(
        InputError, match=r'`events_preset` "ga" is unknown; choose one of ga4, .*; did you mean "ga4"\?'
    ):
        opened(plain, preset="ga")
    assert open_side_input(plain, ROLES, {}).preset is None


def test_a_preset_has_no_key_that_nobody_reads():
    known = {"title", "of", "recognised_by", "columns", "words", "zone", "notes"}
    files = [file for file in resources.files("whalecurve.engine.side_inputs").joinpath("presets").iterdir()]
    tables = {file.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in files if ".toml" in file.name}
    assert {name.removesuffix(".toml") for name in tables} == {preset.name for preset in side_presets()}
    for name, table in tables.items():
        assert table.keys() <= known, name
        assert set(table.get("words", {})) <= set(table["columns"]), name
