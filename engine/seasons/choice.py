"""Which season a log is scored with: none, one given, one estimated, or one estimated if it has proved itself."""

from dataclasses import dataclass
from typing import Any, Literal, Self

from whalecurve.engine.errors import InputError, Message, NotIdentifiedError, setting
from whalecurve.engine.seasons.estimate import Estimate, estimate_season
from whalecurve.engine.seasons.purchase_days import PurchaseDays
from whalecurve.engine.seasons.season import Season
from whalecurve.engine.seasons.trial import tried
from whalecurve.engine.seasons.year import PARTS

KEYWORDS = ("none", "auto", "estimate")
"""Settings that are no file."""

MOST_CHANCE = 0.01
"""p-value up to which weeks of the year differ enough for a season to be tried at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonChoice:
    """The season of a run, and why.

    season : None where there is none
    chosen : "auto", by a trial; "estimate", as asked; "calendar", from a file; "thresholds", as in an old run
    estimate : how it was estimated; trial : how it did at rolling origins; each None where there was none
    untested : why there was no trial, by which a season might have been taken
    n_impossible : purchase days of the customers looked at that fall on days of factor 0
    """

    season: Season | None
    chosen: Literal["auto", "estimate", "calendar", "thresholds"]
    estimate: dict[str, Any] | None = None
    trial: dict[str, Any] | None = None
    untested: str | None = None
    n_impossible: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "chosen": self.chosen,
            "words": self.words,
            "season": self.season.to_dict() if self.season else None,
            "estimate": self.estimate,
            "trial": self.trial,
            "untested": self.untested,
            "n_impossible": self.n_impossible,
        }

    @classmethod
    def of_old_run(cls, record: dict[str, Any] | None) -> Self | None:
        """That of an old run; None where it had none, or is from before there was a choice."""
        if record is None:
            return None
        season = None if record["season"] is None else Season.from_dict(record["season"])
        return cls(season=season, chosen="thresholds", estimate=record["estimate"], trial=record["trial"])

    @property
    def words(self) -> str:
        """The choice in a sentence."""
        if self.chosen == "calendar":
            return "season: as the calendar says"
        if self.chosen == "estimate":
            return "season: estimated by week of the year, as asked"
        if self.chosen == "thresholds":
            if self.season is None:
                return "season: none, as in the old run"
            return (
                f"season: {'estimated by week of the year' if self.season.weeks else 'a calendar'}, as in the old run"
            )
        if self.trial is None:
            return f"season: none ({self.untested})"
        without, with_season = (f"{self.trial[name]:.1%}" for name in ("error_without", "error_with"))
        told = f"mean error of {len(self.trial['origins'])} quarters {without} without, {with_season} with it"
        return f"season: {'none' if self.season is None else 'estimated by week of the year'} ({told})"

    @property
    def warnings(self) -> list[str]:
        """What a reader should know, in whole sentences."""
        said = []
        if self.untested is not None and self.chosen == "auto":
            said.append(f"no season: {self.untested}")
        once = 0 if self.estimate is None or self.season is None else self.estimate["once"]
        if once:
            said.append(
                f"the season rests on one year for {once} of {PARTS} weeks of the year: what was chance in it is taken "
                f"for the season there"
            )
        if self.estimate is not None and self.season is not None and not self.estimate["converged"]:
            said.append("the season and the model did not settle in turns; read forecasts with caution")
        if self.n_impossible:
            said.append(
                f"{self.n_impossible:,} purchases fall on days to which the calendar gives the factor 0; give these a "
                f"small factor, as 0.05"
            )
        return [Message(words) for words in said]


def chosen_season(
    asked: str, calendar: Season | None, days: PurchaseDays, model: str, l2: float
) -> tuple[SeasonChoice, Estimate | None]:
    """The season that is asked for, and what was estimated, be it taken or not.

    Parameters
    ----------
    asked
        "auto", "estimate", or the path of the file that `calendar` was read from.
    days
        What is known; of the purchase days, no more than a sample is needed.
    model, l2
        What customers are scored by.

    Raises
    ------
    InputError
        A season is asked for that the days cannot tell.
    """
    if calendar is not None:
        season = calendar.scaled_to(days.first_day, days.last_day)
        if season.scale == 0.0:
            raise InputError(
                f"{setting('season', calendar.source)}: every observed day has factor 0, so nobody could have bought; "
                f"give the days of the orders factors above 0"
            )
        on_day = season.factors(days.first_day, days.last_day)[days.day - days.first_day]
        n = int((on_day[~days.is_first] == 0.0).sum())
        return SeasonChoice(season=season, chosen="calendar", n_impossible=n), None
    if asked == "estimate":
        try:
            found = estimate_season(days, model, l2)
        except NotIdentifiedError as error:
            raise InputError(f"{setting('season', 'estimate')}: {error}; leave it out, or give a calendar") from error
        return SeasonChoice(season=found.season, chosen="estimate", estimate=found.to_dict()), found
    return _by_trial(days, model, l2)


def _by_trial(days: PurchaseDays, model: str, l2: float) -> tuple[SeasonChoice, Estimate | None]:
    """A season that the weeks of the log show, and that then predicts better at rolling origins; else none."""
    try:
        estimate: Estimate = estimate_season(days, model, l2)
    except NotIdentifiedError as error:
        return SeasonChoice(season=None, chosen="auto", untested=str(error)), None
    told = estimate.to_dict()
    if estimate.p_value > MOST_CHANCE:
        untested = f"weeks of the year differ no more than by chance (p = {estimate.p_value:.2g})"
        return SeasonChoice(season=None, chosen="auto", estimate=told, untested=untested), estimate
    trial = tried(days, model, l2)
    if isinstance(trial, str):
        return SeasonChoice(season=None, chosen="auto", estimate=told, untested=trial), estimate
    if not trial.is_better:
        return SeasonChoice(season=None, chosen="auto", estimate=told, trial=trial.to_dict()), estimate
    choice = SeasonChoice(season=estimate.season, chosen="auto", estimate=told, trial=trial.to_dict())
    return choice, estimate


def season_before(choice: SeasonChoice | None, days: PurchaseDays, day: int, model: str, l2: float) -> Season | None:
    """The season as it would have been known at the end of an earlier day: estimated anew, from the days up to it.

    None where these tell none; one that was not estimated here is what it was.
    """
    if choice is None or choice.season is None:
        return None
    if choice.chosen not in ("auto", "estimate"):
        return choice.season
    try:
        return estimate_season(days.until(day), model, l2).season
    except NotIdentifiedError:
        return None
