"""Rules of a scheme that read attributes and all numbers of customers, in a whole run."""

import polars as pl
import pytest

from tests.support.logs import simple_log
from whalecurve import engine
from whalecurve.engine.segments.conditions import NUMBERS

PARTS = ("retain", "divest", "grow", "maintain")
SCHEME = """
name = "kinds"
description = "By what is known of customers."
bins = 5

[[segment]]
name = "North and often"
where = "region = 'north' and f >= 4"
action = "Call."

[[segment]]
name = "All known"
where = "{condition}"
action = "Write."

[[segment]]
name = "Nobody"
where = "region = 'nowhere'"
action = "Look for them."

[[segment]]
name = "Others"
action = "Wait."

[matrix]
{matrix}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    lines = simple_log(4_000, n_customers=400, seed=3)
    lines.write_parquet(folder / "orders.parquet")
    ids = lines["customer_id"].unique().sort()
    region = pl.when(pl.col("customer_id") % 3 == 0).then(pl.lit("north")).otherwise(pl.lit("south"))
    crm = pl.DataFrame({"customer_id": ids[5:]}).with_columns(region=region)
    pl.concat([crm, pl.DataFrame({"customer_id": [-1, -2], "region": ["north", "north"]})]).write_parquet(
        folder / "crm.parquet"
    )
    known = " and ".join(f"{name} is not null" for name in NUMBERS)
    matrix = "\n".join(f'{part} = {{ name = "{part}", action = "Wait." }}' for part in PARTS)
    (folder / "kinds.toml").write_text(SCHEME.format(condition=f"value > 50 and {known}", matrix=matrix))
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return engine.score(
        folder / "orders.parquet",
        out=folder / "scores",
        columns={"attributes": folder / "crm.parquet"},
        scoring={"segments": str(folder / "kinds.toml")},
        measures=False,
    )


def test_every_customer_is_where_the_first_rule_puts_them(run, folder):
    customers = pl.read_parquet(run.path / "customers")
    crm = pl.read_parquet(folder / "crm.parquet")
    joined = customers.join(crm, on="customer_id", how="left", maintain_order="left")
    expected = [
        None
        if row["r_score"] is None
        else "North and often"
        if row["region"] == "north" and row["f_score"] >= 4
        else "All known"
        if all(row[name] is not None for name in NUMBERS) and row["value"] > 50
        else "Others"
        for row in joined.iter_rows(named=True)
    ]
    assert customers["rfm_segment"].to_list() == expected
    assert "region" not in customers.columns
    counts = pl.Series(expected).value_counts(name="n")
    table = run.segments.filter(scheme="rfm")
    assert dict(table.select("segment", "customers").rows()) == dict(counts.rows()) | {"Nobody": 0}
    assert min(n for name, n in counts.rows() if name) > 10


def test_notes_say_who_has_a_row_and_which_rule_takes_nobody(run, folder):
    notes = run.manifest["warnings"]
    n = run.manifest["customers"]["all"]
    assert (
        f"attributes: {n - 5:,} of {n:,} customers have a row in {folder / 'crm.parquet'}, the others have null; 2 of "
        "its rows are of nobody in the orders"
    ) in notes
    assert "no customer is in Nobody: no one whom rules before it leave meets its condition" in notes


def test_quality_is_written_of_every_division_and_agrees_with_the_customers(run):
    judged = pl.read_parquet(run.path / "segment_quality.parquet")
    customers = pl.read_parquet(run.path / "customers")
    for name in ("rfm_segment", "loyalty_tier"):
        scheme = {"rfm_segment": "rfm"}.get(name, name)
        rows = judged.filter(scheme=scheme).drop_nulls("segment").sort("segment")
        groups = (
            customers.drop_nulls(name)
            .group_by(name)
            .agg(n=pl.len(), mean=pl.col("value").mean(), deviation=pl.col("value").std(ddof=0))
            .sort(name)
        )
        assert rows["segment"].to_list() == groups[name].to_list()
        assert rows["customers"].to_list() == groups["n"].to_list()
        assert rows["value_mean"].to_list() == pytest.approx(groups["mean"].to_list(), rel=1e-9)
        assert rows["value_deviation"].to_list() == pytest.approx(groups["deviation"].to_list(), rel=1e-9)
    told = [row["remark"] for row in run.manifest["segment_quality"]]
    assert len(told) == judged["remarks"].count()


def test_a_condition_needs_its_file(folder):
    with pytest.raises(engine.InputError, match='segment "North and often": no column "region"'):
        engine.score(folder / "orders.parquet", out=folder / "other", scoring={"segments": str(folder / "kinds.toml")})
    assert not (folder / "other").exists()


def test_jobs_that_read_the_orders_of_a_result_know_its_attributes(run, folder):
    asked = {"by": ("region",), "first_by": (), "next_by": (), "min_customers": 1}
    profiled = engine.profile(run.path, segment="North and often", settings=asked)
    bought = profiled.table.filter(dimension="region", measure="customers").drop_nulls("value")
    assert dict(bought.select("value", "n_segment").rows())["north"] == profiled.customers["segment"]
    assert any("customers have a row in" in words for words in profiled.warnings)
    assert profiled.warnings.count(run.manifest["warnings"][-1]) <= 1
    (folder / "crm.parquet").rename(folder / "gone.parquet")
    try:
        with pytest.raises(engine.InputError, match='no column "region"'):
            engine.profile(run.path, segment="North and often", settings=asked)
    finally:
        (folder / "gone.parquet").rename(folder / "crm.parquet")


def test_measures_tell_new_customers_by_attributes_and_pool_few(folder):
    measured = engine.measure(
        folder / "orders.parquet", by=["region"], columns={"attributes": folder / "crm.parquet", "pool_below": 1}
    )
    new = measured.by.filter(scheme="all", by="region")
    assert set(new["value"]) == {"north", "south", None}
    crm = pl.read_parquet(folder / "crm.parquet")
    customers = pl.read_parquet(folder / "scores" / "customers").drop_nulls("first_purchase")
    expected = customers.join(crm, on="customer_id", how="left")["region"].value_counts(name="n")
    assert dict(new.select("value", "new").rows()) == dict(expected.rows())
    pooled = engine.measure(
        folder / "orders.parquet", by=["region"], columns={"attributes": folder / "crm.parquet", "pool_below": 10_000}
    )
    assert set(pooled.by.filter(scheme="all", by="region")["value"]) == {"(other)", None}
    assert any("2 values are pooled as (other)" in words for words in pooled.manifest["warnings"])


def test_the_past_of_conditions_is_not_replayed(run):
    with pytest.raises(engine.InputError, match="its segments have conditions, of which the past is not known"):
        engine.plan_experiment(run.path)


def test_the_report_says_how_good_segments_are(run, folder):
    page = engine.report(run.path, out=folder / "report.html")
    assert "How good the segments are" in (folder / "report.html").read_text()
    assert page is not None
