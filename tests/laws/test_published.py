"""Published summaries, estimates and predictions on CDNOW, through the engine as a user calls it."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.support import cdnow
from whalecurve import engine
from whalecurve.kernels import bgbb, bgnbd, gamma_gamma

FACTS = {fact["id"]: fact for fact in json.loads((Path(__file__).parents[1] / "reference/published.json").read_text())}
WEEKS = engine.Window(as_of=cdnow.CALIBRATION_END, unit="week")


def summary_of(frame, tmp_path, window=WEEKS):
    path = tmp_path / "orders.parquet"
    frame.write_parquet(path)
    return engine.customer_summary(engine.scan_orders(path), window).collect().sort("customer_id")


def fitted(summary, model="bgnbd"):
    known = summary.filter(pl.col("frequency").is_not_null())
    return engine.fit_histories(model, known["frequency"], known["recency"], known["T"])


def fitted_spend(summary):
    repeat = summary.filter(pl.col("frequency") > 0)
    return engine.fit_spend(repeat["frequency"], repeat["monetary_value"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return summary_of(cdnow.sample(), tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    cdnow.sample().write_parquet(folder / "orders.parquet")
    scoring = engine.Scoring(horizon_days=39 * 7, annual_discount=0.0)
    run = engine.score(folder / "orders.parquet", out=folder / "scores", window=WEEKS, scoring=scoring)
    return run, pl.read_parquet(folder / "scores" / "customers").sort("customer_id")


def test_summary_is_the_published_one_for_all_2357_customers(sample):
    published = cdnow.published_summary().rename({"ID": "customer_id"}).sort("customer_id")
    assert sample.height == 2357
    ours = sample.select(
        "customer_id",
        x=pl.col("frequency").cast(pl.Int64),
        t_x=pl.col("recency").round(2),
        T=pl.col("T").round(2),
        zbar=pl.col("monetary_value").round(2),
    )
    assert ours["customer_id"].equals(published["customer_id"])
    for column in ("x", "t_x", "T", "zbar"):
        worst = (ours[column] - published[column]).abs().max()
        # Both sides are rounded to cents and hundredths of a week; a half may go either way.
        assert worst <= (0 if column == "x" else 0.0100001), column


def test_moments_of_monetary_value_are_the_published_ones(sample):
    repeat = sample.filter(pl.col("frequency") > 0)["monetary_value"]
    found = [repeat.mean(), repeat.std(), repeat.min(), repeat.median(), repeat.max(), len(repeat)]
    assert [round(value) for value in found] == FACTS["0063"]["expected"]


def test_bgnbd_estimates_errors_and_likelihood_on_exact_days(sample):
    fit, expected = fitted(sample), FACTS["0690"]["expected"]
    assert fit.converged
    assert list(fit.params.values()) == pytest.approx(expected["params"], rel=1e-4)
    assert list(fit.standard_errors.values()) == pytest.approx(expected["se"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-5)
    assert fit.aic == pytest.approx(expected["AIC"], abs=1e-4)
    assert fit.bic == pytest.approx(expected["BIC"], abs=1e-4)


def test_bgnbd_estimates_on_the_rounded_published_summary():
    published, expected = cdnow.published_summary(), FACTS["0747"]["expected"]
    fit = engine.fit_histories("bgnbd", published["x"], published["t_x"], published["T"])
    assert list(fit.params.values()) == pytest.approx(expected["params"], rel=1e-4)
    assert list(fit.standard_errors.values()) == pytest.approx(expected["se"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-5)


def test_mbgnbd_estimates_and_likelihood(sample):
    fit, expected = fitted(sample, "mbgnbd"), FACTS["0737"]["expected"]
    assert list(fit.params.values()) == pytest.approx(expected["params"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-5)


def test_mbgnbd_standard_errors_on_the_rounded_published_summary():
    published, expected = cdnow.published_summary(), FACTS["0748"]["expected"]
    fit = engine.fit_histories("mbgnbd", published["x"], published["t_x"], published["T"])
    assert list(fit.standard_errors.values()) == pytest.approx(expected["se"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-5)


@pytest.mark.parametrize("fact", ["0691", "0750"])
def test_gamma_gamma_estimates_errors_and_likelihood(sample, fact):
    expected = FACTS[fact]["expected"]
    if fact == "0691":
        fit = fitted_spend(sample)
    else:
        published = cdnow.published_summary()
        fit = engine.fit_spend(published["x"], published["zbar"])
    assert fit.converged
    assert list(fit.params.values()) == pytest.approx(expected["params"], rel=1e-3)
    assert list(fit.standard_errors.values()) == pytest.approx(expected["se"], rel=1e-3)
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-5)


@pytest.mark.parametrize(("fact", "customer"), [("0701", 3), ("0705", 157), ("0707", 509)])
def test_predictions_for_single_customers(scored, fact, customer):
    row = scored[1].filter(pl.col("customer_id") == customer).row(0, named=True)
    inputs, expected = FACTS[fact]["inputs"], FACTS[fact]["expected"]
    assert (row["frequency"], row["recency"], row["T"]) == pytest.approx((inputs["x"], inputs["t_x"], inputs["T"]))
    assert [row["p_alive"], row["expected_purchases"]] == pytest.approx(expected, rel=1e-4)


def test_predictions_add_up_to_the_cohorts(scored):
    customers = scored[1]
    totals = [customers["expected_purchases"].sum(), customers["p_alive"].sum()]
    assert totals == pytest.approx(FACTS["0713"]["expected"], rel=1e-4)


def test_twelve_month_clv_agrees_with_lifetimes_under_its_own_convention():
    published = cdnow.published_summary()
    x, t_x, T, m = (published[name].to_numpy().astype(float) for name in ("x", "t_x", "T", "zbar"))
    fit, spend = engine.fit_histories("bgnbd", x, t_x, T), engine.fit_spend(x, m)
    clv, before = 0.0, 0.0
    for month in range(1, 13):  # lifetimes: months of 4.345 weeks, 1 % a month
        now = bgnbd.conditional_expected_purchases(4.345 * month, x, t_x, T, *fit.values)
        clv, before = clv + (now - before) / 1.01**month, now
    clv = clv * gamma_gamma.expected_value(x, m, *spend.values)
    first_ten, total = FACTS["0751"]["expected"]
    assert clv[:10] == pytest.approx(first_ten, abs=1e-2)  # lifetimes stops its search early: 1e-4 of the parameters
    assert clv.sum() == pytest.approx(total, rel=1e-4)


def test_pareto_nbd_estimates_errors_and_likelihood(sample):
    fit, expected = fitted(sample, "pnbd"), FACTS["0689"]["expected"]
    assert fit.converged
    assert list(fit.params.values()) == pytest.approx(expected["params"], rel=1e-3)
    assert list(fit.standard_errors.values()) == pytest.approx(
        expected["se"], rel=3e-3
    )  # along a flat ridge of s, beta
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-4)
    assert fit.log_likelihood >= expected["LL"]
    assert [fit.aic, fit.bic] == pytest.approx([expected["AIC"], expected["BIC"]], abs=1e-4)


def test_bgbb_estimates_on_the_donations():
    donations = pl.read_csv(cdnow.dataset("donations.csv"))
    cells = [donations[name] for name in ("frequency", "recency", "periods", "weights")]
    fit = engine.fit_histories("bgbb", *cells)
    assert fit.n == 11_104
    published = [1.203528, 0.749726, 0.6567808, 2.783796]
    assert list(fit.params.values()) == pytest.approx(published, rel=2e-4)
    assert fit.log_likelihood == pytest.approx(-33225.58, abs=5e-3)
    # The published search stopped a little below the top.
    x, t_x, n, donors = (cell.to_numpy().astype(float) for cell in cells)
    assert fit.log_likelihood >= (donors * bgbb.log_likelihood(x, t_x, n, *published)).sum()
    assert fit.gradient_norm < 2e-9


def test_master_log_estimates(tmp_path):
    summary = summary_of(cdnow.master(), tmp_path)
    assert summary.height == 23_570
    fit, expected = fitted(summary), FACTS["0765"]["expected"]
    assert list(fit.params.values()) == pytest.approx(expected["params"], rel=1e-3)
    assert fit.log_likelihood == pytest.approx(expected["LL"], abs=1e-2)
    repeat = summary.filter((pl.col("frequency") > 0) & (pl.col("monetary_value") > 0))
    assert repeat.height == 9450
    assert list(fitted_spend(summary).params.values()) == pytest.approx(FACTS["0766"]["expected"], rel=1e-3)


def test_fourteen_row_log(tmp_path):
    log = FACTS["0064"]["inputs"]["log"]
    frame = pl.DataFrame(log, schema=["customer_id", "order_ts", "amount"], orient="row")
    frame = frame.with_columns(pl.col("order_ts").str.to_date())
    summary = summary_of(frame, tmp_path, engine.Window(as_of=date(2015, 2, 7)))
    assert summary.select("frequency", "recency", "T").rows() == [tuple(row) for row in FACTS["0064"]["expected"]]
    assert summary["monetary_value"].to_list() == FACTS["0066"]["expected"]
