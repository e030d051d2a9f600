"""Totals that DuckDB adds up, by the query that the documents give, are scored as the lines are, to the last bit."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.engine.store.test_summary import LOG
from tests.tools.readme import retail_log
from whalecurve.engine import InputError, Simulation, acquisition_costs, score, simulate

PAGE = Path(__file__).parents[3] / "docs" / "totals.md"
SQL = PAGE.read_text(encoding="utf-8").partition("cat > totals.sql <<'END'\n")[2].partition("\nEND\n")[0]
SETTINGS = {"next_purchase": "model"}  # what a holdout would choose by
"""What the document's query is given of a log: customer_id, order_ts, order_id, amount, margin."""


def totals_of(orders, out):
    duckdb.sql(SQL.replace("shop/orders/*.parquet", str(orders)).replace("totals.parquet", str(out)))
    return out


def both(orders, folder, **settings):
    """The results of the totals and of the lines."""
    scoring = SETTINGS | settings
    totals = totals_of(orders, folder / "totals.parquet")
    return (
        score(totals, totals=True, out=folder / "by-totals", scoring=scoring),
        score(orders, out=folder / "by-lines", scoring=scoring, measures=False),
    )


def alike(by_totals, by_lines):
    """Hold customers, segments, thresholds and models of both against each other."""
    assert_frame_equal(by_totals.to_polars(), by_lines.to_polars(), check_exact=True)
    assert_frame_equal(by_totals.segments, by_lines.segments, check_exact=True)
    for part in ("transactions", "spend", "thresholds", "population", "calibration"):
        assert by_totals.model[part] == by_lines.model[part], part
    assert by_totals.manifest["reliability"] | {"risk_withheld": None} == by_lines.manifest["reliability"]
    counts = [run.manifest["customers"] for run in (by_totals, by_lines)]
    assert counts[0] == counts[1]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("totals")
    simulate(Simulation(customers=1_200, seed=5), folder / "shop")
    return folder


def test_a_simulated_log_with_returns_is_scored_as_its_lines_are(shop, tmp_path):
    by_totals, by_lines = both(shop / "shop" / "orders" / "*.parquet", tmp_path)
    alike(by_totals, by_lines)
    assert by_totals.definitions["totals_version"] == 1
    assert any("totals of customers say nothing of days" in words for words in by_totals.manifest["warnings"])
    assert not (tmp_path / "by-totals" / "measures").exists()


@pytest.mark.parametrize("ids", ["text", "integer"])
def test_awkward_histories_are_added_up_alike(tmp_path, ids):
    names = ["customer_id", "order_ts", "order_id", "amount", "margin"]
    frame = pl.DataFrame(LOG, schema=names, orient="row").with_columns(pl.col("order_ts").str.to_date())
    if ids == "integer":
        frame = frame.with_columns(customer_id=pl.col("customer_id").rank("dense").cast(pl.Int32) - 5)
    frame.write_parquet(tmp_path / "log.parquet")
    alike(*both(tmp_path / "log.parquet", tmp_path, risk_days=60))


def test_online_retail_is_scored_as_its_lines_are(tmp_path):
    path = retail_log()
    if path is None:
        pytest.skip("no Online Retail log: set WHALECURVE_DATA")
    lines = pl.read_parquet(path).filter(pl.col("CustomerID").is_not_null())
    amount = pl.col("Quantity") * pl.col("UnitPrice")
    lines.select(
        amount.alias("amount"), (amount * 0.3).alias("margin"), customer_id="CustomerID", order_ts="InvoiceDate",
        order_id="InvoiceNo",
    ).write_parquet(tmp_path / "retail.parquet")  # fmt: skip
    alike(*both(tmp_path / "retail.parquet", tmp_path))


# What is refused, in one line each


@pytest.fixture(scope="module")
def table(shop):
    return pl.read_parquet(totals_of(shop / "shop" / "orders" / "*.parquet", shop / "totals.parquet"))


def refused(totals, **given):
    with pytest.raises(InputError) as error:
        score(totals, totals=True, measures=False, **given)
    assert "\n" not in str(error.value)
    return str(error.value)


