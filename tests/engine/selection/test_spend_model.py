"""`spend="auto"`: Gamma-Gamma or credibility, and what the bias of the one that is taken is said to be."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.support.commands import printed, printed_json
from whalecurve import engine
from whalecurve.kernels import credibility, gamma_gamma

FIRST_DAY = date(2023, 1, 1)
AUTO = engine.Scoring(spend="auto")


def shop(path, margin_of_purchase, n=900, seed=6):
    """Two years of purchases at rates of their own, with margins that `margin_of_purchase` draws."""
    rng, lines = np.random.default_rng(seed), []
    levels = margin_of_purchase(rng, n)
    for customer in range(n):
        start = int(rng.integers(0, 500))
        n_more = rng.poisson(rng.gamma(1.2, 4.0) * (729 - start) / 729)
        days = sorted({start, *rng.integers(start, 730, n_more).tolist()})
        for day, margin in zip(days, levels(rng, customer, len(days)), strict=True):
            lines.append((customer, FIRST_DAY + timedelta(days=day), 500.0, round(float(margin), 2)))
    frame = pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount", "margin"], orient="row")
    frame.write_parquet(path)
    return path


def with_losses(rng, n):
    """Own means normal around 20, a quarter of them losses, and purchases normal around these."""
    own = rng.normal(20.0, 30.0, n)
    return lambda rng, customer, k: own[customer] + rng.normal(0.0, 40.0, k)


def without_losses(rng, n):
    """Gamma-Gamma's own: p = 4, q = 4, v = 60, a mean of 80."""
    rates = rng.gamma(4.0, 1.0 / 60.0, n)
    return lambda rng, customer, k: rng.gamma(4.0, 1.0 / rates[customer], k) + 0.01


def by_frequency(rng, n):
    """Those who buy often spend more: own means around 20 + 25 ln k, of whom nobody makes a loss."""
    own = rng.normal(0.0, 4.0, n)
    return lambda rng, customer, k: np.maximum(20.0 + 25.0 * np.log(k) + own[customer] + rng.normal(0.0, 25.0, k), 1.0)


@pytest.fixture(scope="module")
def losing(tmp_path_factory):
    return shop(tmp_path_factory.mktemp("losing") / "orders.parquet", with_losses)


@pytest.fixture(scope="module")
def earning(tmp_path_factory):
    return shop(tmp_path_factory.mktemp("earning") / "orders.parquet", without_losses)


def scored(path, out, scoring):
    run = engine.score(path, out=out, scoring=scoring, measures=False)
    return run, pl.read_parquet(run.out / "customers").sort("customer_id")


@pytest.fixture(scope="module")
def by_auto(losing, tmp_path_factory):
    return scored(losing, tmp_path_factory.mktemp("auto") / "scores", AUTO)


def test_losses_of_more_than_one_in_a_hundred_call_for_credibility(by_auto):
    run, customers = by_auto
    selection = run.model["spend"]["selection"]
    repeat = customers.filter(pl.col("frequency") > 0)
    losses = repeat.filter(pl.col("monetary_value") <= 0.0).height / repeat.height
    assert losses > 0.2
    assert (selection["spend"], selection["by"]) == ("credibility", "losses")
    assert selection["losses"] == pytest.approx(losses, rel=1e-12)
    assert run.model["spend"]["model"] == "credibility"
    assert run.model["spend"]["n_left_out"] == 0
    assert run.model["definitions"]["spend"] == "auto"
    x, m = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "monetary_value"))
    expected = credibility.expected_value(x, m, *run.model["spend"]["params"].values())
    assert customers["expected_value"].to_numpy() == pytest.approx(expected, rel=1e-12)


def test_gamma_gamma_says_how_far_too_high_losses_make_it_and_credibility_is_right(losing, by_auto, tmp_path):
    usual, customers = scored(losing, tmp_path / "usual", engine.Scoring())
    repeat = customers.filter(pl.col("frequency") > 0)
    level = usual.model["spend"]["level"]
    actual = repeat["monetary_value"].mean()
    x, m = (repeat[name].cast(pl.Float64).to_numpy() for name in ("frequency", "monetary_value"))
    expected = gamma_gamma.expected_value(x, m, *usual.model["spend"]["params"].values()).mean()
    assert level["actual"] == pytest.approx(actual, rel=1e-12)
    assert level["expected"] == pytest.approx(expected, rel=1e-12)
    assert level["bias"] == pytest.approx(expected / actual - 1.0, rel=1e-9)
    assert level["bias"] > 0.25
    n_losses = repeat.filter(pl.col("monetary_value") <= 0.0).height
    assert (level["n_repeat"], level["n_losses"]) == (repeat.height, n_losses)
    said = next(words for words in usual.manifest["warnings"] if words.startswith("gamma_gamma: "))
    assert f"so CLV is about {level['bias']:.0%} too high; {n_losses:,} of {repeat.height:,} repeat customers" in said
    assert 'spend="auto" takes a model of all' in said
    assert abs(by_auto[0].model["spend"]["level"]["bias"]) < 0.05
    assert not any("so CLV is about" in words for words in by_auto[0].manifest["warnings"])


