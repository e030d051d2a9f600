"""What `simulate` plants is found, under the right name; where nothing is planted, next to nothing is."""

from pathlib import Path

import polars as pl
import pytest
from scipy import stats

from whalecurve.engine import Result, Simulation, Window, customer_summary, explain, scan_orders, score, simulate
from whalecurve.engine.explanation.anomalies import anomalies
from whalecurve.engine.explanation.customers import customer_behaviour
from whalecurve.engine.explanation.segment_profile import segment_profile
from whalecurve.engine.explanation.settings import Explaining
from whalecurve.engine.explanation.values import customer_totals, value_sums
from whalecurve.engine.orders.lines_by_share import reading_of
from whalecurve.engine.runtime.memory import memory_budget
from whalecurve.engine.simulation.attributes import PLANTED_INTEREST
from whalecurve.engine.simulation.catalogue import PLANTED

DIMENSIONS = ("brand", "category", "city", "channel", "campaign", "product")
ATTRIBUTES = ("interest", "region", "household", "newsletter")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """What is said of a log of some 60,000 lines, by dimension."""
    folder = tmp_path_factory.mktemp("planted")
    simulate(Simulation(orders=60_000, seed=1, side_files=("attributes",)), folder / "log")
    columns = {"attributes": folder / "log" / "attributes.parquet"}
    found = explain(folder / "log" / "orders", "Champions", (*DIMENSIONS, *ATTRIBUTES), columns=columns)
    return {one.by: one for one in found.dimensions}


def effects_of(dimension, value):
    row = dimension.flags.row(by_predicate=pl.col("value") == value, named=True)
    return row["flag"], set(row["worse"]), set(row["better"])


def test_the_toxic_brand_is_found_by_second_purchases_returns_and_margin(planted):
    flag, worse, better = effects_of(planted["brand"], PLANTED.toxic_brand)
    assert flag == "toxic"
    assert {"second_purchase_rate", "return_rate", "margin_rate"} <= worse
    assert better == set()
    assert planted["brand"].flags.filter(flag="toxic").height == 1
    assert planted["brand"].flags["value"][0] == PLANTED.toxic_brand  # the first to be named


def test_toxic_products_are_of_the_toxic_brand(planted):
    toxic = planted["product"].flags.filter(flag="toxic")["value"]
    assert toxic.len() >= 2
    assert toxic.str.starts_with(PLANTED.toxic_brand).all()


def test_the_sticky_campaign_is_the_loyal_one(planted):
    assert effects_of(planted["campaign"], PLANTED.sticky_campaign) == ("loyal", set(), {"second_purchase_rate"})
    assert planted["campaign"].flags.height == 1


def test_the_interest_of_those_who_buy_often_is_found_and_attributes_that_say_nothing_are_not(planted):
    assert effects_of(planted["interest"], PLANTED_INTEREST) == ("loyal", set(), {"second_purchase_rate"})
    assert planted["interest"].flags.filter(flag="loyal").height == 1
    for name in ("region", "household", "newsletter"):
        assert planted[name].flags.is_empty(), name
        assert planted[name].profile["marks"].count() == 0, name


def test_nothing_is_said_of_channels_which_say_nothing(planted):
    assert planted["channel"].flags.is_empty()
    assert planted["channel"].profile["marks"].count() == 0


def test_the_city_whose_customers_stay_marks_those_who_buy_often_to_the_end(tmp_path):
    """Who leaves seldom is no quicker to buy again under BG/NBD: the city is no anomaly, but a mark of Champions."""
    simulate(Simulation(customers=30_000, seed=3), tmp_path / "log")
    (city,) = explain(tmp_path / "log" / "orders", "Champions", ["city"]).dimensions
    assert city.profile.drop_nulls("marks").select("value", "marks").rows() == [(PLANTED.loyal_city, "more")]
    assert city.flags.is_empty()


def unscored(orders):
    """The customers of a log as a result, all with a purchase in the segment whose number is odd; nothing is fitted."""
    window = Window()
    summary = customer_summary(orders, window).with_columns(
        rfm_segment=pl.when(pl.col("customer_id") % 2 == 1).then(pl.lit("odd")).otherwise(pl.lit("even"))
    )
    customers = summary.collect()
    last = customers.select(pl.max_horizontal(pl.col("last_purchase").max())).item()
    result = Result(path=Path("unscored"), segments=pl.DataFrame(), model={}, manifest={}, as_of=last)
    vars(result)["customers"] = customers.lazy()  # in the place of files
    return result


def test_where_nothing_is_planted_the_false_discovery_rate_is_that_stated(tmp_path):
    """Families of tests with any report, of which every one is false: as rare as the rate, by a binomial bound."""
    by_lot = ("brand", "city", "channel", "campaign")
    settings, n_families, n_reports, n_marks = Explaining(), 0, 0, 0
    for seed in range(20):
        simulate(Simulation(customers=800, seed=seed, planted=False), tmp_path / str(seed))
        orders = scan_orders(tmp_path / str(seed) / "orders", dimensions=by_lot)
        result = unscored(orders)
        reading = reading_of(orders, Window(as_of=result.as_of), "margin", 0, memory_budget(None))
        customers = customer_behaviour(result, reading, "odd", "rfm_segment", settings.second_purchase_days)
        totals = customer_totals(customers, reading.money)
        for by in by_lot:
            sums = value_sums(reading, customers, by)
            found = anomalies(sums, totals, settings, has_margin=True)
            n_families += found["p_value"].count() > 0
            n_reports += found["effect"].count() > 0
            n_marks += segment_profile(sums.table, totals, settings)["marks"].count() > 0
    assert n_families == 80
    most = stats.binom.ppf(0.999, n_families, settings.fdr)
    assert n_reports <= most
    assert n_marks <= most


def test_baskets_of_many_values_make_no_value_good(tmp_path):
    """Who fills a basket comes back: with labels dealt out by lot over the lines, no label may look better for it."""
    simulate(Simulation(customers=4_000, seed=5, planted=False), tmp_path / "log")
    lines = pl.read_parquet(tmp_path / "log" / "orders" / "*.parquet").sort("customer_id", "order_ts")
    # The first day of those who came back has each of its lines five times over.
    days = pl.col("order_ts").dt.date()
    is_first = days == days.min().over("customer_id")
    comes_back = days.n_unique().over("customer_id") > 1
    copies = pl.when(is_first & comes_back & (pl.col("amount") > 0)).then(5).otherwise(1)
    grown = lines.with_columns(copy=pl.int_ranges(0, copies)).explode("copy")
    labelled = grown.with_columns(label=(pl.int_range(pl.len()).hash(seed=1) % 8).cast(pl.String))
    labelled.write_parquet(tmp_path / "grown.parquet")
    score(tmp_path / "grown.parquet", out=tmp_path / "scores")
    (label,) = explain(tmp_path / "grown.parquet", "Champions", ["label"], scores=tmp_path / "scores").dimensions
    naive = label.anomalies.filter(measure="second_purchase_rate")
    assert naive["p_value"].min() > 0.05 / 16
    assert label.flags.is_empty()
    assert label.profile["marks"].count() == 0
