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
