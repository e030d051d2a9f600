r"""Stage: histories by group -> parameters of each group, by empirical Bayes.

1. Each group with enough customers is fitted by itself, by maximum likelihood, with the covariance that the curvature
   gives.
2. Log parameters, in the four `CONTRASTS`, are normal around a mean over the groups. Its variances, one for each
   contrast (covariances between groups are taken for none: a handful of groups tells none), are by moments: those of
   Paule & Mandel (1982), with the variances of the estimates taken off, see `statistics.shrinkage`; so is the mean.
3. The parameters of a group are where its own likelihood times this prior is highest, with the curvature there
   (Laplace's approximation of the posterior; Carlin & Louis 2000, Bayes and Empirical Bayes Methods, ch. 3 and 5). The
   uncertainty of the prior itself is not in their errors.

A group that is too small to be fitted has the mean of the groups. Where groups differ no more than chance in anything,
or fewer than two tell their parameters, all have the model of all customers.
"""

import math
from collections.abc import Sequence

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import (
    Fit,
    Histories,
    Likelihood,
    Optimum,
    PurchaseModel,
    collapsed,
    fit_counts,
    maximise,
)
from whalecurve.engine.models.covariates import LikelihoodRatio
from whalecurve.engine.models.grouped.membership import Membership
from whalecurve.engine.models.grouped.results import CONTRASTS, GroupFit, GroupFits, How, Prior
from whalecurve.engine.statistics import chi_square_above, normal_prior
from whalecurve.kernels.arrays import Matrix, Vector

LEAST_CUSTOMERS, LEAST_REPEAT = 100, 30
"""Customers of a group, and those of them who came back, from which on it is fitted by itself."""

LEAST_BETWEEN = 1e-4
"""Variance between groups that stands for none, a hundredth of the parameter either way."""


def fit_groups(
    model: PurchaseModel, x: Vector, t_x: Vector, T: Vector, membership: Membership, common: Fit, *, l2: float = 0.0
) -> GroupFits:
    """Fit a model to groups of customers, each pooled with the others.

    Parameters
    ----------
    x, t_x, T : float64[n]
        Histories, in the unit of the common fit.
    membership
        The group of each of them.
    common
        The model of all of them.
    l2
        Penalty of the fits of single groups, as for `fit_counts`; with one there is no test.
    """
    codes, n_groups = membership.codes, len(membership.names)
    histories = [collapsed(x[mine], t_x[mine], T[mine]) for mine in (codes == g for g in range(n_groups))]
    alone = [_alone(model, group, common.unit, l2) for group in histories]
    scale = _scale(model, T)
    prior, reason = _prior(model, alone, scale)
    fits: list[tuple[Fit, How, float]] = (
        [(common, "common", 0.0) for _ in histories]
        if prior is None
        else [_pooled(model, *pair, prior, scale, common.unit) for pair in zip(histories, alone, strict=True)]
    )
    groups = [
        GroupFit(
            name=name,
            customers=int(group.n),
            repeat_customers=_n_repeat(group),
            how=how,
            own_share=own_share,
            fit=fit,
            alone=single,
        )
        for name, group, single, (fit, how, own_share) in zip(membership.names, histories, alone, fits, strict=True)
    ]
    return GroupFits(
        by=membership.by,
        groups=tuple(groups),
        common=common,
        prior=prior,
        reason=reason,
        likelihood_ratio=None if l2 > 0.0 else _likelihood_ratio(model, histories, alone, common),
    )


def _n_repeat(histories: Histories) -> int:
    return int(histories.counts[histories.x > 0.0].sum())


def _alone(model: PurchaseModel, histories: Histories, unit: str | None, l2: float) -> Fit | None:
    """The group by itself; None where it is too small."""
    if histories.n < LEAST_CUSTOMERS or _n_repeat(histories) < LEAST_REPEAT:
        return None
    try:
        return fit_counts(model, histories, unit=unit, l2=l2)
    except NotIdentifiedError:
        return None


def _scale(model: PurchaseModel, T: Vector) -> float:
    """The mean age, which time is counted in."""
    return 1.0 if model.is_discrete or not T.size else float(T.mean()) or 1.0


def _factors(model: PurchaseModel, scale: float) -> Vector:
    """What parameters are multiplied by to count in the unit of the data."""
    return np.array([scale if name in model.time_params else 1.0 for name in model.params])


def _prior(model: PurchaseModel, alone: Sequence[Fit | None], scale: float) -> tuple[Prior | None, str | None]:
    """How groups are spread, by those that tell their parameters; or why there is no such thing."""
    told = [fit for fit in alone if fit is not None and fit.prior is None and fit.converged and fit.covariance]
    if len(told) < 2:
        return None, "fewer than two groups tell parameters of their own"
    estimates, variances = [], []
    for fit in told:
        values = np.array(fit.values)
        of_logs = np.array(fit.covariance) / np.outer(values, values)
        estimates.append(CONTRASTS @ np.log(values / _factors(model, scale)))
        variances.append(np.diag(CONTRASTS @ of_logs @ CONTRASTS.T))
    columns = zip(np.array(estimates).T, np.array(variances).T, strict=True)
    mean, between = np.array([normal_prior(of, variance) for of, variance in columns]).T
    if not between.any():
        return None, "groups differ no more than chance"
    return Prior(mean=mean, between=between, n_groups=len(told)), None


