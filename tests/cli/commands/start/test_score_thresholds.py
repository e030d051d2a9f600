"""`whalecurve score --rfm-method`, `--rfm-cuts` and `--thresholds`."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from tests.support.logs import simple_log, write

CUTS = "r = [365, 180, 90, 30]\nf = [2, 3, 4, 6]\nm = [0, 5, 10, 25.5]\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thresholds")
    write(folder / "orders.parquet", simple_log(3_000, 500, seed=4))
    printed("score", folder / "orders.parquet", "--out", folder / "old", "--as-of", "2024-03-31", "--horizon", "90d")
    return folder


@pytest.fixture
def here(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("orders.parquet").symlink_to(folder / "orders.parquet")
    Path("old").symlink_to(folder / "old")
    Path("cuts.toml").write_text(CUTS)


@pytest.mark.usefixtures("here")
def test_settings_that_were_not_given_are_those_of_the_old_run():
    found = printed_json("score", "orders.parquet", "--out", "new", "--thresholds", "old", "--horizon", "90d")
    assert found["model"]["definitions"]["horizon_days"] == 90
    assert found["model"]["taken_from"]["path"] == "old/model.json"
    assert found["manifest"]["moved"]["from"] == found["model"]["taken_from"]
    assert {row["score"] for row in found["manifest"]["moved"]["scores"]} == {"r_score", "f_score", "m_score"}


@pytest.mark.usefixtures("here")
def test_the_report_puts_then_beside_now():
    said = printed("score", "orders.parquet", "--out", "new", "--thresholds", "old/model.json", "--full")
    moved = said.partition("thresholds and models of old/model.json, as of 2024-03-31, are used as they are\n")[2]
    old, new = (pl.read_parquet(f"{name}/customers") for name in ("old", "new"))
    assert moved.startswith(f"{old.height:,} customers then, {new.height:,} now\n")
    r_score = [f"{(customers['r_score'].drop_nulls() == 5).mean():.1%}" for customers in (old, new)]
    assert next(line for line in moved.splitlines() if line.startswith("score 5")).split()[2:4] == r_score
    value = [f"{customers.filter(pl.col('n_purchase_days') > 0)['value'].mean():,.2f}" for customers in (old, new)]
    assert next(line for line in moved.splitlines() if line.startswith("value ")).split()[1:] == value
    assert "population stability" in moved
    assert "population stability" not in printed("score", "orders.parquet", "--out", "other", "--full")


@pytest.mark.usefixtures("here")
def test_options_that_contradict_the_old_run_are_refused_from_a_settings_file_too():
    Path("settings.toml").write_text("horizon = 365\n")
    for given in (["--horizon", "365d"], ["--config", "settings.toml"]):
        said = refusal("score", "orders.parquet", "--out", "new", "--thresholds", "old", *given)
        assert "--horizon 90 there, 365 here" in said
    assert not Path("new").exists()


@pytest.mark.usefixtures("here")
def test_a_dry_run_checks_the_old_run_and_names_it():
    said = printed("score", "orders.parquet", "--out", "new", "--thresholds", "old", "--dry-run")
    assert "thresholds_from  " in said
    assert "old/model.json" in said
    assert "no-such" in refusal(
        "score", "orders.parquet", "--out", "new", "--thresholds", "no-such/model.json", "--dry-run"
    )


@pytest.mark.usefixtures("here")
def test_own_cut_offs_score_as_they_say_and_stand_in_the_model_file():
    Path("settings.toml").write_text('rfm-method = "fixed"\nrfm-cuts = "cuts.toml"\n')
    given = printed_json("score", "orders.parquet", "--out", "a", "--rfm-method", "fixed", "--rfm-cuts", "cuts.toml")
    printed("score", "orders.parquet", "--out", "b", "--config", "settings.toml")
    customers = pl.read_parquet("a/customers").sort("customer_id")
    assert customers.equals(pl.read_parquet("b/customers").sort("customer_id"))
    known = customers.drop_nulls("r_score")
    assert known["r_score"].to_list() == [1 + sum(d <= c for c in (365, 180, 90, 30)) for d in known["days_since_last"]]
    assert known["f_score"].to_list() == [1 + sum(n >= c for c in (2, 3, 4, 6)) for n in known["n_purchase_days"]]
    assert known["m_score"].to_list() == [1 + sum(v >= c for c in (0, 5, 10, 25.5)) for v in known["value"]]
    assert given["model"]["definitions"]["rfm_cuts"]["value"] == [0.0, 5.0, 10.0, 25.5]
    assert given["model"] == json.loads(Path("a/model.json").read_text())


@pytest.mark.usefixtures("here")
def test_the_number_of_scores_follows_from_the_cut_offs():
    Path("three.toml").write_text("r = [90, 30]\nf = [2, 4]\nm = [10, 50]\n")
    fixed = ("score", "orders.parquet", "--out", "x", "--rfm-method", "fixed", "--rfm-cuts", "three.toml")
    assert printed_json(*fixed)["model"]["definitions"]["rfm_bins"] == 3
    Path("two.toml").write_text("r = [90]\nf = [2]\nm = [10]\n")
    assert "the scheme is for 5 scores and --rfm-bins is 2" in refusal(*fixed[:-1], "two.toml", "--overwrite")
    assert "--rfm-bins 4 and --rfm-cuts for 3 scores; leave --rfm-bins out" in refusal(*fixed, "--rfm-bins", "4")


@pytest.mark.usefixtures("here")
def test_nested_thresholds_stand_in_the_model_file_and_results_with_them_can_be_compared():
    found = printed_json("score", "orders.parquet", "--out", "nested", "--rfm-method", "nested")
    cuts = found["model"]["thresholds"]
    assert [len(cuts["n_purchase_days"]), len(cuts["value"]), len(cuts["value"][0])] == [5, 5, 5]
    assert "nested scores have thresholds of their own" in printed(
        "compare", "old", "nested", "--allow", "rfm_method,horizon_days,forecast_ends_in_units"
    )


def test_an_unknown_method_is_wrong_usage():
    assert "'deciles' is not one of 'quantile', 'fixed', 'nested'" in misuse(
        "score", "a.parquet", "--out", "x", "--rfm-method", "deciles"
    )
