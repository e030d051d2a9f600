"""The package as Python sees it: names as those of commands, plain settings, results that show themselves."""

import re
import subprocess
import sys
from datetime import date, datetime
from importlib.metadata import version
from types import ModuleType

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import whalecurve as wc
from whalecurve.cli.main import app_of
from whalecurve.kernels import bgnbd, credibility, gamma_gamma, pnbd

LOG = pl.DataFrame(
    {
        "customer_id": [1, 1, 1, 2, 2, 3, 4, 4],
        "order_ts": [date(2024, m, d) for m, d in ((1, 1), (2, 9), (5, 1), (1, 5), (3, 3), (2, 2), (1, 20), (6, 30))],
        "amount": [10.0, 20.0, 25.0, 8.0, 9.5, 100.0, 40.0, 35.0],
    }
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return wc.score(LOG, out=tmp_path_factory.mktemp("scores") / "result")


def test_every_command_but_the_demo_has_a_function_of_its_name():
    commands = {command.name for command in app_of().registered_commands}
    assert commands - set(wc.__all__) == {"demo"}
    for name in commands - {"demo"}:
        assert callable(getattr(wc, name))


def test_every_name_that_is_listed_is_there_and_is_no_module():
    assert wc.__doc__.startswith("whalecurve: ")
    assert wc.__version__ == version("whalecurve")
    assert set(dir(wc)) == {*wc.__all__, "cli", "engine", "kernels"}
    for name in wc.__all__:
        assert not isinstance(getattr(wc, name), ModuleType)
    with pytest.raises(AttributeError, match="module 'whalecurve' has no attribute 'scores'"):
        wc.scores  # noqa: B018 - asked for its effect


def test_importing_it_loads_nothing_and_its_packages_are_attributes():
    code = (
        "import sys, whalecurve as wc;"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('whalecurve', 'polars', 'numpy', 'numba')));"
        "print(wc.engine.__name__, wc.kernels.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['whalecurve']\nwhalecurve.engine whalecurve.kernels\n"


def test_settings_as_dicts_and_days_as_text_are_the_same_as_their_classes(tmp_path):
    plain = wc.score(
        LOG,
        out=tmp_path / "plain",
        columns={"customer": "customer_id", "nobody": [9]},
        window={"as_of": "2024-06-30", "unit": "week"},
        scoring={"horizon_days": 90},
    )
    made = wc.score(
        LOG,
        out=tmp_path / "made",
        columns=wc.Columns(customer="customer_id", nobody=(9,)),
        window=wc.Window(as_of=date(2024, 6, 30), unit="week"),
        scoring=wc.Scoring(horizon_days=90),
    )
    assert_frame_equal(plain.to_polars(), made.to_polars(), check_exact=True)
    assert plain.definitions == made.definitions


