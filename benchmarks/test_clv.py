"""P(alive), expected purchases and twelve-month CLV of every customer: whalecurve and lifetimes."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from benchmarks import data, rivals
from whalecurve import engine
from whalecurve.engine.clv import prospects, with_clv, with_purchases

AS_OF = date(2025, 12, 31)
WINDOW = engine.Window(as_of=AS_OF)
# Twelve months of 30.4375 days here; lifetimes has 30 days, so its numbers are lower by about that much.
SCORING = engine.Scoring(horizon_days=365, annual_discount=(1.0 + rivals.MONTHLY_DISCOUNT) ** 12 - 1.0)


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
        timed(f"12-month CLV | {size} customers", name, lambda: by_whalecurve(customers, fit, spend))
    else:
        small = data.histories(100_000)  # parameters of the same population; the score is what is timed
        fit, spend = rivals.fit(small), rivals.fit_spend(small)
        timed(f"12-month CLV | {size} customers", name, lambda: rivals.clv(fit, spend, histories), rounds=1)
