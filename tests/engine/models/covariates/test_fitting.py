"""Covariates in the purchase models: planted effects come back, and what should not matter does not."""

import numpy as np
import pytest

from tests.support.customers_with_traits import DROPOUT, PARAMS, PURCHASE, SEPARATE, simulated
from tests.support.few_repeaters import few_repeaters
from whalecurve.engine.errors import InputError, NotIdentifiedError
from whalecurve.engine.models.covariates.design import Design
from whalecurve.engine.models.covariates.effects import individual_params
from whalecurve.engine.models.covariates.fitting import fit_covariates
from whalecurve.engine.models.maximum_likelihood import fit_histories
from whalecurve.kernels import bgnbd, mbgnbd, pnbd

KERNELS = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "pnbd": pnbd}


def in_days(x, t_x, T):
    """The same in whole days, where equal histories are many."""
    return x, np.where(x > 0, np.maximum(np.floor(t_x), 1.0), 0.0), T


@pytest.mark.parametrize("model", KERNELS)
def test_planted_effects_come_back_within_four_standard_errors(model):
    x, t_x, T, design = simulated(model, 40_000)
    fit = fit_covariates(model, x, t_x, T, design, design)
    planted = {f"purchase:{name}": value for name, value in PURCHASE.items()}
    planted |= {f"dropout:{name}": value for name, value in DROPOUT.items()}
    assert fit.converged
    assert list(fit.params) == [*PARAMS[model], *planted]
    for name, true in (PARAMS[model] | planted).items():
        assert abs(fit.params[name] - true) < 4.0 * fit.standard_errors[name], name
    for name in planted:
        assert fit.standard_errors[name] < 0.06, name


def test_effects_planted_on_a_and_b_apart_come_back():
    x, t_x, T, design = simulated("bgnbd", 40_000, kinds=SEPARATE)
    fit = fit_covariates("bgnbd", x, t_x, T, design, design, dropout="separate")
    for kind, planted in SEPARATE.items():
        for name, true in planted.items():
            assert abs(fit.params[f"{kind}:{name}"] - true) < 4.0 * fit.standard_errors[f"{kind}:{name}"]


@pytest.mark.parametrize("model", KERNELS)
def test_the_log_likelihood_is_that_of_customers_with_own_parameters(model):
    x, t_x, T, design = simulated(model, 1_000)
    fit = fit_covariates(model, x, t_x, T, design, design)
    own = individual_params(fit, design)
    each = KERNELS[model].log_likelihood(x, t_x, T, *own.values())
    assert fit.log_likelihood == pytest.approx(each.sum(), rel=1e-12)
    assert fit.aic == pytest.approx(2.0 * len(fit.params) - 2.0 * fit.log_likelihood)
    assert fit.bic == pytest.approx(np.log(1_000) * len(fit.params) - 2.0 * fit.log_likelihood)


@pytest.mark.parametrize("model", KERNELS)
def test_standard_errors_are_those_of_the_curvature_in_the_units_of_the_data(model):
    x, t_x, T, design = simulated(model, 2_000)
    shifted = Design(names=design.names, values=design.values * [10.0, 1.0] + [40.0, 0.0])
    fit = fit_covariates(model, x, t_x, T, shifted, shifted)

    def at(values):
        moved = type(fit)(**fit.to_dict() | {"params": dict(zip(fit.params, values, strict=True))})
        return KERNELS[model].log_likelihood(x, t_x, T, *individual_params(moved, shifted).values()).sum()

    values, errors = np.array(fit.values), np.array(list(fit.standard_errors.values()))
    steps = np.diag(0.02 * errors)
    hessian = [
        [(at(values + p + q) - at(values + p - q) - at(values - p + q) + at(values - p - q)) / 4.0 for q in steps]
        for p in steps
    ]
    # In steps of 0.02 standard errors; differences of log-likelihoods near 1e4 keep about 8 digits of those near 1e-4.
    numeric = -np.linalg.inv(np.array(hessian)) * np.outer(0.02 * errors, 0.02 * errors)
    assert np.sqrt(np.diag(numeric)) == pytest.approx(errors, rel=0.02)
    correlation = numeric / np.outer(errors, errors)
    assert np.array(fit.covariance) / np.outer(errors, errors) == pytest.approx(correlation, abs=0.03)


@pytest.mark.parametrize("model", KERNELS)
def test_without_covariates_it_is_the_plain_fit(model):
    x, t_x, T, _ = simulated(model, 500)
    plain = fit_histories(model, x, t_x, T, unit="day")
    assert fit_covariates(model, x, t_x, T, None, None, unit="day") == plain
    no_column = Design(names=(), values=np.empty((500, 0)))
    assert fit_covariates(model, x, t_x, T, no_column, None, unit="day") == plain


