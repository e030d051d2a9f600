"""Scores per customer against the kernels they rest on, summed directly."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from mpmath import mpf, quad

from tests.oracle import bgbb as bgbb_definition
from tests.oracle import bgnbd as bgnbd_definition
from tests.oracle import gamma_gamma as spend_definition
from tests.oracle import mbgnbd as mbgnbd_definition
from tests.oracle import pnbd as pnbd_definition
from whalecurve.engine.forecasts import clv
from whalecurve.engine.forecasts.clv import VALUE_COLUMNS, prospects, schedule, with_clv, with_purchases
from whalecurve.engine.models.fitted_model import Fit
from whalecurve.engine.settings import Scoring, Window
from whalecurve.kernels import bgnbd, gamma_gamma

AS_OF = date(2024, 12, 31)
USUAL = Scoring(risk_days=180)


def fit_of(model, **params):
    rest = {"standard_errors": None, "covariance": None, "log_likelihood": 0.0, "aic": 0.0, "bic": 0.0, "n": 9}
    return Fit(model=model, params=params, converged=True, gradient_norm=0.0, iterations=1, **rest)


PURCHASES = fit_of("bgnbd", r=0.4, alpha=30.0, a=0.8, b=2.5)
SPEND = fit_of("gamma_gamma", p=6.0, q=4.0, v=15.0)


@pytest.fixture
def summary():
    frequency = [0, 0, 1, 3, 3, 40, None]
    recency = [0, 0, 10, 200, 300, 360, None]
    age = [5, 300, 20, 250, 340, 364, None]
    return pl.DataFrame(
        {
            "customer_id": list("abcdefg"),
            "frequency": pl.Series(frequency, dtype=pl.UInt32),
            "recency": pl.Series(recency, dtype=pl.Float64),
            "T": pl.Series(age, dtype=pl.Float64),
            "monetary_value": [0.0, 0.0, 20.0, 5.0, -30.0, 50.0, None],
            "value": [10.0, 20.0, 45.0, 30.0, -100.0, 2000.0, -5.0],
        }
    )


def scored(summary, scoring, fit=PURCHASES, spend=SPEND, window=None):
    window = window or Window(as_of=AS_OF)
    known = summary.drop_nulls("frequency")
    table = prospects(*(known[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T")), fit, window, scoring)
    return with_clv(with_purchases(summary.lazy(), fit, table), spend).collect()


def arrays(summary):
    known = summary.drop_nulls("frequency")
    return (known[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T", "monetary_value"))


def test_months_end_at_the_horizon_and_are_discounted_at_their_ends():
    steps = schedule(replace(USUAL, horizon_days=365, annual_discount=0.21), Window())
    assert steps.ends.tolist() == pytest.approx([365.25 / 12 * k for k in range(1, 12)] + [365.0])
    assert steps.discounts == pytest.approx(1.21 ** (-steps.ends / 365.25))
    assert schedule(replace(USUAL, horizon_days=10), Window()).ends.tolist() == [10.0]
    assert schedule(replace(USUAL, horizon_days=487), Window()).ends.size == 16  # 487 days are 16 months exactly
    assert schedule(replace(USUAL, horizon_days=488), Window()).ends.size == 17
    weekly = schedule(Scoring(horizon_days=365, risk_days=70), Window(unit="week"))
    assert (weekly.ends[-1], weekly.risk) == (365.0 / 7.0, 10.0)


def test_periods_are_whole_steps_and_at_least_one():
    yearly = schedule(Scoring(horizon_days=3 * 365, risk_days=180, annual_discount=0.1), Window(period="year"))
    assert yearly.ends.tolist() == [1.0, 2.0, 3.0]
    assert yearly.discounts == pytest.approx([1 / 1.1, 1 / 1.21, 1 / 1.331])
    assert yearly.risk == 1.0
    assert schedule(USUAL, Window(period="month")).ends.size == 12


def test_every_column_is_what_the_kernels_say(summary):
    scoring = Scoring(horizon_days=365, risk_days=90, annual_discount=0.15)
    found = scored(summary, scoring).drop_nulls("frequency")
    x, t_x, T, m = arrays(summary)
    p = PURCHASES.values
    value = gamma_gamma.expected_value(x, m, *SPEND.values)
    steps = schedule(scoring, Window())
    upto = [bgnbd.conditional_expected_purchases(end, x, t_x, T, *p) for end in (0.0, *steps.ends)]
    clv = sum((b - a) * d for a, b, d in zip(upto, upto[1:], steps.discounts, strict=False)) * value
    if_active = [bgnbd.expected_if_alive(end, x, T, *p) for end in (0.0, *steps.ends)]
    at_stake = sum((b - a) * d for a, b, d in zip(if_active, if_active[1:], steps.discounts, strict=False)) * value
    expected = {
        "p_alive": bgnbd.p_alive(x, t_x, T, *p),
        "expected_purchases": upto[-1],
        "p_purchase": 1.0 - bgnbd.p_no_purchase(90.0, x, t_x, T, *p),
        "expected_value": value,
        "clv": clv,
        "clv_total": found["value"].to_numpy() + clv,
        "value_at_stake": at_stake,
    }
    for column, truth in expected.items():
        assert found[column].to_numpy() == pytest.approx(truth, rel=1e-13), column


def test_a_table_too_large_to_be_dense_gives_the_same_scores(summary, monkeypatch):
    dense = scored(summary, USUAL)
    monkeypatch.setattr("whalecurve.engine.forecasts.clv.LARGEST_TABLE", 0)
    assert scored(summary, USUAL).equals(dense)


def test_a_customer_without_a_purchase_has_nulls_and_no_nan(summary):
    row = scored(summary, USUAL).row(-1, named=True)
    assert row["customer_id"] == "g"
    names = ("p_alive", "expected_purchases", "p_purchase", "expected_value", "clv", "clv_total", "value_at_stake")
    assert [row[name] for name in names] == [None] * 7


def test_loss_makers_keep_their_losses(summary):
    row = scored(summary, USUAL).row(4, named=True)
    assert row["expected_value"] < 0.0
    assert row["clv"] < 0.0


def test_one_time_buyers_are_alive_in_the_model_but_not_without_risk(summary):
    fresh, old = scored(summary, USUAL).rows(named=True)[:2]
    assert fresh["p_alive"] == old["p_alive"] == 1.0
    assert 0.0 < old["p_purchase"] < fresh["p_purchase"] < 1.0


def test_without_discount_clv_adds_up_over_horizons(summary):
    half, whole = (scored(summary, replace(USUAL, horizon_days=d, annual_discount=0.0)) for d in (180, 360))
    assert (half["clv"].abs() <= whole["clv"].abs())[:6].all()
    product = whole["expected_purchases"] * whole["expected_value"]
    assert whole["clv"].to_numpy()[:6] == pytest.approx(product.to_numpy()[:6], rel=1e-13)


def test_a_higher_discount_lowers_what_is_to_come(summary):
    values = [scored(summary, replace(USUAL, annual_discount=d))["clv"].to_numpy()[0] for d in (0.0, 0.1, 0.5)]
    assert values == sorted(values, reverse=True)


def test_the_unit_of_time_changes_no_score(summary):
    weekly = summary.with_columns(pl.col("recency") / 7.0, pl.col("T") / 7.0)
    fit = fit_of("bgnbd", **(PURCHASES.params | {"alpha": 30.0 / 7.0}))
    found = scored(weekly, USUAL, fit=fit, window=Window(as_of=AS_OF, unit="week"))
    assert found["clv"].to_numpy()[:6] == pytest.approx(scored(summary, USUAL)["clv"].to_numpy()[:6], rel=1e-12)


def test_without_a_spend_model_there_is_no_value_but_purchases_stay(summary):
    found = scored(summary, USUAL, spend=None)
    assert found["clv"].null_count() == found.height
    assert found["expected_purchases"].null_count() == 1


def test_without_a_purchase_model_everything_is_null(summary):
    found = with_clv(with_purchases(summary.lazy(), None, None), SPEND).collect()
    assert found["p_alive"].null_count() == found["clv"].null_count() == found.height
    assert found.columns == [*summary.columns, "p_alive", "expected_purchases", "p_purchase", *VALUE_COLUMNS]


def test_results_are_finite_over_long_histories():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2500, 200)
    T = rng.integers(2500, 3650, 200).astype(float)
    summary = pl.DataFrame(
        {
            "frequency": pl.Series(x, dtype=pl.UInt32),
            "recency": np.where(x > 0, T - rng.integers(0, 400, 200), 0.0),
            "T": T,
            "monetary_value": rng.lognormal(3.0, 1.0, 200),
            "value": rng.normal(0.0, 100.0, 200),
        }
    )
    found = scored(summary, USUAL)
    assert (
        found.select(pl.selectors.float().is_finite().all()).row(0)
        == (True,) * found.select(pl.selectors.float()).width
    )


def test_clv_is_what_is_at_stake_times_the_chance_to_be_active(summary):
    found = scored(summary, USUAL).drop_nulls("frequency")
    assert found["clv"].to_numpy() == pytest.approx((found["value_at_stake"] * found["p_alive"]).to_numpy(), rel=1e-13)
    assert (found["clv"].abs() <= found["value_at_stake"].abs()).all()


FITS = {
    "bgnbd": fit_of("bgnbd", r=0.4, alpha=30.0, a=0.8, b=2.5),
    "mbgnbd": fit_of("mbgnbd", r=0.4, alpha=30.0, a=0.8, b=2.5),
    "pnbd": fit_of("pnbd", r=0.6, alpha=20.0, s=0.5, beta=40.0),
    "bgbb": fit_of("bgbb", alpha=1.2, beta=0.8, gamma=0.7, delta=2.8),
}


def purchases_if_active(name, t, x, T):
    """From the integrals of the definitions; of an active customer it does not matter when the last purchase was."""
    params = FITS[name].values
    if name in ("bgnbd", "mbgnbd"):
        return {"bgnbd": bgnbd_definition, "mbgnbd": mbgnbd_definition}[name].expected_if_alive(t, x, T, *params)
    if name == "bgbb":
        seen = (x, T, T)
        return bgbb_definition.conditional_expected_purchases(t, *seen, *params) / bgbb_definition.p_alive(
            *seen, *params
        )
    r, alpha, s, beta = params
    moment = pnbd_definition.moment
    still_there = quad(lambda u: moment(0, u, s, beta), [T, mpf(T) + t], method="gauss-legendre", maxdegree=3)  # smooth
    return moment(x + 1, T, r, alpha) / moment(x, T, r, alpha) * still_there / moment(0, T, s, beta)


@pytest.mark.parametrize("name", FITS)
def test_what_is_at_stake_is_that_of_the_oracle(name):
    summary = pl.DataFrame(
        {
            "frequency": pl.Series([2, 9], dtype=pl.UInt32),
            "recency": [10.0, 29.0],
            "T": [30.0, 30.0],
            "monetary_value": [20.0, 50.0],
            "value": [1.0, 2.0],
        }
    )
    is_discrete = name == "bgbb"
    window = Window(as_of=AS_OF, period="month") if is_discrete else Window(as_of=AS_OF)
    found = scored(summary, replace(USUAL, horizon_days=70), fit=FITS[name], window=window)["value_at_stake"]
    ends = (1, 2) if is_discrete else (365.25 / 12, 2 * 365.25 / 12, 70.0)
    days = [365.25 / 12, 2 * 365.25 / 12, 70.0][: len(ends)]
    for row, stake in zip(summary.iter_rows(named=True), found, strict=True):
        x, T, m = row["frequency"], int(row["T"]) if is_discrete else row["T"], row["monetary_value"]
        upto = [mpf(0), *(purchases_if_active(name, end, x, T) for end in ends)]
        steps = zip(upto, upto[1:], days, strict=False)
        bought = sum((until - before) / mpf("1.1") ** (mpf(day) / mpf(365.25)) for before, until, day in steps)
        expected = bought * spend_definition.expected_value(x, m, *SPEND.values)
        assert stake == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("largest", [clv.LARGEST_TABLE, 0], ids=["dense", "searched"])
def test_only_pairs_that_were_worked_out_are_looked_up_and_that_of_customers_without_a_purchase(largest, monkeypatch):
    """(0, 0) is in every table: of customers with a purchase nobody need have it."""
    monkeypatch.setattr(clv, "LARGEST_TABLE", largest)
    x, T = np.array([1.0, 2.0]), np.array([50.0, 60.0])
    table = prospects(x, T, PURCHASES, Window(as_of=AS_OF).observed(AS_OF), USUAL)
    nobody, second = table.of(np.array([0.0, 2.0]), np.array([0.0, 60.0]), np.ones(2))[0]
    assert (nobody, second) == (table.table[0, 0], table.table[2, 0])
    with pytest.raises(ValueError, match="not among those of the table"):
        table.of(np.array([1.0]), np.array([60.0]), np.ones(1))
