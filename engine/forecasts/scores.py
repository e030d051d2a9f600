"""Stage: summary + models -> what each customer is expected to do and is worth: in production, and in validation."""

from collections.abc import Callable

import polars as pl

from whalecurve.engine.forecasts.clv import AHEAD, PURCHASE_COLUMNS, Prospects, prospects_of, with_clv, with_purchases
from whalecurve.engine.forecasts.intervals import why_no_intervals, with_intervals
from whalecurve.engine.forecasts.model_fits import Models, season_clock
from whalecurve.engine.forecasts.next_purchase import Waits, waits_of_pairs, with_waits
from whalecurve.engine.forecasts.own_parameters import with_own_purchases
from whalecurve.engine.models import HISTORY, Histories, purchase_model
from whalecurve.engine.runtime import SeriesByName
from whalecurve.engine.segments import WAITS
from whalecurve.engine.settings import ObservedWindow, Scoring, Window
from whalecurve.kernels.arrays import Vector

FORECAST = (*PURCHASE_COLUMNS, *AHEAD)
BOUNDS = ("expected_purchases_low", "expected_purchases_high", "clv_low", "clv_high")
MODEL_P = "p_purchase_model"
"""Where probabilities of a purchase are recalibrated: those that the model gives."""
ROWS = 1_000_000
"""Customers whose intervals are worked out together."""

Summary = Callable[[SeriesByName], pl.LazyFrame]
"""The customer summary in the order of the ids, with more columns beside it, by position."""


def summary_in_memory(summary: pl.DataFrame) -> Summary:
    """A summary that is there already."""
    return lambda beside: summary.with_columns(**beside).lazy()


class Scores:
    """Scores of customers under fitted models, as a query that can be run again and again.

    Whatever is validated is scored here too, so that what is validated is what is scored.
    """

    def __init__(
        self,
        summary: Summary,
        models: Models,
        histories: Histories,
        window: ObservedWindow,
        scoring: Scoring,
        *,
        tells_waits: bool = False,
        recalibrated: Callable[[Vector], Vector] | None = None,
    ) -> None:
        """Work out what all customers share; own parameters and intervals, for each customer, at once.

        `tells_waits` adds the days until the next purchase, `WAITS`, where time is not counted in periods.
        `recalibrated` makes of probabilities of a purchase what they are worth; the model's own are then in `MODEL_P`.
        """
        self._summary, self._models, self._recalibrated = summary, models, recalibrated
        fit = models.purchases
        tells_waits = tells_waits and fit is not None and not purchase_model(fit.model).is_discrete
        self._clock = None if models.season is None else season_clock(models.season, window, histories)
        self._prospects: Prospects | None = None
        self._waits: Waits | None = None
        self._beside: dict[str, pl.Series] = {}
        self.warnings: list[str] = []
        """Why intervals that were asked for are not there."""
        if fit is None:
            self.warnings += [] if scoring.intervals is None else ["no intervals: there is no purchase model"]
            return
        if models.own is None and not purchase_model(fit.model).has_stages:
            self._prospects = prospects_of(histories, fit, window, scoring, self._clock)
            self._waits = waits_of_pairs(self._prospects, fit, window, self._clock) if tells_waits else None
        else:
            customers = summary({}).select(HISTORY).collect(engine="streaming")
            own = with_own_purchases(
                customers, fit, models.own, window, scoring, tells_waits=tells_waits, clock=self._clock
            )
            self._beside = {name: own[name] for name in (*FORECAST, *(WAITS if tells_waits else ()))}
        if scoring.intervals is not None:
            self._beside |= self._intervals(window, scoring, scoring.intervals)

    def customers(self, more: SeriesByName | None = None) -> pl.LazyFrame:
        """The customer summary with forecasts and CLV, in the order of the ids; `more` columns at the end."""
        beside = self._beside | dict(more or {})
        customers = self._summary(beside)
        own = [name for name in customers.collect_schema().names() if name not in beside]
        if "p_alive" not in beside:
            customers = with_purchases(customers, self._models.purchases, self._prospects, self._clock)
        if self._recalibrated is not None:
            customers = _with_worth(customers, self._recalibrated)
        scored = with_clv(customers, self._models.usable_spend)
        if self._waits is not None:
            scored = with_waits(scored, self._waits)
        names = scored.collect_schema().names()
        middle = [name for name in names if name not in own and name not in (*BOUNDS, *(more or ()))]
        return scored.select(*own, *middle, *(name for name in BOUNDS if name in beside), *(more or ()))

    def _intervals(self, window: Window, scoring: Scoring, level: float) -> dict[str, pl.Series]:
        fit, spend, given = self._models.purchases, self._models.usable_spend, self._models.own
        assert fit is not None, "there are no intervals without a model"
        needed = (*HISTORY, "monetary_value", "expected_purchases", "clv")
        customers = self.customers().select(needed).collect(engine="streaming")
        size = ROWS if given is None else max(customers.height, 1)
        bounds = pl.concat(
            with_intervals(
                customers[start : start + size], fit, spend, given, window, scoring, level, self._clock
            ).select(BOUNDS)
            for start in range(0, max(customers.height, 1), size)
        )
        self.warnings += why_no_intervals(fit, spend, customers, bounds)
        return {name: bounds[name] for name in BOUNDS}


def _with_worth(customers: pl.LazyFrame, worth: Callable[[Vector], Vector]) -> pl.LazyFrame:
    """Probabilities of a purchase as they are recalibrated, the model's own beside them; null stays null."""

    def told(p: pl.Series) -> pl.Series:
        values = pl.Series(p.name, worth(p.fill_null(0.0).to_numpy()))
        return pl.select(pl.when(p.is_not_null()).then(values)).to_series().alias(p.name)

    by_model = pl.col("p_purchase")
    worth_of = by_model.map_batches(told, return_dtype=pl.Float64, is_elementwise=True)
    return customers.with_columns(worth_of.alias("p_purchase"), by_model.alias(MODEL_P))
