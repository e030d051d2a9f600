import dataclasses
import itertools
import json
from datetime import date

import duckdb
import mpmath
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from whalecurve.engine.errors import InputError
from whalecurve.engine.simulation import catalogue, population
from whalecurve.engine.simulation.catalogue import NEUTRAL, PLANTED
from whalecurve.engine.simulation.simulate import Simulation, simulate

N_CUSTOMERS = 20_000
DAYS = 730
END = date(2024, 1, 1).toordinal() + DAYS


def read(log):
    return pl.read_parquet(log.orders / "*.parquet")


def sold(lines):
    return lines.filter(pl.col("amount") > 0)


def first_orders(lines):
    """Sale lines of every customer's first order, with the days at which the customer bought."""
    days = sold(lines).group_by("customer_id").agg(day=pl.col("order_ts").dt.date().unique().sort())
    return sold(lines).filter(pl.col("campaign").is_not_null()).join(days, on="customer_id", how="left")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return simulate(Simulation(customers=N_CUSTOMERS, seed=7), tmp_path_factory.mktemp("planted") / "log")


@pytest.fixture(scope="module")
def lines(planted):
    return read(planted)


@pytest.fixture(scope="module", params=["bgnbd", "pnbd"])
def neutral(request, tmp_path_factory):
    """A log without planted facts, its lines, and its settings."""
    settings = Simulation(customers=N_CUSTOMERS, seed=11, model=request.param, planted=False)
    log = simulate(settings, tmp_path_factory.mktemp(request.param) / "log")
    return log, read(log), settings


# What is written


def test_the_result_counts_what_is_in_the_files(planted, lines):
    files = sorted(planted.orders.iterdir())
    assert [file.name for file in files] == ["part-00000.parquet"]
    assert planted.bytes == sum(file.stat().st_size for file in files)
    assert planted.n_lines == len(lines)
    assert planted.n_orders == lines["order_id"].n_unique() == lines["order_id"].max()
    assert planted.n_customers == N_CUSTOMERS
    assert lines["customer_id"].unique().sort().to_list() == list(range(1, N_CUSTOMERS + 1))
    assert (planted.first_day, planted.last_day) == (lines["order_ts"].min().date(), lines["order_ts"].max().date())
    assert (planted.first_day, planted.last_day.toordinal()) == (date(2024, 1, 1), END - 1)


def test_columns_have_the_documented_types_in_every_reader(planted, lines):
    dimensions = ["product", "category", "brand", "city", "channel", "campaign"]
    assert dict(lines.schema) == {
        "customer_id": pl.Int64(),
        "order_ts": pl.Datetime("us"),
        "order_id": pl.Int64(),
        "amount": pl.Float64(),
        "margin": pl.Float64(),
        **dict.fromkeys(dimensions, pl.String()),
        "discount": pl.Float64(),
    }
    arrow = pq.read_schema(planted.orders / "part-00000.parquet")
    assert all(arrow.field(name).type == pa.string() for name in dimensions)
    described = duckdb.sql(f"describe select * from '{planted.orders}/*.parquet'").pl()
    types = dict(described.select("column_name", "column_type").iter_rows())
    assert {types[name] for name in dimensions} == {"VARCHAR"}
    assert types["order_ts"] == "TIMESTAMP"


def test_row_groups_carry_statistics_and_zstd(planted):
    group = pq.read_metadata(planted.orders / "part-00000.parquet").row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert all(column.is_stats_set for column in columns)


def test_lines_are_in_time_order_and_orders_are_numbered_so(lines):
    assert lines["order_ts"].is_sorted()
    assert sold(lines)["order_id"].is_sorted()


def test_money_is_in_whole_cents_and_discounts_are_shares(lines):
    for name in ("amount", "margin"):
        assert (lines[name] == lines[name].round(2)).all()
    assert (lines["amount"] != 0.0).all()
    assert lines["discount"].is_between(0.0, 0.6).all()
    assert lines.drop("campaign").null_count().sum_horizontal().item() == 0


