"""CLV of all customers now and in a changed future, by segment, with how far the parameters let it vary."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.forecasts import STEP, Schedule, nudged
from whalecurve.engine.models import HISTORY, Fit, history_arrays, purchase_model, spend_model
from whalecurve.engine.money import UNITS
from whalecurve.engine.scenarios.basis import Basis
from whalecurve.engine.scenarios.changed_rates import NONE, Change
from whalecurve.engine.scenarios.pairs import Pairs, Table, tabulated
from whalecurve.engine.scenarios.sums import ALL, SegmentSums
from whalecurve.engine.segments import LABELS
from whalecurve.kernels.arrays import Vector

ROWS = 262_144
"""Customers that are evaluated together."""

COHORT, IN_COHORT = "cohort", "last"
PLAIN = ("now", "then", "purchases_now", "purchases_then", "value", "known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """What is supposed: factors on the rates and on the value of a purchase, the months that CLV is summed over.

    steps : None for those of the result
    """

    change: Change
    value: float
    steps: Schedule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """Tables of what active customers do now and then, by one set of parameters."""

    fit: Fit
    now: Table
    then: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgedWorth:
    """What customers come to at parameters beside those of the models.

    purchases : the purchase model there
    worth : float64[pairs], sums of P(alive) times the expected value of a purchase, of the customers who change
    """

    purchases: Fit
    worth: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Sums by segment, and how to read bounds from them.

    n_purchase, n_spend : pairs of nudged parameters of each model; 0 where it has no standard errors
    nudged : by nudged parameters, each direction ahead and behind, those of the purchase model first; None where it was
        not asked for, or there are no errors
    """

    sums: SegmentSums
    n_purchase: int
    n_spend: int
    has_errors: bool
    nudged: list[NudgedWorth] | None = None

    def of(self, scheme: str, segment: str | None) -> dict[str, Any]:
        """CLV now and then of a segment, their difference, and the standard error of each, None without errors."""
        return self.told(*self.sums.of(scheme, segment))

    def told(self, n: int, sums: dict[str, float]) -> dict[str, Any]:
        """The same of n customers with these sums."""
        told: dict[str, Any] = {"customers": n} | {name: sums[name] for name in PLAIN}
        told["difference"] = told["then"] - told["now"]
        for name, sides in (("now", (1, 0)), ("then", (0, 1)), ("difference", (-1, 1))):
            told[f"{name}_error"] = self._error(sums, *sides) if self.has_errors else None
        return told

    def error_by(self, model: str) -> float | None:
        """The standard error of the CLV of all now that the parameters of one model make: "purchases" or "spend"."""
        return self._error(self.sums.of(ALL, None)[1], 1, 0, (model,)) if self.has_errors else None

    def _error(
        self, sums: dict[str, float], now: int, then: int, models: Sequence[str] = ("purchases", "spend")
    ) -> float:
        """By the delta method: the squared derivatives along independent directions of one standard error add up."""
        variance = 0.0
        for model in models:
            for j in range(self.n_purchase if model == "purchases" else self.n_spend):
                ahead, behind = (
                    now * sums[f"now:{model}:{j}:{side}"] + then * sums[f"then:{model}:{j}:{side}"]
                    for side in ("ahead", "behind")
                )
                variance += ((ahead - behind) / (2.0 * STEP)) ** 2
        return math.sqrt(variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How customers are evaluated, batch by batch.

    moves : who changes, a condition on customers
    unbounded : fills with the models that have no mean, for some customer, at parameters beside theirs
    worths : int64[nudges, pairs], fills with `NudgedWorth.worth` in millionths; without rows it is not wanted
    """

    basis: Basis
    pairs: Pairs
    future: Future
    moves: pl.Expr
    views: list[_View]
    spends: list[Fit]
    cohort: tuple[date, date]
    worths: NDArray[np.int64]
    names: list[str] = field(default_factory=list)
    unbounded: set[str] = field(default_factory=set)

    def run(self) -> SegmentSums:
        """Read all customers and sum them up."""
        basis = self.basis
        columns = [*HISTORY, "monetary_value", "p_alive", "expected_purchases", "expected_value", "clv", "value"]
        query = basis.result.take(*columns, "first_purchase", *(LABELS[scheme] for scheme in basis.schemes))
        query = query.with_columns(
            _moves=self.moves,
            **{COHORT: pl.when(pl.col("first_purchase").is_between(*self.cohort)).then(pl.lit(IN_COHORT))},
        ).rename({LABELS[scheme]: scheme for scheme in basis.schemes if LABELS[scheme] != scheme})
        sums = SegmentSums(basis.schemes | {COHORT: [IN_COHORT]}, self.names)
        for batch in query.collect_batches(chunk_size=ROWS, maintain_order=True, engine="streaming"):
            if batch.height:
                sums.add(batch, self._numbers(batch))
        return sums

    def _numbers(self, batch: pl.DataFrame) -> Iterator[Vector]:
        """What is summed, in the order of `names`; 0 for customers without a purchase."""
        bought = batch["frequency"].is_not_null().to_numpy()
        buyers = batch.filter(bought)
        x, t_x, T = history_arrays(buyers)
        at, moves = self.pairs.find(x, T), buyers["_moves"].to_numpy()
        clock = self.basis.clock
        history = (t_x, T) if clock is None else clock.history(t_x, T)
        value = np.nan_to_num(_column(buyers, "expected_value"))
        alive, factor = _column(buyers, "p_alive"), np.where(moves, self.future.value, 1.0)
        first = self.views[0]

        def told(numbers: Vector) -> Vector:
            whole = np.zeros(batch.height)
            whole[bought] = numbers
            return whole

        def then_of(now: Vector, then: Vector) -> Vector:
            return told(np.where(moves, then, now))

        clv = np.nan_to_num(_column(buyers, "clv"))
        yield told(clv)
        yield then_of(clv, alive * first.then.discounted[at] * value * factor)
        purchases = np.nan_to_num(_column(buyers, "expected_purchases"))
        yield told(purchases)
        yield then_of(purchases, alive * first.then.purchases[at])
        yield np.nan_to_num(_column(batch, "value"))
        yield batch["clv"].is_not_null().cast(pl.Float64).to_numpy()
        for nudge, view in enumerate(self.views[1:]):
            p = self._known(purchase_model(view.fit.model).p_alive(x, *history, *view.fit.values), view.fit)
            self._add_worth(nudge, at, moves, p * value)
            now = p * view.now.discounted[at] * value
            yield told(now)
            yield then_of(now, p * view.then.discounted[at] * value * factor)
        m = _column(buyers, "monetary_value")
        for nudge, spend in enumerate(self.spends, len(self.views) - 1):
            own = self._known(spend_model(spend.model).expected_value(x, m, *spend.values), spend)
            self._add_worth(nudge, at, moves, alive * own)
            now = alive * first.now.discounted[at] * own
            yield told(now)
            yield then_of(now, alive * first.then.discounted[at] * own * factor)

    def _add_worth(self, nudge: int, at: NDArray[np.int64], moves: NDArray[np.bool_], worth: Vector) -> None:
        if nudge < self.worths.shape[0]:
            np.add.at(self.worths[nudge], at[moves], np.rint(worth[moves] * UNITS).astype(np.int64))

    def _known(self, numbers: Vector, fit: Fit) -> Vector:
        """Numbers of a fit, 0 for NaN, which is noted: a sum over the others would be an error too small."""
        is_unknown = np.isnan(numbers)
        if is_unknown.any():
            self.unbounded.add(fit.model)
        return np.where(is_unknown, 0.0, numbers)


def evaluated(basis: Basis, pairs: Pairs, future: Future, moves: pl.Expr, *, keeps_worth: bool = False) -> Evaluated:
    """Evaluate all customers of a result now and in a future; `keeps_worth` of each pair, for break-evens.

    The parameters are nudged along independent directions by a part of a standard error, ahead and behind; P(alive) of
    today goes with them, as it is only known by them.
    """
    now = basis.steps()
    of_purchases = _nudges(basis.purchases, {})
    of_spend = _nudges(basis.spend, spend_model(basis.spend.model).own_scale)
    names = [*PLAIN]
    for model, n in (("purchases", len(of_purchases)), ("spend", len(of_spend))):
        names += [f"{when}:{model}:{j // 2}:{_side(j)}" for j in range(n) for when in ("now", "then")]
    n_kept = len(of_purchases) + len(of_spend) if keeps_worth else 0
    evaluation = Evaluation(
        basis=basis,
        pairs=pairs,
        future=future,
        moves=moves,
        views=[_view(fit, pairs, now, future) for fit in (basis.purchases, *of_purchases)],
        spends=of_spend,
        cohort=last_month(basis.result.as_of),
        worths=np.zeros((n_kept, pairs.x.size), np.int64),
        names=names,
    )
    sums = evaluation.run()
    has_errors = bool(of_purchases and of_spend and not evaluation.unbounded)
    models = [*of_purchases, *(basis.purchases for _ in of_spend)]
    return Evaluated(
        sums=sums,
        n_purchase=len(of_purchases) // 2,
        n_spend=len(of_spend) // 2,
        has_errors=has_errors,
        nudged=[
            NudgedWorth(purchases=fit, worth=worth / UNITS)
            for fit, worth in zip(models, evaluation.worths, strict=True)
        ]
        if n_kept and has_errors
        else None,
    )


def last_month(as_of: date) -> tuple[date, date]:
    """First and last day of the last calendar month that was observed to its end."""
    after = as_of + timedelta(days=1)
    end = after.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def acquired(found: Evaluated, future: Future, n: int, cohort: tuple[date, date]) -> dict[str, float]:
    """Sums of n new customers who are like those of a month: their first purchases, and CLV from then on.

    Raises
    ------
    InputError
        Nobody bought for the first time in that month.
    """
    size, sums = found.sums.of(COHORT, IN_COHORT)
    if size == 0:
        raise InputError(
            f"{setting('acquire', n)}: nobody bought for the first time from {cohort[0]} to {cohort[1]}, the last "
            f"whole month, so new customers are like nobody; leave it out"
        )
    first = sums["value"] * future.value
    return {
        name: 0.0 if _is_now(name) else n / size * (total + (first if name.startswith("then") else 0.0))
        for name, total in sums.items()
    }


def _is_now(name: str) -> bool:
    return name.startswith("now") or name == "purchases_now"


def _view(fit: Fit, pairs: Pairs, steps: Schedule, future: Future) -> _View:
    now = tabulated(fit, pairs, NONE, steps)
    is_same = future.change == NONE and future.steps is None
    then = now if is_same else tabulated(fit, pairs, future.change, future.steps or steps)
    return _View(fit=fit, now=now, then=then)


def _nudges(fit: Fit, own_scale: Any) -> list[Fit]:  # noqa: ANN401 - bounds by parameter
    return [] if fit.covariance is None else [one for pair in nudged(fit, STEP, own_scale) for one in pair]


def _side(j: int) -> str:
    return "behind" if j % 2 else "ahead"


def _column(rows: pl.DataFrame, name: str) -> Vector:
    return rows[name].cast(pl.Float64).to_numpy()
