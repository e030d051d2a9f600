import json
from dataclasses import replace

import numpy as np
import pytest

from tests.support.seasonal_logs import FIRST_DAY, purchase_days
from whalecurve.engine.errors import InputError
from whalecurve.engine.seasons import Season, SeasonChoice, Span, chosen_season, season_before

SWINGING = purchase_days(1, swing=0.5)


def test_auto_takes_a_season_that_predicts_better_and_says_how_well():
    choice, estimate = chosen_season("auto", None, SWINGING, "bgnbd", 0.0)
    assert choice.season == estimate.season
    record = json.loads(json.dumps(choice.to_dict()))
    assert record["chosen"] == "auto"
    assert record["trial"]["is_better"] is True
    assert record["estimate"]["p_value"] < 1e-10
    assert choice.words.startswith("season: estimated by week of the year (mean error of 3 quarters")
    again = SeasonChoice.of_old_run(record)
    assert again.season == choice.season
    assert again.words == "season: estimated by week of the year, as in the old run"
    assert choice.warnings == []


def test_auto_leaves_out_what_may_be_chance_or_too_short():
    choice, _ = chosen_season("auto", None, purchase_days(0), "bgnbd", 0.0)
    assert choice.season is None
    assert "no more than by chance" in choice.untested
    short, estimate = chosen_season("auto", None, SWINGING.until(FIRST_DAY + 300), "bgnbd", 0.0)
    assert (short.season, estimate) == (None, None)
    assert short.warnings == ["no season: 301 days are observed, and a season needs 455: more than a year"]


def test_an_estimate_that_is_asked_for_is_an_error_where_there_is_none():
    with pytest.raises(InputError, match="301 days are observed"):
        chosen_season("estimate", None, SWINGING.until(FIRST_DAY + 300), "bgnbd", 0.0)
    choice, _ = chosen_season("estimate", None, SWINGING, "bgnbd", 0.0)
    assert choice.words == "season: estimated by week of the year, as asked"
    assert choice.trial is None


def test_weeks_that_were_seen_in_one_year_alone_are_told():
    choice, _ = chosen_season("estimate", None, SWINGING.until(FIRST_DAY + 699), "bgnbd", 0.0)
    assert choice.estimate["once"] == 4
    assert choice.warnings[0].startswith("the season rests on one year for 4 of 52 weeks of the year")


def test_a_calendar_is_scaled_and_purchases_on_closed_days_are_told():
    calendar = Season(spans=(Span(start="12-01", end=None, factor=3.0), Span(start="01-01", end=None, factor=1.0)))
    choice, _ = chosen_season("a.csv", calendar, SWINGING, "bgnbd", 0.0)
    assert choice.season.factors(SWINGING.first_day, SWINGING.last_day).mean() == pytest.approx(1.0, rel=1e-14)
    assert choice.warnings == []
    closed = replace(calendar, spans=(*calendar.spans, Span(start="07-01", end="07-03", factor=0.0)))
    choice, _ = chosen_season("a.csv", closed, SWINGING, "bgnbd", 0.0)
    assert choice.n_impossible > 0
    assert choice.warnings[0].startswith(f"{choice.n_impossible:,} purchases fall on days")


def test_a_calendar_without_a_day_to_buy_on_is_refused():
    later = Season(
        spans=(Span(start="01-01", end=None, factor=0.0), Span(start="2199-01-01", end="2199-02-01", factor=1.0)),
        source="a.csv",
    )
    with pytest.raises(InputError, match=r"every observed day has factor 0, so nobody could have bought"):
        chosen_season("a.csv", later, SWINGING, "bgnbd", 0.0)


def test_the_season_before_a_day_rests_on_nothing_after_it():
    choice, _ = chosen_season("estimate", None, SWINGING, "bgnbd", 0.0)
    day = FIRST_DAY + 700
    before = season_before(choice, SWINGING, day, "bgnbd", 0.0)
    assert before == season_before(choice, SWINGING.until(day + 30), day, "bgnbd", 0.0)
    assert not np.allclose(before.weeks, choice.season.weeks)
    assert season_before(choice, SWINGING, FIRST_DAY + 300, "bgnbd", 0.0) is None
    assert season_before(None, SWINGING, day, "bgnbd", 0.0) is None
    calendar = replace(choice, chosen="calendar")
    assert season_before(calendar, SWINGING, day, "bgnbd", 0.0) == choice.season
