"""`whalecurve validate --labels` from the shell: text, JSON, Parquet, wrong usage."""

import json

import polars as pl
import pytest

from tests.support import cdnow
from tests.support.commands import misuse, printed, printed_json, refusal


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    cdnow.sample().write_parquet(path)
    return path


def test_the_text_says_how_many_labels_hold_and_shows_them_all(log):
    blocks = printed("validate", log, "--labels", "--cut", "1997-09-30").rstrip("\n").split("\n\n")
    assert blocks[0] == (
        "orders of 1997-01-01 to 1998-06-30; customers scored as of 1997-09-30, and each label held against what "
        "followed"
    )
    verdicts = pl.DataFrame(printed_json("validate", log, "--labels", "--cut", "1997-09-30")["verdicts"])["verdict"]
    n_few, n_holds = (verdicts == "too few").sum(), (verdicts == "holds").sum()
    assert (verdicts.len(), n_few > 0, n_holds > 0) == (27, True, True)
    assert blocks[1].splitlines()[0] == (
        f"{n_holds} of {27 - n_few} labels with enough customers hold: these then bought or spent more, or less, than "
        "the others, as the label claims, with 95 % intervals apart"
    )
    lines = blocks[2].splitlines()
    assert lines[0].split()[:3] == ["as", "of", "1997-09-30"]
    assert "bought in 90d" in lines[0]
    assert "365d" not in lines[0]  # 273 days followed
    assert len(lines) == 2 + 28
    (risk,) = (line for line in lines if line.startswith("churn risk"))
    assert risk.split()[2] == "high"
    assert risk.endswith("buy less    all others                     holds")
    assert blocks[3].startswith("churned as of 1997-09-30: ")


def test_json_is_the_whole_record_and_parquet_holds_the_tables(log, tmp_path):
    out = tmp_path / "found"
    found = printed_json("validate", log, "--labels", "--out", out)
    assert found == json.loads((out / "labels.json").read_text())
    assert found["cuts"] == ["1997-06-30", "1998-01-01"]
    assert pl.read_parquet(out / "labels.parquet").height == len(found["labels"]) == 3 * 28
    assert json.loads((out / "manifest.json").read_text())["command"] == "validate labels"


def test_labels_are_given_as_the_options_of_scoring_say(log):
    found = printed_json("validate", log, "--labels", "--cut", "1997-09-30", "--risk-threshold", "0.99")
    usual = printed_json("validate", log, "--labels", "--cut", "1997-09-30")
    high = [
        next(row["customers"] for row in one["labels"] if (row["scheme"], row["label"]) == ("risk", "high"))
        for one in (found, usual)
    ]
    assert high[0] < high[1]


def test_options_of_the_other_kind_of_validation_are_refused(log):
    assert "--holdout is for models; with --labels say --cut DATE" in misuse(
        "validate", log, "--labels", "--holdout", "90d"
    )
    assert "--cut says how customers are labelled; add --labels" in misuse("validate", log, "--cut", "1997-09-30")
    assert "--risk-threshold says how customers are labelled; add --labels" in misuse(
        "validate", log, "--risk-threshold", "0.4"
    )
    assert "--discount says how customers are labelled; add --labels" in misuse("validate", log, "--discount", "0.2")


def test_a_cut_without_a_past_is_an_error_that_names_the_days_there_are(log):
    words = refusal("validate", log, "--labels", "--cut", "1998-06-01")
    assert words == (
        "--cut 1998-06-01 has no past, or fewer than 90 days after it: orders are observed from 1997-01-01 to "
        "1998-06-30; cut between 1997-01-01 and 1998-04-01"
    )


def test_several_cuts_are_taken_in_order_of_time_and_each_once(log):
    cuts = ["--cut", "1997-09-30", "--cut", "1997-06-30", "--cut", "1997-09-30"]
    found = printed_json("validate", log, "--labels", *cuts)
    assert found["cuts"] == ["1997-06-30", "1997-09-30"]
    alone = printed_json("validate", log, "--labels", "--cut", "1997-09-30")
    assert [row for row in found["labels"] if row["cut"] == "1997-09-30"] == alone["labels"]


def test_other_options_are_still_given_once(log):
    assert "given 2 times; give it once" in misuse(
        "validate", log, "--labels", "--risk-threshold", "0.4", "--risk-threshold", "0.5"
    )


@pytest.mark.parametrize("cut", [[], ["--cut", "1997-01-05"]])
def test_a_log_of_fewer_days_than_labels_are_held_against_names_no_impossible_cut(tmp_path, cut):
    short = tmp_path / "short.parquet"
    cdnow.sample().filter(pl.col("order_ts") <= pl.date(1997, 3, 31)).write_parquet(short)
    assert refusal("validate", short, "--labels", *cut) == (
        "labels: orders are observed from 1997-01-01 to 1997-03-31, and 90 days after the first are needed to hold "
        "labels against; give a longer log"
    )


def test_where_no_label_has_enough_customers_none_is_said_to_fail(log, tmp_path):
    few = tmp_path / "few.parquet"
    cdnow.sample().filter(pl.col("customer_id") < 50).write_parquet(few)
    blocks = printed("validate", few, "--labels", "--cut", "1997-09-30").split("\n\n")
    first, *rest = blocks[1].splitlines()
    assert first == "no label has enough customers to say whether it holds"
    assert [line.split(":")[0] for line in rest] == ["too few customers to tell"]


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ('cut = ["1997-09-30", "1997-06-30"]', ["1997-06-30", "1997-09-30"]),
        ("cut = 1997-09-30", ["1997-09-30"]),
        ('cut = "1997-09-30"', ["1997-09-30"]),
    ],
)
def test_cuts_may_stand_in_the_settings_file_as_a_list_or_one_alone(log, tmp_path, text, cuts):
    (tmp_path / "settings.toml").write_text(f"labels = true\n{text}\n")
    found = printed_json("validate", log, "--config", tmp_path / "settings.toml")
    assert found["cuts"] == cuts


def test_a_list_within_a_list_of_cuts_is_wrong_usage(log, tmp_path):
    (tmp_path / "settings.toml").write_text('cut = [["1997-09-30"]]\n')
    assert '"cut" is a list, expected a single value' in misuse(
        "validate", log, "--labels", "--config", tmp_path / "settings.toml"
    )


def test_a_settings_file_serves_both_kinds_of_validation(log, tmp_path):
    (tmp_path / "both.toml").write_text(
        'holdout = "60d"\ncut = 1997-09-30\nrisk_threshold = 0.99\nvalue_axis = "total"\n'
    )
    models = printed_json("validate", log, "--config", tmp_path / "both.toml", "--model", "bgnbd")
    assert models["holdout_days"] == 60
    labels = printed_json("validate", log, "--labels", "--config", tmp_path / "both.toml")
    asked = ["--cut", "1997-09-30", "--risk-threshold", "0.99", "--value-axis", "total"]
    assert labels == printed_json("validate", log, "--labels", *asked)
