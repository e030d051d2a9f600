"""Costs of acquisition, a changed future and a budget in a report: in words, as numbers, as pictures."""

import polars as pl
import pytest

from tests.support.pages import page_of
from whalecurve import engine

RESPONSES = """
[[offer]]
name = "<b>mail</b>"
cost = 0.1
response = 0.02
low = 0.005
high = 0.035

[[offer]]
name = "call"
cost = 9.0
response = 0.01
error = 0.01
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planning")
    engine.simulate(engine.Simulation(customers=900, seed=4), folder / "shop")
    engine.score(folder / "shop" / "orders", out=folder / "scores")
    (folder / "responses.toml").write_text(RESPONSES)
    return folder


@pytest.fixture(scope="module")
def found(folder):
    spend = {
        "campaign": ["search", "social", "<i>radio</i>"] * 8,
        "month": sorted([f"2025-{m:02}" for m in range(1, 9)] * 3),
    }
    costs = pl.DataFrame(spend | {"spend": [300.0, 900.0, 50.0] * 8})
    levers = {"retention": 0.05, "margin_rate": 0.01, "horizon_days": 400, "acquire": 50, "worth": 1.0, "tornado": True}
    return {
        "acquisition": engine.acquisition_costs(folder / "scores", costs, out=folder / "acquisition"),
        "whatif": engine.whatif(folder / "scores", levers=levers, out=folder / "whatif"),
        "budget": engine.lay_out(
            folder / "scores", folder / "responses.toml", settings={"amount": 100.0}, out=folder / "budget"
        ),
    }


@pytest.fixture(scope="module")
def page(folder, found):
    return page_of(engine.report(folder / "scores", beside=[folder / name for name in found]).html)


def values(rows, title):
    return [row[title].value for row in rows]


def test_each_has_a_section_of_its_own(folder, page):
    assert {"Acquisition cost", "What if", "Budget allocation"} <= set(page.texts["h2"])
    assert not {"What if"} & set(page_of(engine.report(folder / "scores").html).texts["h2"])


def test_numbers_are_those_of_the_acquisition(found, page):
    by_value = found["acquisition"].values.filter(scope="value")
    rows = page.tables["Acquisition cost and return by campaign"]
    assert [row["campaign"].shown for row in rows] == by_value["value"].to_list()
    for title, column in (("spend", "spend"), ("customers", "customers"), ("CAC", "cac"), ("CLV:CAC", "clv_cac")):
        assert values(rows, title) == by_value[column].to_list()
    unmatched = page.tables["Spend and customers that could not be matched"]
    assert "spend that no first order names: <i>radio</i>" in [row["what"].shown for row in unmatched]


def test_numbers_are_those_of_the_changed_future(found, page):
    rows = page.tables["CLV gained, by segment"]
    own = found["whatif"].table.filter(scheme="rfm").drop_nulls("segment")
    assert [row["segment"].shown for row in rows] == own["segment"].to_list()
    assert values(rows, "gained") == own["difference"].to_list()
    tornado = page.tables["Sensitivity: CLV if one assumption is off by 10%"]
    told = found["whatif"].tornado
    assert values(tornado, "+10%") == [row["difference"] for row in told.iter_rows(named=True) if row["shift"] == 0.1]
    text = " ".join(page.texts["p"])
    assert "odds of staying +5.0%, horizon 400 days instead of 365 days, margin " in text
    assert "50 new customers." in text
    assert "To be worth 1.00 a customer, each on its own must move: odds of staying +" in text


def test_numbers_are_those_of_the_budget(found, page):
    rows, own = page.tables["Contacts by segment and offer"], found["budget"].allocation
    assert [row["contacts"].shown for row in rows] == [
        f"{offer} to {segment}" for offer, segment in own.select("offer", "segment").iter_rows()
    ]
    for title, column in (("spend", "spend"), ("brings", "net"), ("chance of a loss", "chance_of_loss")):
        assert values(rows, title) == own[column].to_list()
    assert len(page.tables["Other ways to spend the same budget"]) == 3
    assert "Not worth a contact, as it costs more than it is expected to bring: " in " ".join(page.texts["p"])


def test_each_has_its_pictures(folder, found):
    report = engine.report(folder / "scores", beside=[folder / name for name in found])
    assert {"acquisition", "supposed", "tornado", "budget"} <= set(report.charts)


def test_a_budget_that_buys_nothing_has_a_section_still(folder, tmp_path):
    engine.lay_out(folder / "scores", folder / "responses.toml", settings={"amount": 0.0}, out=tmp_path / "none")
    text = " ".join(page_of(engine.report(folder / "scores", beside=[tmp_path / "none"]).html).texts["p"])
    assert "Of 0.00, 0.00 are spent on 0 contacts" in text