def test_without_losses_gamma_gamma_stays_unless_it_predicts_worse_by_more_than_chance(earning, tmp_path):
    run, customers = scored(earning, tmp_path / "auto", AUTO)
    usual, same = scored(earning, tmp_path / "usual", engine.Scoring())
    selection = run.model["spend"]["selection"]
    margin = selection["margin"]
    assert margin["difference"] <= margin["standard_error"]
    assert (selection["spend"], selection["by"], selection["losses"]) == ("gamma-gamma", "default", 0.0)
    assert run.model["spend"]["params"] == usual.model["spend"]["params"]
    assert customers.equals(same)


def test_errors_of_the_last_quarter_are_those_of_predictions_from_before_it(earning, tmp_path):
    run, _ = scored(earning, tmp_path / "auto", AUTO)
    selection = run.model["spend"]["selection"]
    split = date.fromisoformat(selection["split"])
    as_of = date.fromisoformat(run.manifest["as_of"])
    assert (as_of - split).days == ((as_of - FIRST_DAY).days + 1) // 4
    lines = pl.read_parquet(earning)
    by_day = lines.group_by("customer_id", "order_ts").agg(pl.col("margin").sum()).sort("customer_id", "order_ts")
    before = {
        c: t["margin"].to_list() for (c,), t in by_day.filter(pl.col("order_ts") <= split).group_by("customer_id")
    }
    after = {c: t["margin"].to_list() for (c,), t in by_day.filter(pl.col("order_ts") > split).group_by("customer_id")}
    known = sorted(set(before) & set(after))
    repeats = {c: values[1:] for c, values in before.items() if len(values) > 1}
    fit = engine.fit_spend([len(r) for r in repeats.values()], [sum(r) / len(r) for r in repeats.values()])
    squares, predicted, actual = [], 0.0, 0.0
    for customer in known:
        own, then = before[customer][1:], after[customer]
        mean = sum(own) / len(own) if own else 0.0
        each = gamma_gamma.expected_value(float(len(own)), mean, *fit.values)
        squares.append((each - sum(then) / len(then)) ** 2)
        predicted, actual = predicted + each * len(then), actual + sum(then)
    found = next(c for c in selection["candidates"] if c["spend"] == "gamma-gamma")
    assert found["holdout_error"] == pytest.approx((sum(squares) / len(squares)) ** 0.5, rel=1e-6)
    assert found["holdout_bias"] == pytest.approx(predicted / actual - 1.0, rel=1e-5)


def test_first_purchases_of_one_time_buyers_stand_beside_what_is_expected_of_them(earning, tmp_path):
    lines = pl.read_parquet(earning).sort("customer_id", "order_ts")
    n_days = pl.len().over("customer_id")
    cheap = lines.with_columns(margin=pl.when(n_days == 1).then(pl.col("margin") * 0.25).otherwise("margin"))
    path = tmp_path / "orders.parquet"
    cheap.write_parquet(path)
    run, customers = scored(path, tmp_path / "scores", engine.Scoring())
    level = run.model["spend"]["level"]
    once, repeat = customers.filter(pl.col("frequency") == 0), customers.filter(pl.col("frequency") > 0)
    firsts = cheap.group_by("customer_id").agg(pl.col("margin").first())
    of_repeat = firsts.join(repeat, on="customer_id", how="semi")["margin"].mean()
    assert level["first_of_one_time_buyers"] == pytest.approx(once["value"].mean(), rel=1e-6)
    assert level["first_of_repeat_customers"] == pytest.approx(of_repeat, rel=1e-6)
    assert once["expected_value"].unique().to_list() == [pytest.approx(level["of_one_time_buyers"], rel=1e-12)]
    said = next(words for words in run.manifest["warnings"] if words.startswith("one-time buyers: "))
    assert f"{level['of_one_time_buyers']:,.2f} expected of a purchase" in said
    assert f"brought {level['first_of_one_time_buyers']:,.2f} on average" in said
    assert said.endswith("so their CLV may be too high")


