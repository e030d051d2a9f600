"""Thresholds and parameters of two results side by side."""

from datetime import date

import pytest

from tests.engine.publication.test_read import CUSTOMERS, written
from whalecurve import engine

JUNE = date(2024, 6, 30)


def test_thresholds_and_parameters_show_how_far_they_moved(tmp_path):
    def fit(r, error):
        return {"model": "bgnbd", "params": {"r": r, "a": 1.0}, "standard_errors": {"r": error}}

    cuts = {"bins": 3, "days_since_last": [90, 30], "n_purchase_days": [2, None], "value": [5.0, 9.5]}
    later = {"bins": 3, "days_since_last": [80, 33], "n_purchase_days": [2, 4], "value": [6.0, 9.0]}
    model = {"thresholds": cuts | {"clv_total_high_value": 50.0}, "transactions": fit(0.5, 0.03)}
    other = {"thresholds": later | {"clv_total_high_value": None}, "transactions": fit(0.75, 0.04)}
    old = written(tmp_path / "old", CUSTOMERS, model=model)
    found = engine.compare(old, written(tmp_path / "new", CUSTOMERS, as_of=JUNE, model=other))
    assert [(row["threshold"], row["score"], row["difference"]) for row in found.thresholds] == [
        ("days_since_last", 2, -10),
        ("days_since_last", 3, 3),
        ("n_purchase_days", 2, 0),
        ("n_purchase_days", 3, None),
        ("value", 2, 1.0),
        ("value", 3, -0.5),
        ("clv_total", None, None),
    ]
    r, a = found.parameters
    assert (r["difference"], r["in_standard_errors"]) == (0.25, pytest.approx(5.0, rel=1e-12))  # 3, 4 and 5
    assert (a["difference"], a["in_standard_errors"]) == (0.0, None)
    assert any(words.startswith("spend: ") and "no fitted model" in words for words in found.warnings)


def test_models_of_different_kinds_are_not_compared(tmp_path):
    fitted = [{"model": name, "params": {"r": 1.0}, "standard_errors": None} for name in ("bgnbd", "pnbd")]
    paths = [
        written(tmp_path / one["model"], CUSTOMERS, model={"transactions": one, "spend": fitted[0]}) for one in fitted
    ]
    found = engine.compare(*paths)
    assert [row["parameter"] for row in found.parameters] == ["r"]
    assert found.warnings == ("transactions: bgnbd, then pnbd: no parameters are compared",)


def test_the_risk_horizon_is_shown_where_it_was_found_and_where_it_was_given(tmp_path):
    """A result from before there was a choice has it among its definitions alone."""
    found = {"risk": {"horizon_days": 111, "withheld": "no better than chance"}}
    old = written(tmp_path / "old", CUSTOMERS, risk_days=180)
    new = written(tmp_path / "new", CUSTOMERS, as_of=JUNE, model=found, risk_days=180)
    compared = engine.compare(old, new)
    assert compared.thresholds[-1] == {
        "threshold": "risk_horizon",
        "score": None,
        "old": 180,
        "new": 111,
        "difference": -69,
    }
    assert any(
        words == f"{new}: risk is withheld, so nobody there is in a cell of the matrix, or at risk"
        for words in compared.warnings
    )