@pytest.mark.parametrize("model", KERNELS)
def test_covariates_that_say_nothing_gain_about_as_much_as_chance(model):
    x, t_x, T, design = simulated(model, 4_000)
    noise = Design(names=("noise",), values=np.random.default_rng(9).normal(size=(4_000, 1)))
    plain = fit_histories(model, x, t_x, T)
    fit = fit_covariates(model, x, t_x, T, noise, noise)
    assert -1e-6 < fit.log_likelihood - plain.log_likelihood < 9.0  # chi-square of 2 degrees, p > 1e-4
    assert fit_covariates(model, x, t_x, T, design, None).log_likelihood > plain.log_likelihood + 20.0


@pytest.mark.parametrize("model", KERNELS)
def test_unit_and_origin_of_a_covariate_change_coefficients_only(model):
    x, t_x, T, design = simulated(model, 1_500)
    other = Design(names=design.names, values=design.values * [10.0, 1.0] + [40.0, 0.0])
    here, there = (fit_covariates(model, x, t_x, T, each, each) for each in (design, other))
    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-13)
    for kind in ("purchase", "dropout"):
        assert there.params[f"{kind}:age"] == pytest.approx(here.params[f"{kind}:age"] / 10.0, rel=1e-6)
        assert there.standard_errors[f"{kind}:age"] == pytest.approx(
            here.standard_errors[f"{kind}:age"] / 10.0, rel=1e-6
        )
        assert there.params[f"{kind}:is_member"] == pytest.approx(here.params[f"{kind}:is_member"], rel=1e-6)
    one, two = individual_params(here, design), individual_params(there, other)
    for name, values in one.items():
        assert two[name] == pytest.approx(values, rel=1e-6)


@pytest.mark.parametrize("model", KERNELS)
def test_time_may_be_counted_in_another_unit(model):
    x, t_x, T, design = simulated(model, 1_000)
    days, weeks = (fit_covariates(model, x, t_x / per, T / per, design, design) for per in (1.0, 7.0))
    assert weeks.log_likelihood == pytest.approx(days.log_likelihood + x.sum() * np.log(7.0), rel=1e-12)
    assert weeks.params["alpha"] == pytest.approx(days.params["alpha"] / 7.0, rel=1e-6)
    assert weeks.params["dropout:age"] == pytest.approx(days.params["dropout:age"], rel=1e-6)


@pytest.mark.parametrize("model", KERNELS)
def test_neither_the_order_of_rows_nor_how_they_are_counted_matters_to_the_bit(model):
    *history, design = simulated(model, 2_000)
    x, t_x, T = in_days(*history)
    values = np.round(design.values)
    whole = fit_covariates(model, x, t_x, T, *[Design(names=design.names, values=values)] * 2)
    order = np.random.default_rng(3).permutation(x.size)
    turned = Design(names=design.names, values=values[order])
    assert fit_covariates(model, x[order], t_x[order], T[order], turned, turned) == whole
    rows, n = np.unique(np.column_stack([x, t_x, T, values]), axis=0, return_counts=True)
    assert n.max() > 1
    counted = Design(names=design.names, values=rows[:, 3:])
    assert fit_covariates(model, *rows[:, :3].T, counted, counted, n) == whole


@pytest.mark.parametrize("model", KERNELS)
def test_another_base_level_is_another_way_to_write_the_same_model(model):
    x, t_x, T, design = simulated(model, 1_500)
    level = np.digitize(design.values[:, 0], [-0.5, 0.5])
    dummies = {k: (level == k) * 1.0 for k in range(3)}
    bases = {}
    for base in (0, 2):
        names = tuple(f"age={k}" for k in dummies if k != base)
        values = np.column_stack([dummies[k] for k in dummies if k != base])
        coded = Design(names=names, values=values)
        fit = fit_covariates(model, x, t_x, T, coded, coded)
        bases[base] = fit, individual_params(fit, coded)
    (young, own), (old, same) = bases[0], bases[2]
    assert old.log_likelihood == pytest.approx(young.log_likelihood, rel=1e-13)
    assert old.params["purchase:age=0"] == pytest.approx(-young.params["purchase:age=2"], rel=1e-6)
    for name, values in own.items():
        assert same[name] == pytest.approx(values, rel=1e-6)


def test_many_groups_reach_the_same_top_as_a_climb_from_the_plain_fit(monkeypatch):
    x, t_x, T, design = simulated("bgnbd", 25_000)
    through_a_sample = fit_covariates("bgnbd", x, t_x, T, design, design)
    monkeypatch.setattr("whalecurve.engine.models.covariates.fitting.MANY_GROUPS", 10**9)
    direct = fit_covariates("bgnbd", x, t_x, T, design, design)
    assert through_a_sample.params == pytest.approx(direct.params, rel=1e-7)
    assert through_a_sample.log_likelihood == pytest.approx(direct.log_likelihood, rel=1e-13)


