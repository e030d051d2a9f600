"""Stage: histories + design matrices -> purchase models whose rates depend on covariates.

After Fader & Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models": each
customer has own alpha, and own beta or a and b, log-linear in the covariates z,

    all models            alpha(z) = alpha exp(-g'z)
    Pareto/NBD            beta(z) = beta exp(-g'z)
    BG/NBD, MBG/NBD       a(z) = a exp(g'z / 2),  b(z) = b exp(-g'z / 2)      "odds", the default

so a coefficient means one thing everywhere: a unit more of z multiplies the mean purchase rate, and the mean dropout
rate (Pareto/NBD) or the odds a/b of dropping out after a purchase (BG/NBD), by exp(g). The literature has two more
forms for a and b, which can be chosen. "separate" gives each its own coefficients, both with a plus (the note; btyd,
pymc-marketing): the odds then grow by exp(g_a - g_b), the difference of two numbers that few data sets tell apart.
"common" gives both the same ones (CLVTools), which moves the spread of dropout among customers, never its mean. On
CLVTools' apparel data both of them run away (a and b beyond 1e8); "odds" does not, and is likelier than "common".
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.models import (
    VAGUE,
    Fit,
    Likelihood,
    Optimum,
    PurchaseModel,
    collapsed,
    derivatives_of,
    fit_counts,
    information_criteria,
    maximise,
    purchase_model,
)
from whalecurve.engine.models.covariates.design import Design
from whalecurve.engine.models.covariates.groups import EFFECTS, Groups, every, grouped
from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.likelihoods import covariate_likelihood as covariate_likelihood
from whalecurve.kernels.likelihoods.covariate_likelihood import N_PARAMS

DropoutEffect = Literal["odds", "separate", "common"]

KINDS = {"odds": ("dropout",), "separate": ("dropout_a", "dropout_b"), "common": ("dropout_ab",)}
MANY_GROUPS = 20_000  # from here on the climb starts from the top of a sample of about as many
ROUGH_L2 = 1.0  # penalty of that sample: nothing to a coefficient that the data tell, a stop to one that they do not
FARTHEST = 300.0  # |log parameter| where all covariates are 0; beyond, exp is no number


def fit_covariates(
    model: str,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    design_purchase: Design | None,
    design_dropout: Design | None,
    counts: ArrayLike | None = None,
    *,
    l2: float = 0.0,
    dropout: DropoutEffect = "odds",
    unit: str | None = None,
    plain: Fit | None = None,
) -> Fit:
    """Fit a purchase model with covariates by maximum likelihood.

    Parameters
    ----------
    model
        "bgnbd", "mbgnbd" or "pnbd".
    x, t_x, T : array_like[n]
        Repeat purchases, time of the last one, age; as for `fit_histories`.
    design_purchase, design_dropout
        Covariates of the same n rows that act on the purchase rate and on dropout; None for none.
    counts : array_like[n], optional
        Customers behind each row.
    l2
        Penalty: `l2` times the sum of squared coefficients, each for a standard deviation of its covariate, is taken
        off the log-likelihood. The log-likelihood reported is without it. Where the data do not tell dropout without
        covariates, the prior of the plain fit holds for the parameters, at the means of the covariates.
    dropout
        How covariates act on a and b; Pareto/NBD has one way.
    plain
        The fit without covariates, where it is at hand.

    Returns
    -------
    Fit
        `params`: the model's four, of a customer with all covariates 0, then `purchase:NAME` and `dropout:NAME`
        (`dropout_a:`, `dropout_b:`, `dropout_ab:` for the other forms). Without any covariate, the plain fit.

    Raises
    ------
    NotIdentifiedError
        The histories cannot tell the model's parameters.
    InputError
        An unknown model, arrays that are no histories, a constant column or one that others determine.
    """
    described = purchase_model(model)
    histories = collapsed(x, t_x, T, counts)
    kinds = _dropout_kinds(model, dropout)
    designs = {"purchase": design_purchase, **dict.fromkeys(kinds, design_dropout)}
    groups = grouped(described, x, t_x, T, counts, designs)
    plain = plain or fit_counts(described, histories, unit=unit)
    if not groups.names:
        return plain
    scale = histories.mean_age
    factors = np.array([scale if name in described.time_params else 1.0 for name in described.params])
    starts = [tuple(np.array([plain.params[name] for name in described.params]) / factors)]
    if not plain.converged:
        starts += described.starts(histories.scaled(scale))
    scaled = replace(groups, histories=groups.histories.scaled(scale))
    penalty = np.concatenate([np.full(N_PARAMS, plain.prior or 0.0), np.full(len(groups.names), l2)])
    top = _climbed(model, scaled, [(*start, *np.ones(len(groups.names))) for start in starts], penalty)
    log_likelihood = top.log_likelihood + float(penalty @ np.log(top.params) ** 2)
    log_likelihood -= histories.n_repeats * math.log(scale)
    fit = _described(described, groups, replace(top, log_likelihood=log_likelihood), factors, unit=unit)
    if plain.prior is None:
        return fit
    told = tuple(f"without covariates, {words}" for words in plain.warnings)
    return replace(fit, prior=plain.prior, bounds=plain.bounds, warnings=(*told, *fit.warnings))


def _dropout_kinds(model: str, dropout: str) -> tuple[str, ...]:
    if model not in EFFECTS:
        raise InputError(f"{setting('model', model)} has no covariates; choose one of {', '.join(EFFECTS)}")
    if dropout not in KINDS:
        raise InputError(f'{setting("dropout_effect")} "{dropout}" is unknown; choose one of {", ".join(KINDS)}')
    return KINDS["odds" if model == "pnbd" else dropout]


def _climbed(model: str, groups: Groups, starts: Sequence[Sequence[float]], penalty: Vector) -> Optimum:
    """The top, from the top of a sample where there are very many groups."""
    iterations, stride = 0, -(-groups.design.shape[0] // MANY_GROUPS)
    if stride > 1:
        sample = every(groups, stride)
        rougher = np.concatenate([penalty[:N_PARAMS], np.maximum(penalty[N_PARAMS:], ROUGH_L2)])
        rough = maximise(_likelihood(model, sample, rougher), starts, sample.histories.n)
        starts, iterations = [tuple(rough.params)], rough.iterations
    top = maximise(_likelihood(model, groups, penalty), starts, groups.histories.n)
    return replace(top, iterations=iterations + top.iterations)


def _likelihood(model: str, groups: Groups, penalty: Vector) -> Likelihood:
    """The penalised likelihood as a function of positive numbers: parameters, and factors exp(coefficient).

    penalty : of the square of the log of each
    """
    h = groups.histories
    laid_out = (h.x, h.t_x, h.T, h.counts, groups.design, groups.columns, groups.loadings)
    n_above, size = h.n_above(), N_PARAMS + len(groups.names)
    which = {
        "bgnbd": covariate_likelihood.BGNBD,
        "mbgnbd": covariate_likelihood.MBGNBD,
        "pnbd": covariate_likelihood.PNBD,
    }[model]

    def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
        theta = np.log(params)
        sums = covariate_likelihood.covariate_sums(which, *laid_out, theta, n_above)
        value, slope, curvature = derivatives_of(sums, size)
        value = value - float((penalty * theta**2).sum())
        slope = slope - 2.0 * penalty * theta
        # d/dp = (d/d log p) / p, and the second derivatives that follow.
        by_params = curvature - np.diag(slope + 2.0 * penalty)
        return value, slope / params, by_params / np.outer(params, params)

    return likelihood


def _described(model: PurchaseModel, groups: Groups, top: Optimum, factors: Vector, *, unit: str | None) -> Fit:
    """The optimum in the units of the data: logs of parameters and coefficients are linear in those of the climb."""
    size = top.params.shape[0]
    back = np.eye(size)
    back[:N_PARAMS, N_PARAMS:] = -(groups.loadings * (groups.means / groups.spreads)[:, None]).T
    back[N_PARAMS:, N_PARAMS:] = np.diag(1.0 / groups.spreads)
    theta = back @ np.log(top.params)
    theta[:N_PARAMS] += np.log(factors)
    _refuse_far(groups, theta)
    params = np.concatenate([np.exp(theta[:N_PARAMS]), theta[N_PARAMS:]])
    names = (*model.params, *groups.names)
    inner = top.covariance
    covariance, errors = None, None
    if inner is not None:
        to_natural = np.diag(np.concatenate([params[:N_PARAMS], np.ones(len(groups.names))])) @ back
        matrix = to_natural @ inner @ to_natural.T
        covariance = matrix.tolist()
        told = [*(np.diag(inner)[:N_PARAMS] <= VAGUE**2), *[True] * len(groups.names)]
        all_errors = zip(names, np.sqrt(np.diag(matrix)).tolist(), told, strict=True)
        errors = {name: error for name, error, is_told in all_errors if is_told}
    n, log_likelihood = groups.histories.n, top.log_likelihood
    return Fit(
        model=model.name,
        params=dict(zip(names, params.tolist(), strict=True)),
        standard_errors=errors,
        covariance=covariance,
        log_likelihood=log_likelihood,
        n=int(n),
        converged=top.converged,
        gradient_norm=top.gradient_norm,
        iterations=top.iterations,
        unit=unit,
        warnings=_vagueness(names, inner, top),
        **information_criteria(log_likelihood, size, n),
    )


def _refuse_far(groups: Groups, theta: Vector) -> None:
    """A parameter at covariates of 0 that is no number: some covariate is far from 0 for everyone."""
    if (np.abs(theta[:N_PARAMS]) < FARTHEST).all():
        return
    j = int(np.argmax(np.abs(theta[N_PARAMS:] * groups.means)))
    raise InputError(
        f'covariates: "{groups.names[j]}" has mean {groups.means[j]:g} and standard deviation {groups.spreads[j]:g}, '
        f"too far from 0 for parameters where it is 0; subtract a typical value from it"
    )


def _vagueness(names: tuple[str, ...], covariance: Matrix | None, top: Optimum) -> tuple[str, ...]:
    """Plain words for a likelihood without a proper peak; parameters at the means, coefficients per deviation."""
    vague = (
        list(names)
        if covariance is None
        else [name for name, variance in zip(names, np.diag(covariance), strict=True) if variance > VAGUE**2]
    )
    words = (f"{', '.join(vague)} cannot be estimated separately; do not rely on any one of them",) if vague else ()
    return (*words, *top.convergence_warnings)
