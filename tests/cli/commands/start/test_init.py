import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal, run
from tests.support.exports import EXPORTS, shop
from tests.support.logs import log, write

LINES = shop()


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_was_decided_is_printed_with_why_and_written_for_the_other_commands():
    write(Path("orders.parquet"), log(shop=pl.lit("x")).rename({"customer_id": "user_id", "order_ts": "created_at"}))
    assert printed("init", "orders.parquet") == (
        "orders.parquet: no export that is known; 6 rows looked at\n"
        "\n"
        "customer     user_id\n"
        '             called "user_id"\n'
        "time         created_at\n"
        '             called "created_at"\n'
        "amount       amount\n"
        '             called "amount"\n'
        "\n"
        "of 6 lines, 6 can be used\n"
        "\n"
        "columns to compare by: shop\n"
        "\n"
        "written to whalecurve.toml\nnext: whalecurve check orders.parquet\n"
    )
    done = run("check", "orders.parquet")
    assert done.exit_code == 0
    assert done.stderr == "settings from whalecurve.toml\n"
    assert "6 usable order lines of 3 customers" in done.stdout


@pytest.mark.parametrize("name", sorted(set(EXPORTS) - {"ga4"}))
def test_init_and_check_need_no_option_for_an_export_as_csv(name):
    export, true = EXPORTS[name](LINES)
    export.write_csv("orders.csv")
    assert printed_json("init", "orders.csv")["export"] == name
    found = json.loads(run("check", "orders.csv", "--format", "json").stdout)
    pandas = true.to_pandas()
    assert found["customers"] == pandas["customer"].nunique()
    assert round(found["amount"] * 100) == pandas["cents"].sum()


def test_what_is_not_sure_is_said_in_the_words_of_the_command_line():
    write(Path("orders.parquet"), other_amount=pl.lit(1.5))
    assert "\nnot sure: --amount may as well be other_amount\n" in printed("init", "orders.parquet")


def test_an_export_may_be_named_and_the_file_be_elsewhere():
    EXPORTS["shopify"](LINES)[0].write_csv("orders.csv")
    said = printed("init", "orders.csv", "--preset", "shopify-orders", "--out", "my shop.toml")
    assert said.endswith("written to my shop.toml\nnext: whalecurve check orders.csv --config 'my shop.toml'\n")
    assert "Subtotal" in tomllib.loads(Path("my shop.toml").read_text())["columns"]["amount"]
    assert not Path("whalecurve.toml").exists()


def test_what_is_known_may_be_told():
    write(Path("orders.parquet"), log(total=pl.lit("£1.50")).rename({"customer_id": "who"}))
    said = printed("init", "orders.parquet", "--customer", "who", "--amount", "total")
    assert "customer     who\n             as given\n" in said
    assert "amount       TRY_CAST(REPLACE(total, '£', '') AS DOUBLE)\n" in said


def test_a_settings_file_is_not_replaced_unasked():
    write(Path("orders.parquet"))
    Path("whalecurve.toml").write_text("")
    assert refusal("init", "orders.parquet") == (
        "whalecurve.toml: is there already; replace it with --overwrite, or name another"
    )
    assert "written to whalecurve.toml" in printed("init", "orders.parquet", "--overwrite")


def test_nothing_is_written_where_a_role_is_missing():
    write(Path("orders.parquet"), pl.DataFrame({"a": ["x"]}))
    assert "; name columns with --customer NAME --time NAME --amount NAME" in refusal("init", "orders.parquet")
    assert not Path("whalecurve.toml").exists()


def test_a_preset_does_the_same_without_a_file():
    export, true = EXPORTS["stripe"](LINES)
    export.write_csv("orders.csv")
    found = printed_json("check", "orders.csv", "--preset", "stripe")
    assert round(found["amount"] * 100) == true["cents"].sum()
    assert refusal("check", "orders.csv", "--preset", "strip").endswith('did you mean "stripe"?')


def test_score_takes_what_init_wrote():
    EXPORTS["woocommerce"](LINES)[0].write_csv("orders.csv")
    printed("init", "orders.csv")
    done = run("score", "orders.csv", "--out", "scores", "--format", "json")
    assert done.exit_code == 0
    customers = pl.read_parquet("scores/customers")
    true = EXPORTS["woocommerce"](LINES)[1].to_pandas().groupby("customer")["cents"].sum()
    assert sorted(customers["customer_id"]) == sorted(true.index)
    assert round(customers["revenue"].sum() * 100) == true.sum()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(EXPORTS) - {"ga4"}))
def test_score_needs_no_option_for_fifty_thousand_lines_of_an_export(name):
    export, true = EXPORTS[name](shop(20_000))
    export.write_csv("orders.csv")
    printed("init", "orders.csv")
    done = run("score", "orders.csv", "--out", "scores", "--layout", "flat", "--no-measures", "--format", "json")
    assert done.exit_code == 0
    customers = pl.read_parquet("scores/customers")
    found = dict(customers.select(pl.col("customer_id").cast(pl.String), (pl.col("revenue") * 100).round()).rows())
    assert found == true.to_pandas().groupby("customer")["cents"].sum().to_dict()