def _pooled(
    model: PurchaseModel, histories: Histories, alone: Fit | None, prior: Prior, scale: float, unit: str | None
) -> tuple[Fit, How, float]:
    """What a group's customers are scored by, how it came about, and how much of it is its own."""
    factors, inverse = _factors(model, scale), np.linalg.inv(CONTRASTS)
    mean = np.exp(inverse @ prior.mean)
    if alone is None:
        spread = inverse @ np.diag(np.maximum(prior.between, LEAST_BETWEEN)) @ inverse.T
        likelihood = model.likelihood(histories.scaled(scale))(mean)[0] if histories.n else 0.0
        top = Optimum(
            params=mean,
            log_likelihood=likelihood,
            gradient_norm=0.0,
            hessian=-np.linalg.inv(spread).astype(np.float64, copy=False),
            iterations=0,
            converged=True,
        )
        return _fit_of(model, top, likelihood, histories, scale, unit), "mean", 0.0
    likelihood_of = model.likelihood(histories.scaled(scale))
    precision = 1.0 / np.maximum(prior.between, LEAST_BETWEEN)
    starts = [tuple(np.array(alone.values) / factors), tuple(mean)]
    top = maximise(under_prior(likelihood_of, prior.mean, precision), starts, histories.n)
    fit = _fit_of(model, top, likelihood_of(top.params)[0], histories, scale, unit)
    return fit, "own", _own_share(top, prior)


def under_prior(likelihood: Likelihood, mean: Vector, precision: Vector) -> Likelihood:
    """The likelihood times a normal prior of the contrasts of the log parameters."""
    of_logs: Matrix = (CONTRASTS.T * precision) @ CONTRASTS

    def with_prior(params: Vector) -> tuple[float, Vector, Matrix]:
        value, gradient, hessian = likelihood(params)
        apart = CONTRASTS @ np.log(params) - mean
        pull = CONTRASTS.T @ (precision * apart)
        gradient = gradient - pull / params
        hessian = hessian - of_logs / np.outer(params, params) + np.diag(pull / params**2)
        return value - 0.5 * float(apart @ (precision * apart)), gradient, hessian

    return with_prior


def _own_share(top: Optimum, prior: Prior) -> float:
    """One less the part of the variance between groups that is left, on average over what groups differ in."""
    of_logs, differs = top.covariance, prior.between > 0.0
    if of_logs is None:
        return 0.0
    left = np.diag(CONTRASTS @ of_logs @ CONTRASTS.T)[differs] / prior.between[differs]
    return float(np.clip(1.0 - left, 0.0, 1.0).mean())


def _fit_of(
    model: PurchaseModel, top: Optimum, log_likelihood: float, histories: Histories, scale: float, unit: str | None
) -> Fit:
    """A fit in the unit of the data; its likelihood is without the prior, and has no criteria."""
    params, of_logs = top.params * _factors(model, scale), top.covariance
    covariance = None if of_logs is None else of_logs * np.outer(params, params)
    errors = None if covariance is None else np.sqrt(np.diag(covariance)).tolist()
    return Fit(
        model=model.name,
        params=dict(zip(model.params, params.tolist(), strict=True)),
        standard_errors=None if errors is None else dict(zip(model.params, errors, strict=True)),
        covariance=None if covariance is None else covariance.tolist(),
        log_likelihood=log_likelihood - histories.n_repeats * math.log(scale),
        aic=math.nan,
        bic=math.nan,
        n=int(histories.n),
        converged=top.converged,
        gradient_norm=top.gradient_norm,
        iterations=top.iterations,
        unit=unit,
    )


def _likelihood_ratio(
    model: PurchaseModel, histories: Sequence[Histories], alone: Sequence[Fit | None], common: Fit
) -> LikelihoodRatio | None:
    """Groups apart against one model for all their customers: chi-square, the parameters of all groups but one.

    None where fewer than two groups are large enough, or the one model is not at the top of its likelihood.
    """
    pairs = [(group, fit) for group, fit in zip(histories, alone, strict=True) if fit is not None]
    if len(pairs) < 2:
        return None
    together = common if len(pairs) == len(alone) else fit_counts(model, _together([h for h, _ in pairs]))
    if together.prior is not None:
        return None
    apart = math.fsum(fit.log_likelihood for _, fit in pairs)
    statistic, degrees = max(2.0 * (apart - together.log_likelihood), 0.0), len(model.params) * (len(pairs) - 1)
    return LikelihoodRatio(statistic=statistic, degrees=degrees, p_value=float(chi_square_above(degrees, statistic)))


def _together(parts: Sequence[Histories]) -> Histories:
    x, t_x, T, counts = (np.concatenate([getattr(h, name) for h in parts]) for name in ("x", "t_x", "T", "counts"))
    return collapsed(x, t_x, T, counts)