def test_each_order_has_one_customer_time_channel_and_discount(lines):
    each = sold(lines).group_by("order_id").agg(pl.col("customer_id", "order_ts", "channel", "discount").n_unique())
    assert each.drop("order_id").max().row(0) == (1, 1, 1, 1)
    assert sold(lines).group_by("order_id").len()["len"].unique().sort().to_list() == [1, 2, 3]
    assert lines.group_by("customer_id").agg(pl.col("city").n_unique())["city"].max() == 1


def test_the_campaign_stands_on_the_first_order_alone(lines):
    first = lines.group_by("customer_id").agg(first_id=pl.col("order_id").min())
    joined = lines.join(first, on="customer_id")
    assert (joined["campaign"].is_not_null() == (joined["order_id"] == joined["first_id"])).all()


def test_every_return_takes_back_an_earlier_line(lines):
    returns = lines.filter(pl.col("amount") < 0)
    assert len(returns) > 1000
    sales = sold(lines).select(
        "order_id", "product", "customer_id", "city", "discount", sold_ts="order_ts", paid="amount", earned="margin"
    )
    matched = returns.join(sales, on=["order_id", "product", "customer_id", "city", "discount"], how="left").filter(
        pl.col("paid") == -pl.col("amount")
    )
    matched = matched.unique(["order_id", "product", "amount", "order_ts"])
    assert len(matched) == len(returns)
    after = matched["order_ts"] - matched["sold_ts"]
    assert after.min().days >= 1
    assert (matched["margin"] == (-matched["earned"] - catalogue.HANDLING_COST).round(2)).all()


# The same settings give the same rows


def test_the_same_seed_gives_the_same_rows_however_files_are_cut(lines, planted, tmp_path):
    log = simulate(Simulation(customers=N_CUSTOMERS, seed=7, rows_per_file=20_011), tmp_path / "log")
    parts = [pl.read_parquet(path) for path in sorted(log.orders.iterdir())]
    assert {len(part) for part in parts[:-1]} == {20_011}
    assert 0 < len(parts[-1]) <= 20_011
    for before, after in itertools.pairwise(parts):
        assert before["order_ts"].max() <= after["order_ts"].min()
    assert_frame_equal(pl.concat(parts), lines, check_exact=True)
    assert dataclasses.replace(log, orders=planted.orders, truth=planted.truth, bytes=planted.bytes) == planted


def test_another_seed_gives_other_rows(tmp_path):
    other = read(simulate(Simulation(customers=1000, seed=8), tmp_path / "log"))
    first = read(simulate(Simulation(customers=1000, seed=7), tmp_path / "first"))
    assert not other.head(100).equals(first.head(100))


def test_string_ids_name_the_same_customers(lines, tmp_path):
    text = read(simulate(Simulation(customers=N_CUSTOMERS, seed=7, ids="string"), tmp_path / "log"))
    assert text["customer_id"].str.contains(r"^C\d{10}$").all()
    assert_frame_equal(text.with_columns(pl.col("customer_id").str.slice(1).cast(pl.Int64)), lines, check_exact=True)


# The models


def repeat_orders(lines):
    """Repeat orders of every customer, and the days observed since the middle of the first one."""
    per_customer = (
        sold(lines)
        .group_by("customer_id")
        .agg(repeats=pl.col("order_id").n_unique() - 1, first=pl.col("order_ts").min().dt.date())
    )
    age = END - np.array([day.toordinal() for day in per_customer["first"]]) - 0.5
    return per_customer["repeats"].to_numpy().astype(int), age


def expected_repeats(model, params, t):
    """Expected repeat orders by the papers' closed forms (Fader, Hardie & Lee 2005; Schmittlein et al. 1987)."""
    t, (r, alpha, a, b) = mpmath.mpf(t), map(mpmath.mpf, params)
    if model == "bgnbd":
        grown = (alpha / (alpha + t)) ** r * mpmath.hyp2f1(r, b, a + b - 1, t / (alpha + t))
        return (a + b - 1) / (a - 1) * (1 - grown)
    return r * b / (alpha * (a - 1)) * (1 - (b / (b + t)) ** (a - 1))


