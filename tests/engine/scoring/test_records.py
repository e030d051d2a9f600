"""What a run notes of a history that is too short, or of too few who came back."""

from datetime import date, timedelta

import polars as pl
import pytest

from whalecurve import engine


def log_of(n_repeat, n_days):
    """40 customers, some of whom come back on the last day but one."""
    first = date(2024, 1, 1)
    lines = [(customer, first + timedelta(days=customer % 7), 10.0 + customer) for customer in range(40)]
    lines += [(customer, first + timedelta(days=n_days - 2 - customer % 9), 12.0) for customer in range(n_repeat)]
    lines.append((39, first + timedelta(days=n_days - 1), 9.0))
    return pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row")


def notes(folder, n_repeat=35, n_days=400, **options):
    log_of(n_repeat, n_days).write_parquet(folder / "orders.parquet")
    run = engine.score(folder / "orders.parquet", out=folder / "scores", measures=False, **options)
    return run.manifest["warnings"]


@pytest.mark.parametrize(("n_repeat", "said"), [(28, True), (29, False)])  # and one on the last day
def test_fewer_than_thirty_who_came_back_are_too_few(tmp_path, n_repeat, said):
    found = [words for words in notes(tmp_path, n_repeat) if "came back" in words]
    assert found == (
        ["only 29 customers came back: too few to learn from, so read churn risk and CLV with caution"] if said else []
    )


@pytest.mark.parametrize(("n_days", "horizon", "said"), [(364, 365, True), (365, 365, False), (90, 90, False)])
def test_a_horizon_beyond_what_was_observed_is_noted(tmp_path, n_days, horizon, said):
    found = notes(tmp_path, n_days=n_days, scoring=engine.Scoring(horizon_days=horizon))
    found = [words for words in found if "days ahead" in words]
    assert bool(found) == said
    assert not said or found[0].startswith("expected purchases and CLV look 365 days ahead, further than the 364 days")


def test_an_old_model_on_a_short_log_says_so_too(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    notes(tmp_path / "old")
    found = notes(tmp_path / "new", n_repeat=5, n_days=60, thresholds=tmp_path / "old" / "scores")
    assert any("further than the 60 days observed" in words for words in found)
    assert any(words.startswith("only 6 customers came back") for words in found)


def test_a_score_that_nobody_has_is_noted_with_what_helps(tmp_path):
    """Most customers have one purchase day: they share F = 1, and none has the score above it."""
    (words,) = [words for words in notes(tmp_path, n_repeat=12) if " score " in words]
    assert words.startswith("no customer has F score 2")
    assert words.endswith(
        ': many are alike in F; choose fewer scores with `rfm_bins`, or own cut-offs with rfm_method="fixed"'
    )


def test_segments_that_nobody_is_in_are_named(tmp_path):
    (words,) = [words for words in notes(tmp_path, n_repeat=0) if words.startswith("no customer is in ")]
    rows = pl.read_parquet(tmp_path / "scores" / "segments.parquet").filter(scheme="rfm").drop_nulls("segment")
    empty = rows.filter(customers=0)["segment"].to_list()
    assert empty
    assert words.startswith(f"no customer is in {', '.join(empty)}: nobody has such scores; ")


HIGH = "nobody is at high risk: no churn risk within 200 days is at or above 0.999999; move it with `risk_threshold`"
LOW = "nobody is at low risk: no churn risk within 365 days is below 1e-06; move it with `risk_threshold`"
AUTO = '; or let the log say how long without a purchase is a risk, with risk_days="auto"'


@pytest.mark.parametrize(
    ("scoring", "words"),
    [
        ({"risk_threshold": 0.999999, "risk_days": 200}, HIGH + AUTO),
        ({"risk_threshold": 1e-6}, LOW),
        ({}, None),
    ],
)
def test_a_matrix_with_an_empty_half_says_what_moves_it(tmp_path, scoring, words):
    assert [said for said in notes(tmp_path, scoring=scoring) if "nobody is at" in said] == ([words] if words else [])


def test_thresholds_of_an_old_run_are_not_advised_to_be_changed(tmp_path):
    notes(tmp_path, n_repeat=12)
    again = engine.score(tmp_path / "orders.parquet", out=tmp_path / "again", thresholds=tmp_path / "scores")
    (words,) = [words for words in again.manifest["warnings"] if " score " in words]
    assert words.endswith(": many are alike in F")
