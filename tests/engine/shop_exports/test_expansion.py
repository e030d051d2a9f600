import polars as pl
import pytest

from tests.support.exports import EXPORTS, shop
from tests.support.logs import log, write
from whalecurve import engine

LINES = shop()


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("name", EXPORTS)
def test_a_preset_finds_what_every_customer_bought(tmp_path, name, suffix):
    export, true = EXPORTS[name](LINES)
    if suffix == "csv" and "ecommerce" in export.columns:
        export = export.drop("ecommerce").with_columns(export["ecommerce"].struct.unnest())
        name = "ga4-flat"
    path = tmp_path / f"a.{suffix}"
    export.write_csv(path) if suffix == "csv" else export.write_parquet(path)
    summary = engine.customer_summary(engine.scan_orders(path, engine.Columns(preset=name))).collect()
    found = dict(summary.select(pl.col("customer_id").cast(pl.String), (pl.col("revenue") * 100).round()).rows())
    expected = true.to_pandas().groupby("customer")["cents"].sum()
    assert found == expected.to_dict()
    n_orders = true.to_pandas().groupby("customer")["order"].nunique()
    bought = dict(summary.select(pl.col("customer_id").cast(pl.String), "n_purchase_days").rows())
    assert all(bought[customer] <= n_orders[customer] for customer in bought)


def test_what_is_mapped_by_hand_and_a_condition_come_on_top_of_the_preset(tmp_path):
    path = write(tmp_path / "a.parquet", EXPORTS["woocommerce"](LINES)[0])
    columns = engine.Columns(preset="woocommerce", customer="customer_id", where="order_currency = 'EUR'")
    mapping = engine.scan_orders(path, columns).mapping
    assert mapping.roles["customer"].mapping == "customer_id"
    assert mapping.roles["order"].mapping == "order_id"
    assert mapping.where_text == "order_currency = 'EUR'"
    assert "'cancelled'" in mapping.keep_text
    instead = engine.Columns(preset="woocommerce", keep="status = 'completed'")
    assert engine.scan_orders(path, instead).mapping.keep_text == "status = 'completed'"


def test_the_record_has_the_sql_that_the_preset_became(tmp_path):
    path = write(tmp_path / "a.parquet", EXPORTS["shopify"](LINES)[0])
    definitions = engine.scan_orders(path, engine.Columns(preset="shopify")).definitions
    assert definitions["columns"]["customer"] == "LOWER(TRIM(Email))"
    assert definitions["fill_down"] == ["Email", "Financial Status", "Created at"]
    assert "{" not in "".join(definitions["columns"].values()) + definitions["keep"]


def test_a_number_without_a_value_in_the_sample_is_spelled_as_the_others(tmp_path):
    export = EXPORTS["magento"](LINES)[0].with_columns(pl.lit("").alias("Total Refunded"))
    mapping = engine.scan_orders(write(tmp_path / "a.parquet", export), engine.Columns(preset="magento")).mapping
    assert mapping.roles["refund"].mapping.count("'$'") == mapping.roles["amount"].mapping.count("'$'") == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (log(), 'no column "Email", which preset="shopify" needs; there are customer_id, order_ts, amount; name'),
        (
            EXPORTS["shopify"](LINES)[0].with_columns(pl.lit("soon").alias("Created at")),
            'column "Created at" does not read as a time, as preset="shopify" expects; map the column that does',
        ),
        (
            EXPORTS["shopify"](LINES)[0].with_columns(pl.lit("dear").alias("Lineitem price")),
            'column "Lineitem price" does not read as a number',
        ),
    ],
)
def test_a_log_that_is_no_such_export_is_refused(tmp_path, lines, message):
    with pytest.raises(engine.InputError) as caught:
        engine.scan_orders(write(tmp_path / "a.parquet", lines), engine.Columns(preset="shopify"))
    assert message in str(caught.value)


def test_a_refund_that_the_export_does_not_have_is_no_role(tmp_path):
    export = EXPORTS["shopify"](LINES)[0].drop("Refunded Amount")
    roles = engine.scan_orders(write(tmp_path / "a.parquet", export), engine.Columns(preset="shopify")).mapping.roles
    assert "refund" not in roles