def test_a_time_on_a_day_is_that_day():
    assert wc.Window(as_of=datetime(2024, 6, 30, 23, 59)).as_of == date(2024, 6, 30)
    assert wc.Window(as_of=pd.Timestamp("2024-06-30 12:00")).as_of == date(2024, 6, 30)
    assert wc.Simulation(start="2023-05-01").start == date(2023, 5, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"window": {"asof": "2024-06-30"}},
            'Window has no setting "asof"; did you mean "as_of"? There are as_of, since, timezone, unit, period',
        ),
        ({"window": {"as_of": "June"}}, '`as_of` "June" is not a day; give one like 2025-06-30'),
        ({"window": {"since": 20240101}}, '`since` "20240101" is not a day; give one like 2025-06-30'),
        ({"columns": "amount"}, "Columns is given as str; give a dict, or Columns(...)"),
    ],
)
def test_settings_that_will_not_do_are_refused_by_name(tmp_path, given, message):
    with pytest.raises(wc.InputError) as told:
        wc.score(LOG, out=tmp_path / "scores", **given)
    assert str(told.value) == message
    assert not (tmp_path / "scores").exists()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: wc.Columns(nobody="guest"), "`nobody` is a list, and 'guest' is given; give ['guest']"),
        (lambda: wc.check(LOG, {"nobody": 9}), "`nobody` is a list, and 9 is given; give [9]"),
        (lambda: wc.Scoring(covariate_columns="age"), "`covariate_columns` is a list, and 'age' is given"),
        (lambda: wc.Exporting(segments="At risk"), "`segments` is a list, and 'At risk' is given"),
        (lambda: wc.Sampling(segments="At risk"), "`segments` is a list, and 'At risk' is given"),
        (lambda: wc.Triggering(watch="At risk"), "`watch` is a list, and 'At risk' is given"),
        (lambda: wc.concentration(LOG, "customer"), "`by` is a list, and 'customer' is given; give ['customer']"),
        (lambda: wc.explain(LOG, "Champions", "amount"), "`by` is a list, and 'amount' is given"),
    ],
)
def test_one_text_in_place_of_a_list_is_not_taken_for_its_letters(asked, message):
    with pytest.raises(wc.InputError, match=f"^{re.escape(message)}"):
        asked()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: wc.Scoring(horizon_days="365d"), "`horizon_days` is a number, and '365d' is given; give one, as 365"),
        (
            lambda: wc.Scoring(value_quantile="0.8"),
            "`value_quantile` is a number, and '0.8' is given; give one, as 0.8",
        ),
        (lambda: wc.Scoring(intervals=True), "`intervals` is a number, and True is given; give one, as 0.9"),
        (lambda: wc.validate(LOG, holdout_days="90d"), "`holdout_days` is a number, and '90d' is given"),
        (lambda: wc.validate_labels(LOG, cuts="2024-03-01"), "`cuts` is a list, and '2024-03-01' is given"),
        (lambda: wc.validate_labels(LOG, cuts=["March"]), '`cuts` "March" is not a day; give one like 2025-06-30'),
        (lambda: wc.concentration(LOG, value="sales"), '`value` "sales" is unknown; choose margin or revenue'),
        (lambda: wc.score(LOG, layout="wide"), '`layout` "wide" is unknown; choose flat or hive'),
        (lambda: wc.init(LOG, given={"buyer": "customer_id"}), '"buyer" is not a role; choose one of'),
    ],
)
def test_what_will_not_do_is_refused_in_a_line_that_says_what_would(asked, message):
    with pytest.raises(wc.InputError, match=f"^{re.escape(message)}"):
        asked()


def test_a_run_is_taken_wherever_its_directory_is(run, tmp_path):
    assert wc.compare(run, run).to_dict() == wc.compare(run.out, run.out).to_dict()
    assert wc.open_run(run).out == run.out
    assert wc.report(run).charts.keys() == run.report().charts.keys()
    assert wc.sample(run).to_dict() == wc.sample(run.out).to_dict()
    assert wc.score(LOG, thresholds=run).model["definitions"] == wc.score(LOG, thresholds=run.out).model["definitions"]
    wc.compare(run, run, out=tmp_path / "moved")
    wc.export(run, "csv", out=tmp_path / "lists")
    written = [path.read_text() for path in tmp_path.rglob("*.json")]
    assert len(written) > 1
    assert [text for text in written if repr(run)[:5] in text] == []


def test_a_run_has_its_customers_in_every_kind_of_frame(run):
    customers = run.to_polars()
    assert_frame_equal(run.customers.collect().sort("customer_id"), customers)
    assert customers["customer_id"].to_list() == [1, 2, 3, 4]
    assert run.to_arrow().equals(customers.to_arrow())
    pd.testing.assert_frame_equal(run.to_pandas(), customers.to_pandas())


def test_a_run_that_is_opened_again_is_the_same(run):
    again = wc.open_run(run.out)
    assert isinstance(again, wc.Run)
    assert (again.manifest, again.model, again.measures) == (run.manifest, run.model, run.measures)
    assert_frame_equal(again.segments, run.segments)
    assert repr(again) == repr(run)


def test_a_run_tells_its_facts_in_a_line_and_in_a_notebook(run):
    assert repr(run).startswith("<Run customers: 4, repeat customers: 3, as of: 2024-06-30, revenue: 247.50, ")
    shown = run._repr_html_()
    assert "<caption>Run</caption>" in shown
    assert "Champions" in shown