def test_repeat_orders_agree_with_the_models_expectation(neutral):
    _, lines, settings = neutral
    repeats, age = repeat_orders(lines)
    knots = np.linspace(0.5, DAYS, 200)
    values = [float(expected_repeats(settings.model, settings.purchase_params, t)) for t in knots]
    excess = repeats - np.interp(age, knots, values)
    assert abs(excess.mean()) < 4 * excess.std() / np.sqrt(len(excess))
    assert np.interp(age, knots, values).mean() > 3.0


def naive_repeats(settings, age, rng):
    """Repeat orders of customers drawn one by one, as the papers tell the story."""
    r, alpha, a, b = settings.purchase_params
    counts = np.empty(len(age), dtype=int)
    for i, t in enumerate(age):
        rate = rng.gamma(r, 1 / alpha)
        if settings.model == "pnbd":
            counts[i] = rng.poisson(rate * min(t, rng.exponential(1 / rng.gamma(a, 1 / b))))
        else:
            counts[i] = min(rng.poisson(rate * t), rng.geometric(max(rng.beta(a, b), 1e-12)))
    return counts


def test_repeat_orders_are_distributed_as_in_a_naive_simulation(neutral):
    _, lines, settings = neutral
    repeats, age = repeat_orders(lines)
    naive = naive_repeats(settings, age, np.random.default_rng(3))
    edges = [0, 1, 2, 3, 4, 6, 9, 14, 25, 60, 100_000]
    table = np.array([np.histogram(counts, edges)[0] for counts in (repeats, naive)])
    assert stats.chi2_contingency(table).pvalue > 0.001
    assert 0.4 < (repeats == 0).mean() < 0.55


def test_first_orders_are_worth_what_gamma_gamma_says(neutral):
    _, lines, settings = neutral
    p, q, v = settings.spend
    amounts = first_orders(lines).group_by("order_id").agg(pl.col("amount").sum())["amount"].to_numpy()
    assert len(amounts) == N_CUSTOMERS
    assert stats.kstest(amounts, stats.betaprime(p, q, scale=v).cdf).pvalue > 0.001
    assert amounts.mean() == pytest.approx(p * v / (q - 1), abs=4 * amounts.std() / np.sqrt(N_CUSTOMERS))


def test_customers_keep_their_spend_from_order_to_order(neutral):
    _, lines, settings = neutral
    orders = sold(lines).group_by("customer_id", "order_id").agg(pl.col("amount").sum().log()).sort("order_id")
    pairs = orders.group_by("customer_id").agg(pl.col("amount").head(2)).filter(pl.col("amount").list.len() == 2)
    first, second = pairs["amount"].list.get(0).to_numpy(), pairs["amount"].list.get(1).to_numpy()
    p, q, _ = settings.spend
    # Logs of the two amounts share the log of the customer's rate: correlation of trigamma functions.
    shared = float(mpmath.psi(1, q) / (mpmath.psi(1, q) + mpmath.psi(1, p)))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(shared, abs=4 / np.sqrt(len(first)))


@pytest.mark.parametrize("t", [0.5, 90.0, 729.5, 5000.0])
@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("bgnbd", (0.25, 8.0, 0.8, 9.0)),
        ("bgnbd", (5.0, 50.0, 20.0, 400.0)),
        ("bgnbd", (1.0, 10.0, 0.05, 300.0)),
        ("pnbd", (0.45, 16.0, 0.6, 80.0)),
        ("pnbd", (2.0, 30.0, 4.0, 900.0)),
    ],
)
def test_expected_repeats_agree_with_the_closed_forms(model, params, t):
    repeats = {"bgnbd": population.bgnbd_repeats, "pnbd": population.pnbd_repeats}[model]
    expected = float(expected_repeats(model, params, t))
    assert repeats(params, np.array([t]), 1.0, 1.0)[0] == pytest.approx(expected, rel=1e-12)


