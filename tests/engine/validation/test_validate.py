"""Validation: nothing leaks from after the split, and what is compared is right."""

import json
import statistics
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.support.commands import printed
from whalecurve import engine
from whalecurve.engine.models.purchase_models import CONTINUOUS
from whalecurve.engine.store import collect_summary
from whalecurve.engine.validation import split as validation_split
from whalecurve.engine.validation.split import LeakError, Split

START, AS_OF = date(2024, 1, 1), date(2024, 12, 25)
HOLDOUT = 90
SPLIT = AS_OF - timedelta(days=HOLDOUT)


def shop_log():
    """400 customers who come, buy at a rate of their own and leave, with returns; whole amounts, so sums are exact."""
    rng = np.random.default_rng(11)
    rows = []
    for customer in range(400):
        day, rate, leaves = rng.uniform(0.0, 330.0), rng.gamma(0.8, 0.05), rng.beta(1.0, 4.0)
        mean = rng.lognormal(3.5, 0.5)
        while day < 360.0:
            amount = round(rng.gamma(4.0, mean / 4.0)) + 1.0
            rows.append((customer, START + timedelta(days=int(day)), amount))
            if rng.random() < 0.1:  # sent back in part, or whole and more
                back = START + timedelta(days=min(int(day + rng.integers(0, 20)), 359))
                rows.append((customer, back, -float(round(amount * rng.choice([0.5, 1.0, 1.5])))))
            if rng.random() < leaves:
                break
            day += rng.exponential(1.0 / rate)
    rows += [(1_000 + i, START + timedelta(days=100 * i), -5.0) for i in range(3)]
    return pl.DataFrame(
        sorted(rows, key=lambda row: row[1]), schema=["customer_id", "order_ts", "amount"], orient="row"
    )


def validated(frame, folder, name="orders.parquet", **options):
    path = folder / name
    frame.write_parquet(path)
    return engine.validate(path, **{"holdout_days": HOLDOUT, "window": engine.Window(as_of=AS_OF)} | options)


