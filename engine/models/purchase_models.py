"""The purchase models by name: parameters, kernels, likelihood, starting points."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.models.histories import Histories
from whalecurve.engine.models.identification import Rate, leaving, ratio
from whalecurve.engine.models.optimum import Likelihood, derivatives_of
from whalecurve.kernels import bgbb, bgcnbd, bgnbd, mbgcnbd, mbgnbd, pnbd
from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.likelihoods import beta_geometric_likelihood, bgbb_likelihood, cnbd_likelihood, pnbd_likelihood

Kernel = Callable[..., Any]
Times = Vector | float


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseModel:
    """A buy-till-you-die model.

    Given that a customer is alive, what it expects depends on (x, T) only, so `conditional = p_alive * if_alive`:
    callers tabulate the second factor over the distinct (x, T). In a model with stages it depends on t_x, too.

    p_alive : ufunc (x, t_x, T, *params)
    expected_if_alive, no_purchase_if_alive : ufunc (t, x, T, *params); with stages (t, x, t_x, T, *params). Callers go
        by `ahead_if_alive` and `quiet_if_alive`, which take t_x for either
    expected_purchases : ufunc (t, *params); pmf : ufunc (n, t, *params)
    likelihood : histories -> function of the parameters
    starts : histories -> points to climb from
    time_params : the parameters that carry the unit of time; none where time is counted in opportunities
    at_stages : the model of a number of stages k that is given, with the other parameters alone; None without stages
    """

    name: str
    title: str
    source: str
    params: tuple[str, ...]
    time_params: tuple[str, ...]
    p_alive: Kernel
    expected_if_alive: Kernel
    no_purchase_if_alive: Kernel
    expected_purchases: Kernel
    pmf: Kernel
    likelihood: Callable[[Histories], Likelihood]
    starts: Callable[[Histories], list[tuple[float, ...]]]
    rates: tuple[Rate, Rate]
    """Of purchases and, a share, of dropout: what a fit with two parameters at their limits still says."""
    at_stages: "Callable[[int], PurchaseModel] | None" = None

    @property
    def is_discrete(self) -> bool:
        """Whether time is counted in opportunities."""
        return not self.time_params

    @property
    def has_stages(self) -> bool:
        """Whether gaps between purchases have stages: the time since the last one then tells when the next is due."""
        return self.at_stages is not None

    def ahead_if_alive(self, t: Times, x: Times, t_x: Times, T: Times, *params: Times) -> Vector:
        """Mean purchases in (T, T + t] of customers who are alive at T."""
        history = (x, t_x, T) if self.has_stages else (x, T)
        return np.asarray(self.expected_if_alive(t, *history, *params), dtype=np.float64)

    def quiet_if_alive(self, t: Times, x: Times, t_x: Times, T: Times, *params: Times) -> Vector:
        """P(no purchase in (T, T + t]) of customers who are alive at T."""
        history = (x, t_x, T) if self.has_stages else (x, T)
        return np.asarray(self.no_purchase_if_alive(t, *history, *params), dtype=np.float64)


def purchase_model(name: str) -> PurchaseModel:
    """The model of that name.

    Raises
    ------
    InputError
        No such model.
    """
    if name not in MODELS:
        raise InputError(f'{setting("model")} "{name}" is unknown; choose one of {", ".join(MODELS)}, and auto')
    return MODELS[name]


def _beta_geometric(extra: int) -> Callable[[Histories], Likelihood]:
    """The likelihood of BG/NBD (extra = 0) or MBG/NBD (1: a customer may leave after the first purchase too)."""

    def of_histories(histories: Histories) -> Likelihood:
        n_above, n = histories.n_above(), histories.n
        n_chances = np.concatenate([np.full(extra, n), n_above])
        coded = histories.coded

        def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
            r, alpha, a, b = (float(p) for p in params)
            h, kernels = histories, beta_geometric_likelihood
            if coded is None:
                sums = kernels.history_sums(h.x, h.t_x, h.T, h.counts, r, alpha, a, b, float(extra))
            else:
                sums = kernels.coded_sums(h.x, *coded.codes, h.counts, coded.times, r, alpha, a, b, float(extra))
            sums = sums + beta_geometric_likelihood.count_sums(n_above, n_chances, n, r, alpha, a, b)
            return derivatives_of(sums, 4)

        return likelihood

    return of_histories


def _with_stages(extra: int, k: int) -> Callable[[Histories], Likelihood]:
    """The likelihood of (M)BG/CNBD-k by r, alpha, a and b, k being given; what gaps say of k is in it as a constant.

    Where nothing is known of the gaps that constant is left out: likelihoods of different k cannot be compared then.
    """

    def of_histories(histories: Histories) -> Likelihood:
        n_above, n = histories.n_above(), histories.n
        n_chances = np.concatenate([np.full(extra, n), n_above])
        stages_above = np.repeat(n_above, k)
        coded, rhythm = histories.coded, 0.0
        if histories.log_gaps is not None:
            rhythm = (k - 1.0) * histories.log_gaps - histories.n_repeats * math.lgamma(k)

        def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
            r, alpha, a, b = (float(p) for p in params)
            h, last, kernels = histories, (float(k), r, alpha, a, b, float(extra)), cnbd_likelihood
            if coded is None:
                sums = kernels.history_sums(h.x, h.t_x, h.T, h.counts, *last)
            else:
                sums = kernels.coded_sums(h.x, *coded.codes, h.counts, coded.times, *last)
            sums = sums + beta_geometric_likelihood.count_sums(stages_above, n_chances, n, r, alpha, a, b)
            value, gradient, hessian = derivatives_of(sums, 4)
            return value + rhythm, gradient, hessian

        return likelihood

    return of_histories


def _pareto(histories: Histories) -> Likelihood:
    n_above = histories.n_above()

    def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
        r, alpha, s, beta = (float(p) for p in params)
        h = histories
        sums = pnbd_likelihood.history_sums(h.x, h.t_x, h.T, h.counts, r, alpha, s, beta)
        sums = sums + pnbd_likelihood.count_sums(n_above, r)
        return derivatives_of(sums, 4)

    return likelihood


def _beta_binomial(histories: Histories) -> Likelihood:
    def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
        h = histories
        sums = bgbb_likelihood.history_sums(h.x, h.t_x, h.T, h.counts, *(float(p) for p in params))
        return derivatives_of(sums, 4)

    return likelihood


def _beta_geometric_starts(histories: Histories) -> list[tuple[float, ...]]:
    """Around the mean rate of repeat purchases, with more or less spread among customers and more or less dropout."""
    rate = histories.n_repeats / histories.total_age
    spreads = ((0.5, 0.8, 2.5), (0.25, 0.5, 1.0), (1.5, 0.3, 6.0), (4.0, 1.0, 10.0))
    return [(r, r / (2.0 * rate), a, b) for r, a, b in spreads]


def _pareto_starts(histories: Histories) -> list[tuple[float, ...]]:
    """Around the mean rate of repeat purchases, with lifetimes from a third of the mean age to ten times it."""
    rate = histories.n_repeats / histories.total_age
    spreads = ((0.5, 0.5, 0.3), (1.0, 1.0, 1.0), (0.3, 2.0, 3.0), (3.0, 1.0, 10.0))
    return [(r, r / (2.0 * rate), s, lifetime * histories.mean_age) for r, s, lifetime in spreads]


def _beta_binomial_starts(histories: Histories) -> list[tuple[float, ...]]:
    """Around the mean share of opportunities taken, with more or less dropout."""
    share = min(max(histories.n_repeats / histories.total_age, 0.01), 0.9)
    spreads = ((1.0, 1.0, 3.0), (0.5, 0.5, 5.0), (2.0, 0.5, 1.0), (4.0, 1.0, 10.0))
    return [(size * min(1.5 * share, 0.9), size * (1.0 - min(1.5 * share, 0.9)), g, d) for size, g, d in spreads]


_PURCHASES = ratio("r/alpha", "purchases per unit of time", (0, 1), is_share=False, is_per_time=True)
_STAGES = ratio("r/alpha", "stages of gaps passed per unit of time", (0, 1), is_share=False, is_per_time=True)
_DROPOUT = ratio("a/(a+b)", "dropout per purchase", (2, 3), is_share=True)
_DROPOUT_IN_TIME = leaving("1-(beta/(beta+{age}))^s", "dropout within the mean age", 2, 3)
_PURCHASE_SHARE = ratio("alpha/(alpha+beta)", "purchases per opportunity", (0, 1), is_share=True)
_DROPOUT_SHARE = ratio("gamma/(gamma+delta)", "dropout per opportunity", (2, 3), is_share=True)


def _at_stages(name: str, without: str, extra: int) -> Callable[[int], PurchaseModel]:
    """The model of k stages: that without stages for k = 1, whose numbers it has to the last digit."""

    def of(k: int) -> PurchaseModel:
        base = replace(MODELS[name], params=MODELS[without].params, at_stages=None)
        if k == 1:
            return replace(base, likelihood=MODELS[without].likelihood, starts=MODELS[without].starts)
        return replace(
            base,
            likelihood=_with_stages(extra, k),
            starts=lambda histories: [(r, alpha / k, a, b) for r, alpha, a, b in _beta_geometric_starts(histories)],
            rates=(_STAGES, _DROPOUT),
        )

    return of


MODELS = {
    "bgnbd": PurchaseModel(
        name="bgnbd",
        title="BG/NBD",
        source="Fader, Hardie & Lee (2005)",
        params=("r", "alpha", "a", "b"),
        time_params=("alpha",),
        p_alive=bgnbd.p_alive,
        expected_if_alive=bgnbd.expected_if_alive,
        no_purchase_if_alive=bgnbd.p_no_purchase_if_alive,
        expected_purchases=bgnbd.expected_purchases,
        pmf=bgnbd.pmf,
        likelihood=_beta_geometric(0),
        starts=_beta_geometric_starts,
        rates=(_PURCHASES, _DROPOUT),
    ),
    "mbgnbd": PurchaseModel(
        name="mbgnbd",
        title="MBG/NBD",
        source="Batislam, Denizel & Filiztekin (2007); Hoppe & Wagner (2007)",
        params=("r", "alpha", "a", "b"),
        time_params=("alpha",),
        p_alive=mbgnbd.p_alive,
        expected_if_alive=mbgnbd.expected_if_alive,
        no_purchase_if_alive=mbgnbd.p_no_purchase_if_alive,
        expected_purchases=mbgnbd.expected_purchases,
        pmf=mbgnbd.pmf,
        likelihood=_beta_geometric(1),
        starts=_beta_geometric_starts,
        rates=(_PURCHASES, _DROPOUT),
    ),
    "pnbd": PurchaseModel(
        name="pnbd",
        title="Pareto/NBD",
        source="Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005)",
        params=("r", "alpha", "s", "beta"),
        time_params=("alpha", "beta"),
        p_alive=pnbd.p_alive,
        expected_if_alive=pnbd.expected_if_alive,
        no_purchase_if_alive=pnbd.p_no_purchase_if_alive,
        expected_purchases=pnbd.expected_purchases,
        pmf=pnbd.pmf,
        likelihood=_pareto,
        starts=_pareto_starts,
        rates=(_PURCHASES, _DROPOUT_IN_TIME),
    ),
    "bgcnbd": PurchaseModel(
        name="bgcnbd",
        title="BG/CNBD-k",
        source="Platzer & Reutterer (2017); Reutterer, Platzer & Schroeder (2021)",
        params=("k", "r", "alpha", "a", "b"),
        time_params=("alpha",),
        p_alive=bgcnbd.p_alive,
        expected_if_alive=bgcnbd.expected_if_alive,
        no_purchase_if_alive=bgcnbd.p_no_purchase_if_alive,
        expected_purchases=bgcnbd.expected_purchases,
        pmf=bgcnbd.pmf,
        likelihood=_beta_geometric(0),
        starts=_beta_geometric_starts,
        rates=(_PURCHASES, _DROPOUT),
        at_stages=_at_stages("bgcnbd", "bgnbd", 0),
    ),
    "mbgcnbd": PurchaseModel(
        name="mbgcnbd",
        title="MBG/CNBD-k",
        source="Platzer & Reutterer (2017); Reutterer, Platzer & Schroeder (2021)",
        params=("k", "r", "alpha", "a", "b"),
        time_params=("alpha",),
        p_alive=mbgcnbd.p_alive,
        expected_if_alive=mbgcnbd.expected_if_alive,
        no_purchase_if_alive=mbgcnbd.p_no_purchase_if_alive,
        expected_purchases=mbgcnbd.expected_purchases,
        pmf=mbgcnbd.pmf,
        likelihood=_beta_geometric(1),
        starts=_beta_geometric_starts,
        rates=(_PURCHASES, _DROPOUT),
        at_stages=_at_stages("mbgcnbd", "mbgnbd", 1),
    ),
    "bgbb": PurchaseModel(
        name="bgbb",
        title="BG/BB",
        source="Fader, Hardie & Shang (2010)",
        params=("alpha", "beta", "gamma", "delta"),
        time_params=(),
        p_alive=bgbb.p_alive,
        expected_if_alive=bgbb.expected_if_alive,
        no_purchase_if_alive=bgbb.p_no_purchase_if_alive,
        expected_purchases=bgbb.expected_purchases,
        pmf=bgbb.pmf,
        likelihood=_beta_binomial,
        starts=_beta_binomial_starts,
        rates=(_PURCHASE_SHARE, _DROPOUT_SHARE),
    ),
}
"""By name: a table, its rows written out alike to be compared. BG/BB counts opportunities instead of time: its T is a
whole number of them, and no unit can be scaled."""

CONTINUOUS = tuple(name for name, model in MODELS.items() if not (model.is_discrete or model.has_stages))
"""The models of continuous time and steady rates, which any order log can be held against."""
