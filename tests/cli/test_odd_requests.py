"""Requests that are odd but foreseeable: an answer, or one line that says what to do."""

import json
from datetime import date

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from whalecurve import engine
from whalecurve.cli.main import app_of

APP = app_of()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log of 400 customers over most of a year, and traits of them."""
    folder = tmp_path_factory.mktemp("odd")
    rng = np.random.default_rng(0)
    customers = rng.integers(1, 400, 3000)
    days = [date.fromordinal(date(2024, 1, 1).toordinal() + int(d)) for d in rng.integers(0, 333, 3000)]
    pl.DataFrame(
        {"customer_id": customers, "order_ts": days, "amount": rng.lognormal(3.0, 1.0, 3000).round(2)}
    ).write_parquet(folder / "orders.parquet")
    traits = pl.DataFrame({"customer_id": np.arange(1, 401), "age": rng.integers(18, 90, 400)})
    traits.with_columns(tiny=pl.col("age") * 1e-9).write_parquet(folder / "traits.parquet")
    return folder


def run(folder, *options, out="scores"):
    arguments = ["score", str(folder / "orders.parquet"), "--out", str(folder / out), "--overwrite", "--full", *options]
    return CliRunner().invoke(APP, arguments)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--covariates", "TRAITS", "--covariate-columns", "age,age"], "is named twice"),
        (["--covariate-columns", "age"], "give that file too"),
        (["--dropout-effect", "common"], "give that file too"),
        (["--model", "pnbd", "--covariates", "TRAITS", "--dropout-effect", "common"], "pnbd has one way"),
        (["--l2", "1e300"], "--l2 1e+300"),
        (["--horizon", "1000000000d"], "beyond any forecast"),
        (["--model", "auto", "--period", "month"], "--model auto counts time in --unit"),
        (["--model", "bgbb", "--period", "week", "--unit", "month"], "leave out --unit"),
    ],
)
def test_what_cannot_be_meant_is_one_line(folder, options, words):
    done = run(folder, *(str(folder / "traits.parquet") if o == "TRAITS" else o for o in options))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert words in done.stderr


def test_a_trait_on_a_tiny_scale_is_scored(folder):
    done = run(
        folder, "--covariates", str(folder / "traits.parquet"), "--covariate-columns", "tiny", "--format", "json"
    )
    assert done.exit_code == 0, done.output
    factors = [row["factor"] for row in json.loads(done.stdout)["model"]["covariates"]["coefficients"]]
    assert all(factor is None or np.isfinite(factor) for factor in factors)


def test_an_as_of_at_the_end_of_the_calendar_is_taken(folder):
    done = run(folder, "--model", "bgbb", "--period", "year", "--as-of", "9999-12-31")
    assert done.exit_code == 0, done.output


def test_too_long_a_period_is_the_reason_given(folder):
    done = run(folder, "--model", "bgbb", "--period", "year")
    assert "choose a shorter period" in done.stdout


def test_forecasts_by_period_say_where_they_begin(folder):
    done = run(
        folder, "--model", "bgbb", "--period", "month", "--as-of", "2024-11-20", "--horizon", "90d", "--format", "json"
    )
    record = json.loads(done.stdout)
    assert record["model"]["definitions"]["forecast_from"] == "2024-11-01"
    assert record["model"]["definitions"]["forecast_ends_in_units"] == 3.0
    assert any("began on 2024-11-01 is not over" in words for words in record["manifest"]["warnings"])
    whole = run(folder, "--model", "bgbb", "--period", "month", "--as-of", "2024-10-31", "--format", "json")
    record = json.loads(whole.stdout)
    assert record["model"]["definitions"]["forecast_from"] == "2024-11-01"
    assert not any("is not over" in words for words in record["manifest"]["warnings"])


@pytest.mark.filterwarnings("error")
def test_intervals_of_parameters_that_the_data_do_not_tell_are_no_warning_on_the_screen(folder):
    done = run(folder, "--model", "bgbb", "--period", "month", "--intervals", "0.9")
    assert done.exit_code == 0, done.output


def test_an_id_column_with_a_space_is_found_in_both_files(folder):
    orders = pl.read_parquet(folder / "orders.parquet").rename({"customer_id": "Customer ID"})
    orders.write_parquet(folder / "spaced.parquet")
    pl.read_parquet(folder / "traits.parquet").rename({"customer_id": "Customer ID"}).write_parquet(
        folder / "t.parquet"
    )
    scoring = engine.Scoring(covariates=str(folder / "t.parquet"), covariate_columns=("age",))
    columns = engine.Columns(customer='"Customer ID"')
    found = engine.score(folder / "spaced.parquet", out=folder / "spaced", columns=columns, scoring=scoring)
    assert found.model["covariates"]["coefficients"]


def test_a_dry_run_shows_every_setting(folder):
    done = run(folder, "--model", "bgbb", "--period", "month", "--intervals", "0.9", "--dry-run", "--format", "json")
    planned = json.loads(done.stdout)
    assert (planned["period"], planned["unit"], planned["intervals"]) == ("month", "month", 0.9)


def test_a_log_of_losses_alone_prints_without_empty_headings(folder):
    done = run(folder, "--amount", "-amount")
    assert done.exit_code == 0
    assert "what to do" not in done.stdout