def test_an_old_run_hands_the_chosen_model_on(losing, by_auto, tmp_path):
    run, customers = by_auto
    again, same = scored(losing, tmp_path / "again", AUTO)
    assert same.equals(customers)
    later = engine.score(losing, out=tmp_path / "later", thresholds=run.out, measures=False)
    for name in ("model", "params", "level", "n_left_out"):
        assert later.model["spend"][name] == run.model["spend"][name]
    assert pl.read_parquet(later.out / "customers").sort("customer_id")["clv"].equals(customers["clv"])
    assert not any("no parameters are compared" in words for words in engine.compare(again.out, run.out).warnings)


def test_validation_chooses_by_the_past_alone(losing, tmp_path):
    window = {"holdout_days": 180, "model": "bgnbd"}
    usual = engine.validate(losing, **window)
    found = engine.validate(losing, scoring=AUTO, out=tmp_path / "out", **window)
    by_name = engine.validate(losing, scoring=engine.Scoring(spend="credibility"), **window)
    assert found.spend_selection.spend == "credibility"
    assert found.best.value == by_name.best.value
    assert abs(found.best.value.error) < abs(usual.best.value.error)
    assert "spend by normal-normal credibility" in found.warnings[-1]
    past = pl.read_parquet(losing).filter(pl.col("order_ts") <= found.split)
    past.write_parquet(tmp_path / "past.parquet")
    alone, _ = scored(tmp_path / "past.parquet", tmp_path / "alone", AUTO)
    window = engine.Window(as_of=found.split)
    alone = engine.score(
        tmp_path / "past.parquet", out=tmp_path / "alone", window=window, scoring=AUTO, overwrite=True, measures=False
    )
    assert found.spend_selection.to_dict() == alone.model["spend"]["selection"] | {
        "candidates": tuple(alone.model["spend"]["selection"]["candidates"])
    }


def test_the_choice_is_printed_with_its_reason(losing, earning, tmp_path):
    said = printed("score", losing, "--out", tmp_path / "a", "--spend", "auto", "--no-measures", "--full")
    assert "credibility of spend: mean = " in said
    assert "% of repeat customers lost money on their repeat purchases" in said
    said = printed("score", earning, "--out", tmp_path / "b", "--spend", "auto", "--no-measures", "--full")
    assert "; kept, as the other predicts the last quarter no better: Gamma-Gamma " in said
    found = printed_json("validate", losing, "--holdout", "180d", "--model", "bgnbd", "--spend", "auto")
    assert any("spend by normal-normal credibility" in words for words in found["warnings"])


def test_a_short_log_keeps_gamma_gamma_and_says_why(tmp_path):
    lines = {
        "customer_id": [1, 1, 2, 2, 2, 3],
        "order_ts": [date(2024, 1, day) for day in (1, 9, 2, 3, 5, 4)],
        "amount": [10.0, 12.0, 3.0, 4.0, 5.0, 9.0],
    }
    pl.DataFrame(lines).write_parquet(tmp_path / "orders.parquet")
    run, _ = scored(tmp_path / "orders.parquet", tmp_path / "out", AUTO)
    selection = run.model["spend"]["selection"]
    assert (selection["spend"], selection["by"], selection["split"]) == ("gamma-gamma", "default", None)
    assert selection["margin"] is None


def test_spend_that_depends_on_frequency_is_taken_for_that_where_it_predicts_better(tmp_path):
    run, customers = scored(shop(tmp_path / "orders.parquet", by_frequency), tmp_path / "auto", AUTO)
    spend = run.model["spend"]
    assert (spend["selection"]["spend"], spend["selection"]["by"]) == ("frequency", "holdout")
    assert spend["selection"]["margin"]["difference"] > spend["selection"]["margin"]["standard_error"]
    errors = {c["spend"]: c["holdout_error"] for c in spend["selection"]["candidates"]}
    assert errors["frequency"] == min(errors.values())
    mean, slope, weight = spend["params"].values()
    assert slope > 10.0
    x, m = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "monetary_value"))
    line = mean + slope * np.log(np.maximum(x, 1.0))
    z = x * weight / (1.0 + (x - 1.0) * weight)
    assert customers["expected_value"].to_numpy() == pytest.approx(line + z * (m - line), rel=1e-9)
