"""The risk horizon: how long without a purchase counts as lost, and whether risk tells who comes back within it."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import collapsed, fit_counts, purchase_model
from whalecurve.engine.orders import day_at, day_number, last_complete, period_ends, period_of
from whalecurve.engine.settings import ObservedWindow, Scoring
from whalecurve.engine.statistics import Survival, auc, brier, brier_of_base_rate
from whalecurve.engine.store import Days
from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.store import DayEntry

FOLLOWED = 0.8
"""Share of the purchases that are followed by another which have been at the end of the risk horizon."""

LEAST_DAYS, MOST_DAYS = 30, 365
"""The risk horizon that is found in a log: no less, no more."""

LEAST_AUC = 0.55
"""Below it the ranking by risk is no better than chance."""

LEAST_OF_EACH = 100
"""Customers who bought, and who did not, from which on a ranking is tested: the standard error of its AUC is then at
most 0.041 where there is none."""

SAMPLE, STRETCHES = 50_000, 100
"""Customers of the test at most, and neighbours by id among whom they are taken: the AUC has a standard error of 0.003
then, and the test costs the same however long the log is."""


def risk_horizon(gaps: Survival) -> int:
    """Days by whose end `FOLLOWED` of the purchases that are followed by another have been.

    From `LEAST_DAYS` to `MOST_DAYS`; the latter where nobody came back.

    gaps : Kaplan-Meier over all gaps between purchase days, the open ones included
    """
    followed = gaps.quantile_of_events(FOLLOWED)
    return MOST_DAYS if followed is None else min(max(followed, LEAST_DAYS), MOST_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTest:
    """The ranking by risk, held against who bought: the model refitted to the days up to `split`, and those after it.

    split : last day of the past; days : how many are predicted
    n_customers, n_bought : those known at the split, or a sample of them, and those of them who bought again in time
    auc : the chance that somebody who bought had a lower risk than somebody who did not
    brier, brier_of_base_rate : of the probabilities; of the share who bought, for everybody
    """

    split: str
    days: int
    n_customers: int
    n_bought: int
    auc: float
    brier: float
    brier_of_base_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The risk horizon in days, how it came about, and what a holdout says of the ranking by risk.

    chosen : "auto", from the log's own gaps; "given"; "thresholds", with everything else of an old run
    followed_days : after which `FOLLOWED` of the purchases that are followed have been, be it within the bounds of the
        horizon or not; None where nobody came back
    test : None where there was none; untested : why
    """

    horizon_days: int
    chosen: Literal["auto", "given", "thresholds"]
    followed_days: int | None = None
    test: RiskTest | None = None
    untested: str | None = None

    @property
    def withheld(self) -> str | None:
        """Why nobody is told to be at risk; None where they are."""
        if self.test is None or self.test.auc >= LEAST_AUC:
            return None
        return (
            f"risk does not tell who comes back: of {self.test.n_customers:,} customers known on {self.test.split}, "
            f"{self.test.n_bought:,} bought in the {self.test.days} days after it, and the model ranks them with an "
            f"AUC of {self.test.auc:.2f} (0.5 is chance, {LEAST_AUC} is asked for); churn risk, risk and cells of the "
            f"matrix are withheld"
        )

    @property
    def warnings(self) -> list[str]:
        """What a reader of churn risk should know, in whole sentences."""
        if self.withheld is not None:
            return [self.withheld]
        if self.test is None or self.test.brier <= self.test.brier_of_base_rate:
            return []
        test = self.test
        return [
            f"churn risk ranks customers, but its level is off: on the {test.days} days after {test.split} its Brier "
            f"score is {test.brier:.3f}, {test.brier_of_base_rate:.3f} that of one probability for all"
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"withheld": self.withheld}

    @classmethod
    def of_old_run(cls, record: dict[str, Any] | None, days: int) -> Self:
        """The risk of an old run, whose model ranks here, too; the record is as `to_dict` has it."""
        test = None if record is None or record["test"] is None else RiskTest(**record["test"])
        untested = record["untested"] if record is not None else "the old run did not test it"
        followed = None if record is None else record["followed_days"]
        return cls(horizon_days=days, chosen="thresholds", followed_days=followed, test=test, untested=untested)


