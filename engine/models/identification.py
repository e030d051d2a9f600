"""How far histories tell the rates of a purchase model: bounds by profile likelihood, and what is flat.

With few repeat customers the likelihood of a model may have a ridge: the same histories come about if nobody leaves,
and if nearly everybody leaves after the first repeat purchase. Parameters and their standard errors at the point where
a search ends say nothing then. What does is the likelihood of a rate, a/(a+b) for one, with everything else at its
best for that rate: rates whose log-likelihood is within 1.92 of the greatest are the 95 % interval (Wilks 1938; Venzon
& Moolgavkar 1988, Applied Statistics 37(1), 87-94), which may end on one side only, or nowhere.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from whalecurve.engine.models.optimum import Likelihood, Optimum, maximise
from whalecurve.kernels.arrays import Matrix, Vector

DROP = 1.9207294
"""Half of the 95 % point of chi-squared with one degree of freedom."""
FARTHEST = math.log(1e6)
"""Size of a rate beyond which a bound is none."""
FIRST_STEP, LONGEST_STEP = 0.5, 4.0
"""Steps outwards in the size of a rate: each is twice the one before."""
CLOSER = 6
"""Points at most by which a bound is closed in on."""
INSIDE = 0.05
"""Part of the bracket that a point by a straight line keeps away from either end: else one end would stay for ever."""
NEAR = 0.01
"""A point so near in log-likelihood to `DROP` is a bound."""
CLIMBS = 3
"""Times that both bounds are looked for, from a higher top each."""
TOLERANCE = 1e-6
"""Slope at which a climb along a ridge ends."""
FLAT = 1e-6
"""Curvature by log parameters that is none: a standard error of a thousand in logs."""
AGAIN = 0.01
"""A point so much higher than the one that the search ended at takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What parameters say together, where none of them may mean anything alone; time is counted in the mean age.

    formula : with the mean age, in the unit of the data, where it says {age}
    words : what it counts
    is_share : whether it is a share of 0 .. 1, its size s then being log(s / (1 - s)); else the size is its log
    is_per_time : whether it counts in a unit of time
    taken : position of the parameter that follows from the rate and the others
    size_of : parameters -> size
    place : size, the other parameters -> all of them, float64[params, others] their derivatives by the others, and
        float64[others, others] the second ones of the parameter that is taken
    """

    formula: str
    words: str
    is_share: bool
    is_per_time: bool
    taken: int
    size_of: Callable[[Vector], float]
    place: Callable[[float, Vector], tuple[Vector, Matrix, Matrix]]

    def of(self, size: float, age: float) -> float:
        """The rate in the unit of the data; a size without bound is one of 0, infinity or, of a share, 1."""
        if self.is_share:
            return 1.0 / (1.0 + math.exp(-size)) if size > -FARTHEST - 1.0 else 0.0
        return math.exp(size) / (age if self.is_per_time else 1.0)

    def told(self, value: float, low: float, high: float, age: float) -> str:
        """The rate with its bounds, in words: at an end of what it can be there is none."""
        shown = f"{self.words}, {self.formula.format(age=f'{age:.4g}')}"
        is_open = high == (1.0 if self.is_share else math.inf)
        if low == 0.0 and is_open:
            return f"{shown} = anything{' from 0% to 100%' if self.is_share else ''}"
        if low == 0.0:
            return f"{shown} = at most {self._shown(high)}"
        if is_open:
            return f"{shown} = at least {self._shown(low)}"
        return f"{shown} = {self._shown(value)} ({self._shown(low)} to {self._shown(high)})"

    def _shown(self, value: float) -> str:
        return f"{100.0 * value:.3g}%" if self.is_share else f"{value:.4g}"


def ratio(formula: str, words: str, over: tuple[int, int], *, is_share: bool, is_per_time: bool = False) -> Rate:
    """The rate a/(a+b), or a/b, of the parameters at two positions."""
    numerator, denominator = over

    def place(size: float, free: Vector) -> tuple[Vector, Matrix, Matrix]:
        by_free: Matrix = np.delete(np.eye(free.size + 1), numerator, axis=1)
        by_free[numerator] = math.exp(size) * by_free[denominator]
        return by_free @ free, by_free, np.zeros((free.size, free.size))

    return Rate(
        formula=formula,
        words=words,
        is_share=is_share,
        is_per_time=is_per_time,
        taken=numerator,
        size_of=lambda params: math.log(params[numerator] / params[denominator]),
        place=place,
    )


def leaving(formula: str, words: str, shape: int, rate: int) -> Rate:
    """The share 1 - (rate / (rate + 1))^shape that leaves in a unit of time, of gamma dropout rates."""

    def size_of(params: Vector) -> float:
        exponent = params[shape] * math.log1p(1.0 / params[rate])
        return math.log(math.expm1(exponent)) if exponent < FARTHEST else float(exponent)

    def place(size: float, free: Vector) -> tuple[Vector, Matrix, Matrix]:
        params = np.insert(free, shape, 0.0)
        beta = params[rate]
        exponent, per_shape = math.log1p(math.exp(size)), math.log1p(1.0 / beta)
        slope = -1.0 / (beta * (beta + 1.0))
        params[shape] = exponent / per_shape
        by_free: Matrix = np.delete(np.eye(params.size), shape, axis=1)
        at = rate - 1 if rate > shape else rate
        by_free[shape, at] = -exponent * slope / per_shape**2
        second = np.zeros((free.size, free.size))
        curved = (2.0 * beta + 1.0) * slope**2
        second[at, at] = exponent * (2.0 * slope**2 / per_shape**3 - curved / per_shape**2)
        return params, by_free, second

    return Rate(
        formula=formula,
        words=words,
        is_share=True,
        is_per_time=False,
        taken=shape,
        size_of=size_of,
        place=place,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Sizes of a rate at the ends of its interval; infinite where the likelihood sets none."""

    low: float
    high: float


