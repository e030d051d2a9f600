import ast
import re
from datetime import date

import polars as pl
import pytest

from tests.support.exports import EXPORTS, shop
from tests.support.logs import log, write
from whalecurve import engine


def refusal(path, **columns):
    with pytest.raises(engine.InputError) as caught:
        engine.scan_orders(path, engine.Columns(**columns))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_all_missing_roles_are_named_at_once_with_what_was_tried_in_their_place(tmp_path):
    lines = pl.DataFrame(
        {
            "InvoiceNo": ["1", "2"],
            "Quantity": [2, 3],
            "Order Date": ["31/01/2024", "1/2/2024"],
            "Unit Price": ["£1,000.50", "£2"],
            "E-Mail": ["a@b.com", "c@d.org"],
        }
    )
    path = write(tmp_path / "a.parquet", lines)
    message = refusal(path)
    assert message == (
        f'{path}: no column "customer_id" for `customer`, no column "order_ts" for `time`, no column "amount" for '
        f'`amount`; there are InvoiceNo, Quantity, Order Date, Unit Price, E-Mail; try customer="E-Mail" '
        f"""time="TRY_STRPTIME(\\"Order Date\\", '%d/%m/%Y')" amount="Quantity * TRY_CAST(REPLACE(REPLACE("""
        f"""\\"Unit Price\\", '£', ''), ',', '') AS DOUBLE)" (tried on 2 rows)"""
    )
    advised = {role: ast.literal_eval(text) for role, text in re.findall(r"""(\w+)=("(?:[^"\\]|\\.)*")""", message)}
    lines = engine.scan_orders(path, engine.Columns(**advised)).lines.collect()
    assert lines["amount"].to_list() == [2001.0, 6.0]
    assert lines["time"].dt.date().to_list() == [date(2024, 1, 31), date(2024, 2, 1)]


def test_roles_of_which_some_have_a_candidate_are_said_with_what_to_do_about_the_others(tmp_path):
    path = write(tmp_path / "a.parquet", log().rename({"order_ts": "bought", "customer_id": "who"}))
    assert refusal(path) == (
        f'{path}: no column "customer_id" for `customer`, no column "order_ts" for `time`; there are who, bought, '
        f'amount; try time="bought" (tried on 6 rows); name one of them with customer="NAME"'
    )


def test_a_column_that_plays_another_role_is_not_suggested(tmp_path):
    path = write(tmp_path / "a.parquet", log().rename({"customer_id": "order_id"}))
    assert "try" not in refusal(path, customer="customer", order="order_id")
    assert refusal(path, customer="order_id", margin="amont").endswith('name one of them with margin="NAME"')


def test_a_misspelt_column_is_suggested_if_it_can_play_the_role(tmp_path):
    path = write(tmp_path / "a.parquet", who=pl.lit("x"), shop_code=pl.lit("y"), words=pl.lit("z"))
    assert 'try customer="shop_code" (tried on 6 rows)' in refusal(path, customer="shopcode")
    assert 'words"' not in refusal(path, amount="word")


def test_what_cannot_be_sampled_is_missing_all_the_same(tmp_path):
    path = write(tmp_path / "a.parquet", log().rename({"customer_id": "CustomerID"}).clear())
    assert refusal(path).endswith('there are CustomerID, order_ts, amount; try customer="CustomerID"')


def test_a_column_of_a_wrong_type_is_told_with_those_that_are_missing(tmp_path):
    lines = log(customer_id=[1.0, 1.0, 2.0, 3.0, 3.0, None]).rename({"order_ts": "bought"})
    assert refusal(write(tmp_path / "a.parquet", lines)) == (
        f'{tmp_path / "a.parquet"}: no column "order_ts" for `time`, `customer` "customer_id" is Float64; there are '
        f'customer_id, bought, amount; try time="bought" customer="TRY_CAST(customer_id AS BIGINT)" (tried on 6 rows)'
    )


def test_an_optional_role_of_a_wrong_type_that_nothing_else_can_play_is_left_out(tmp_path):
    lines = log(margin=pl.lit(b"x")).rename({"order_ts": "bought"})
    assert refusal(write(tmp_path / "a.parquet", lines)).endswith('; try time="bought" margin="" (tried on 6 rows)')
    lines = log(amount=pl.lit("dear")).rename({"order_ts": "bought"})
    assert refusal(write(tmp_path / "b.parquet", lines)).endswith(
        'try time="bought" (tried on 6 rows); name one of them with amount="NAME"'
    )


def test_of_an_export_that_is_known_the_preset_is_suggested(tmp_path):
    export = EXPORTS["shopify"](shop(40))[0]
    path = write(tmp_path / "a.parquet", export)
    assert refusal(path).endswith(
        'these are the columns of Shopify, orders (a line per line item): try preset="shopify"'
    )
    path = write(tmp_path / "b.parquet", export.with_columns(pl.lit("dear").alias("Lineitem price")))
    assert 'try preset="shopify-orders"' in refusal(path)
    path = write(tmp_path / "c.parquet", export.with_columns(pl.lit("soon").alias("Created at")))
    assert "preset" not in refusal(path)