def tested(risk: Risk, days: Days, n_customers: int, window: ObservedWindow, first_day: int, scoring: Scoring) -> Risk:
    """The risk with its test, where the log is long enough for one.

    The log is split one risk horizon before its end, and has to be two of them long. The model is refitted to what was
    known then, and ranks the customers known; `LEAST_OF_EACH` of them have to buy again in time, and as many not to.

    Parameters
    ----------
    days
        The days of so many customers.
    first_day
        The first day observed, since 1970.
    scoring
        How customers are scored, by one model.
    """
    span = day_number(window.as_of) - first_day + 1
    if span < 2 * risk.horizon_days:
        return replace(risk, untested=f"the log has {span:,} days, fewer than two risk horizons of {risk.horizon_days}")
    split = _Split.of(window, first_day, risk.horizon_days)
    past = _past(days, n_customers, split)
    n_bought = int(np.count_nonzero(past.has_bought))
    customers = f"{past.x.size:,} customers known on {split.day_of(split.last_known)}"
    if min(n_bought, past.x.size - n_bought) < LEAST_OF_EACH:
        why = f"of {customers}, {n_bought:,} bought in the {risk.horizon_days} days after it"
        return replace(risk, untested=f"{why}; {LEAST_OF_EACH} who did and as many who did not are needed")
    try:
        p = _p_purchase(past, split, scoring)
    except NotIdentifiedError as error:
        return replace(risk, untested=f"no purchase model of {customers}: {error}")
    has_answer = ~np.isnan(p)
    p, has_bought = p[has_answer], past.has_bought[has_answer]
    area = auc(p, has_bought)
    if area is None:
        return replace(risk, untested=f"no answer for {customers}")
    test = RiskTest(
        split=split.day_of(split.last_known),
        days=risk.horizon_days,
        n_customers=has_bought.size,
        n_bought=int(np.count_nonzero(has_bought)),
        auc=area,
        brier=brier(p, has_bought),
        brier_of_base_rate=brier_of_base_rate(has_bought),
    )
    return replace(risk, test=test)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """A log cut in two, in steps: days, or whole periods where time is counted in them, since 1970.

    of_day : int64[days], the step of each day from `first_day` on
    last_known, last : the last step of the past, and of the holdout
    per_unit : steps in one unit of model time
    """

    window: ObservedWindow
    first_day: int
    of_day: Int64
    last_known: int
    last: int
    per_unit: float

    @classmethod
    def of(cls, window: ObservedWindow, first_day: int, horizon_days: int) -> Self:
        as_of, period = day_number(window.as_of), window.period
        days = np.arange(first_day, as_of + 1, dtype=np.int64)
        if period is None:
            last, n_ahead, per_unit = as_of, horizon_days, window.days_per_unit
        else:
            named = pl.select(period_of(pl.lit(pl.Series(days, dtype=pl.Int32)), period)).to_series()
            days, last, per_unit = named.cast(pl.Int64).to_numpy(), last_complete(window.as_of, period), 1.0
            n_ahead = max(1, round(horizon_days / window.days_per_unit))
        return cls(
            window=window,
            first_day=first_day,
            of_day=days,
            last_known=last - n_ahead,
            last=last,
            per_unit=per_unit,
        )

    def day_of(self, step: int) -> str:
        """The last day of a step."""
        period = self.window.period
        return day_at(step if period is None else int(period_ends(np.array([step]), period)[0])).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """Histories of customers at the split, times in steps, and who of them bought after it: arrays [customers]."""

    x: Vector
    t_x: Vector
    T: Vector
    has_bought: NDArray[np.bool_]


def _past(days: Days, n_customers: int, split: _Split) -> _Past:
    """What was known at the split, and what came, of all customers, or of stretches of neighbours by id."""
    parts = []
    for start, end in _stretches(n_customers):
        entries = days.entries_between(start, end)[:, DayEntry.CUSTOMER_AND_DAY]
        entries = entries[entries & 1 == 1]
        customer, day = entries >> 32, (entries & 0xFFFFFFFF) >> 1
        step = split.of_day[day - split.first_day]
        is_new = np.ones(step.size, dtype=np.bool_)
        is_new[1:] = (customer[1:] != customer[:-1]) | (step[1:] != step[:-1])
        parts.append(_histories(customer[is_new] - start, step[is_new], end - start, split))
    return _Past(
        x=np.concatenate([part.x for part in parts]),
        t_x=np.concatenate([part.t_x for part in parts]),
        T=np.concatenate([part.T for part in parts]),
        has_bought=np.concatenate([part.has_bought for part in parts]),
    )


def _histories(customer: Int64, step: Int64, n: int, split: _Split) -> _Past:
    """Histories at the split of those of n customers who had bought by then, from their purchases in order."""
    is_past = step <= split.last_known
    n_before = np.bincount(customer[is_past], minlength=n)
    n_after = np.bincount(customer[~is_past & (step <= split.last)], minlength=n)
    ends = np.cumsum(n_before)
    has_past = n_before > 0
    before = step[is_past]
    first, last = before[ends[has_past] - n_before[has_past]], before[ends[has_past] - 1]
    x, t_x, T = (times.astype(np.float64) for times in (n_before[has_past] - 1, last - first, split.last_known - first))
    return _Past(x=x, t_x=t_x, T=T, has_bought=n_after[has_past] > 0)


def _stretches(n_customers: int) -> list[tuple[int, int]]:
    """Positions from start to end of all customers, or of many of `SAMPLE` in `STRETCHES` evenly spread.

    No stretch is long: the days of its customers are in memory together.
    """
    size = SAMPLE // STRETCHES
    if n_customers <= SAMPLE:
        return [(start, min(start + size, n_customers)) for start in range(0, n_customers, size)]
    starts = [n_customers * i // STRETCHES for i in range(STRETCHES)]
    return [(start, start + size) for start in starts]


def _p_purchase(past: _Past, split: _Split, scoring: Scoring) -> Vector:
    """Probability of a purchase in the holdout by the model as it would have been fitted at the split."""
    model = purchase_model(scoring.model)
    histories = collapsed(past.x, past.t_x, past.T).scaled(split.per_unit)
    fit = fit_counts(model, histories, unit=split.window.model_unit, l2=scoring.l2)
    x, t_x, T = past.x, past.t_x / split.per_unit, past.T / split.per_unit
    ahead = (split.last - split.last_known) / split.per_unit
    quiet = model.no_purchase_if_alive(ahead, x, T, *fit.values)
    p: Vector = model.p_alive(x, t_x, T, *fit.values) * (1.0 - quiet)
    return p
