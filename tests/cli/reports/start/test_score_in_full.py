"""What a run looks like to the person who asked for it."""

import json
from dataclasses import replace

import polars as pl
import pytest

from tests.support.scored_shop import scored_shop
from whalecurve import engine
from whalecurve.cli.errors import in_options
from whalecurve.cli.reports.start.score_in_full import run_json, run_text


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return scored_shop(tmp_path_factory.mktemp("shop"))


def test_the_first_lines_say_how_many_customers_and_what_they_bring(run):
    customers, rows = run.manifest["customers"], run.manifest["rows"]
    refused = rows["refused"]["null_customer"]
    text = run_text(run).splitlines()
    assert text[0].startswith(
        f"{customers['all']} customers, {customers['repeat']} of them with more than one purchase"
    )
    assert text[1] == (
        f"{rows['read']} order lines read: {rows['used']} used, {refused} refused ({refused} null_customer)"
    )
    assert text[2].startswith("margin ")
    assert "customers account for" in text[3]
    assert any(" with a negative margin, -" in line for line in text)


def test_segments_and_cells_are_tabled_with_what_to_do(run):
    text = run_text(run)
    for row in run.segments.to_dicts():
        if row["segment"] is not None and row["customers"]:
            assert f"\n{row['segment']} " in text
            assert (row["action"] in text) == (row["scheme"] in ("rfm", "matrix"))


def test_value_at_stake_is_said_of_whom_to_retain_and_tabled_by_cell(run):
    (retain,) = (row for row in run.segments.to_dicts() if row["segment"] == "Retain")
    assert retain["customers"] > 0
    text = run_text(run)
    assert (
        f"\nRetain: {retain['customers']} customers, {retain['value_at_stake']:,.0f} of the next 365 days at " in text
    )
    (line,) = (line for line in text.splitlines() if line.startswith("Retain  "))
    assert line.split()[-1] == f"{retain['value_at_stake']:,.0f}"


def test_the_risk_horizon_and_its_test_are_told(run):
    risk = run.model["risk"]
    text = run_text(run)
    rhythm = "80% of the purchases that are followed by another have been"
    for days, followed, said in (
        (365, None, "365 days, the longest: nobody has come back yet"),
        (365, 651, f"365 days, the longest: {rhythm} after 651"),
        (111, 111, f"111 days: by then {rhythm}"),
        (30, 9, f"30 days, the shortest: {rhythm} after 9"),
    ):
        other = risk | {"horizon_days": days, "followed_days": followed}
        assert f"\nrisk horizon {said}\n" in run_text(replace(run, model=run.model | {"risk": other}))
    said = f"AUC {risk['test']['auc']:.2f}" if risk["test"] else f"not tested: {risk['untested']}"
    assert said in text
    tested = {"split": "2024-01-31", "days": 60, "n_customers": 1000, "n_bought": 400, "auc": 0.5}
    tested |= {"brier": 0.25, "brier_of_base_rate": 0.24}
    withheld = replace(run, model=run.model | {"risk": risk | {"test": tested, "withheld": "no better than chance"}})
    assert "\nrisk x value" not in run_text(withheld)
    assert "400 of 1,000 customers bought; AUC 0.50, Brier score 0.250 against 0.240" in run_text(withheld)


def test_clv_tiers_are_tabled_with_their_customers_whose_spend_is_falling(run):
    customers = pl.read_parquet(run.out / "customers" / "**" / "*.parquet").filter("spend_falling")
    n = {tier: customers.filter(clv_tier=tier).height for tier in ("high", "middle", "low")}
    assert run.manifest["customers"]["spend_falling"] == n
    assert n["middle"] > 0
    tiers = run_text(run).partition("\nCLV tier ")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[-1] for line in tiers[2:5]] == [f"{one:,}" for one in n.values()]


def test_who_is_due_is_said_with_what_tells_it_and_how_far_off_it_was(run):
    customers = pl.read_parquet(run.out / "customers" / "**" / "*.parquet")
    overdue = customers["is_overdue"].sum()
    ahead = (pl.col("next_purchase") - run.as_of).dt.total_days()
    soon = customers.filter(~pl.col("is_overdue") & (ahead <= 30)).height
    assert run.manifest["customers"]["due"] == {"soon": soon, "overdue": overdue}
    who = f"{soon} customer{'' if soon == 1 else 's'} due within 30 days, {overdue} overdue"
    told = {"basis": "rhythm", "chosen": "auto", "test": None, "untested": "too short"}
    text = run_text(replace(run, model=run.model | {"next_purchase": told}))
    assert f"\nnext purchase by the customer's rhythm: {who}\n  not tested: too short" in text
    test = {"split": "2024-01-31", "days": 60, "n_customers": 1000, "model_error": 12.34, "rhythm_error": 15.0}
    text = run_text(replace(run, model=run.model | {"next_purchase": told | {"basis": "model", "test": test}}))
    assert f"\nnext purchase by the purchase model: {who}\n" in text
    assert "of 1,000 customers, off by 12.3 days by the model, by 15.0 by the rhythm" in text
    old = replace(run, model={name: part for name, part in run.model.items() if name != "next_purchase"})
    assert "\nnext purchase by" not in run_text(old)


def test_the_measures_are_said_in_short(run):
    measures = run.measures["groups"][0]
    text = run_text(run)
    assert f"\n{measures['repeat_rate']:.1%} of buyers bought again; " in text
    assert f"\n{measures['stickiness']:.1%} of new customers came back within 90 days; " in text
    assert f"median time between purchases {measures['gap_p50']:.10g} days" in text


def test_models_come_with_errors_and_fit(run):
    text = run_text(run)
    assert "\nBG/NBD: r = " in text
    assert "\n  fit: " in text
    assert "\nGamma-Gamma: p = " in text
    assert f"{run.model['transactions']['params']['r']:.4g}" in text


def test_every_warning_of_the_manifest_is_a_note(run):
    assert run.manifest["warnings"]
    for words in run.manifest["warnings"]:
        assert f"\nnote: {in_options(words)}" in run_text(run)


def test_the_last_line_says_where(run):
    assert run_text(run).endswith(f"\n\nwritten to {run.out}")


def test_json_holds_all_of_it_and_no_nan(run):
    assert json.loads(run_json(run)) == {
        "out": str(run.out),
        "manifest": run.manifest,
        "model": json.loads(json.dumps(run.model)),
        "segments": run.segments.to_dicts(),
        "measures": run.measures,
    }
    segments = pl.DataFrame({"clv": [float("nan")]})
    with pytest.raises(ValueError, match="Out of range float"):
        run_json(engine.Run(path=run.out, as_of=run.as_of, manifest={}, model={}, segments=segments))