def foretold(found):
    """Everything that is predicted, and nothing that happened."""
    predicted = found.customers.drop("actual_purchases", "actual_value").write_json()
    expected = found.tracking.select("name", "last_day", "expected").write_json()
    return predicted, expected, found.to_dict()["fits"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return validated(shop_log(), tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def shop_by_one_model(tmp_path_factory):
    return validated(shop_log(), tmp_path_factory.mktemp("one"), model="bgnbd")


def another_future(frame):
    """The same log up to the split, and after it everything different: who, when, how much, what comes back."""
    rng = np.random.default_rng(5)
    past = frame.filter(pl.col("order_ts") <= SPLIT)
    days = rng.integers(1, HOLDOUT + 1, 4_000)
    future = pl.DataFrame(
        {
            "customer_id": rng.integers(0, 900, 4_000),
            "order_ts": [SPLIT + timedelta(days=int(d)) for d in days],
            "amount": np.rint(rng.normal(500.0, 2_000.0, 4_000)),
        }
    )
    return pl.concat([future, past])


def test_no_prediction_depends_on_anything_after_the_split(shop, tmp_path):
    other = validated(another_future(shop_log()), tmp_path)
    assert other.actual_purchases > 2 * shop.actual_purchases  # another future, another answer
    assert foretold(other) == foretold(shop)


def reaching_into_the_holdout(part):
    """A window that was meant to end with the split, and does not."""
    opens = START if part == "past" else SPLIT - timedelta(days=HOLDOUT - 1)
    return property(lambda split: replace(split.window, since=opens))


@pytest.mark.parametrize("part", ["past", "last_period"])
def test_a_window_that_reaches_into_the_holdout_is_refused(part, monkeypatch, tmp_path):
    monkeypatch.setattr(Split, part, reaching_into_the_holdout(part))
    with pytest.raises(LeakError, match=f"after the split, {SPLIT}"):
        validated(shop_log(), tmp_path)


@pytest.mark.parametrize("part", ["past", "last_period"])
def test_the_same_leak_shows_in_the_predictions_where_nothing_refuses_it(part, monkeypatch, tmp_path):
    monkeypatch.setattr(validation_split, "_until", lambda split, summary: summary)
    monkeypatch.setattr(Split, part, reaching_into_the_holdout(part))
    if part == "past":  # the days beyond the split have no place in the daily counts
        monkeypatch.setattr(validation_split, "purchases_by_day", lambda orders, window, *_, **__: np.ones(360))
    logs = (shop_log(), another_future(shop_log()))
    here, there = (foretold(validated(log, tmp_path, model="bgnbd")) for log in logs)
    assert here != there


def test_a_leak_of_money_that_no_date_betrays_shows_in_the_predictions(monkeypatch, tmp_path):
    honestly = validation_split._summary_and_risk

    def leaking(job, split, budget):
        whole = collect_summary(job.orders, engine.Window(as_of=AS_OF), job.value, budget)
        honest, *others = honestly(job, split, budget)
        leaked = honest.drop("monetary_value").join(whole.select("customer_id", "monetary_value"), on="customer_id")
        return leaked, *others

    monkeypatch.setattr(validation_split, "_summary_and_risk", leaking)
    logs = (shop_log(), another_future(shop_log()))
    here, there = (foretold(validated(log, tmp_path, model="bgnbd")) for log in logs)
    assert here != there


def days_of(frame):
    """Purchase days and net amounts of each customer, worked out line by line."""
    lines = {}
    for customer, day, amount in frame.rows():
        lines.setdefault(customer, {}).setdefault(day, []).append(amount)
    purchases = {
        customer: sorted(
            day for day, amounts in days.items() if max(amounts) >= 0 and (min(amounts) >= 0 or sum(amounts) > 0)
        )
        for customer, days in lines.items()
    }
    net = {customer: {day: sum(amounts) for day, amounts in days.items()} for customer, days in lines.items()}
    return purchases, net


def test_what_happened_is_counted_as_by_hand(shop):
    purchases, net = days_of(shop_log())
    known = {customer for customer, days in purchases.items() if days and days[0] <= SPLIT}
    assert set(shop.customers["customer_id"]) == known
    assert shop.n_new_customers == sum(bool(days) and days[0] > SPLIT for days in purchases.values())
    assert shop.n_without_purchase == sum(
        any(day <= SPLIT for day in net[customer]) and not any(day <= SPLIT for day in days)
        for customer, days in purchases.items()
    )
    for customer, n, value in shop.customers.select("customer_id", "actual_purchases", "actual_value").rows():
        assert n == sum(day > SPLIT for day in purchases[customer])
        assert value == sum(amount for day, amount in net[customer].items() if day > SPLIT)


def test_the_last_period_is_repeated_as_by_hand(shop):
    purchases, net = days_of(shop_log())
    opens = SPLIT - timedelta(days=HOLDOUT - 1)
    columns = ("customer_id", "first_purchase", "last_period_purchases", "last_period_p_purchase", "last_period_value")
    n_young = 0
    for customer, first, n, chance, value in shop.customers.select(columns).rows():
        bought = [day for day in purchases[customer] if opens <= day <= SPLIT and day > first]
        assert n == len(bought)
        soon = SPLIT - timedelta(days=shop.risk_days - 1)
        assert chance == float(any(soon <= day for day in bought))
        if first < opens:
            assert value == sum(amount for day, amount in net[customer].items() if opens <= day <= SPLIT)
        else:
            n_young += 1
            # what comes back before the second purchase is taken off the first, or belongs to nothing known
            since = [amount for day, amount in net[customer].items() if n and bought[0] <= day <= SPLIT]
            assert value == pytest.approx(sum(since), rel=1e-12)
    assert n_young > 10


def test_mean_rates_go_on_as_by_hand(shop):
    x, T, m = (shop.customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T", "monetary_value"))
    own = [a / b * HOLDOUT if b else 0.0 for a, b in zip(x, T, strict=True)]
    assert shop.customers["own_rate_purchases"].to_list() == pytest.approx(own, rel=1e-12)
    assert shop.customers["own_rate_value"].to_list() == pytest.approx(own * m, rel=1e-12)
    assert shop.customers["own_rate_p_purchase"].to_list() == pytest.approx(
        1.0 - np.exp(-np.array(own) * shop.risk_days / HOLDOUT), abs=1e-15
    )
    pooled = x.sum() / T.sum() * HOLDOUT
    assert shop.customers["pooled_rate_purchases"].unique().to_list() == [pytest.approx(pooled, rel=1e-12)]
    value = pooled * (x * m).sum() / x.sum()
    assert shop.customers["pooled_rate_value"].unique().to_list() == [pytest.approx(value, rel=1e-12)]


def test_models_predict_what_a_scoring_run_at_the_split_would(shop, tmp_path):
    shop_log().write_parquet(tmp_path / "orders.parquet")
    scoring = engine.Scoring(horizon_days=HOLDOUT, risk_days=shop.risk_days, annual_discount=0.0)
    run = engine.score(
        tmp_path / "orders.parquet", out=tmp_path / "scores", window=engine.Window(as_of=SPLIT), scoring=scoring
    )
    scores = pl.read_parquet(run.out / "customers").drop_nulls("frequency").sort("customer_id")
    predicted = shop.customers
    assert predicted["customer_id"].to_list() == scores["customer_id"].to_list()
    assert predicted["bgnbd_purchases"].equals(scores["expected_purchases"])
    assert predicted["bgnbd_p_purchase"].equals(scores["p_purchase"])
    assert predicted["bgnbd_value"].to_list() == pytest.approx(scores["clv"].to_list(), rel=1e-12)


def test_every_model_in_continuous_time_is_tried(shop):
    names = [a.name for a in shop.assessments]
    assert names == [*CONTINUOUS, "last_period", "own_rate", "pooled_rate"]
    assert list(shop.fits) == names[:-3]


def test_groups_deciles_and_measures_add_up_to_the_totals(shop):
    for one in shop.assessments:
        groups = shop.groups.filter(pl.col("name") == one.name)
        assert groups["customers"].sum() == shop.n_customers
        for column, total in (
            ("actual_purchases", shop.actual_purchases),
            ("predicted_purchases", one.purchases.predicted),
            ("actual_value", shop.actual_value),
            ("predicted_value", one.value.predicted),
        ):
            assert (groups[column] * groups["customers"]).sum() == pytest.approx(total, rel=1e-12)
        deciles = shop.deciles.filter(pl.col("name") == one.name)
        n_bought = one.probability.n_bought
        assert deciles["customers"].sum() == one.probability.n_customers == shop.n_customers
        assert (deciles["share_bought"] * deciles["customers"]).sum() == pytest.approx(n_bought, rel=1e-12)


def test_who_bought_within_the_risk_horizon_is_counted_as_by_hand(shop):
    purchases, _ = days_of(shop_log())
    until = SPLIT + timedelta(days=shop.risk_days)
    has_bought = [any(SPLIT < day <= until for day in purchases[c]) for c in shop.customers["customer_id"]]
    assert 0 < sum(has_bought) < len(has_bought)
    for one in shop.assessments:
        found, p = one.probability, shop.customers[f"{one.name}_p_purchase"].to_numpy()
        assert found.n_bought == sum(has_bought)
        assert found.brier == pytest.approx(((p - has_bought) ** 2).mean(), rel=1e-12)
        share = sum(has_bought) / len(has_bought)
        assert found.brier_of_base_rate == pytest.approx(share * (1.0 - share), rel=1e-12)


def test_the_risk_horizon_is_that_of_the_past_unless_it_is_given_and_never_beyond_the_holdout(shop, tmp_path):
    shop_log().write_parquet(tmp_path / "orders.parquet")
    run = engine.score(
        tmp_path / "orders.parquet", out=tmp_path / "scores", window=engine.Window(as_of=SPLIT), measures=False
    )
    assert shop.risk_days == min(run.model["risk"]["horizon_days"], HOLDOUT)
    window = engine.Window(as_of=AS_OF)
    for asked, days in ((20, 20), (HOLDOUT + 50, HOLDOUT)):
        found = engine.validate(
            tmp_path / "orders.parquet",
            holdout_days=HOLDOUT,
            model="bgnbd",
            window=window,
            scoring=engine.Scoring(risk_days=asked),
        )
        assert found.risk_days == days


def test_the_best_model_has_the_least_error_and_admits_what_beats_it(shop):
    losses = {a.name: a.purchases.rmse for a in shop.assessments if a.kind == "model"}
    assert shop.best.name == min(losses, key=losses.get)
    by_name = {a.name: a for a in shop.assessments}
    baselines = [a for a in shop.assessments if a.kind == "baseline"]
    for measure, name in shop.beaten_on.items():
        assert by_name[name].kind == "baseline"
        margin = shop.margins[measure][name]
        assert margin.difference > margin.standard_error
    least = min(baselines, key=lambda a: a.purchases.mae)
    margin = shop.margins["MAE"][least.name]
    assert margin.difference == pytest.approx(shop.best.purchases.mae - least.purchases.mae, rel=1e-9)
    assert ("MAE" in shop.beaten_on) == (margin.difference > margin.standard_error)
    assert shop.to_dict()["beats_every_baseline"] == (shop.verdict == "best")


def test_the_margin_of_two_predictions_is_that_of_their_paired_squared_errors(shop):
    table = shop.customers
    actual, best = table["actual_purchases"].cast(pl.Float64), table[f"{shop.best.name}_purchases"]
    for a in shop.assessments:
        if a.name == shop.best.name:
            continue
        differences = ((best - actual) ** 2 - (table[f"{a.name}_purchases"] - actual) ** 2).to_list()
        margin = shop.margins["RMSE"][a.name]
        assert margin.difference == pytest.approx(statistics.fmean(differences), rel=1e-9, abs=1e-12)
        error = statistics.stdev(differences) / len(differences) ** 0.5
        assert margin.standard_error == pytest.approx(error, rel=1e-9)
    baselines = [a.name for a in shop.assessments if a.kind == "baseline"]
    clear = [shop.margins["RMSE"][name].is_clearly_less for name in baselines]
    assert (shop.verdict == "best") == all(clear)
    assert shop.alike["baseline"] == [
        name
        for name in baselines
        if not (shop.margins["RMSE"][name].is_clear or shop.margins["RMSE"][name].is_clearly_less)
    ]


def test_the_value_of_a_purchase_is_compared_apart_for_one_time_buyers(shop):
    """Their expectation is what a purchase of a repeat customer brings; what theirs then brought is beside it."""
    once, repeat = shop.value_per_purchase
    assert (once["is_repeat"], repeat["is_repeat"]) == (False, True)
    name = shop.best.name
    columns = ("frequency", "actual_purchases", "actual_value", f"{name}_purchases", f"{name}_value")
    rows = [row for row in shop.customers.select(columns).rows() if row[1] > 0]
    for found, part in ((once, [r for r in rows if r[0] == 0]), (repeat, [r for r in rows if r[0] > 0])):
        n = sum(row[1] for row in part)
        assert (found["customers"], found["purchases"]) == (len(part), n)
        assert found["actual"] == pytest.approx(sum(row[2] for row in part) / n, rel=1e-12)
        assert found["expected"] == pytest.approx(sum(row[4] / row[3] * row[1] for row in part) / n, rel=1e-12)
    spend = shop.fits[name].spend
    each = spend.params["p"] * spend.params["v"] / (spend.params["q"] - 1.0)
    assert once["expected"] == pytest.approx(each, rel=1e-12)  # the mean of all, for each of them


def test_where_purchases_are_chance_alone_no_model_is_better_than_the_mean_rate(tmp_path):
    """Everybody buys at one rate and nobody leaves: there is nothing in a history to learn."""
    rng = np.random.default_rng(3)
    rows = [
        (customer, START + timedelta(days=int(day)), 10.0)
        for customer in range(300)
        for day in {0, *rng.integers(0, 359, rng.poisson(12))}
    ]
    frame = pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")
    found = validated(frame, tmp_path, model="bgnbd")
    assert found.verdict == "no better"
    assert found.alike["baseline"] == ["pooled_rate"]
    assert not found.to_dict()["beats_every_baseline"]
    path = tmp_path / "orders.parquet"
    said = printed("validate", path, "--holdout", "90d", "--as-of", str(AS_OF), "--model", "bgnbd").split("\n\n")[1]
    assert said.startswith('no model is better than "pooled mean rate" by more than the standard error (by RMSE of')
    correlation = found.best.purchases.rank_correlation
    assert correlation < 1.0 / 299**0.5
    assert said.endswith(f"; BG/NBD ranks customers no better than chance (rank correlation {correlation:.3f})")


def two_years():
    """Customers who buy in December alone, every year, others who buy in June, and some who came in the second year."""
    rows = []
    for customer in range(120):
        months = (12,) if customer % 3 else (6,)
        for year in (2022, 2023, 2024) if customer % 4 else (2023, 2024):
            for month in (2, *months):
                for day in (3, 12, 21)[: 1 + customer % 3]:
                    rows.append((customer, date(year, month, day), 10.0 + customer))
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")


def test_the_same_season_last_year_is_a_baseline_where_the_past_has_it(tmp_path):
    window = engine.Window(as_of=date(2024, 12, 31))
    found = validated(two_years(), tmp_path, holdout_days=60, window=window, model="bgnbd")
    season = next(a for a in found.assessments if a.name == "last_season")
    assert (season.title, season.kind) == ("same season last year", "baseline")
    assert season.purchases.error == 0.0  # they do exactly what they did a year before
    assert season.purchases.mae == 0.0
    assert season.value.mae == 0.0
    assert season.weekly_error < 0.5
    assert found.verdict == "worse"
    said = printed(
        *("validate", tmp_path / "orders.parquet", "--holdout", "60d", "--model", "bgnbd"), "--as-of", "2024-12-31"
    )
    assert 'BG/NBD predicts best of the models, but not as well as "same season last year"' in said
    shorter = engine.Window(as_of=date(2024, 12, 31), since=date(2024, 1, 1))
    short = engine.validate(tmp_path / "orders.parquet", holdout_days=60, window=shorter, model="bgnbd")
    assert "last_season" not in [a.name for a in short.assessments]


def test_who_came_after_the_season_does_what_the_others_did_on_average(tmp_path):
    late = pl.DataFrame(
        {"customer_id": [900, 900], "order_ts": [date(2024, 3, 1), date(2024, 5, 1)], "amount": [5.0, 5.0]}
    )
    within = pl.DataFrame(
        {
            "customer_id": [901, 901, 901],
            "order_ts": [date(2023, 12, 1), date(2023, 12, 9), date(2024, 1, 20)],
            "amount": [5.0, 7.0, 5.0],
        }
    )
    window = engine.Window(as_of=date(2024, 12, 31))
    frame = pl.concat([two_years(), late, within])
    found = validated(frame, tmp_path, holdout_days=60, window=window, model="bgnbd").customers
    foretold = dict(found.select("customer_id", "last_season_purchases").rows())
    worth = dict(found.select("customer_id", "last_season_value").rows())
    assert (foretold[901], worth[901]) == (1.0, 7.0)  # of two purchases in the season, the first is no repeat
    others = [count for customer, count in foretold.items() if customer != 900]
    assert foretold[900] == pytest.approx(statistics.fmean(others), rel=1e-12)


def test_periods_have_their_season_a_year_before(tmp_path):
    window = engine.Window(as_of=date(2024, 12, 31), period="month")
    scoring = engine.Scoring(model="bgbb")
    found = validated(two_years(), tmp_path, holdout_days=60, window=window, model="bgbb", scoring=scoring)
    season = next(a for a in found.assessments if a.name == "last_season")
    assert found.holdout_periods == 2
    assert season.purchases.mae == 0.0


@pytest.mark.parametrize("change", ["rows", "files", "passes"])
def test_the_order_of_rows_files_and_the_passes_change_nothing(change, shop_by_one_model, tmp_path, monkeypatch):
    frame = shop_log()
    if change == "files":
        for i, part in enumerate(frame.partition_by("customer_id", include_key=True)):
            part.write_parquet(tmp_path / f"{i % 7}-{i}.parquet")
        window = engine.Window(as_of=AS_OF)
        other = engine.validate(tmp_path, holdout_days=HOLDOUT, window=window, model="bgnbd")
    elif change == "rows":
        other = validated(frame.sample(fraction=1.0, shuffle=True, seed=3), tmp_path, model="bgnbd")
    else:
        monkeypatch.setattr("whalecurve.engine.runtime.memory.Budget.passes", lambda *_: 5)
        other = validated(frame, tmp_path, model="bgnbd")
    assert other.to_dict() == shop_by_one_model.to_dict()
    assert other.customers.equals(shop_by_one_model.customers)


def test_only_the_model_that_is_asked_for_is_fitted(tmp_path):
    found = validated(shop_log(), tmp_path, model="mbgnbd")
    assert [a.name for a in found.assessments] == ["mbgnbd", "last_period", "own_rate", "pooled_rate"]
    assert found.best.name == "mbgnbd"


def test_value_is_margin_where_there_is_one(tmp_path):
    frame = shop_log().with_columns(margin=pl.col("amount") - 30.0)
    found = validated(frame, tmp_path, model="bgnbd")
    after = validated(frame, tmp_path, model="bgnbd", scoring=engine.Scoring(value="revenue"))
    assert (found.value, after.value) == ("margin", "revenue")
    assert found.actual_value < after.actual_value
    assert foretold(found) != foretold(after)


def test_customers_before_since_are_new_in_the_window(tmp_path):
    since = date(2024, 6, 1)
    found = validated(shop_log(), tmp_path, model="bgnbd", window=engine.Window(as_of=AS_OF, since=since))
    assert found.first_day >= since
    assert found.customers["first_purchase"].min() >= since


def test_without_a_spend_model_purchases_are_still_compared(tmp_path):
    frame = shop_log().with_columns(amount=pl.lit(0.0))
    found = validated(frame, tmp_path, model="bgnbd")
    assert found.assessments[0].value is None
    assert "bgnbd_value" not in found.customers.columns
    assert any("no spend model" in words for words in found.warnings)
    assert found.measures.filter(pl.col("name") == "bgnbd")["quantity"].to_list() == ["purchases"]
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_past_shorter_than_the_holdout_is_said(tmp_path):
    found = validated(shop_log(), tmp_path, model="bgnbd", holdout_days=200)
    assert any("160 days, fewer than the holdout's 200" in words for words in found.warnings)


DAYS = [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([(1, 0, 5), (1, 2, 5)], {"holdout_days": 0}, "holdout_days=0 is not ahead"),
        ([(1, 0, 5), (1, 2, 5)], {"holdout_days": -3}, "holdout_days=-3 is not ahead"),
        ([(1, 0, 5), (1, 2, 5)], {"holdout_days": 61}, "leaves no past: orders begin on 2024-01-01, 60 days before"),
        ([(1, 0, 5), (1, 1, 5)], {"as_of": DAYS[2], "holdout_days": 10}, "the last order is on 2024-02-01"),
        ([(1, 0, -5), (1, 2, 5)], {"holdout_days": 30}, "no purchase up to the split, 2024-01-31, only returns"),
        ([(1, 0, 5), (2, 1, 5), (2, 2, 5)], {"holdout_days": 10}, r"no model fits .*bgnbd: none of 2 customers bought"),
        ([(1, 0, 5), (1, 2, 5)], {"holdout_days": 30, "model": "best"}, '`model` "best" is unknown'),
        ([(1, 0, 5), (1, 2, 5)], {"holdout_days": 30, "model": "bgbb"}, 'model="bgbb" counts opportunities'),
    ],
)
def test_what_cannot_be_validated_is_said_in_one_line(rows, options, message, tmp_path):
    frame = pl.DataFrame(
        [(customer, DAYS[day], float(amount)) for customer, day, amount in rows],
        schema=["customer_id", "order_ts", "amount"],
        orient="row",
    )
    window = engine.Window(as_of=options.pop("as_of", None))
    with pytest.raises(engine.InputError, match=message) as caught:
        validated(frame, tmp_path, window=window, **options)
    assert "\n" not in str(caught.value)


def test_all_models_that_do_not_fit_are_named(tmp_path):
    frame = shop_log().filter(pl.col("amount") >= 0).unique("customer_id", keep="first", maintain_order=True)
    with pytest.raises(engine.InputError) as caught:
        validated(frame, tmp_path)
    assert all(f"{name}: none of" in str(caught.value) for name in ("bgnbd", "mbgnbd", "pnbd"))