def test_expected_repeats_have_a_limit_at_s_1_and_take_factors():
    limit = population.pnbd_repeats((0.5, 16.0, 1.0, 80.0), np.array([100.0]), 1.0, 1.0)[0]
    assert limit == pytest.approx(0.5 * 80.0 / 16.0 * np.log(180.0 / 80.0), rel=1e-12)
    faster = population.pnbd_repeats((0.5, 16.0, 0.6, 80.0), np.array([100.0]), 3.0, 0.3)[0]
    assert faster == pytest.approx(float(expected_repeats("pnbd", (0.5, 16 / 3, 0.6, 80 / 0.3), 100)), rel=1e-12)
    slower = population.bgnbd_repeats((0.25, 8.0, 0.8, 9.0), np.array([100.0]), 0.1, 1.0)[0]
    assert slower == pytest.approx(float(expected_repeats("bgnbd", (0.25, 80.0, 0.8, 9.0), 100)), rel=1e-12)
    leaving = population.bgnbd_repeats((0.25, 8.0, 0.8, 9.0), np.array([100.0]), 1.0, 0.3)[0]
    integral = mpmath.quad(
        lambda p: p ** (0.8 - 2) * (1 - p) ** 8 * (1 - (8 / (8 + 30 * p)) ** 0.25) / 0.3, [0, 0.01, 0.1, 1]
    )
    assert leaving == pytest.approx(float(integral / mpmath.beta(0.8, 9)), rel=1e-9)  # the quadrature's own error


@pytest.mark.parametrize("model", ["bgnbd", "pnbd"])
def test_a_target_of_order_lines_is_met_about(model, tmp_path):
    settings = Simulation(orders=120_000, model=model, seed=3)
    log = simulate(settings, tmp_path / "log")
    per_customer = read(log).group_by("customer_id").len()["len"]
    assert log.n_customers == settings.n_customers == pytest.approx(120_000 / 8.1, rel=0.1)
    assert abs(log.n_lines - 120_000) < 4 * per_customer.std() * np.sqrt(log.n_customers)


def test_a_target_of_lines_takes_the_planted_facts_into_account(planted):
    settings = Simulation(customers=N_CUSTOMERS, seed=7)
    assert planted.n_lines == pytest.approx(N_CUSTOMERS * settings.expected_lines_per_customer, rel=0.07)
    without = dataclasses.replace(settings, planted=False)
    assert settings.expected_lines_per_customer > 1.01 * without.expected_lines_per_customer


def test_customers_come_with_growth_and_season():
    shares = population.acquisition_shares(date(2024, 1, 1), 3 * 365)
    assert shares.sum() == pytest.approx(1.0, rel=1e-12)
    years = shares.reshape(3, 365).sum(axis=1)
    assert years[1:] / years[:-1] == pytest.approx([1.2, 1.2], rel=0.01)  # whole years, but not whole weeks
    assert shares[325:346].mean() > 1.3 * shares[140:161].mean()
    numbers = population.first_numbers(1234, shares)
    assert numbers[0] == 0
    assert numbers[-1] == 1234
    assert np.abs(np.diff(numbers) - 1234 * shares).max() <= 1.0


# Planted facts


def by_first(lines, dimension):
    """Per value of a dimension of the first order: share who bought on a second day, and buying days."""
    once = first_orders(lines).unique(["customer_id", dimension])
    return once.group_by(dimension).agg(
        n=pl.len(), again=(pl.col("day").list.len() > 1).mean(), n_days=pl.col("day").list.len().mean()
    )


def test_the_toxic_brand_shows_in_returns_margin_and_second_purchases(lines):
    worst = PLANTED.toxic_brand
    brands = lines.group_by("brand").agg(
        returned=(pl.col("amount") < 0).sum() / (pl.col("amount") > 0).sum(),
        margin=pl.col("margin").sum() / pl.col("amount").sum(),
    )
    brands = brands.join(by_first(lines, "brand"), on="brand")
    toxic = brands.filter(brand=worst).row(0, named=True)
    others = brands.filter(pl.col("brand") != worst)
    assert toxic["returned"] > 2 * others["returned"].max()
    assert toxic["margin"] < others["margin"].min() - 0.05
    assert toxic["again"] < others["again"].min() - 0.1
    assert toxic["n_days"] < 0.5 * others["n_days"].min()


