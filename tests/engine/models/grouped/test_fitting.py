"""Fits by group: planted groups found, pooled by how much they tell, and no groups where there are none."""

import numpy as np
import pytest

from whalecurve.engine.models import fit_histories, purchase_model
from whalecurve.engine.models.grouped import Membership, fit_groups
from whalecurve.engine.models.grouped.fitting import under_prior
from whalecurve.engine.models.grouped.results import CONTRASTS
from whalecurve.engine.statistics import shrunk_means
from whalecurve.kernels import bgnbd

TRUTH = {"fast": (1.2, 12.0, 0.8, 6.0), "usual": (1.0, 25.0, 0.9, 4.0), "slow": (0.9, 60.0, 1.0, 3.0)}


def drawn(rng, n, r, alpha, a, b):
    """Histories of n customers of BG/NBD, aged 200 to 700 days."""
    T = rng.integers(200, 700, n).astype(float)
    x, t_x = np.zeros(n), np.zeros(n)
    for i, (rate, leaves) in enumerate(zip(rng.gamma(r, 1.0 / alpha, n), rng.beta(a, b, n), strict=True)):
        t = rng.exponential(1.0 / rate)
        while t < T[i]:
            x[i], t_x[i] = x[i] + 1.0, t
            if rng.random() < leaves:
                break
            t += rng.exponential(1.0 / rate)
    return x, t_x, T


def grouped(seed, sizes, truth):
    rng = np.random.default_rng(seed)
    parts = [drawn(rng, n, *truth[name]) for name, n in sizes.items()]
    x, t_x, T = (np.concatenate(column) for column in zip(*parts, strict=True))
    codes = np.repeat(np.arange(len(sizes)), list(sizes.values()))
    membership = Membership(by="channel", names=tuple(sizes), codes=codes)
    return (x, t_x, T), membership


def fitted(seed, sizes, truth=TRUTH):
    histories, membership = grouped(seed, sizes, truth)
    common = fit_histories("bgnbd", *histories)
    return histories, membership, fit_groups(purchase_model("bgnbd"), *histories, membership, common)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_groups_are_expected_better_than_by_one_model(seed):
    histories, membership, groups = fitted(seed, {"fast": 900, "slow": 700, "usual": 400})
    assert groups.likelihood_ratio.p_value < 1e-6
    assert groups.likelihood_ratio.degrees == 8
    true = np.array([TRUTH[name] for name in membership.names]).T[:, membership.codes]
    actual = bgnbd.conditional_expected_purchases(365.0, *histories, *true)
    own = groups.members(membership.codes).params.values()
    by_group = bgnbd.conditional_expected_purchases(365.0, *histories, *own)
    by_one = bgnbd.conditional_expected_purchases(365.0, *histories, *groups.common.values)
    assert np.sqrt(((by_group - actual) ** 2).mean()) < 0.9 * np.sqrt(((by_one - actual) ** 2).mean())


def test_parameters_are_at_the_top_of_likelihood_times_prior():
    (x, t_x, T), membership, groups = fitted(4, {"fast": 500, "slow": 500})
    age = T.mean()

    def height(logs, mine):
        params = np.exp(logs)
        likelihood = bgnbd.log_likelihood(x[mine], t_x[mine], T[mine], *params).sum()
        apart = CONTRASTS @ (logs - [0.0, np.log(age), 0.0, 0.0]) - groups.prior.mean
        return likelihood - 0.5 * (apart**2 / np.maximum(groups.prior.between, 1e-4)).sum()

    for code, group in enumerate(groups.groups):
        top, mine = np.log(group.fit.values), membership.codes == code
        for step in np.vstack([np.eye(4), -np.eye(4)]) * 0.02:
            assert height(top + step, mine) < height(top, mine)


def test_the_prior_is_that_of_means_with_errors():
    _, membership, groups = fitted(5, {"fast": 500, "usual": 400, "slow": 500})
    params = np.array([group.alone.values for group in groups.groups])
    of_params = [np.array(group.alone.covariance) for group in groups.groups]
    covariances = [c / np.outer(v, v) for c, v in zip(of_params, params, strict=True)]
    z = np.log(params) @ CONTRASTS.T
    v = np.array([np.diag(CONTRASTS @ c @ CONTRASTS.T) for c in covariances])
    shrunk = shrunk_means(z[:, 0], v[:, 0])
    between = groups.prior.between[0]
    centre = np.average(z[:, 0], weights=1.0 / (v[:, 0] + between))
    assert shrunk == pytest.approx(centre + between / (between + v[:, 0]) * (z[:, 0] - centre), rel=1e-9)
    assert between > 0.1
    assert membership.names == ("fast", "usual", "slow")


def test_a_group_that_is_too_small_has_the_mean_of_the_groups_and_a_large_one_is_nearly_itself():
    _, _, groups = fitted(6, {"fast": 900, "usual": 20, "slow": 900})
    fast, few, _ = groups.groups
    assert (few.how, few.own_share, few.alone, groups.small) == ("mean", 0.0, None, ["usual"])
    rates = [group.fit.params["r"] / group.fit.params["alpha"] for group in groups.groups]
    assert rates[2] < rates[1] < rates[0]
    assert fast.own_share > 0.7
    assert fast.fit.params["r"] / fast.fit.params["alpha"] == pytest.approx(
        fast.alone.params["r"] / fast.alone.params["alpha"], rel=0.05
    )


def test_one_group_has_the_model_of_all():
    (x, _, _), membership, groups = fitted(7, {"fast": 300})
    assert groups.reason == "fewer than two groups tell parameters of their own"
    assert groups.likelihood_ratio is None
    assert groups.members(membership.codes).params["r"].tolist() == [groups.common.params["r"]] * x.size


def test_without_groups_the_test_rarely_finds_some():
    """At 5 % it should in one of twenty; of eight logs three or more would be one chance in 170."""
    alike = dict.fromkeys("ab", TRUTH["usual"])
    found = [fitted(seed, {"a": 400, "b": 400}, alike)[2] for seed in range(20, 28)]
    assert sum(groups.likelihood_ratio.p_value < 0.05 for groups in found) <= 2


def test_derivatives_of_the_prior_are_those_of_its_value():
    mean, precision, at = (
        np.array([0.3, -0.2, 0.1, 0.5]),
        np.array([1.0, 4.0, 0.5, 2.0]),
        np.array([0.7, 1.3, 0.4, 2.5]),
    )
    flat = under_prior(lambda _: (0.0, np.zeros(4), np.zeros((4, 4))), mean, precision)
    _, gradient, hessian = flat(at)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5
        up, down = flat(at + step), flat(at - step)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-6)
        assert hessian[i] == pytest.approx((up[1] - down[1]) / 2e-5, rel=1e-6)
