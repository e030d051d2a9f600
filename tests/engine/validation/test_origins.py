import json
import statistics
from datetime import date, timedelta

import polars as pl
import pytest

from tests.support.commands import misuse, printed, refusal
from tests.support.seasonal_logs import last_date, orders_of, purchase_days
from whalecurve import engine
from whalecurve.engine.errors import InputError
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.validation.origins import MEASURES, earlier_splits
from whalecurve.engine.validation.split import Split

DAYS = purchase_days(6, customers=900, days=420)
AS_OF = last_date(DAYS)
WINDOW = engine.Window(as_of=AS_OF)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    orders_of(DAYS).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def validation(log, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "validated"
    return out, engine.validate(log, holdout_days=60, model="bgnbd", origins=3, window=WINDOW, out=out)


def test_each_origin_is_the_backtest_that_ends_there(log, validation):
    """An earlier origin says what a log that ends with its holdout would."""
    origins = validation[1].origins
    assert [origin.split for origin in origins] == [AS_OF - timedelta(days=60 * i) for i in (1, 2, 3)]
    for origin in origins:
        alone = engine.validate(log, holdout_days=60, model="bgnbd", window=engine.Window(as_of=origin.as_of))
        assert (alone.split, alone.n_customers) == (origin.split, origin.n_customers)
        assert alone.actual_purchases == origin.actual_purchases
        assert {a.name: a.to_dict() for a in alone.assessments} == {a.name: a.to_dict() for a in origin.assessments}


def test_the_spread_is_that_of_the_origins(validation):
    out, found = validation
    rows = {(row["name"], row["measure"]): row for row in found.to_dict()["spread"]}
    for measure, of in MEASURES.items():
        values = [of(next(a for a in origin.assessments if a.name == "bgnbd")) for origin in found.origins]
        row = rows["bgnbd", measure]
        assert row["mean"] == pytest.approx(statistics.mean(values), rel=1e-12)
        assert row["standard_deviation"] == pytest.approx(statistics.stdev(values), rel=1e-9)
        assert (row["least"], row["greatest"], row["origins"]) == (min(values), max(values), 3)
    table = pl.read_parquet(out / "origins.parquet")
    assert table.height == 3 * len(found.assessments) * len(MEASURES)
    record = json.loads((out / "validation.json").read_text())
    assert [origin["split"] for origin in record["origins"]] == [o.split.isoformat() for o in found.origins]


def test_one_origin_adds_no_table(log, tmp_path):
    one = engine.validate(log, holdout_days=60, model="bgnbd", window=WINDOW, out=tmp_path / "one")
    assert one.origins == ()
    assert not (tmp_path / "one/origins.parquet").exists()


def test_periods_are_held_out_whole():
    window = ObservedWindow(as_of=date(2024, 12, 31), period="month")
    split = Split(window=window, first_day=date(2024, 1, 10), holdout_days=61)
    earlier = earlier_splits(split, 9)
    assert [(one.day, one.as_of) for one in earlier] == [
        (date(2024, 8, 31), date(2024, 10, 31)),
        (date(2024, 6, 30), date(2024, 8, 31)),
        (date(2024, 4, 30), date(2024, 6, 30)),
        (date(2024, 2, 29), date(2024, 4, 30)),
    ]


def test_a_log_without_room_for_all_says_so(log):
    found = engine.validate(log, holdout_days=150, model="bgnbd", origins=5, window=WINDOW)
    assert len(found.origins) == 1
    assert "the log has room for 1 origin, not 5: each needs a past as long as itself" in found.warnings


def test_an_origin_whose_past_tells_no_model_is_noted(tmp_path):
    lines = orders_of(DAYS)
    late = lines.filter(pl.col("order_ts") >= AS_OF - timedelta(days=200)).sort("customer_id", "order_ts")
    once = lines.filter(pl.col("order_ts") < AS_OF - timedelta(days=200)).unique("customer_id", keep="first")
    pl.concat([once, late]).write_parquet(tmp_path / "orders.parquet")
    found = engine.validate(tmp_path / "orders.parquet", holdout_days=100, model="bgnbd", origins=3, window=WINDOW)
    assert len(found.origins) == 2
    assert any(words.startswith("no backtest from") for words in found.warnings)


@pytest.mark.parametrize("wrong", [0, 2.5, 53])
def test_origins_are_a_whole_number(log, wrong):
    with pytest.raises(InputError, match="out of range; choose 1 to 52"):
        engine.validate(log, holdout_days=60, origins=wrong)


def test_the_command_shows_errors_by_origin_with_their_spread(log):
    said = printed("validate", log, "--holdout", "60d", "--model", "bgnbd", "--origins", "2", "--as-of", AS_OF)
    (header,) = [line for line in said.splitlines() if line.startswith("total purchases off by, from")]
    splits = [(AS_OF - timedelta(days=60 * i)).isoformat() for i in (1, 2)]
    assert header.split()[5:] == [*splits, "mean", "±", "sd", "mean", "size", "weekly", "RMSE"]
    assert "--origins is for models" in misuse("validate", log, "--labels", "--origins", "2")


def test_all_origins_need_a_holdout_that_leaves_a_past(log):
    assert "leaves no past" in refusal("validate", log, "--holdout", "900d", "--origins", "2")