def test_the_loyal_city_keeps_its_repeat_customers(lines):
    last = lines.group_by("customer_id").agg(
        pl.col("city").first(),
        n_days=pl.col("order_ts").filter(pl.col("amount") > 0).dt.date().n_unique(),
        recent=pl.col("order_ts").filter(pl.col("amount") > 0).max() >= date.fromordinal(END - 60),
        old=pl.col("order_ts").min() < date.fromordinal(END - 365),
    )
    cities = last.filter(pl.col("old") & (pl.col("n_days") >= 5)).group_by("city").agg(pl.col("recent").mean())
    loyal = cities.filter(city=PLANTED.loyal_city)["recent"].item()
    assert loyal > cities.filter(pl.col("city") != PLANTED.loyal_city)["recent"].mean() + 0.1


def test_the_sticky_campaign_brings_second_purchases_within_90_days(lines):
    first = first_orders(lines).unique("customer_id").filter(pl.col("day").list.get(0) < date.fromordinal(END - 90))
    second = pl.col("day").list.get(1, null_on_oob=True) - pl.col("day").list.get(0) <= pl.duration(days=90)
    stickiness = first.group_by("campaign").agg(sticky=second.fill_null(value=False).mean())
    best = stickiness.filter(campaign=PLANTED.sticky_campaign)["sticky"].item()
    assert best > stickiness.filter(pl.col("campaign") != PLANTED.sticky_campaign)["sticky"].max() + 0.05


@pytest.mark.parametrize("dimension", ["product", "category", "brand", "city", "channel", "campaign"])
def test_without_planted_facts_no_dimension_tells_who_comes_back(neutral, dimension):
    _, lines, _ = neutral
    groups = by_first(lines, dimension)
    back = (groups["n"] * groups["again"]).to_numpy()
    assert stats.chi2_contingency(np.array([back, groups["n"] - back])).pvalue > 0.001


@pytest.mark.parametrize("dimension", ["product", "category", "brand", "city", "channel", "campaign"])
def test_without_planted_facts_no_dimension_tells_returns_or_margins(neutral, dimension):
    _, lines, _ = neutral
    first = first_orders(lines).unique("customer_id", keep="first", maintain_order=True)
    shares = first.with_columns(share=pl.col("margin") / pl.col("amount")).group_by(dimension).agg("share")["share"]
    assert stats.f_oneway(*[share.to_numpy() for share in shares]).pvalue > 0.001
    # One line a customer: lines of one customer come back together.
    mine = lines.filter(pl.col("campaign").is_not_null()).select("order_id", dimension, "amount")
    per_order = mine.group_by("order_id").agg(pl.col(dimension).first(), back=(pl.col("amount") < 0).any())
    table = per_order.group_by(dimension).agg(back=pl.col("back").sum(), kept=(~pl.col("back")).sum())
    assert stats.chi2_contingency(table.select("back", "kept").to_numpy()).pvalue > 0.001


def test_some_customers_make_a_loss_again_and_again(lines):
    customers = lines.group_by("customer_id").agg(
        pl.col("margin").sum(),
        n_orders=pl.col("order_id").n_unique(),
        halves=pl.col("margin").filter(pl.col("order_id") < pl.col("order_id").median()).sum(),
        discount=pl.col("discount").mean(),
    )
    steady = customers.filter(pl.col("n_orders") >= 6)
    losing = steady.filter(pl.col("margin") < 0)
    assert 0.05 < len(losing) / len(steady) < 0.2
    assert (losing["halves"] < 0).mean() > 0.8
    assert losing["discount"].mean() > steady["discount"].mean() + 0.2
    drag = customers["margin"].filter(customers["margin"] < 0).sum() / customers["margin"].sum()
    assert -0.10 < drag < -0.02


# truth.json


