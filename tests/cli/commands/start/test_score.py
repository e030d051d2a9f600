import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.golden.scored import EXPECTED, scored
from tests.support.commands import printed, printed_json, refusal, run
from tests.support.logs import log, write, write_all
from whalecurve import engine

ONE_TIME_BUYERS = log(customer_id=[1, 2, 3, 4, 5, 6])  # no model can be fitted, so a run takes no time
WRITTEN = [
    "concentration.parquet",
    "customers",
    "manifest.json",
    "measures",
    "measures.json",
    "model.json",
    "refused.parquet",
    "schema.json",
    "segment_quality.parquet",
    "segments.parquet",
]


@pytest.fixture
def orders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "orders.parquet", ONE_TIME_BUYERS).name


def test_the_golden_orders_score_as_worked_out_by_hand(tmp_path):
    assert scored(tmp_path) == json.loads(EXPECTED.read_text(encoding="utf-8"))


def test_a_run_says_what_came_out_and_writes_what_is_documented(orders):
    said = printed("score", orders, "--out", "scores", "--full")
    assert said.startswith("6 customers, 0 of them with more than one purchase day, as of 2024-01-20\n")
    assert "6 order lines read: 6 used, 0 refused\n" in said
    assert "note: no purchase model: " in said
    assert said.endswith("written to scores\n")
    assert sorted(path.name for path in Path("scores").iterdir()) == WRITTEN


def test_json_is_one_object_that_holds_the_files_that_were_written(orders):
    found = printed_json("score", orders, "--out", "scores")
    assert found["out"] == "scores"
    assert found["manifest"] == json.loads(Path("scores/manifest.json").read_text())
    assert found["model"] == json.loads(Path("scores/model.json").read_text())
    assert len(found["segments"]) == pl.read_parquet("scores/segments.parquet").height


def test_the_manifest_accounts_for_every_row_and_every_input(orders):
    write_all(Path("more"), log(amount=[1.0, *[float("nan")] * 2, 4.0, 5.0, 6.0]))
    found = printed_json("score", orders, "more", "--out", "scores", "--max-refused", "0.5", "--as-of", "2024-01-09")
    rows = found["manifest"]["rows"]
    assert rows == {"read": 12, "filtered": 0, "used": 8, "refused": {"amount_not_finite": 2, "after_as_of": 2}}
    assert [(file["path"], file["rows"]) for file in found["manifest"]["inputs"]] == [
        ("more/p0.parquet", 6),
        (orders, 6),
    ]
    assert pl.read_parquet("scores/refused.parquet").height == 4
    assert set(found["manifest"]["timings"]) >= {"open", "summary", "fit", "score", "write"}


@pytest.mark.parametrize(
    ("lines", "customers"),
    [
        (ONE_TIME_BUYERS, 6),
        (log(customer_id=pl.lit(7)), 1),
        (log(order_ts=pl.date(2024, 1, 1)), 3),
        (log().head(1), 1),
    ],
    ids=["one-time buyers", "one customer", "one day", "one line"],
)
def test_a_log_without_history_gives_scores_and_says_why_there_is_no_clv(orders, lines, customers):
    write(Path(orders), lines)
    said = printed("score", orders, "--out", "scores", "--layout", "flat", "--full")
    assert said.startswith(f"{customers} customer")
    table = pl.read_parquet("scores/customers")
    assert table.height == customers
    assert table["clv"].null_count() == customers
    assert table["rfm_segment"].null_count() == 0
    assert pl.read_parquet("scores/concentration.parquet").height > 0
    model = json.loads(Path("scores/model.json").read_text())
    reasons = [model[part]["reason"] for part in ("transactions", "spend") if model[part].get("reason")]
    assert reasons
    for reason in reasons:
        assert reason in said
    with_intervals = printed("score", orders, "--out", "scores", "--overwrite", "--intervals", "0.9", "--full")
    assert "note: no intervals: there is no purchase model" in with_intervals or "are null: " in with_intervals


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(orders):
    args = ["score", orders, "--out", "scores", "--where", "amount > 2", "--horizon", "90d", "--dry-run"]
    said = printed(*args)
    assert said.startswith("1 file, 6 rows; nothing was read or written\n")
    assert re.search(r"^where +amount > 2$", said, re.MULTILINE)
    planned = printed_json(*args, "--memory", "4GB")
    assert (planned["horizon_days"], planned["memory"], planned["passes"]) == (90, 4_000_000_000, 1)
    assert 0 < planned["memory_at_least"] < 4_000_000_000
    assert printed_json(*args, "--model", "auto")["passes"] == 2
    assert re.search(r"^memory +4,000.0 MB$", printed(*args, "--memory", "4GB"), re.MULTILINE)
    assert "--memory 1MB is too little; the least that would do is " in refusal(*args, "--memory", "1MB")
    assert not Path("scores").exists()


def test_a_second_run_needs_overwrite_and_then_replaces_the_first(orders):
    printed("score", orders, "--out", "scores")
    before = {path: path.read_bytes() for path in Path("scores").rglob("*") if path.is_file()}
    assert "exists; choose another directory, or replace it with --overwrite" in refusal(
        "score", orders, "--out", "scores"
    )
    assert {path: path.read_bytes() for path in Path("scores").rglob("*") if path.is_file()} == before
    printed("score", orders, "--out", "scores", "--overwrite", "--layout", "flat", "--where", "amount > 3")
    assert pl.read_parquet("scores/customers").height == 3


