"""Results of other commands that a report takes in, and those of which it names nobody."""

import json

import polars as pl
import pytest

from tests.support.logs import simple_log, write
from tests.support.pages import page_of
from whalecurve import engine
from whalecurve.engine.reporting.beside import MOST_MEMBERS, read_beside

SHOPS = ["<b>north</b>", "south", "east", None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log with a shop, a product and an e-mail, its result, its validation, its concentration by each of them."""
    folder = tmp_path_factory.mktemp("beside")
    lines = simple_log(6_000, 500, seed=4).with_row_index("i")
    lines = lines.with_columns(
        shop=pl.col("i").mod(4).replace_strict(dict(enumerate(SHOPS))),
        product=pl.format("p{}", pl.col("i") % 90),
        mail=pl.format("who-{}@example.org", "customer_id"),
    )
    orders = write(folder / "orders.parquet", lines)
    engine.score(orders, out=folder / "scores")
    engine.validate(orders, holdout_days=90, out=folder / "validation")
    engine.concentrate(orders, ["shop", "product", "mail", "customer_id % 100000", "customer"], out=folder / "spread")
    engine.explain(orders, "Champions", ["shop", "product", "mail"], scores=folder / "scores", out=folder / "why")
    settings = engine.Profiling(by=("shop", "mail"), first_by=("shop",), min_customers=30)
    engine.profile(folder / "scores", segment="Champions", settings=settings, out=folder / "ideal")
    return folder


@pytest.fixture(scope="module")
def page(folder):
    beside = [folder / name for name in ("validation", "spread", "why", "ideal")]
    return page_of(engine.report(folder / "scores", beside=beside).html)


def refused(*directories):
    with pytest.raises(engine.InputError) as caught:
        read_beside(directories)
    return str(caught.value)


def test_members_are_those_of_the_concentration(folder, page):
    record = json.loads((folder / "spread" / "manifest.json").read_text())
    files = {dimension["by"]: folder / "spread" / dimension["members"] for dimension in record["dimensions"]}
    for by, n in (("shop", 4), ("product", MOST_MEMBERS)):
        members = pl.read_parquet(files[by]).head(MOST_MEMBERS)
        table = page.tables[f"Margin by {by}, the first {n}"]
        assert [row[by].shown for row in table] == [member or "(none)" for member in members["member"]]
        for title, column in (("margin", "value"), ("share", "value_share"), ("customers", "n_customers")):
            assert [row[title].value for row in table] == members[column].to_list()


def test_dimensions_that_may_name_customers_are_counted_and_not_shown(page):
    assert [name.removeprefix("By ") for name in page.texts["h3"] if name.startswith("By ")][:5] == [
        "shop",
        "product",
        "mail",
        "customer_id % 100000",
        "customer",
    ]
    assert not any("example.org" in text for text in page.texts["body"])
    assert page.texts["p"].count("Its values may stand for single customers, so they are not named here.") == 3


def test_predictions_are_those_of_the_validation(folder, page):
    found = json.loads((folder / "validation" / "validation.json").read_text())
    table = page.tables["Models, and rules without a model"]
    assert [row["prediction"].shown for row in table] == [one["title"] for one in found["predictions"]]
    assert [row["purchases"].value for row in table] == [one["purchases"]["predicted"] for one in found["predictions"]]
    assert [row["RMSE"].value for row in table] == [one["purchases"]["rmse"] for one in found["predictions"]]
    weeks = page.tables["Cumulative repeat purchases: seen and expected"]
    assert [row["seen"].value for row in weeks] == found["tracking"]["actual_cumulative"]
    assert [row["expected"].value for row in weeks] == found["tracking"]["expected_cumulative"][found["best_model"]]
    tenths = page.tables["Share of customers who bought: predicted and seen"]
    of_best = [row for row in found["deciles"] if row["name"] == found["best_model"]]
    assert [row["seen"].value for row in tenths] == [row["share_bought"] for row in of_best]


def test_sections_are_there_only_for_what_was_given(folder):
    alone = engine.report(folder / "scores")
    spread = engine.report(folder / "scores", beside=[folder / "spread"])
    assert "Concentration by dimension" not in alone.sections
    assert set(spread.sections) - set(alone.sections) == {"Concentration by dimension"}
    assert {name for name in spread.charts if name not in alone.charts} == {"concentration-1", "concentration-2"}


def test_what_is_no_such_result_is_refused(folder, tmp_path):
    assert "a second validation; name one of them" in refused(folder / "validation", folder / "validation")
    told = (
        "a result of whalecurve score; name results of validate, experiment read, explain, profile, acquisition, "
        "whatif, budget, concentration"
    )
    assert told in refused(folder / "scores")
    assert (
        refused(tmp_path)
        == f'beside="{tmp_path}": not a whalecurve result; name a directory that a whalecurve command wrote'
    )


def test_a_report_is_not_written_into_what_it_reads(folder):
    with pytest.raises(engine.InputError, match="lies within the result that is read"):
        engine.report(folder / "scores", beside=[folder / "spread"], out=folder / "spread" / "r.html")


def test_values_are_those_of_the_explanation(folder, page):
    found = json.loads((folder / "why" / "explain.json").read_text())
    by = {dimension["by"]: dimension for dimension in found["dimensions"]}
    table = page.tables["Customers by shop: Champions and all"]
    assert [row["Champions"].value for row in table] == [row["share_segment"] for row in by["shop"]["profile"]]
    assert [row["lift"].value for row in table] == [row["lift"] for row in by["shop"]["profile"]]
    assert "Customers by mail: Champions and all" not in page.tables


def test_values_are_those_of_the_profile(folder, page):
    found = json.loads((folder / "ideal" / "profile.json").read_text())
    name = found["segment"]
    weekdays = next(part for part in found["sections"] if part["dimension"] == "weekday")["measures"]["orders"]
    table = page.tables["When they buy, by weekday: shares of orders"]
    assert [row["weekday"].shown for row in table] == [row["value"] for row in weekdays]
    assert [(row[name].value, row["of all"].value) for row in table] == [(r["segment"], r["base"]) for r in weekdays]
    assert "How they came, by shop: shares of customers" in page.tables
    assert f"The ideal customer: {name}" in page.texts["h2"]


def test_the_time_to_the_next_purchase_is_said_to_be_an_estimate_over_customers_chosen_by_recency(folder, page):
    found = json.loads((folder / "ideal" / "profile.json").read_text())
    half, of_all = (found["timing"][name]["quantiles"]["0.5"] for name in ("segment", "base"))
    text = " ".join(page.texts["p"])
    assert (
        f"By estimate, half of their purchases are followed by another within {half:.0f} days, against {of_all:.0f} "
        f"days for all; as they are defined by how lately they bought, this is no forecast (Kaplan-Meier: "
    ) in text
    assert "Champions are defined by how lately they bought, and that shapes these shares." in text
