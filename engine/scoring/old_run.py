"""An old run put to use: its thresholds and fitted models for a new log, with its settings, from its model.json."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.forecasts import Models, season_clock, spend_correlation, spend_level
from whalecurve.engine.models import Fit, FitData, calibrate, check_params, purchase_model, spend_model
from whalecurve.engine.orders import Orders
from whalecurve.engine.paths import is_object_url, refuse_impossible, unfolded
from whalecurve.engine.publication import MANIFEST, MODEL, Result, at_hand, digest_of, is_result, read_record, window_of
from whalecurve.engine.rfm import AnyThresholds, Thresholds, thresholds_from_dict
from whalecurve.engine.schemes import Scheme
from whalecurve.engine.seasons import Clock, SeasonChoice
from whalecurve.engine.segments import KEYS as TIER_KEYS
from whalecurve.engine.segments import parts_of, value_cutoff_of
from whalecurve.engine.selection import NextPurchase, Recalibration, Risk
from whalecurve.engine.settings import ObservedWindow, Scoring, Window

FREE = ("intervals", "segments")
"""Settings that the new run may choose: intervals shape no other number, and a scheme is held against the labels."""

FIT_FIELDS = tuple(field.name for field in fields(Fit))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OldRun:
    """What `whalecurve score` once found, and how it was asked.

    path : its model.json; digest : of what is in it; run_id : from the manifest beside it, None without one
    risk : its risk horizon and how it was tested; next_purchase : what its next purchases are told by
    scoring, window : its settings; the window is open, and its zone left to the new log
    rfm_rule : how its scores were found; None for given cut-offs, and of a run that does not say
    returns_rule : what returns were taken off; None of a run that does not say
    thresholds, cutoff, tiers : of R, F and M, of high value, and of the tiers, as `TierCutoffs.from_dict` reads them
    purchases, spend : the fitted models, None where there was none; purchases_reason, spend_reason : why
    spend_name : the spend model asked for, or chosen
    season : in whose operational time its purchase model is fitted; None without one
    recalibration : what its probabilities of a purchase are made of; None where nothing
    population : the customers it was found in, see `population_drift`
    """

    path: Path | str
    digest: str
    run_id: str | None
    as_of: str
    timezone: str | None
    risk: Risk
    next_purchase: NextPurchase
    scoring: Scoring
    window: Window
    rfm_rule: str | None
    returns_rule: str | None
    thresholds: AnyThresholds
    cutoff: float | None
    tiers: dict[str, Any]
    purchases: Fit | None
    purchases_reason: str | None
    spend: Fit | None
    spend_reason: str | None
    spend_name: str
    population: dict[str, Any]
    season: SeasonChoice | None = None
    recalibration: Recalibration | None = None

    def clock(self, result: Result) -> Clock | None:
        """The clock of the season that its models follow, as far back as its oldest customer; None without a season."""
        season = None if self.season is None else self.season.season
        if season is None:
            return None
        longest = result.take("T").select(pl.col("T").max()).collect(engine="streaming").item()
        return Clock.of(season, window_of(result, self.window), float(longest or 0.0))

    def to_dict(self) -> dict[str, str | None]:
        """Which run it was."""
        return {"path": str(self.path), "run_id": self.run_id, "digest": self.digest, "as_of": self.as_of}

    def agreed(self, window: Window, scoring: Scoring, n_scores: int, cuts: Thresholds | None) -> Scoring:
        """The settings of a new run, with what value was measured in here where it leaves that open.

        Raises
        ------
        InputError
            Settings that are given and differ, named with both values.
        """
        names = [field.name for field in fields(Scoring) if field.name not in FREE]
        pairs = {name: (getattr(self.scoring, name), getattr(scoring, name)) for name in names}
        if scoring.value is None:
            scoring = replace(scoring, value=self.scoring.value)
            del pairs["value"]
        pairs |= {"rfm_bins": (self.thresholds.bins, n_scores), "rfm_cuts": (self._own_cuts(), cuts)}
        pairs |= {"unit": (self.window.model_unit, window.model_unit), "period": (self.window.period, window.period)}
        if self.timezone is not None and window.timezone is not None:
            pairs["timezone"] = (self.timezone, window.timezone)
        differing = [
            f"{setting(name)} {_shown(old)} there, {_shown(new)} here"
            for name, (old, new) in pairs.items()
            if old != new
        ]
        if differing:
            raise InputError(
                f"{self.path}: its thresholds and models go with its own settings, and these differ: "
                f"{'; '.join(differing)}; leave these out, or score without {setting('thresholds')}"
            )
        return scoring

    def _own_cuts(self) -> Thresholds | None:
        """Its cut-offs, where they were given and not found."""
        return (
            self.thresholds if self.scoring.rfm_method == "fixed" and isinstance(self.thresholds, Thresholds) else None
        )

    def zoned(self, window: Window, orders: Orders) -> Window:
        """The window, with days counted in the zone of this run where the new times carry one."""
        if window.timezone is None and orders.timezone is not None and self.timezone is not None:
            return replace(window, timezone=self.timezone)
        return window

    def check_scheme(self, scheme: Scheme) -> None:
        """Raise InputError for a scheme with other segments than those of this run."""
        for name, parts in parts_of(scheme).items():
            old = [row["segment"] for row in self.population["segments"] if row["scheme"] == name]
            before, now = [label for label in old if label is not None], [part.name for part in parts]
            if before != now:
                label = next((name for name in now if name not in before), now[0])
                raise InputError(
                    f'{self.path}: its {name} segments are not those of {scheme.source}, "{label}" for one; '
                    f"pass the scheme of that run with {setting('segments')}"
                )

    def models(self, fit_data: FitData, window: ObservedWindow) -> Models:
        """Its models, held against new customers but not fitted to them."""
        of_spend = spend_model(self.spend_name)
        x, m = fit_data.spend(sees_losses=of_spend.sees_losses)
        has_history = self.purchases is not None and fit_data.histories.n > 0.0
        season = None if self.season is None else self.season.season
        histories = fit_data.histories
        if season is not None:
            histories = season_clock(season, window, histories).histories(histories)
        return Models(
            purchases=self.purchases,
            season=season,
            purchases_reason=self.purchases_reason,
            calibration=calibrate(histories, self.purchases) if self.purchases and has_history else None,
            spend=self.spend,
            spend_reason=self.spend_reason,
            n_left_out=fit_data.x.size - x.size,
            correlation=spend_correlation(x, m),
            spend_name=of_spend.recorded,
            n_repeat=fit_data.x.size,
            spend_level=spend_level(fit_data, self.spend) if self.spend and self.spend_reason is None else None,
        )


def open_old_run(path: str | Path) -> OldRun:
    """Read what a run found from its `model.json`, or from the result directory, or place on a store, that holds it.

    Parameters
    ----------
    path
        A `model.json`, or the directory or place that holds it.

    Returns
    -------
    OldRun
        Its models, thresholds and settings.

    Raises
    ------
    InputError
        No such file, no record of `whalecurve score`, or one whose models rest on covariates.

    Examples
    --------
    >>> from whalecurve import engine
    >>> engine.open_old_run("scores").scoring.horizon_days
    365
    """
    if is_object_url(url := unfolded(path)):
        place = url.rstrip("/").removesuffix(f"/{MODEL}")
        with at_hand(place) as directory:
            return replace(open_old_run(directory), path=f"{place}/{MODEL}")
    given = Path(path)
    refuse_impossible(given, setting("thresholds", given))
    file = given / MODEL if given.is_dir() else given
    needed = ("definitions", "thresholds", "transactions", "spend", "population")
    record = read_record(file, *needed)
    try:
        return _read(file, record)
    except InputError as error:
        raise InputError(f"{file}: {error.message.marked}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{file}: no model.json of whalecurve score ({error!r}); make the result again") from error


def _read(file: Path, record: dict[str, Any]) -> OldRun:
    settings = record["definitions"]
    if settings.get("covariates") is not None:
        raise InputError(
            f"its models rest on covariates, which only a new fit takes up; score without {setting('thresholds')}"
        )
    if settings.get("fit_by") is not None:
        raise InputError(
            f"its models are fitted by group ({setting('fit_by', settings['fit_by'])}), and which customers are in "
            f"which is not in it; score without {setting('fit_by')}"
        )
    cuts = thresholds_from_dict(record["thresholds"])
    own = {field.name: settings[field.name] for field in fields(Scoring) if field.name in settings}
    is_fixed = settings.get("rfm_method") == "fixed" and isinstance(cuts, Thresholds)
    own.setdefault("value_axis", "total")  # before there was a choice
    own |= {"covariate_columns": None, "dropout_effect": "odds", "rfm_cuts": str(file) if is_fixed else None}
    period = settings["period"]
    purchases, spend = record["transactions"], record["spend"]
    fit = _purchase_fit(purchases)
    return OldRun(
        path=file,
        digest=digest_of(record),
        run_id=_run_id(file),
        as_of=str(settings["as_of"]),
        timezone=settings["timezone"],
        risk=_risk(record.get("risk"), own["risk_days"]),
        next_purchase=NextPurchase.of_old_run(record.get("next_purchase"), fit),
        scoring=Scoring(**own),
        window=Window(unit=settings["unit"] if period is None else "day", period=period),
        rfm_rule=settings.get("rfm_rule"),
        returns_rule=settings.get("returns_rule"),
        thresholds=cuts,
        cutoff=_number(value_cutoff_of(record["thresholds"], own["value_axis"])),
        tiers={key: record["thresholds"][key] for key in TIER_KEYS},
        purchases=fit,
        purchases_reason=purchases.get("reason"),
        spend=_spend_fit(spend, settings.get("spend", "gamma-gamma")),
        spend_reason=spend.get("reason"),
        spend_name=spend_model(spend["model"]).name,
        population=_population(record["population"], cuts.bins),
        season=SeasonChoice.of_old_run(record.get("season")),
        recalibration=Recalibration.from_dict(record.get("recalibration")),
    )


def _risk(record: dict[str, Any] | None, asked: int | str) -> Risk:
    """The risk of that run; of one from before it was recorded, the horizon that was given."""
    days = asked if record is None else record["horizon_days"]
    if isinstance(days, bool) or not isinstance(days, int) or days <= 0:
        raise TypeError(f"{days!r} is no risk horizon")
    return Risk.of_old_run(record, days)


def _run_id(file: Path) -> str | None:
    if file.name != MODEL or not is_result(file.parent):
        return None
    return str(read_record(file.parent / MANIFEST, "run_id")["run_id"])


def _number(value: object) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError(f"{value!r} is no number")
    return None if value is None else float(value)


def _fit(record: dict[str, Any]) -> Fit | None:
    """The fit in a record; None where there was none."""
    return Fit.from_dict({name: record[name] for name in FIT_FIELDS if name in record}) if record["params"] else None


def _purchase_fit(record: dict[str, Any]) -> Fit | None:
    fit = _fit(record)
    if fit is not None:
        check_params(fit, purchase_model(fit.model).params)
    return fit


def _spend_fit(record: dict[str, Any], name: str) -> Fit | None:
    fit = _fit(record)
    if fit is None:
        return None
    model = spend_model(fit.model if name == "auto" else name)
    if fit.model != model.recorded:
        raise InputError(f"its spend model is {fit.model}, and its settings name {name}")
    model.check(fit)
    return fit


def _population(record: dict[str, Any], bins: int) -> dict[str, Any]:
    """Checked so far that `population_drift` can rely on it."""
    for name, counts in record["scores"].items():
        if len(counts) != bins or not all(isinstance(n, int) for n in counts):
            raise ValueError(f"population has {counts!r} for {name}")
    if not isinstance(record["customers"], int) or not isinstance(record["means"], dict):
        raise TypeError("population has no number of customers, or no means")
    for row in record["segments"]:
        if not isinstance(row["customers"], int):
            raise TypeError(f"population has {row!r}")
    return record


def _shown(setting: object) -> str:
    if isinstance(setting, Thresholds):
        return str([list(cuts) for cuts in (setting.days_since_last, setting.n_purchase_days, setting.value)])
    return "none" if setting is None else str(setting)
