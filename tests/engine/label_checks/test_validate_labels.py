"""Labels of the past held against what followed, on a simulated shop."""

import json
from datetime import date, timedelta

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.simulation.simulate import Simulation, simulate

COLUMNS = engine.Columns(margin="")
START, DAYS = date(2024, 1, 1), 700
AS_OF = START + timedelta(days=DAYS - 1)
CUTS = [AS_OF - timedelta(days=365), AS_OF - timedelta(days=180)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    settings = Simulation(customers=1500, days=DAYS, start=START, seed=7, purchase=(0.8, 20.0, 0.8, 6.0))
    return simulate(settings, tmp_path_factory.mktemp("shop") / "shop").orders


@pytest.fixture(scope="module")
def published(shop, tmp_path_factory):
    out = tmp_path_factory.mktemp("found") / "labels"
    window = engine.Window(as_of=AS_OF)
    return engine.validate_labels(shop, columns=COLUMNS, window=window, out=out), out


@pytest.fixture(scope="module")
def found(published):
    return published[0]


def scored(shop, folder, cut):
    """The customers as `score` has them from a log that ends with the cut."""
    past = pl.scan_parquet(shop / "*.parquet").filter(pl.col("order_ts").dt.date() <= cut)
    past.collect().write_parquet(folder / "past.parquet")
    window = engine.Window(as_of=cut)
    run = engine.score(folder / "past.parquet", out=folder / "scores", columns=COLUMNS, window=window, overwrite=True)
    return pl.read_parquet(run.out / "customers" / "**" / "*.parquet").filter(pl.col("n_purchase_days") > 0)


def lines_after(shop, cut, days):
    day = pl.col("order_ts").dt.date()
    return pl.read_parquet(shop / "*.parquet").filter(day > cut, day <= cut + timedelta(days=days))


def row(found, **of):
    return found.labels.filter(**of).row(0, named=True)


@pytest.mark.parametrize("cut", CUTS)
def test_labels_are_those_of_a_run_that_ends_with_the_cut_and_outcomes_those_of_the_lines_after(
    shop, found, tmp_path, cut
):
    then, after = scored(shop, tmp_path, cut), lines_after(shop, cut, 90)
    by_day = after.group_by("customer_id", day=pl.col("order_ts").dt.date()).agg(
        n_sales=(pl.col("amount") >= 0).sum(), n_returns=(pl.col("amount") < 0).sum(), net=pl.col("amount").sum()
    )
    bought = by_day.filter(pl.col("n_sales") > 0, (pl.col("n_returns") == 0) | (pl.col("net") > 0))
    spent = dict(after.group_by("customer_id").agg(pl.col("amount").sum()).rows())
    buyers = set(bought["customer_id"])
    for scheme, label, column, value in (
        ("risk", "high", "risk", "high"),
        ("lifecycle_stage", "churned", "lifecycle_stage", "churned"),
        ("clv_tier", "high", "clv_tier", "high"),
        ("spend_falling", "falling", "spend_falling", True),
    ):
        own = then.filter(pl.col(column) == value)["customer_id"].to_list()
        others = then.filter(pl.col(column) != value)["customer_id"].to_list()
        expected = row(found, cut=cut, days=90, scheme=scheme, label=label)
        assert (expected["customers"], expected["others"]) == (len(own), len(others))
        assert expected["bought"] == sum(name in buyers for name in own) / len(own)
        assert expected["others_bought"] == sum(name in buyers for name in others) / len(others)
        assert expected["spent"] == pytest.approx(sum(spent.get(name, 0.0) for name in own) / len(own))


def test_outcomes_are_counted_as_far_as_they_were_observed(found):
    assert found.cuts == tuple(CUTS)
    assert found.labels.select("cut", "days").unique(maintain_order=True).rows() == [
        (CUTS[0], 90),
        (CUTS[0], 365),
        (CUTS[1], 90),
    ]


def test_the_churned_are_looked_at_for_another_such_span(shop, found, tmp_path):
    then = scored(shop, tmp_path, CUTS[0]).filter(lifecycle_stage="churned")
    once = then.filter(n_purchase_days=1)["customer_id"]
    model = json.loads((tmp_path / "scores" / "model.json").read_text())
    span = model["thresholds"]["gap_days_by_percent"][94]
    after = lines_after(shop, CUTS[0], span).filter(pl.col("amount") >= 0)
    n_back = once.is_in(after["customer_id"].unique().implode()).sum()
    churned = found.churned.row(0, named=True)
    assert churned["customers"] + churned["unobserved"] == then.height
    assert churned["back"] * churned["customers"] >= n_back > 0
    assert churned["verdict"] == ("holds" if churned["back"] <= 0.1 else "weak")


def test_a_label_holds_where_it_does_on_every_day_with_enough_customers(found):
    for scheme, label, _, _, verdict in found.verdicts.rows():
        own = found.labels.filter(scheme=scheme, label=label)["verdict"].to_list()
        tested = [one for one in own if one != "too few"]
        assert verdict == ("too few" if not tested else "holds" if set(tested) == {"holds"} else "weak")
    assert "holds" in found.verdicts["verdict"].to_list()


def test_tables_and_record_are_published(published):
    found, out = published
    record = json.loads((out / "labels.json").read_text())
    assert record == found.to_dict()
    for name, table in found.tables.items():
        assert pl.read_parquet(out / f"{name}.parquet").equals(table)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["definitions"]["cuts"] == [cut.isoformat() for cut in CUTS]
    assert {one["path"] for one in manifest["outputs"]} >= {"labels.parquet", "verdicts.parquet", "churned.parquet"}


def test_no_order_of_rows_or_files_changes_a_number(shop, found, tmp_path):
    lines = pl.read_parquet(shop / "*.parquet").sample(fraction=1.0, shuffle=True, seed=3)
    lines[:1000].write_parquet(tmp_path / "a.parquet")
    lines[1000:].write_parquet(tmp_path / "b.parquet")
    again = engine.validate_labels(tmp_path, columns=COLUMNS, window=engine.Window(as_of=AS_OF))
    assert again.to_dict() == found.to_dict()


def test_without_a_model_the_labels_that_need_none_are_still_held_against_what_followed(tmp_path):
    once = pl.DataFrame({"customer_id": range(400), "order_ts": [START + timedelta(days=i) for i in range(400)]})
    once.with_columns(amount=pl.lit(10.0)).write_parquet(tmp_path / "once.parquet")
    found = engine.validate_labels(tmp_path / "once.parquet", cuts=[START + timedelta(days=200)])
    assert any("no purchase model" in words for words in found.warnings)
    rows = {(row["scheme"], row["label"]): row for row in found.labels.iter_rows(named=True)}
    assert rows["risk", "high"]["customers"] == rows["clv_tier", "high"]["customers"] == 0
    assert rows["risk", "high"]["verdict"] == "too few"
    assert rows["lifecycle_stage", "new"]["customers"] == 91  # up to 90 days ago, as nobody came back
    assert rows["lifecycle_stage", "dormant"]["others"] == 91
    assert found.churned["customers"].to_list() == [0]
    json.dumps(found.to_dict(), allow_nan=False)


def test_periods_are_cut_as_days_are(shop):
    window, scoring = engine.Window(as_of=AS_OF, period="month"), engine.Scoring(model="bgbb")
    found = engine.validate_labels(shop, cuts=[CUTS[0]], columns=COLUMNS, window=window, scoring=scoring)
    assert row(found, days=90, scheme="lifecycle_stage", label="active")["verdict"] == "holds"


@pytest.mark.parametrize("cut", [START - timedelta(days=1), AS_OF - timedelta(days=89)])
def test_a_cut_without_a_past_or_with_less_than_a_quarter_after_it_is_refused(shop, cut):
    with pytest.raises(engine.InputError, match=f"{cut}.* has no past, or fewer than 90 days after it"):
        engine.validate_labels(shop, cuts=[cut], columns=COLUMNS, window=engine.Window(as_of=AS_OF))


def test_a_short_log_is_refused_with_the_days_that_it_takes(shop):
    window = engine.Window(as_of=START + timedelta(days=358))
    with pytest.raises(engine.InputError, match="359 days are observed, and 360 are needed"):
        engine.validate_labels(shop, columns=COLUMNS, window=window)
