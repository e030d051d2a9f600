"""Active customers by repeat purchases and age: what one is expected to do depends on these two alone.

So a changed future is worked out once for each pair, and a total over all customers is a sum over the pairs.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.forecasts import Schedule
from whalecurve.engine.models import Fit
from whalecurve.engine.money import UNITS
from whalecurve.engine.publication import Result
from whalecurve.engine.scenarios.changed_rates import Change, purchases_if_active, rates_of
from whalecurve.engine.seasons import Clock
from whalecurve.kernels.arrays import Vector

ALIVE_UNITS = 10**9
"""Steps of P(alive) in exact sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The different pairs of customers with a purchase, in ascending order, and what they come to.

    x, T : float64[pairs], repeat purchases and age in model units, by the calendar
    age : float64[pairs], age as the purchase model counts it: in operational time where it follows a season
    codes : int64[pairs], ascending, see `code`
    n_ages, ages : how pairs are numbered
    alive, worth : float64[pairs], sums over the customers who change: of P(alive), and of P(alive) times the expected
        value of a purchase; summed exactly, so that the order of customers does not matter
    n : how many customers change, those without a purchase too
    """

    x: Vector
    T: Vector
    age: Vector
    codes: NDArray[np.int64]
    ages: Vector
    alive: Vector
    worth: Vector
    n: int

    def find(self, x: Vector, T: Vector) -> NDArray[np.int64]:
        """Where the pairs of customers are among these."""
        return np.searchsorted(self.codes, code(x, T, self.ages))

    def value(self, fit: Fit, change: Change, steps: Schedule) -> float:
        """CLV of all who change, in a future."""
        return math.fsum(self.worth * tabulated(fit, self, change, steps).discounted)

    def retention(self, fit: Fit, change: Change, t: float) -> float:
        """The share of today's active customers who are still active t from now."""
        still = rates_of(fit, self.x, self.age).changed(change).still_active(t)
        return math.fsum(self.alive * still) / math.fsum(self.alive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Purchases of an active customer in the horizon, and the same discounted to now: float64[pairs] each."""

    purchases: Vector
    discounted: Vector


def code(x: Vector, T: Vector, ages: Vector) -> NDArray[np.int64]:
    """The numbers of pairs: by x, then by T."""
    return x.astype(np.int64) * ages.size + np.searchsorted(ages, T)


def pairs_of(result: Result, moves: pl.Expr, clock: Clock | None = None) -> Pairs:
    """Read the customers of a result once, and add them up by pair; `moves` says who changes."""
    worth = pl.col("p_alive") * pl.col("expected_value").fill_null(0.0)
    found = (
        result.take("frequency", "T", "p_alive", "expected_value", *moves.meta.root_names())
        .with_columns(moves=moves)
        .group_by("frequency", "T")
        .agg(
            n=pl.col("moves").sum(),
            alive=(pl.col("p_alive") * ALIVE_UNITS).round().cast(pl.Int128).filter("moves").sum(),
            worth=(worth * UNITS).round().cast(pl.Int128).filter("moves").sum(),
        )
        .collect(engine="streaming")
    )
    bought = found.drop_nulls("frequency").sort("frequency", "T")
    x, T = (bought[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T"))
    ages = np.unique(T)
    return Pairs(
        x=x,
        T=T,
        age=T if clock is None else clock.ages(T),
        codes=code(x, T, ages),
        ages=ages,
        alive=_divided(bought["alive"], ALIVE_UNITS),
        worth=_divided(bought["worth"], UNITS),
        n=int(found["n"].sum()),
    )


def _divided(wholes: pl.Series, units: int) -> Vector:
    return np.array([whole / units for whole in wholes.to_list()], dtype=np.float64)


def tabulated(fit: Fit, pairs: Pairs, change: Change, steps: Schedule) -> Table:
    """Sum up the months of a horizon for each pair, as `forecasts.table_if_active` does."""

    def until(end: float) -> Vector:
        return purchases_if_active(fit, pairs.x, pairs.age, change, end)

    until(float(steps.ends[0]))  # compiled here, once, before threads ask for it
    with ThreadPoolExecutor(max_workers=pl.thread_pool_size()) as pool:  # ufuncs let go of the interpreter
        upto = list(pool.map(until, steps.ends))
    discounted, before = np.zeros_like(pairs.x), np.zeros_like(pairs.x)
    for purchases, discount in zip(upto, steps.discounts, strict=True):
        discounted += (purchases - before) * discount
        before = purchases
    return Table(purchases=before, discounted=discounted)
