"""The first screen of a run: who, what they are worth, who may leave, what to do, where to go on."""

from dataclasses import replace

import polars as pl
import pytest

from tests.support.scored_shop import scored_shop
from whalecurve.cli.reports.start.score_first_screen import MOST_ACTIONS, MOST_NOTES, screen_text


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return scored_shop(tmp_path_factory.mktemp("shop"))


def withheld(run):
    risk = run.model["risk"] | {"withheld": "no better than chance"}
    return replace(run, model=run.model | {"risk": risk})


def with_notes(run, *words, reasons=()):
    reliability = {"is_reliable": not reasons, "reasons": list(reasons)}
    return replace(run, manifest=run.manifest | {"warnings": list(words), "reliability": reliability})


def test_it_has_some_twenty_lines_of_at_most_80_columns_but_for_the_path(run):
    lines = screen_text(run).replace(str(run.out), "scores").splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 28


def test_it_says_who_they_are_and_what_they_are_worth(run):
    customers, rows, shares = (run.manifest[name] for name in ("customers", "rows", "concentration"))
    refused, clv = rows["refused"]["null_customer"], f"{customers['clv']:,.0f}"
    first = screen_text(run).splitlines()[:5]
    again = customers["repeat"] / customers["with_purchase"]
    assert first[0] == f"{customers['all']} customers as of {run.manifest['as_of']}; {again:.1%} of buyers bought again"
    assert first[1] == f"{rows['used']} of {rows['read']} order lines used, {refused} refused (refused.parquet)"
    assert first[2].startswith(f"margin {shares['all']['total']:,.0f}; the top 20% of customers account for ")
    assert first[3].endswith(f" purchases, customer lifetime value (CLV) {clv}")
    assert first[4].startswith(f"churn risk: no purchase within {run.model['risk']['horizon_days']} days; ")


def test_cells_with_customers_are_tabled_with_shares_and_stakes(run):
    text = screen_text(run)
    for row in run.segments.filter(pl.col("scheme") == "matrix", pl.col("segment").is_not_null()).to_dicts():
        found = [line.split() for line in text.splitlines() if line.startswith(f"{row['segment']} ")]
        if not row["customers"]:
            assert found == []
            continue
        shares = [f"{row[name]:.1%}" for name in ("customer_share", "value_share", "clv_share", "mean_churn_risk")]
        assert found == [[row["segment"], f"{row['customers']:,}", *shares, f"{row['value_at_stake']:,.0f}"]]


def test_it_says_what_to_do_the_most_urgent_first(run):
    actions = [row for row in run.manifest["next_best_actions"] if row["customers"]]
    assert len(actions) > MOST_ACTIONS
    lines = screen_text(run).splitlines()
    at = lines.index("what to do, most urgent first (next_best_action of each customer)")
    for line, row in zip(lines[at + 1 :], actions[:MOST_ACTIONS], strict=False):
        label = row["from"].partition(": ")[2]
        assert f"  {row['customers']:,} {label}: {row['action']}".startswith(line.removesuffix(" ..."))
    assert lines[at + 1 + MOST_ACTIONS] == ""


def test_the_largest_segments_are_named_in_a_line_or_tabled_where_risk_is_withheld(run):
    rows = run.segments.filter(pl.col("scheme") == "rfm", pl.col("segment").is_not_null()).sort(
        "customers", descending=True, maintain_order=True
    )
    name, customers = rows[0, "segment"], rows[0, "customers"]
    assert f"\nsegments: {name} {customers}, " in screen_text(run)
    other = screen_text(withheld(run))
    assert "\nrisk x value" not in other
    assert "; withheld, see the notes\n" in other
    table = other.partition("\nsegment ")[2].splitlines()[2:]
    assert table[0].split()[:-3] == [*name.split()]
    assert table[0].split()[-3] == f"{customers:,}"


def test_notes_are_cut_to_a_line_and_counted(run):
    long = "word " * 40
    said = screen_text(with_notes(run, long, *"abcd"))
    notes = [line for line in said.splitlines() if line.startswith("note: ")]
    assert notes[0] == "note: " + "word " * 14 + "..."
    assert notes[1:] == ["note: a", "note: b", "note: 2 more notes, see --full"]
    assert len(notes) == MOST_NOTES + 1
    assert "note:" not in screen_text(with_notes(run))


def test_the_last_lines_say_where_it_is_and_what_to_run_next(run):
    *_, where, more, following = screen_text(run).splitlines()
    assert where.startswith(f"written to {run.out}: customers/")
    assert more.endswith(": --full")
    assert following == f"next: whalecurve report {run.out}"


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ({"r_score": "stable", "rfm": "stable"}, "all scores and segments are stable"),
        ({"r_score": "moved", "rfm": "moved much"}, "R moved, segment moved much"),
    ],
)
def test_scores_that_moved_since_the_old_run_are_named(run, verdicts, said):
    stability = {name: {"index": 0.3, "verdict": verdict} for name, verdict in verdicts.items()}
    moved = {"from": {"path": "old/model.json"}, "stability": stability}
    text = screen_text(replace(run, manifest=run.manifest | {"moved": moved}))
    assert f"\nagainst old/model.json: {said}\n" in text


def test_why_forecasts_are_not_reliable_is_a_line_before_them_and_takes_the_place_of_a_note(run):
    unreliable = with_notes(run, *"abcd", reasons=["73 buyers (at least 500 needed)"])
    lines = screen_text(unreliable).splitlines()
    assert lines[5] == "CLV and risk are not reliable: 73 buyers (at least 500 needed)"
    notes = [line for line in lines if line.startswith("note: ")]
    assert notes == ["note: a", "note: b", "note: 2 more notes, see --full"]
    assert "not reliable" not in screen_text(with_notes(run))
    assert run.manifest["reliability"]["reasons"][0] == "73 buyers (at least 500 needed)"
