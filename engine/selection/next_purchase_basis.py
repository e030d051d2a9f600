"""What the next purchase of a customer is told by: the model or the rhythm, whichever a holdout prefers."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import polars as pl

from whalecurve.engine.forecasts import waits_if_active
from whalecurve.engine.models import Fit, purchase_model
from whalecurve.engine.models.covariates import distinct_rows
from whalecurve.engine.segments import Basis, Rhythm, days_to_next
from whalecurve.engine.selection.holdout import LEAST_OF_EACH, Holdout
from whalecurve.engine.statistics import kaplan_meier
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.prospects import LEAST_ALIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPurchaseTest:
    """Both, worked out of what was known up to `split`, held against the days after it.

    days : how many there are; n_customers : those known at the split, or of a sample of them, to whom both give a date
    model_error, rhythm_error : means, in days, of how far the date told is from that of the purchase, each no later
        than the last day of the holdout: a median has the least such error of all dates, however the purchases that
        come later are spread
    """

    split: str
    days: int
    n_customers: int
    model_error: float
    rhythm_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPurchase:
    """What next purchases are told by, and how it came about.

    chosen : "auto", by the holdout, or without one by the model where there is one; "given"; "thresholds", as in an old
        run
    test : None where there was none; untested : why
    """

    basis: Basis
    chosen: Literal["auto", "given", "thresholds"]
    test: NextPurchaseTest | None = None
    untested: str | None = None

    def without_model(self, why: str) -> Self:
        """The same where there is to be no model: rhythms tell next purchases then."""
        return self if self.basis == "rhythm" else replace(self, basis="rhythm", test=None, untested=why)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)

    @classmethod
    def of_old_run(cls, record: dict[str, Any] | None, fit: Fit | None) -> Self:
        """That of an old run; of one from before there was a choice, what is taken without a holdout."""
        if record is None:
            untested = "the old run did not test it"
            return cls(basis=_usual(fit), chosen="thresholds", untested=untested)
        if record["basis"] not in ("model", "rhythm"):
            raise TypeError(f"{record['basis']!r} tells no next purchase")
        test = None if record["test"] is None else NextPurchaseTest(**record["test"])
        return cls(basis=record["basis"], chosen="thresholds", test=test, untested=record["untested"])


def chosen_basis(asked: Literal["auto", "model", "rhythm"], fit: Fit | None, holdout: Holdout | str) -> NextPurchase:
    """The basis that is asked for, or the one with the less error in a holdout; the model where they are equal.

    Parameters
    ----------
    fit
        The purchase model of all customers; None where there is none.
    holdout
        The end of the log, held out, or why there is none.
    """
    test = holdout if isinstance(holdout, str) else _tested(holdout)
    if fit is not None and purchase_model(fit.model).is_discrete:
        test = "a model that counts periods tells no days"
    untested = test if isinstance(test, str) else None
    found = None if isinstance(test, str) else test
    if asked != "auto":
        return NextPurchase(basis=asked, chosen="given", test=found, untested=untested)
    if found is None:
        return NextPurchase(basis=_usual(fit), chosen="auto", untested=untested)
    better: Basis = "model" if found.model_error <= found.rhythm_error else "rhythm"
    return NextPurchase(basis=better, chosen="auto", test=found)


def _usual(fit: Fit | None) -> Basis:
    """The model where it tells days."""
    return "rhythm" if fit is None or purchase_model(fit.model).is_discrete else "model"


def _tested(holdout: Holdout) -> NextPurchaseTest | str:
    """Both tests, or why there are none."""
    if holdout.split.window.period is not None:
        return "time is counted in periods"
    by_model, by_rhythm = _by_model(holdout), _by_rhythm(holdout)
    has_both = ~np.isnan(by_model) & ~np.isnan(by_rhythm)
    n = int(np.count_nonzero(has_both))
    if n < LEAST_OF_EACH:
        return f"of {holdout.customers}, both give a date to {n:,}; {LEAST_OF_EACH} are needed"
    actual, last = holdout.past.wait[has_both], holdout.split.n_ahead
    errors = [float(np.abs(np.minimum(days[has_both], last) - actual).sum() / n) for days in (by_model, by_rhythm)]
    return NextPurchaseTest(
        split=holdout.split.last_day, days=last, n_customers=n, model_error=errors[0], rhythm_error=errors[1]
    )


def _by_model(holdout: Holdout) -> Vector:
    """Days from the split by the model, once for each distinct (x, T) and parameters, and t_x where it counts.

    NaN for none.
    """
    past, per_unit, fit = holdout.past, holdout.split.per_unit, holdout.fit
    own = [param for param in holdout.params if isinstance(param, np.ndarray)]
    last = past.t_x if purchase_model(fit.model).has_stages else past.T
    (x, t_x, T, *params), at = distinct_rows([past.x, last, past.T, *own])
    t_x, T = t_x / per_unit, T / per_unit
    if holdout.clock is not None:
        t_x, T = holdout.clock.history(t_x, T)
    days = waits_if_active(x, t_x, T, fit, params or fit.values, per_unit, holdout.clock)[at, 0]
    return np.where((holdout.p_alive >= LEAST_ALIVE) & (days > 0), days, np.nan)


def _by_rhythm(holdout: Holdout) -> Vector:
    """Days from the split by the rhythm of the past, which ends with it; NaN for none."""
    past = holdout.past
    silence = (past.T - past.t_x).astype(np.int64)
    rhythm = Rhythm.of(kaplan_meier(np.bincount(past.gaps, minlength=1), np.bincount(silence, minlength=1)))
    histories = pl.DataFrame(
        {
            "n_purchase_days": past.x + 1.0,
            "first_purchase": np.zeros(past.x.size, dtype=np.int64),
            "last_purchase": past.t_x.astype(np.int64),
            "days_since_last": silence,
        }
    )
    days: Vector = (days_to_next(histories, rhythm) - pl.Series(silence)).cast(pl.Float64).fill_null(np.nan).to_numpy()
    return days
