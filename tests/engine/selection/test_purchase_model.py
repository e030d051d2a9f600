"""`model="auto"`: the comparison, the choice, and what is left when history is short."""

from datetime import date, timedelta

import polars as pl
import pytest

from tests.support import cdnow
from whalecurve import engine
from whalecurve.engine.models.purchase_models import CONTINUOUS
from whalecurve.kernels import bgnbd

AUTO = engine.Scoring(model="auto")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("auto")
    cdnow.sample().write_parquet(folder / "orders.parquet")
    return engine.score(folder / "orders.parquet", out=folder / "scores", scoring=AUTO)


def test_of_the_models_that_predict_as_well_as_the_best_the_one_with_the_least_bic_is_taken(run):
    selection = run.model["selection"]
    found = {c["model"]: c for c in selection["candidates"]}
    assert tuple(found) == CONTINUOUS
    margins = {name: c["margin"] for name, c in found.items()}
    best = min(found, key=lambda name: found[name]["holdout_error"])
    for name, margin in margins.items():
        assert margin["difference"] == pytest.approx(
            found[name]["holdout_error"] ** 2 - found[best]["holdout_error"] ** 2, rel=1e-9, abs=1e-12
        )
    equal = [name for name, margin in margins.items() if margin["difference"] <= margin["standard_error"]]
    assert selection["by"] == ("holdout" if equal == [best] else "bic")
    assert run.model["transactions"]["model"] == selection["model"] == min(equal, key=lambda name: found[name]["bic"])


def test_the_holdout_is_the_last_quarter(run):
    first, last = date(1997, 1, 1), date.fromisoformat(run.manifest["as_of"])
    split = date.fromisoformat(run.model["selection"]["split"])
    assert (last - split).days == ((last - first).days + 1) // 4


def test_the_chosen_fit_is_that_of_the_model_alone(run, tmp_path):
    cdnow.sample().write_parquet(tmp_path / "orders.parquet")
    scoring = engine.Scoring(model=run.model["selection"]["model"])
    alone = engine.score(tmp_path / "orders.parquet", out=tmp_path / "scores", scoring=scoring)
    assert alone.model["transactions"] == run.model["transactions"]
    mine, its = (pl.read_parquet(r.out / "customers").sort("customer_id") for r in (run, alone))
    assert mine.equals(its)


def test_holdout_errors_are_those_of_predictions_from_before_the_split(run, tmp_path):
    """Worked out by hand for one model: fit before the split, predict, compare with purchase days after it."""
    split = date.fromisoformat(run.model["selection"]["split"])
    cdnow.sample().write_parquet(tmp_path / "orders.parquet")
    orders = engine.scan_orders(tmp_path / "orders.parquet")
    before = engine.customer_summary(orders, engine.Window(as_of=split)).collect().sort("customer_id")
    before = before.drop_nulls("frequency")
    after = engine.customer_summary(orders, engine.Window(since=split + timedelta(days=1))).collect()
    actual = before.join(after, on="customer_id", how="left", maintain_order="left")["n_purchase_days_right"].fill_null(
        0
    )
    fit = engine.fit_histories("bgnbd", before["frequency"], before["recency"], before["T"])
    x, t_x, T = (before[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    horizon = (date.fromisoformat(run.manifest["as_of"]) - split).days
    predicted = bgnbd.conditional_expected_purchases(float(horizon), x, t_x, T, *fit.values)
    error = ((predicted - actual.to_numpy()) ** 2).mean() ** 0.5
    found = {c["model"]: c["holdout_error"] for c in run.model["selection"]["candidates"]}
    assert found["bgnbd"] == pytest.approx(error, rel=1e-9)


def test_a_short_history_is_judged_by_bic(tmp_path):
    log = cdnow.sample().filter(pl.col("order_ts") < date(1997, 3, 20))
    log.write_parquet(tmp_path / "orders.parquet")
    run = engine.score(tmp_path / "orders.parquet", out=tmp_path / "scores", scoring=AUTO)
    selection = run.model["selection"]
    bics = {c["model"]: c["bic"] for c in selection["candidates"]}
    assert (selection["by"], selection["split"]) == ("bic", None)
    assert selection["model"] == min(bics, key=bics.get)


def test_a_log_that_fits_no_model_says_why(tmp_path):
    frame = pl.DataFrame(
        {"customer_id": [1, 2], "order_ts": [date(2024, 1, 1), date(2024, 9, 1)], "amount": [1.0, 2.0]}
    )
    frame.write_parquet(tmp_path / "orders.parquet")
    run = engine.score(tmp_path / "orders.parquet", out=tmp_path / "scores", scoring=AUTO)
    assert all("bought again" in c["reason"] for c in run.model["selection"]["candidates"])
    assert run.model["transactions"]["params"] is None
