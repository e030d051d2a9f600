"""`whalecurve compare` from the shell: a log whose moves are worked out by hand, text, JSON, one-line errors."""

import json
from datetime import date

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal, run
from tests.support.quarters import SCHEME

BOUGHT = {
    "ann": "01-10 02-10 03-10 04-10 05-10",
    "bob": "01-05 02-05 03-25",
    "cat": "01-20 01-30 06-20",
    "dan": "01-03 06-01",
    "eve": "01-08",
    "fay": "03-20 04-20",
    "gil": "03-28",
    "hal": "01-15 02-15",
    "ivy": "06-10",
    "jon": "04-05",
    "kim": "06-25 06-28",
}
"""Days of 2024 on which each customer bought for 10."""

RETURNED = {"ivy": "02-01", "lou": "03-01"}
"""Days on which each customer returned goods for 5."""

# With two scores, whoever has half of all below them has score 2.
# 31 March, 8 customers with a purchase: R 2 to gil, bob, fay, ann (the latest four), F 2 to ann, bob (3), cat, hal (2).
# 30 June, 11 of them, so with six below: R 2 to kim, cat, ivy, dan, ann; F 2 to ann (5), bob, cat (3), but not to dan,
# fay, hal, kim (2), who have four below them.
MOVES = {
    "ann": ("Faithful", "Faithful"),
    "bob": ("Faithful", "Fading"),
    "cat": ("Fading", "Faithful"),
    "dan": ("Gone", "Fresh"),
    "eve": ("Gone", "Gone"),
    "fay": ("Fresh", "Gone"),
    "gil": ("Fresh", "Gone"),
    "hal": ("Fading", "Gone"),
    "ivy": (None, "Fresh"),
    "jon": ("(new)", "Gone"),
    "kim": ("(new)", "Fresh"),
    "lou": (None, None),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The log, and its results of the end of March and of June, the latter also for February to June alone."""
    folder = tmp_path_factory.mktemp("log")
    lines = [
        {"customer_id": who, "order_ts": date.fromisoformat(f"2024-{day}"), "amount": amount}
        for days, amount in ((BOUGHT, 10.0), (RETURNED, -5.0))
        for who, on in days.items()
        for day in on.split()
    ]
    pl.DataFrame(lines).write_parquet(folder / "log.parquet")
    (folder / "scheme.toml").write_text(SCHEME)
    scored = [folder / "log.parquet", "--segments", folder / "scheme.toml", "--rfm-bins", "2"]
    printed("score", *scored, "--out", folder / "march", "--as-of", "2024-03-31")
    printed("score", *scored, "--out", folder / "june", "--as-of", "2024-06-30", "--layout", "flat")
    printed("score", *scored, "--out", folder / "since", "--as-of", "2024-06-30", "--since", "2024-02-01")
    return folder


def test_every_customer_moves_as_worked_out_by_hand(folder, tmp_path):
    found = printed_json("compare", folder / "march", folder / "june", "--out", tmp_path / "moved")
    customers = pl.read_parquet(tmp_path / "moved" / "customers.parquet")
    seen = {
        row["customer_id"]: (
            "(new)" if row["status"] == "new" else row["previous_rfm_segment"],
            row["current_rfm_segment"],
        )
        for row in customers.to_dicts()
    }
    assert seen == MOVES
    rfm = found["schemes"][0]
    assert {(move["from"], move["to"]): move["customers"] for move in rfm["moves"]} == {
        pair: list(MOVES.values()).count(pair) for pair in MOVES.values()
    }
    assert rfm["retained_share"] == 3 / 10  # ann, eve and lou of the ten of March
    # A half each of Faithful, Gone and no purchase stay, of Fresh and Fading nobody: (5 - 1.5) / (5 - 1)
    assert rfm["mobility"] == 7 / 8
    flows = {row["segment"]: row for row in rfm["segments"]}
    assert {name: row["net_flow"] for name, row in flows.items()} == {
        "Faithful": 0,
        "Fresh": 1,
        "Fading": -1,
        "Gone": 3,
        None: -1,
    }
    # ann of ann and bob; fay of fay and gil; cat of cat and hal; dan of dan and eve; ivy of ivy and lou
    assert {name: row["bought_since_share"] for name, row in flows.items()} == dict.fromkeys(flows, 1 / 2)
    # Faithful: ann and bob with three purchases each; then ann 5 and cat 3
    assert (flows["Faithful"]["value_old"], flows["Faithful"]["value_new"]) == (60.0, 80.0)
    assert (flows[None]["value_old"], flows[None]["value_new"]) == (-10.0, -5.0)
    cuts = [(row["threshold"], row["old"], row["new"]) for row in found["thresholds"][:3]]
    assert cuts == [
        ("days_since_last", 21, 51),  # ann's last, 10 March, and 10 May
        ("n_purchase_days", 2, 3),
        ("value", 20.0, 30.0),
    ]
    groups = {name: group["customers"] for name, group in found["customers"].items()}
    assert (groups["in_old"], groups["in_new"], groups["new"], groups["lost"]) == (10, 12, 2, 0)
    assert groups["bought_since"] == 5  # ann, cat, dan, fay, ivy
    assert found == json.loads((tmp_path / "moved" / "compare.json").read_text())


def test_who_is_out_of_a_shorter_window_is_lost(folder):
    line = refusal("compare", folder / "march", folder / "since")
    assert 'definitions differ: since none against "2024-02-01"; score both alike' in line
    found = printed_json("compare", folder / "march", folder / "since", "--allow", "since")
    lost = [move for move in found["schemes"][0]["moves"] if move["to"] == "(lost)"]
    assert [(move["from"], move["customers"]) for move in lost] == [("Gone", 1)]  # eve
    assert found["customers"]["lost"]["value_old"] == 10.0
    assert found["warnings"][0] == "since differs, as allowed"
    assert "CLV and risk are not reliable: 8 buyers (at least 500 needed)" in found["warnings"][1]


def test_the_text_shows_flows_matrix_moves_thresholds_and_parameters(folder, tmp_path):
    text = printed("compare", folder / "march", folder / "june", "--out", tmp_path / "moved")
    blocks = text.split("\n\n")
    assert blocks[0].startswith(
        "2024-03-31 to 2024-06-30, 91 days: 10 customers then, 12 now\n"
        "10 in both, 5 of whom bought since; 2 new, 0 lost\n"
    )
    assert blocks[1] == "segment: 30.0% stayed; mobility 0.875 (Shorrocks)"
    flows = [line.split() for line in blocks[2].splitlines()]
    assert flows[2][:10] == ["Faithful", "2", "2", "50.0%", "50.0%", "1", "1", "+0", "60", "80"]
    matrix = [line.split("  ") for line in blocks[3].splitlines()]
    assert matrix[0][0] == "segment then, and now"
    assert [cell.strip() for cell in matrix[2] if cell] == ["Faithful", "2", "50.0%", "-", "50.0%", "-", "-"]
    assert blocks[3].splitlines()[-1].split() == ["(new)", "2", "-", "50.0%", "-", "50.0%", "-"]
    assert any(block.startswith("moved from") for block in blocks)
    assert any(block.startswith("threshold") and "days since last  then       21" in block for block in blocks)
    assert text.endswith(f"\n\nwritten to {tmp_path / 'moved'}\n")


def test_a_result_against_itself_has_nobody_move(folder):
    found = printed_json("compare", folder / "june", folder / "june")
    schemes = {scheme["scheme"]: scheme for scheme in found["schemes"]}
    assert list(schemes) == ["rfm", "matrix", "clv_tier", "lifecycle_stage", "loyalty_tier"]
    assert {scheme["retained_share"] for scheme in schemes.values()} == {1.0}
    assert schemes["rfm"]["mobility"] == 0.0
    assert all(move["from"] == move["to"] for scheme in found["schemes"] for move in scheme["moves"])
    assert all(row["difference"] == 0 for row in found["parameters"])
    assert "moved from" not in printed("compare", folder / "june", folder / "june")


def test_since_when_goes_on_from_an_earlier_comparison(folder, tmp_path):
    moved, moved_on = tmp_path / "moved", tmp_path / "moved-on"
    printed("compare", folder / "march", folder / "june", "--out", moved)
    later = [folder / "log.parquet", "--segments", folder / "scheme.toml", "--rfm-bins", "2", "--as-of", "2024-07-31"]
    printed("score", *later, "--out", tmp_path / "july")
    printed("compare", folder / "june", tmp_path / "july", "--previous", moved, "--out", moved_on)
    customers = pl.read_parquet(moved_on / "customers.parquet")
    since = dict(customers.select("customer_id", "segment_since").rows())
    assert (since["ann"], since["bob"]) == (date(2024, 3, 31), date(2024, 6, 30))
    assert customers["status"].unique().to_list() == ["kept"]


def test_foreseen_failures_are_one_line(folder, tmp_path):
    assert "swap them?" in refusal("compare", folder / "june", folder / "march")
    assert "no such directory" in refusal("compare", folder / "gone", folder / "march")
    assert "holds the result that is read" in refusal(
        "compare", folder / "march", folder / "june", "--out", folder / "june", "--overwrite"
    )
    assert "no such definition" in refusal("compare", folder / "march", folder / "june", "--allow", "luck")
    assert "Missing argument 'NEW'" in misuse("compare", folder / "march")


def test_a_settings_file_stands_for_options(folder, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text(f'allow = "since, value"\nout = "{tmp_path / "moved"}"\n')
    done = run("compare", folder / "march", folder / "since", "--config", settings)
    assert done.stdout.endswith(f"written to {tmp_path / 'moved'}\n")


def test_help_shows_an_example_that_runs(folder, monkeypatch):
    assert "whalecurve compare scores-may scores-june --out moved" in " ".join(run("compare", "--help").stdout.split())
    monkeypatch.chdir(folder)
    for name, link in (("march", "scores-may"), ("june", "scores-june")):
        (folder / link).symlink_to(folder / name)
    printed("compare", "scores-may", "scores-june", "--out", "moved")