def test_the_truth_lists_everything_planted_and_the_parameters(planted, lines):
    truth = json.loads(planted.truth.read_text(encoding="utf-8"))
    assert truth["settings"] == {
        "customers": N_CUSTOMERS,
        "orders": None,
        "days": DAYS,
        "start": "2024-01-01",
        "seed": 7,
        "model": "bgnbd",
        "ids": "integer",
        "planted": True,
        "rows_per_file": 2_500_000,
        "purchase": None,
        "spend": [4.0, 3.5, 35.0],
    }
    assert truth["seed"] == 7
    assert truth["counts"] == {
        "customers": N_CUSTOMERS,
        "orders": planted.n_orders,
        "lines": planted.n_lines,
        "returned_lines": int((lines["amount"] < 0).sum()),
    }
    assert (truth["first_day"], truth["last_day"]) == (str(planted.first_day), str(planted.last_day))
    assert truth["transactions"]["model"] == "bgnbd"
    assert truth["transactions"]["params"] == {"r": 0.25, "alpha": 8.0, "a": 0.8, "b": 9.0}
    assert truth["spend"]["params"] == {"p": 4.0, "q": 3.5, "v": 35.0}
    assert [(fact["fact"], fact["dimension"], fact["value"]) for fact in truth["planted"]] == [
        ("toxic brand", "brand", PLANTED.toxic_brand),
        ("loyal city", "city", PLANTED.loyal_city),
        ("sticky campaign", "campaign", PLANTED.sticky_campaign),
    ]
    for fact in truth["planted"]:
        assert fact["value"] in lines[fact["dimension"]].drop_nulls().unique().to_list()
        assert 1.0 not in fact["effects"].values()
    assert list(truth["columns"]) == lines.columns
    assert truth["independent_dimensions"] == []


def test_the_truth_describes_the_dimensions_that_are_in_the_log(planted, lines):
    truth = json.loads(planted.truth.read_text(encoding="utf-8"))
    for dimension in ("city", "campaign", "channel"):
        weights = truth["dimensions"][dimension]
        assert sum(weights.values()) == pytest.approx(1.0, rel=1e-12)
        assert set(weights) == set(lines[dimension].drop_nulls().unique())
    assert sum(product["weight"] for product in truth["products"]) == pytest.approx(1.0, rel=1e-12)
    written = {product["name"]: (product["brand"], product["category"]) for product in truth["products"]}
    seen = lines.select("product", "brand", "category").unique()
    assert {row[0]: row[1:] for row in seen.iter_rows()} == written


def test_the_truth_of_a_neutral_log_plants_nothing(neutral):
    log, lines, settings = neutral
    truth = json.loads(log.truth.read_text(encoding="utf-8"))
    assert truth["planted"] == []
    assert set(truth["independent_dimensions"]) < set(lines.columns)
    names = ("r", "alpha", "s", "beta") if settings.model == "pnbd" else ("r", "alpha", "a", "b")
    assert truth["transactions"]["params"] == dict(zip(names, settings.purchase_params, strict=True))
    assert {(product["cost_share"], product["return_rate"]) for product in truth["products"]} == {(0.54, 0.05)}


def test_neutral_effects_change_nothing():
    market = catalogue.market(NEUTRAL)
    for table in (market.city_dropout, market.campaign_rate, market.product_rate):
        assert (table == 1.0).all()


# Small logs, failures


@pytest.mark.parametrize("settings", [Simulation(customers=1, days=2), Simulation(orders=1), Simulation(customers=3)])
def test_small_logs_are_whole(settings, tmp_path):
    log = simulate(settings, tmp_path / "log")
    assert read(log)["customer_id"].n_unique() == log.n_customers == settings.n_customers
    assert log.n_lines == len(read(log)) >= 1


def test_without_a_number_there_are_100_000_customers():
    assert Simulation().n_customers == 100_000


