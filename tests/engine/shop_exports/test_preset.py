import tomllib
from importlib import resources

import pytest

from tests.support.exports import EXPORTS, shop
from whalecurve.engine.errors import InputError
from whalecurve.engine.settings import REQUIRED_ROLES, ROLES
from whalecurve.engine.shop_exports.preset import column_called, preset_called, presets, recognised

LINES = shop(40)


def test_every_preset_maps_what_a_log_needs_and_has_an_export_that_it_is_tried_on():
    assert {preset.name for preset in presets()} == set(EXPORTS)
    for preset in presets():
        assert set(REQUIRED_ROLES) <= set(preset.roles) <= set(ROLES), preset.name
        assert preset.title
        assert preset.recognised_by


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_by_its_columns(name):
    columns = EXPORTS[name](LINES)[0].columns
    assert recognised(columns)[0].name == name
    assert recognised([column.lower().replace(" ", "_") for column in columns])[0].name == name


def test_columns_of_no_export_are_recognised_as_none():
    assert recognised(["customer_id", "order_ts", "amount"]) == []


def test_an_unknown_preset_is_refused_with_those_that_there_are():
    with pytest.raises(
        InputError, match=r'`preset` "shoppify": no such export; choose one of amazon-orders, .*; did you mean'
    ):
        preset_called("shoppify")


def test_a_column_is_found_by_its_name_else_by_the_only_one_like_it():
    assert column_called("Email", ["email", "Email"]) == "Email"
    assert column_called("Lineitem price", ["lineitem_price"]) == "lineitem_price"
    assert column_called("Email", ["e-mail", "E_Mail"]) is None


def test_a_preset_has_no_key_that_nobody_reads():
    known = {"title", "recognised_by", "roles", "keep", "fill_down", "notes"}
    for file in resources.files("whalecurve.engine.shop_exports").joinpath("presets").iterdir():
        assert tomllib.loads(file.read_text(encoding="utf-8")).keys() <= known, file.name