def bounds_of(likelihood: Likelihood, rate: Rate, tops: tuple[Vector, Vector], n: float) -> Bounds:
    """The interval of a rate, from near the greatest likelihood outwards.

    Parameters
    ----------
    likelihood
        Of the parameters themselves.
    tops
        Where the likelihood is greatest, as far as is known, and a point inside, from which every climb starts anew:
        where a parameter has run to its limit there is no slope that would lead back.
    n
        Customers.
    """
    inner = np.delete(tops[1], rate.taken)

    def best_at(size: float, *starts: Vector) -> Optimum:
        def within(free: Vector) -> tuple[float, Vector, Matrix]:
            params, by_free, second = rate.place(size, free)
            value, gradient, hessian = likelihood(params)
            curvature = by_free.T @ hessian @ by_free + gradient[rate.taken] * second
            return value, by_free.T @ gradient, curvature

        return maximise(within, [tuple(start) for start in starts], n, tolerance=TOLERANCE)

    tried = [
        (size, best_at(size, np.delete(top, rate.taken)))
        for top in tops
        for size in (min(max(rate.size_of(top), -FARTHEST), FARTHEST),)
    ]
    low = high = 0.0
    for _ in range(CLIMBS):
        start = max(tried, key=_height)
        (low, below), (high, above) = (_end(best_at, start, inner, sign) for sign in (-1.0, 1.0))
        tried += below + above
        if _height(max(tried, key=_height)) <= _height(start) + AGAIN:
            break
    return Bounds(low=low, high=high)


Point = tuple[float, Optimum]
"""A size, and the best parameters for it."""
Best = Callable[..., Optimum]
"""A size and points to start from -> the best parameters for it."""


def _height(point: Point) -> float:
    return point[1].log_likelihood


def _end(best_at: Best, start: Point, inner: Vector, sign: float) -> tuple[float, list[Point]]:
    """Where the likelihood has dropped, going outwards, infinite if nowhere, and the points on the way."""
    enough = _height(start) - DROP
    inside, step, tried = start, FIRST_STEP, []
    while sign * inside[0] < FARTHEST:
        at = sign * min(sign * inside[0] + step, FARTHEST)
        further = at, best_at(at, inside[1].params, inner)
        tried.append(further)
        if _height(further) < enough:
            return _crossing(best_at, inside, further, inner, enough), tried
        inside, step = further, min(2.0 * step, LONGEST_STEP)
    return sign * math.inf, tried


def _crossing(best_at: Best, inside: Point, outside: Point, inner: Vector, enough: float) -> float:
    """The size at which the likelihood passes a height: by halving, and by straight lines where they do better."""
    at = inside[0]
    for i in range(CLOSER):
        above, below = _height(inside) - enough, enough - _height(outside)
        share = above / (above + below) if i % 2 else 0.5
        at = inside[0] + min(max(share, INSIDE), 1.0 - INSIDE) * (outside[0] - inside[0])
        middle = at, best_at(at, inside[1].params, inner)
        if abs(_height(middle) - enough) < NEAR:
            break
        if _height(middle) < enough:
            outside = middle
        else:
            inside = middle
    return at


def partial_errors(hessian: Matrix, pairs: Iterable[tuple[int, int]]) -> dict[int, float]:
    """Standard errors of log parameters of which others are not told: by position, those that the Hessian gives.

    Of either pair of parameters, the curvature that is left once the other pair is at its best for them; along
    directions of the other pair without curvature, it is as it stands.
    """
    errors: dict[int, float] = {}
    information = -hessian
    for pair in pairs:
        kept = list(pair)
        other = [i for i in range(information.shape[0]) if i not in kept]
        left = information[np.ix_(kept, kept)]
        inner, across = information[np.ix_(other, other)], information[np.ix_(kept, other)]
        if not (np.isfinite(information).all() and inner.size):
            continue
        curvatures, directions = np.linalg.eigh(inner)
        told = curvatures > FLAT * max(float(curvatures[-1]), 1.0)
        moved = across @ directions[:, told]
        left = left - (moved / curvatures[told]) @ moved.T
        if np.linalg.eigvalsh(left)[0] > FLAT:
            errors |= dict(zip(kept, np.sqrt(np.diag(np.linalg.inv(left))).tolist(), strict=True))
    return errors
