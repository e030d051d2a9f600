from dataclasses import replace

import numpy as np
import pytest

from tests.support.seasonal_logs import FIRST_DAY, RATES, purchase_days, swinging
from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import fit_histories, purchase_model
from whalecurve.engine.seasons import Season, estimate_season, expected_by_day
from whalecurve.engine.seasons.year import PARTS, parts_of

SWINGING = purchase_days(11, customers=6_000, swing=0.5)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
def test_a_planted_season_and_the_rates_in_its_clock_come_back(model):
    found = estimate_season(SWINGING, model)
    days = np.arange(FIRST_DAY, FIRST_DAY + 730)
    truth = np.bincount(parts_of(days), weights=swinging(730, 0.5)) / np.bincount(parts_of(days))
    logs, errors = np.log(found.season.weeks) - np.log(truth), np.array(found.season.standard_errors)
    assert np.sqrt(np.mean(logs**2)) < 0.06
    assert np.sqrt(np.mean((logs / errors) ** 2)) < 2.0
    assert found.converged
    assert found.p_value < 1e-10
    if model == "bgnbd":
        within = [abs(np.log(found.fit.params[name] / true)) for name, true in zip(["r", "alpha"], RATES, strict=False)]
        assert max(within) < 0.15


def test_expectations_by_day_add_up_to_those_of_each_age():
    fit = fit_histories("bgnbd", [0, 1, 2, 5, 0], [0, 30, 60, 90, 0], [100, 90, 80, 95, 20])
    joined = np.zeros(120)
    joined[[0, 3, 50]] = [4.0, 2.0, 7.0]
    season = Season(weeks=tuple(np.linspace(0.3, 1.7, PARTS).tolist()))
    for clock in (None, season):
        factors = np.ones(120) if clock is None else clock.factors(FIRST_DAY, FIRST_DAY + 119)
        tau = np.cumsum(factors)
        mean = purchase_model("bgnbd").expected_purchases
        expected = sum(n * mean(tau[-1] - tau[day], *fit.values) for day, n in ((0, 4.0), (3, 2.0), (50, 7.0)))
        by_day = expected_by_day(fit, joined, clock, FIRST_DAY, FIRST_DAY + 119)
        assert by_day.sum() == pytest.approx(expected, rel=1e-6)
        assert by_day[0] == 0.0
        assert (by_day[1:] > 0.0).all()


def test_a_log_of_little_more_than_a_year_tells_no_season():
    with pytest.raises(NotIdentifiedError, match="400 days are observed, and a season needs 455"):
        estimate_season(SWINGING.until(FIRST_DAY + 399), "bgnbd")


def test_few_repeat_purchases_tell_no_season():
    few = SWINGING.customer < 25
    thin = replace(SWINGING, customer=SWINGING.customer[few], day=SWINGING.day[few])
    with pytest.raises(NotIdentifiedError, match="repeat purchases, and a season needs 500"):
        estimate_season(thin, "bgnbd")