def test_a_failing_run_leaves_the_previous_result(orders):
    printed("score", orders, "--out", "scores")
    before = {path: path.read_bytes() for path in Path("scores").rglob("*") if path.is_file()}
    write(Path(orders), ONE_TIME_BUYERS.clear())
    assert "no rows at all" in refusal("score", orders, "--out", "scores", "--overwrite")
    assert {path: path.read_bytes() for path in Path("scores").rglob("*") if path.is_file()} == before


def test_scores_kept_among_the_orders_are_not_read_as_orders(orders):
    write_all(Path("shop"), ONE_TIME_BUYERS)
    first = printed_json("score", "shop", "--out", "shop/scores")
    again = printed_json("score", "shop", "--out", "shop/scores", "--overwrite")
    assert again["manifest"]["inputs"] == first["manifest"]["inputs"]
    assert again["manifest"]["rows"] == first["manifest"]["rows"]
    assert printed("check", "shop/**/*.parquet").startswith("1 file, 6 rows")


def test_options_reach_the_engine(orders):
    args = ["--rfm-bins", "5", "--horizon", "12w", "--risk-horizon", "2m", "--discount", "0.2", "--unit", "week"]
    args += ["--risk-threshold", "0.6", "--value-quantile", "0.7", "--segments", "soulmates", "--since", "2024-01-02"]
    args += ["--value", "revenue", "--margin", "amount / 2", "--timezone", "Asia/Tokyo", "--memory", "8GB"]
    found = printed_json("score", orders, "--out", "scores", *args)["model"]["definitions"]
    expected = {
        "horizon_days": 84,
        "risk_days": 61,
        "annual_discount": 0.2,
        "unit": "week",
        "risk_threshold": 0.6,
        "value_quantile": 0.7,
        "scheme": "soulmates",
        "since": "2024-01-02",
        "value": "revenue",
        "timezone": "Asia/Tokyo",
    }
    assert expected.items() <= found.items()
    assert found["columns"]["margin"] == "amount / 2"


def test_the_command_line_adds_nothing_to_the_engine(orders):
    found = printed_json("score", orders, "--out", "scores")
    again = engine.score(orders, out="again")
    assert found["segments"] == json.loads(json.dumps(again.segments.to_dicts()))
    assert found["model"] == json.loads(json.dumps(again.model))


def test_in_a_pipe_stderr_is_empty_and_stages_are_logged_if_asked_for(orders):
    command = [sys.executable, "-m", "whalecurve.cli", "score", orders, "--out", "scores", "--overwrite"]
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    assert "\nwritten to scores: " in quiet.stdout
    verbose = subprocess.run([*command, "--verbose"], capture_output=True, text=True, check=True)
    assert verbose.stdout == quiet.stdout
    stages = re.findall(r"^\S+ \S+ INFO (\w+): \d+\.\d+ s$", verbose.stderr, re.MULTILINE)
    assert stages == ["open", "summary", "fit", "score", "write", "measures"]
    assert len(verbose.stderr.splitlines()) == len(stages)


def test_an_unfit_setting_is_found_before_any_row_is_read(orders, monkeypatch):
    def unexpected(*_):
        raise AssertionError("rows were read")

    monkeypatch.setattr("whalecurve.engine.scoring.prepare.read_totals", unexpected)
    Path("scores").mkdir()
    Path("scores/x").touch()
    assert run("score", orders, "--out", "scores").exit_code == 1
    assert run("score", orders, "--out", "other", "--segments", "nosuch").exit_code == 1


def test_totals_of_customers_are_scored_in_the_place_of_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    days = {f"{name}_day": date(2024, 1, day) for name, day in (("first", 1), ("second", 11), ("last", 21))}
    money = {name: 30_000_000 for name in ("revenue", "sold", "year_revenue")}
    row = {"totals_version": 1, "observed_from": date(2024, 1, 1), "as_of": date(2024, 3, 1), "gaps": [10, 10], **days}
    row |= money | {"returned": 0, "first_revenue": 10_000_000, "early_revenue": 0}
    row |= {"n_purchase_days": 3, "n_orders": 3, "n_lines": 4, "n_return_lines": 0}
    pl.DataFrame([row | {"customer_id": n} for n in range(8)]).write_parquet("totals.parquet")
    said = printed("score", "totals.parquet", "--totals", "--out", "scores", "--full")
    assert "32 order lines read: 32 used" in said
    assert "note: totals of customers say nothing of days" in said
    assert pl.read_parquet("scores/customers")["monetary_value"].to_list() == [10.0] * 8
    assert not Path("scores/measures").exists()
    planned = printed_json("score", "totals.parquet", "--totals", "--out", "other", "--dry-run")
    assert planned["as_of"] == "last day in the data"
    told = refusal("score", "totals.parquet", "--totals", "--out", "other", "--model", "auto")
    assert told.startswith("--model auto chooses by the last days of the orders, which --totals do not have; name one")
    assert "no column totals_version" in refusal("score", "scores/segments.parquet", "--totals", "--out", "other")
