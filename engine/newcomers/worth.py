r"""What a customer acquired today is expected to buy and to bring.

Of a group g of n customers the model is fitted to its histories and to those of all customers, these with a weight that
makes them `pool` customers together: a power prior (Ibrahim & Chen 2000, Statistical Science 15, 46-60). So a small
group is much like all, and a large one is itself. Means of first purchases, and the factor on what a repeat purchase is
worth, the mean of repeat customers' means in g over that of all, have `pool` customers like all others in them too.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.forecasts import STEP, dert_of_newcomer, nudged
from whalecurve.engine.models import Fit, Histories, collapsed, fit_counts, purchase_model, spend_model
from whalecurve.engine.money import UNITS
from whalecurve.engine.newcomers.basis import Basis
from whalecurve.engine.statistics import finite, normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers of a group: how many, how many of them came back, their histories, and means, None where unknown.

    first : of what the first purchase brought; mean : of the repeat customers' mean values
    """

    n: int
    n_repeat: int
    histories: Histories
    first: float | None
    mean: float | None

    @classmethod
    def of(cls, cells: pl.DataFrame, basis: Basis) -> "Group":
        """From the cells of a group."""
        x, t_x, T = (cells[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
        if basis.clock is not None:
            t_x, T = basis.clock.history(t_x, T)
        n, n_repeat = int(cells["n"].sum()), int(cells.filter(pl.col("frequency") > 0)["n"].sum())
        has_first = basis.window.period is None  # else values are of whole periods, and first ones not told apart
        return cls(
            n=n,
            n_repeat=n_repeat,
            histories=collapsed(x, t_x, T, cells["n"].cast(pl.Float64).to_numpy()),
            first=int(cells["first"].sum()) / UNITS / n if n and has_first else None,
            mean=int(cells["means"].sum()) / UNITS / n_repeat if n_repeat else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a customer acquired today is expected to do; money is None without a spend model.

    purchases, low, high : repeat purchases in the horizon, with the interval that the errors of parameters make
    discounted : the same discounted to now; dert : without a horizon, None where there is no bound
    first, repeat : value of the first purchase, and of a repeat purchase
    """

    purchases: float
    low: float | None
    high: float | None
    discounted: float
    dert: float | None
    first: float | None
    repeat: float | None

    def row(self) -> dict[str, float | None]:
        """The columns of a table, with what follows: CLV of repeat purchases, and with the first."""
        clv, endless = self._of_repeats(self.discounted), self._of_repeats(self.dert)
        return {
            "expected_purchases": self.purchases,
            "expected_purchases_low": self.low,
            "expected_purchases_high": self.high,
            "purchases_with_first": self.purchases + 1.0,
            "first_value": self.first,
            "repeat_value": self.repeat,
            "clv": clv,
            "clv_with_first": self._with_first(clv),
            "dert": self.dert,
            "clv_infinite": endless,
            "clv_infinite_with_first": self._with_first(endless),
        }

    def _of_repeats(self, purchases: float | None) -> float | None:
        return None if purchases is None or self.repeat is None else purchases * self.repeat

    def _with_first(self, clv: float | None) -> float | None:
        return None if clv is None or self.first is None else clv + self.first


def worth_of_all(group: Group, basis: Basis, level: float) -> Worth:
    """A newcomer like all customers, by the models of the result as they are."""
    repeat = None
    if basis.spend is not None:
        repeat = float(spend_model(basis.spend.model).expected_value(0.0, 0.0, *basis.spend.values))
    return _worth(basis.purchases, basis, level, first=group.first, repeat=repeat)


def worth_of_group(group: Group, every: Group, of_all: Worth, basis: Basis, pool: int, level: float) -> Worth | str:
    """A newcomer like the customers of a group, pooled with all; or why there is none."""
    mine, others = group.histories, every.histories
    x, t_x, T = (np.concatenate([getattr(mine, name), getattr(others, name)]) for name in ("x", "t_x", "T"))
    counts = np.concatenate([mine.counts, others.counts * (pool / every.n)])
    histories = collapsed(x, t_x, T, counts)
    model = purchase_model(basis.purchases.model)
    try:
        fit = fit_counts(model, histories, unit=basis.purchases.unit, l2=basis.scoring.l2, stages=basis.stages)
    except NotIdentifiedError as error:
        return str(error)
    first = _pooled(group.first, group.n, every.first, pool)
    mean = _pooled(group.mean, group.n_repeat, every.mean, pool)
    repeat = of_all.repeat
    if repeat is not None and mean is not None and every.mean:
        repeat *= mean / every.mean
    return _worth(fit, basis, level, first=first, repeat=repeat)


def _pooled(own: float | None, n: int, of_all: float | None, pool: int) -> float | None:
    if own is None or of_all is None:
        return of_all
    return (n * own + pool * of_all) / (n + pool)


def _worth(fit: Fit, basis: Basis, level: float, *, first: float | None, repeat: float | None) -> Worth:
    until = purchase_model(fit.model).expected_purchases(basis.steps.ends, *fit.values)
    dert = dert_of_newcomer(fit, basis.rate)
    low, high = _interval(fit, basis, float(until[-1]), level)
    return Worth(
        purchases=float(until[-1]),
        low=low,
        high=high,
        discounted=float(np.diff(until, prepend=0.0) @ basis.steps.discounts),
        dert=finite(dert),
        first=first,
        repeat=repeat,
    )


def _interval(fit: Fit, basis: Basis, purchases: float, level: float) -> tuple[float | None, float | None]:
    """By the delta method on log parameters, symmetric in the log; None without standard errors."""
    if fit.covariance is None or not purchases > 0.0:
        return None, None
    end, expected = float(basis.steps.ends[-1]), purchase_model(fit.model).expected_purchases
    moved = (
        float(expected(end, *ahead.values) - expected(end, *behind.values)) / (2.0 * STEP)
        for ahead, behind in nudged(fit, STEP)
    )
    error = float(np.sqrt(sum(one**2 for one in moved)))
    if not np.isfinite(error):
        return None, None
    factor = float(np.exp(normal_quantile(0.5 + level / 2.0) * error / purchases))
    return purchases / factor, purchases * factor
