"""Stage: summary + purchase model, with parameters of customers' own or without -> what each is expected to do."""

import polars as pl

from whalecurve.engine.forecasts.clv import prospects, with_purchases
from whalecurve.engine.forecasts.own_parameters import Own, with_own_purchases
from whalecurve.engine.models import Fit, history_arrays, purchase_model
from whalecurve.engine.seasons import Clock
from whalecurve.engine.settings import Scoring, Window


def with_forecast(
    summary: pl.DataFrame,
    fit: Fit | None,
    own: Own | None,
    window: Window,
    scoring: Scoring,
    clock: Clock | None = None,
) -> pl.LazyFrame:
    """Add `p_alive`, `expected_purchases`, `p_purchase` and `AHEAD`, null without a fit.

    Without covariates or groups all customers share the parameters, and one table by (x, T) serves them; else each
    customer has own ones, and in a model with stages t_x counts, too. With a clock, the fit is in operational time.
    """
    if fit is None:
        return with_purchases(summary.lazy(), None, None)
    if own is not None or purchase_model(fit.model).has_stages:
        return with_own_purchases(summary, fit, own, window, scoring, clock=clock).lazy()
    x, _, T = history_arrays(summary.filter(pl.col("frequency").is_not_null()))
    return with_purchases(summary.lazy(), fit, prospects(x, T, fit, window, scoring, clock), clock)