def test_a_run_has_the_charts_of_its_report(run):
    report = run.report()
    assert {name.replace("-", "_") for name in report.charts} == set(dir(run.plot))
    assert run.plot.whale_curve().svg == report.charts["whale-curve"]


def test_results_never_print_their_tables(run):
    moved = wc.compare(run.out, run.out)
    for result in (run, moved, wc.check(LOG), wc.concentration(LOG), run.report()):
        assert len(repr(result)) < 400
        assert "shape:" not in repr(result)


def fits():
    x, t_x, T = [0.0, 2.0, 1.0, 5.0, 0.0, 3.0], [0.0, 30.0, 10.0, 35.0, 0.0, 12.0], [38.0, 38.0, 30.0, 38.0, 22.0, 38.0]
    return wc.fit_histories("bgnbd", x, t_x, T, unit="week"), (x, t_x, T)


def test_a_fit_predicts_as_its_kernels_do_from_lists_and_series_of_every_kind():
    fit, (x, t_x, T) = fits()
    arrays = [np.array(values) for values in (x, t_x, T)]
    alive = bgnbd.p_alive(*arrays, *fit.values)
    ahead = bgnbd.conditional_expected_purchases(12.0, *arrays, *fit.values)
    for kind in (list, np.array, pl.Series, pd.Series):
        given = {"frequency": kind(x), "recency": kind(t_x), "T": kind(T)}
        np.testing.assert_array_equal(fit.p_alive(**given), alive)
        np.testing.assert_array_equal(fit.predict(12, **given), ahead)


def test_a_fit_of_any_model_predicts_and_one_of_spend_expects_a_value():
    x, t_x, T = [0.0, 2.0], [0.0, 30.43], [38.86, 38.86]
    common = {"standard_errors": None, "covariance": None, "log_likelihood": -1.0, "aic": 1.0, "bic": 1.0, "n": 9}
    common |= {"converged": True, "gradient_norm": 0.0, "iterations": 1}
    pareto = wc.Fit(model="pnbd", params={"r": 0.55, "alpha": 10.58, "s": 0.61, "beta": 11.67}, **common)
    np.testing.assert_array_equal(
        pareto.predict(39, x, t_x, T),
        pnbd.conditional_expected_purchases(39.0, np.array(x), np.array(t_x), np.array(T), *pareto.values),
    )
    spend = wc.Fit(model="gamma_gamma", params={"p": 6.25, "q": 3.74, "v": 15.44}, **common)
    np.testing.assert_array_equal(
        spend.expected_value([2, 0], [20.0, float("nan")]),
        gamma_gamma.expected_value(np.array([2.0, 0.0]), np.array([20.0, 0.0]), *spend.values),
    )
    means = wc.Fit(model="mean", params={"mean": 10.0, "weight": 0.5}, **common)
    assert (
        means.expected_value([1], [20.0]).tolist() == [15.0] == [float(credibility.expected_value(1, 20.0, 10.0, 0.5))]
    )
    with pytest.raises(wc.InputError, match="a fit of mean tells nothing of purchases; use one of bgnbd, mbgnbd"):
        means.p_alive(x, t_x, T)
    mixed = wc.Fit(model="bgnbd", params=dict.fromkeys(("r", "alpha", "a", "b", "rate:age"), 1.0), **common)
    with pytest.raises(wc.InputError, match="this fit of bgnbd has covariates"):
        mixed.predict(1, x, t_x, T)


def test_the_summary_of_a_fit_has_intervals_around_its_values():
    fit, _ = fits()
    row = fit.summary.row(0, named=True)
    value, error = fit.params["r"], fit.standard_errors["r"]
    assert (row["param"], row["value"], row["standard_error"]) == ("r", value, error)
    assert row["low"] == pytest.approx(value * np.exp(-1.959963984540054 * error / value), rel=1e-14)
    assert row["high"] == pytest.approx(value * np.exp(1.959963984540054 * error / value), rel=1e-14)
    assert fit.summary["param"].to_list() == ["r", "alpha", "a", "b"]
