"""P(alive), expected purchases and twelve-month CLV of every customer: whalecurve and lifetimes."""

import timeit
from datetime import date

import numpy as np
import polars as pl
import pytest

from benchmarks import data, rivals
from whalecurve import engine
from whalecurve.engine.forecasts.clv import prospects, with_clv, with_purchases
from whalecurve.engine.forecasts.intervals import with_intervals
from whalecurve.kernels import bgnbd

AS_OF = date(2025, 12, 31)
WINDOW = engine.Window(as_of=AS_OF)
# Twelve months of 30.4375 days here; lifetimes has 30 days, so its numbers are lower by about that much.
ANNUAL_DISCOUNT = (1.0 + rivals.MONTHLY_DISCOUNT) ** 12 - 1.0
SCORING = engine.Scoring(horizon_days=365, annual_discount=ANNUAL_DISCOUNT, risk_days=90)  # not found from a log


def summary(n):
    return data.histories(n).select(
        frequency=pl.col("x").cast(pl.UInt32),
        recency="t_x",
        T="T",
        monetary_value="m",
        value=pl.col("m") * pl.col("x"),
    )


def models(histories):
    fit = engine.fit_histories("bgnbd", histories["x"], histories["t_x"], histories["T"])
    return fit, engine.fit_spend(histories["x"], histories["m"])


def by_whalecurve(customers, fit, spend):
    x, T = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T"))
    table = prospects(x, T, fit, WINDOW, SCORING)
    return with_clv(with_purchases(customers.lazy(), fit, table), spend).collect(engine="streaming")


def test_values_agree_within_the_difference_of_the_calendars():
    histories = data.histories(100_000)
    ours = by_whalecurve(summary(100_000), *models(histories))["clv"].to_numpy()
    theirs = rivals.clv(rivals.fit(histories), rivals.fit_spend(histories), histories)
    ratio = ours / theirs
    assert np.median(ratio) == pytest.approx(365 / 360, rel=5e-3)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99999


@pytest.mark.parametrize("size", ["1e+05", "1e+06"])
@pytest.mark.parametrize("name", ["whalecurve", "lifetimes"])
def test_clv(timed, name, size):
    n = int(float(size))
    histories = data.histories(n)
    if name == "whalecurve":
        customers, (fit, spend) = summary(n), models(histories)
        timed(f"12-month CLV, {size} customers", name, lambda: by_whalecurve(customers, fit, spend))
    else:
        small = data.histories(100_000)  # parameters of the same population; the score is what is timed
        fit, spend = rivals.fit(small), rivals.fit_spend(small)
        timed(f"12-month CLV, {size} customers", name, lambda: rivals.clv(fit, spend, histories), rounds=1)


def test_intervals(timed):
    """What `--intervals` costs: the same million customers with confidence intervals."""
    histories = data.histories(1_000_000)
    customers, (fit, spend) = summary(1_000_000), models(histories)
    scored = by_whalecurve(customers, fit, spend)
    group = "12-month CLV with intervals, 1e+06 customers"
    timed(group, "whalecurve", lambda: with_intervals(scored, fit, spend, None, WINDOW, SCORING, 0.9), rounds=3)


@pytest.mark.parametrize("name", ["whalecurve", "copy of the same columns"])
def test_p_alive(timed, name):
    """The kernel beside the least that can be done with its input: nanoseconds a customer, milliseconds a million."""
    histories = data.histories(1_000_000)
    columns = [histories[column].to_numpy() for column in ("x", "t_x", "T")]
    work = {
        "whalecurve": lambda: bgnbd.p_alive(*columns, *data.BGNBD),
        "copy of the same columns": lambda: [column.copy() for column in columns],
    }
    timed("P(alive) kernel, 1e+06 customers", name, work[name], rounds=20)


@pytest.mark.gate
def test_scores_of_a_million_customers_are_a_hundred_times_as_fast_as_lifetimes():
    histories = data.histories(1_000_000)
    small = data.histories(100_000)
    customers, (fit, spend) = summary(1_000_000), models(histories)
    by_whalecurve(customers, fit, spend)
    ours = float(np.median(timeit.repeat(lambda: by_whalecurve(customers, fit, spend), number=1, repeat=7)))
    theirs_fit, theirs_spend = rivals.fit(small), rivals.fit_spend(small)
    theirs = timeit.timeit(lambda: rivals.clv(theirs_fit, theirs_spend, histories), number=1)
    assert theirs >= 100.0 * ours, (ours, theirs)
