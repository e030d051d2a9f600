"""`whalecurve validate` from the shell: text, JSON, Parquet, one-line errors."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.support import cdnow
from tests.support.commands import APP

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    cdnow.sample().write_parquet(path)
    return path


def run(*arguments):
    return RUNNER.invoke(APP, ["validate", *map(str, arguments)], env={"COLUMNS": "200"})


def test_the_text_says_which_model_is_best_and_shows_every_table(log):
    done = run(log, "--holdout", "39w", "--unit", "week")
    assert done.exit_code == 0
    assert done.stderr == ""
    blocks = done.stdout.split("\n\n")
    assert blocks[0].startswith("models fitted to 1997-01-01 to 1997-09-30, held against the 273 days up to 1998-06-30")
    assert "2,357 customers, who then made 1,882 purchases" in blocks[0]
    words = "Pareto/NBD, BG/NBD and MBG/NBD predict equally well, and better than every baseline (by RMSE of purchases)"
    assert blocks[1].startswith(words)
    heads = [block.split("  ")[0] for block in blocks[2:8]]
    assert heads == [
        "purchases",
        "revenue",
        "revenue of a purchase, of those who bought",
        "purchases each, by repeats before",
        "Pareto/NBD, decile of P(purchase within 105 days)",
        "3 weeks to",
    ]
    lines = blocks[5].splitlines()
    assert lines[2].split() == ["customers", "1,411", "439", "214", "100", "62", "38", "29", "64"]
    assert lines[3].split() == ["actual", "0.237", "0.697", "1.393", "1.560", "2.532", "2.947", "3.862", "6.359"]
    assert len(blocks[7].splitlines()) == 2 + 13


def test_json_is_the_whole_record_and_parquet_holds_the_tables(log, tmp_path):
    out = tmp_path / "found"
    done = run(log, "--holdout", "90d", "--model", "bgnbd", "--out", out, "--format", "json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found == json.loads((out / "validation.json").read_text())
    assert found["best_model"] == "bgnbd"
    assert [one["name"] for one in found["predictions"]] == [
        "bgnbd",
        "last_period",
        "own_rate",
        "pooled_rate",
        "last_season",
    ]
    customers = pl.read_parquet(out / "customers.parquet")
    assert customers.height == found["customers"]
    assert customers["actual_purchases"].sum() == found["actual"]["purchases"]
    weeks = found["tracking"]
    assert len(weeks["last_day"]) == len(weeks["expected"]["bgnbd"]) == len(weeks["actual"])
    assert weeks["last_day"][-1] == found["as_of"]


def test_a_settings_file_stands_for_options(log, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text('holdout = "30d"\nmodel = "mbgnbd"\nvalue = "revenue"\n')
    found = json.loads(run(log, "--config", settings, "--format", "json").stdout)
    assert (found["holdout_days"], found["best_model"]) == (30, "mbgnbd")


def test_where_it_was_written_is_the_last_line(log, tmp_path):
    done = run(log, "--model", "bgnbd", "--out", tmp_path / "found")
    assert done.stdout.splitlines()[-1] == f"written to {tmp_path / 'found'}"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--holdout", "0d"), 1, "error: --holdout 0 is not ahead"),
        (
            ("--holdout", "3y"),
            1,
            "error: --holdout 1096 leaves no past: orders begin on 1997-01-01, 545 days before",
        ),
        (("--model", "best"), 1, 'error: --model "best" is unknown'),
        (("--holdout", "soon"), 2, '"soon" is no span of time'),
    ],
)
def test_errors_are_one_line_and_set_the_exit_status(arguments, status, message, log):
    done = run(log, *arguments)
    assert done.exit_code == status
    assert done.stdout == ""
    assert message in done.stderr
    assert status == 2 or len(done.stderr.splitlines()) == 1


def test_help_shows_an_example_that_runs(log, monkeypatch):
    text = " ".join(run("--help").stdout.split())
    assert 'whalecurve validate orders/ --holdout 90d --amount "price * quantity"' in text
    goods = log.parent / "goods" / "orders"
    goods.mkdir(parents=True)
    pl.read_parquet(log).with_columns(price=pl.col("amount"), quantity=2).drop("amount").write_parquet(
        goods / "1.parquet"
    )
    monkeypatch.chdir(goods.parent)
    done = run("orders/", "--holdout", "90d", "--amount", "price * quantity")
    assert done.exit_code == 0, done.stderr