def test_progress_is_told_after_each_day(tmp_path):
    told = []
    log = simulate(Simulation(customers=100, days=30), tmp_path / "log", progress=told.append)
    assert len(told) == 30
    assert told == sorted(told)
    assert told[-1] == log.n_lines


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"customers": 0}, "customers is 0, expected at least 1"),
        ({"orders": 0}, "orders is 0, expected at least 1"),
        ({"customers": 5, "orders": 5}, "choose one"),
        ({"days": 1}, "days is 1, expected at least 2"),
        ({"days": 4_000_000}, "take fewer days"),
        ({"rows_per_file": 0}, "rows_per_file is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**64}, "seed is 18446744073709551616"),
        ({"model": "nbd"}, 'model is "nbd", expected bgnbd or pnbd'),
        ({"ids": "uuid"}, 'ids is "uuid", expected integer or string'),
        ({"purchase": (1.0, 2.0, 3.0)}, "expected 4 finite numbers above 0"),
        ({"purchase": (1.0, 2.0, 3.0, 0.0)}, "expected 4 finite numbers above 0"),
        ({"spend": (1.0, float("nan"), 3.0)}, "expected 3 finite numbers above 0"),
        ({"spend": (1.0, 1.0, 3.0)}, "take q above 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, message):
    with pytest.raises(InputError, match=r"^simulation: ") as caught:
        Simulation(**changes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_directory_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not empty; choose another, or remove it"):
        simulate(Simulation(customers=10), tmp_path / "log")
    assert [path.name for path in tmp_path.rglob("*")] == ["log", "mine.txt"]


def test_an_empty_directory_is_filled(tmp_path):
    (tmp_path / "log").mkdir()
    assert simulate(Simulation(customers=10), tmp_path / "log").truth.exists()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "log").write_text("keep")
    with pytest.raises(InputError, match="there is a file of that name"):
        simulate(Simulation(customers=10), tmp_path / "log")
    with pytest.raises(InputError, match="cannot be written"):
        simulate(Simulation(customers=10), tmp_path / "log" / "below")


def test_a_full_disk_is_reported_and_nothing_stays(tmp_path, monkeypatch):
    def no_room(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("whalecurve.engine.simulation.files.write_part", no_room)
    with pytest.raises(InputError, match=r'log": cannot be written \(No space left.*or choose another directory'):
        simulate(Simulation(customers=2000, rows_per_file=100), tmp_path / "log")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_stopped_leaves_nothing(tmp_path):
    def stop(n_lines):
        if n_lines > 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(Simulation(customers=2000, rows_per_file=100), tmp_path / "new" / "log", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_orders_swing_with_the_season_and_their_number_is_foreseen(tmp_path):
    settings = Simulation(customers=6_000, seed=5, planted=False, season=0.6)
    log = simulate(settings, tmp_path / "log")
    lines = sold(read(log))
    assert log.n_orders / 6_000 == pytest.approx(
        settings.expected_lines_per_customer / population.lines_per_order(NEUTRAL), rel=0.05
    )
    repeats = lines.filter(pl.col("campaign").is_null()).group_by("order_id").agg(pl.col("order_ts").first())
    month = repeats["order_ts"].dt.month().value_counts()
    n = dict(month.iter_rows())
    plain = sold(read(simulate(dataclasses.replace(settings, season=0.0), tmp_path / "plain")))
    without = plain.filter(pl.col("campaign").is_null()).group_by("order_id").agg(pl.col("order_ts").first())
    m = dict(without["order_ts"].dt.month().value_counts().iter_rows())
    assert n[12] / m[12] > 2.0 * n[6] / m[6]
    truth = json.loads(log.truth.read_text())
    assert truth["season"]["swing"] == truth["settings"]["season"] == 0.6


def test_a_season_of_the_rates_leaves_who_comes_and_the_first_orders_as_they_are(tmp_path):
    logs = [
        read(simulate(Simulation(customers=300, seed=3, model="pnbd", season=season), tmp_path / str(season)))
        for season in (0.0, 0.4)
    ]
    first = [lines.filter(pl.col("campaign").is_not_null(), pl.col("amount") > 0).drop("order_id") for lines in logs]
    assert_frame_equal(first[0], first[1])


@pytest.mark.parametrize("season", [-0.1, 1.0])
def test_a_season_swings_by_less_than_the_mean(season):
    with pytest.raises(InputError, match="season is"):
        Simulation(season=season)