def test_a_penalty_draws_coefficients_to_0_and_is_left_out_of_the_log_likelihood():
    x, t_x, T, design = simulated("bgnbd", 2_000)
    free, mild, strong = (fit_covariates("bgnbd", x, t_x, T, design, design, l2=l2) for l2 in (0.0, 50.0, 1e9))
    plain = fit_histories("bgnbd", x, t_x, T)
    size = lambda fit: sum(value**2 for name, value in fit.params.items() if ":" in name)
    assert size(free) > size(mild) > size(strong)
    assert free.log_likelihood > mild.log_likelihood > strong.log_likelihood
    assert strong.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-7)
    each = bgnbd.log_likelihood(x, t_x, T, *individual_params(mild, design).values())
    assert mild.log_likelihood == pytest.approx(each.sum(), rel=1e-12)


def test_a_penalty_does_not_depend_on_the_unit_of_a_covariate():
    x, t_x, T, design = simulated("bgnbd", 1_000)
    other = Design(names=design.names, values=design.values * [1000.0, 1.0])
    here, there = (fit_covariates("bgnbd", x, t_x, T, each, each, l2=20.0) for each in (design, other))
    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-12)


def test_each_process_may_have_its_own_covariates():
    x, t_x, T, design = simulated("pnbd", 1_000)
    fit = fit_covariates("pnbd", x, t_x, T, design.only(["age"]), design.only(["is_member"]))
    assert list(fit.params) == ["r", "alpha", "s", "beta", "purchase:age", "dropout:is_member"]
    assert list(fit_covariates("pnbd", x, t_x, T, None, design).params)[4:] == ["dropout:age", "dropout:is_member"]


def test_a_level_whose_customers_never_leave_is_reported_not_hidden():
    x, t_x, T, _ = simulated("bgnbd", 3_000)
    rng = np.random.default_rng(2)
    stays = np.arange(x.size) < 300
    x[stays] = rng.poisson(0.2 * T[stays]) + 1.0
    t_x[stays] = T[stays] * (1.0 - 0.01 * rng.random(300))
    loyal = Design(names=("is_loyal",), values=stays[:, None] * 1.0)
    fit = fit_covariates("bgnbd", x, t_x, T, loyal, loyal)
    assert any("dropout:is_loyal" in words for words in fit.warnings), fit


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"design_purchase": Design(names=("one",), values=np.ones((50, 1)))}, '"one" is 1 for every customer'),
        ({"design_dropout": Design(names=("a",), values=np.ones((9, 1)))}, "9 rows for 50 histories"),
        ({"model": "bgbb"}, 'model="bgbb" has no covariates; choose one of bgnbd, mbgnbd, pnbd'),
        ({"model": "nothing"}, '"nothing" is unknown'),
        ({"dropout": "both"}, '"both" is unknown; choose one of odds, separate, common'),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(change, message):
    x, t_x, T, design = simulated("bgnbd", 50)
    good = {"model": "bgnbd", "x": x, "t_x": t_x, "T": T, "design_purchase": design, "design_dropout": design}
    with pytest.raises(InputError, match=message):
        fit_covariates(**good | change)


def test_columns_that_determine_each_other_are_named():
    x, t_x, T, design = simulated("bgnbd", 200)
    age, member = design.values.T
    twice = Design(names=("age", "member", "mix"), values=np.column_stack([age, member, 2.0 * age - member + 1.0]))
    with pytest.raises(InputError, match='"mix" follows from "age" and "member"; leave one of them out'):
        fit_covariates("bgnbd", x, t_x, T, twice, None)


def test_a_covariate_too_far_from_0_is_named():
    x, t_x, T, design = simulated("bgnbd", 2_000)
    far = Design(names=design.names, values=design.values + np.array([1e6, 0.0]))
    with pytest.raises(
        InputError, match=r'"purchase:age" has mean 1e\+06 and standard deviation 1.*subtract a typical'
    ):
        fit_covariates("bgnbd", x, t_x, T, far, None)


def test_customers_who_tell_nothing_are_refused_with_the_reason():
    design = Design(names=("z",), values=np.array([[0.0], [1.0], [2.0]]))
    with pytest.raises(NotIdentifiedError, match="none of 3 customers bought again"):
        fit_covariates("pnbd", [0, 0, 0], [0, 0, 0], [5, 6, 7], design, design)


def test_where_the_data_do_not_tell_dropout_the_prior_holds_with_covariates_too():
    x, t_x, T = few_repeaters(seed=3, most=1)
    plain = fit_histories("bgnbd", x, t_x, T)
    rng = np.random.default_rng(1)
    design = Design(names=("noise",), values=rng.normal(size=(x.size, 1)))
    fit = fit_covariates("bgnbd", x, t_x, T, design, None, l2=1e6)  # so that the coefficient is none
    assert fit.params["purchase:noise"] == pytest.approx(0.0, abs=1e-4)
    assert [fit.params[name] for name in plain.params] == pytest.approx(list(plain.params.values()), rel=1e-3)
    assert fit.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-3)
    assert (fit.prior, fit.bounds) == (plain.prior, plain.bounds)
    assert fit.warnings[0].startswith("without covariates, the data do not identify dropout per purchase")
    assert not {"a", "b"} & set(fit.standard_errors)
    assert "purchase:noise" in fit.standard_errors