SOME = pl.when(pl.int_range(pl.len()) > 3)
TWICE = pl.when(pl.col("n_purchase_days") == 2)
HUGE = pl.col("n_lines").cast(pl.UInt64) + pl.lit(2**63, pl.UInt64)
WRONG = {
    "differs from row to row": lambda t: t.with_columns(as_of=SOME.then("as_of").otherwise("observed_from")),
    "customer totals of version 2, this one reads 1": lambda t: t.with_columns(totals_version=2),
    "customers who come again": lambda t: pl.concat([t, t[:2]]),
    "no n_lines": lambda t: t.with_columns(n_lines=pl.when(pl.col("customer_id") > 1).then("n_lines")),
    "n_orders below 0": lambda t: t.with_columns(n_orders=-pl.col("n_orders")),
    "revenue that is not sold less returned": lambda t: t.with_columns(pl.col("revenue") + 1),
    "other gaps than one between each two": lambda t: t.with_columns(gaps=pl.lit([1])),
    "gaps that do not lead to the last day": lambda t: t.with_columns(gaps=pl.col("gaps").list.eval(pl.element() + 1)),
    "purchase days that were not observed": lambda t: t.with_columns(as_of=pl.col("observed_from")),
    "a first day without a purchase day": lambda t: t.with_columns(first_day=TWICE.then(None).otherwise("first_day")),
    "a second day with fewer than two": lambda t: t.with_columns(second_day=TWICE.then(None).otherwise("second_day")),
    "more purchase days than lines": lambda t: t.with_columns(n_lines=0, n_return_lines=0, n_orders=0),
    "column \"sold\" is Float64, expected whole numbers": lambda t: t.with_columns(pl.col("sold").cast(pl.Float64)),
    "column \"as_of\" is Datetime": lambda t: t.with_columns(pl.col("as_of").cast(pl.Datetime("us"))),
    "column \"gaps\" is String": lambda t: t.with_columns(gaps=pl.lit("[1]")),
    "no column sold, early_revenue": lambda t: t.drop("sold", "early_revenue"),
    "no column year_margin": lambda t: t.drop("year_margin"),
    "do not fit into 64 bits": lambda t: t.with_columns(revenue=HUGE),
    "no customers at all": lambda t: t.clear(),
}  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_what_is_not_in_the_contract_is_refused_with_a_customer(table, words):
    told = refused(WRONG[words](table))
    assert words in told
    assert "HUGEINT" in told or "Float64" not in told


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scoring": {"model": "auto"}}, "chooses by the last days of the orders, which `totals` do not have"),
        ({"scoring": {"spend": "auto"}}, 'name one, as spend="gamma-gamma"'),
        ({"scoring": {"season": "estimate"}}, "needs days or lines, which `totals` do not have"),
        ({"scoring": {"fit_by": "cohort"}}, 'fit_by="cohort" needs days or lines'),
        ({"window": {"period": "month"}, "scoring": {"model": "bgbb"}}, 'period="month" needs days or lines'),
        ({"window": {"as_of": "2025-01-01"}}, "`totals` are added up already; leave it out"),
        ({"columns": {"amount": "price"}}, 'amount="price" says how order lines are read'),
        ({"state": "kept"}, "keeps order lines, and `totals` are given"),
    ],
)
def test_settings_that_need_lines_or_days_are_refused(table, given, words):
    assert words in refused(table, **given)


def test_other_kinds_of_columns_are_taken_too(table, shop, tmp_path):
    """Decimals without places, as some warehouses unload, narrow integers, more columns, margin left out."""
    money = [name for name in table.columns if name.endswith("revenue")]
    other = table.with_columns(
        pl.col(money).cast(pl.Decimal(38, 0)), pl.col("n_orders").cast(pl.UInt16), more=pl.lit("x"),
        gaps=pl.col("gaps").cast(pl.List(pl.Int32)),
    )  # fmt: skip
    run = score(other.sample(fraction=1.0, shuffle=True, seed=1), totals=True)
    assert_frame_equal(run.to_polars(), score(table, totals=True).to_polars(), check_exact=True)
    assert run.definitions["value"] == "margin"
    without = score(table.drop("margin", "first_margin", "early_margin", "year_margin"), totals=True)
    assert without.definitions["value"] == "revenue"
    lines = score(shop / "shop" / "orders", columns={"margin": ""}, scoring=SETTINGS, measures=False)
    assert_frame_equal(without.to_polars(), lines.to_polars(), check_exact=True)


def test_totals_are_scored_by_the_models_of_a_run_over_lines(table, shop):
    old = score(shop / "shop" / "orders", scoring=SETTINGS, measures=False)
    run = score(table, totals=True, thresholds=old.path)
    assert_frame_equal(run.to_polars(), old.to_polars(), check_exact=True)


def test_a_result_of_totals_is_not_taken_for_one_of_lines(table, tmp_path):
    table.write_parquet(tmp_path / "totals.parquet")
    score(tmp_path / "totals.parquet", totals=True, out=tmp_path / "scores")
    manifest = json.loads((tmp_path / "scores" / "manifest.json").read_text())
    assert manifest["rows"]["used"] == table["n_lines"].sum()
    assert manifest["inputs"][0]["rows"] == table.height
    costs = pl.DataFrame({"campaign": ["mail"], "month": ["2025-01"], "spend": [1.0]})
    with pytest.raises(InputError, match="was scored from totals of customers, and this reads order lines"):
        acquisition_costs(tmp_path / "scores", costs)
