import numpy as np
import pytest

from tests.support.seasonal_logs import FIRST_DAY, purchase_days
from whalecurve.engine.seasons import tried


def test_a_season_predicts_better_where_there_is_one():
    days = purchase_days(1, swing=0.5)
    trial = tried(days, "bgnbd")
    assert [origin.split for origin in trial.origins] == ["2024-12-09", "2024-09-09", "2024-06-10"]
    assert trial.is_better
    without, with_season = trial.errors
    assert with_season < 0.6 * without


def test_what_came_is_counted_of_the_customers_known_at_the_origin():
    days = purchase_days(2)
    trial = tried(days, "bgnbd")
    split = FIRST_DAY + 800 - 91 - 1
    known = set(days.customer[days.day <= split].tolist())
    came = [c for c, day in zip(days.customer.tolist(), days.day.tolist(), strict=True) if day > split and c in known]
    assert trial.origins[0].actual == len(came)


def test_nothing_after_an_origin_changes_what_is_predicted_there():
    days = purchase_days(3)
    split = FIRST_DAY + 800 - 2 * 91 - 1
    kept = (days.day <= split) | (np.random.default_rng(0).random(days.day.size) < 0.5)
    kept |= days.is_first
    other = type(days)(
        customer=days.customer[kept], day=days.day[kept], first_day=days.first_day, last_day=days.last_day
    )
    here, there = (tried(log, "bgnbd").origins[1] for log in (days, other))
    assert (here.without, here.with_season) == (there.without, there.with_season)
    assert here.actual > there.actual


def test_a_log_without_two_origins_is_not_tried():
    days = purchase_days(4).until(FIRST_DAY + 600)
    assert tried(days, "bgnbd").startswith("fewer than 2 of the quarters at the end have a past that tells a season")


@pytest.mark.long
def test_without_a_season_nearly_no_log_is_given_one():
    taken = [seed for seed in range(100) if _takes_one(seed)]
    assert len(taken) <= 10


def test_without_a_season_few_logs_are_given_one():
    assert not any(_takes_one(seed) for seed in range(4))


def _takes_one(seed):
    from whalecurve.engine.seasons import chosen_season

    choice, _ = chosen_season("auto", None, purchase_days(seed), "bgnbd", 0.0)
    return choice.season is not None
