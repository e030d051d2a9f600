"""The whole job: what a run writes, on ordinary logs and on logs that no model can be fitted to."""

import json
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from whalecurve import engine

CUSTOMER_COLUMNS = [
    *("customer_id", "first_purchase", "last_purchase", "n_purchase_days", "n_orders", "n_lines", "n_return_lines"),
    *("frequency", "recency", "T", "days_since_last", "revenue", "margin", "value", "monetary_value", "return_rate"),
    *("average_order_value", "p_alive", "expected_purchases", "p_purchase", "expected_value", "clv", "clv_total"),
    "value_at_stake",
    *("r_score", "f_score", "m_score", "rfm_score", "rfm_segment", "churn_risk", "risk", "value_class"),
    *("matrix_segment", "matrix_action", "clv_tier", "spend_falling", "lifecycle_stage", "loyalty_tier"),
    *("next_purchase", "next_purchase_from", "next_purchase_to", "is_overdue"),
    *("segment_action", "next_best_action", "next_best_action_from"),
    *("value_rank", "value_share", "cumulative_value_share", "pareto_class"),
]
SCHEMES = ("rfm", "matrix", "clv_tier", "lifecycle_stage", "loyalty_tier")


def log_of(path, customers, days, amounts, **more):
    frame = pl.DataFrame(
        {
            "customer_id": customers,
            "order_ts": [date(2024, 1, 1) + timedelta(days=int(d)) for d in days],
            "amount": amounts,
        }
    )
    frame.with_columns(**more).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    rng = np.random.default_rng(7)
    folder = tmp_path_factory.mktemp("shop")
    customers = rng.zipf(1.6, 3_000) % 600
    amounts = rng.lognormal(3.0, 0.8, 3_000).round(2)
    amounts[rng.random(3_000) < 0.05] *= -1.0
    margin = (amounts * rng.normal(0.2, 0.3, 3_000)).round(2)
    path = log_of(folder / "orders.parquet", customers, rng.integers(0, 360, 3_000), amounts, margin=pl.Series(margin))
    run = engine.score(path, out=folder / "scores")
    return run, pl.read_parquet(folder / "scores" / "customers")


def test_customers_have_the_documented_columns(shop):
    assert sorted(shop[1].columns) == sorted(CUSTOMER_COLUMNS)


def test_a_result_without_a_place_is_the_same_in_frames(shop):
    run, customers = shop
    lines = pl.read_parquet(run.path.parent / "orders.parquet")
    again = engine.score(lines)
    assert again.to_polars().equals(customers.sort("customer_id").select(again.customers.collect_schema().names()))
    assert again.segments.equals(run.segments)
    found = engine.measure(lines)
    assert found.manifest["rows"] == run.manifest["rows"]
    assert found.out != again.out


def test_no_number_is_nan(shop):
    assert (
        shop[1].select(pl.selectors.float().is_nan().any()).row(0)
        == (False,) * shop[1].select(pl.selectors.float()).width
    )


def test_shares_ranks_and_classes_agree(shop):
    customers = shop[1].sort("value_rank")
    assert customers["value_share"].sum() == pytest.approx(1.0, rel=1e-12)
    assert customers["value"].is_sorted(descending=True)
    assert customers["pareto_class"].to_list() == sorted(customers["pareto_class"].to_list())


def test_segments_account_for_every_customer_and_all_value(shop):
    run, customers = shop
    assert list(dict.fromkeys(run.segments["scheme"])) == list(SCHEMES)
    for scheme in SCHEMES:
        rows = [row for row in run.segments.to_dicts() if row["scheme"] == scheme]
        assert sum(row["customers"] for row in rows) == customers.height
        assert sum(row["value"] for row in rows) == pytest.approx(customers["value"].sum(), rel=1e-12)


@pytest.mark.parametrize(("bins", "n_segments", "left_out"), [(3, 9, "Promising"), (4, 10, None), (10, 10, None)])
def test_customers_are_named_by_as_many_scores_as_asked_for(tmp_path, bins, n_segments, left_out):
    # customers of 1 to 20 purchase days in a row, whose last one has nothing to do with their number
    histories = [(100 * n + i, 10 * i + day) for n in range(1, 21) for i in range(30) for day in range(n)]
    customers, days = zip(*histories, strict=True)
    path = log_of(tmp_path / "o.parquet", customers, days, [9.0] * len(days))
    scoring = engine.Scoring(rfm_bins=bins)
    run = engine.score(path, out=tmp_path / "scores", scoring=scoring, measures=False)
    rows = [row for row in run.segments.to_dicts() if row["scheme"] == "rfm" and row["segment"] is not None]
    assert len(rows) == n_segments
    assert all(row["customers"] > 0 for row in rows)
    assert run.model["definitions"]["rfm_bins"] == bins
    said = [words for words in run.manifest["warnings"] if "scores are too few" in words]
    expected = f"{bins} scores are too few to tell {left_out} from other segments of standard"
    assert said == ([expected] if left_out else [])


def test_the_files_that_the_manifest_lists_are_those_that_are_there(shop):
    run = shop[0]
    written = {p.relative_to(run.out).as_posix(): p.stat().st_size for p in run.out.rglob("*") if p.is_file()}
    listed = {file["path"]: file["bytes"] for file in run.manifest["outputs"]}
    assert written.keys() - listed.keys() == {"manifest.json"}
    assert listed == {path: size for path, size in written.items() if path != "manifest.json"}
    rows = sum(file["rows"] for file in run.manifest["outputs"] if file["path"].startswith("customers/"))
    assert rows == shop[1].height


def test_what_a_run_returns_is_what_it_wrote(shop):
    run = shop[0]
    assert json.loads((run.out / "manifest.json").read_text()) == run.manifest
    assert json.loads((run.out / "model.json").read_text()) == run.model
    assert pl.read_parquet(run.out / "segments.parquet").equals(run.segments)
    assert json.loads((run.out / "measures.json").read_text()) == json.loads(json.dumps(run.measures))


def test_every_stage_is_timed_and_every_definition_kept(shop):
    assert list(shop[0].manifest["timings"]) == ["open", "summary", "fit", "score", "write", "measures"]
    definitions = shop[0].model["definitions"]
    assert definitions["as_of"] == shop[0].manifest["as_of"]
    assert {
        "columns",
        "where",
        "unit",
        "horizon_days",
        "annual_discount",
        "rfm_bins",
        "value",
        "scheme",
    } <= definitions.keys()


def test_thresholds_in_the_model_file_reproduce_the_scores(shop):
    run, customers = shop
    cuts = run.model["thresholds"]
    known = customers.drop_nulls("r_score")
    for column, score, better in (
        ("days_since_last", "r_score", np.less_equal),
        ("value", "m_score", np.greater_equal),
    ):
        values = known[column].to_numpy()
        scores = 1 + sum(better(values, cut).astype(int) for cut in cuts[column] if cut is not None)
        assert known[score].to_list() == scores.tolist()


def test_the_same_inputs_and_definitions_have_the_same_run_id(shop, tmp_path):
    source = shop[0].manifest["inputs"][0]["path"]
    again = engine.score(source, out=tmp_path / "again")
    other = engine.score(source, out=tmp_path / "other", scoring=engine.Scoring(horizon_days=30))
    assert again.manifest["run_id"] == shop[0].manifest["run_id"] != other.manifest["run_id"]


def test_within_each_file_customers_are_in_order(shop):
    for path in (shop[0].out / "customers").rglob("*.parquet"):
        assert pl.read_parquet(path, hive_partitioning=False)["customer_id"].is_sorted()


def test_customers_are_one_dataset_and_partitioned_by_segment_where_that_is_asked_for(shop, tmp_path):
    source = shop[0].manifest["inputs"][0]["path"]
    hive = engine.score(source, out=tmp_path / "hive", layout="hive")
    customers = pl.read_parquet(hive.out / "customers", hive_schema={"rfm_segment": pl.String})
    assert [path.suffix for path in (shop[0].out / "customers").iterdir()] == [".parquet"]
    assert all(path.name.startswith("rfm_segment=") for path in (hive.out / "customers").iterdir())
    assert shop[1]["customer_id"].is_sorted()
    assert customers.sort("customer_id").select(shop[1].columns).equals(shop[1])


def test_duckdb_pandas_and_polars_open_the_customers(shop):
    run, customers = shop
    directory = run.out / "customers"
    expected = customers.group_by("rfm_segment").agg(pl.len(), pl.col("value").sum().round(6)).sort("rfm_segment")
    with duckdb.connect() as connection:
        by_duckdb = connection.sql(f"SELECT * FROM '{directory}/*.parquet'").pl()
    by_pandas = pl.from_pandas(pd.read_parquet(directory))
    for found in (by_duckdb, by_pandas, pl.read_parquet(directory)):
        assert found.columns == customers.columns
        assert found["customer_id"].to_list() == customers["customer_id"].to_list()
        assert found["next_best_action"].to_list() == customers["next_best_action"].to_list()
        table = found.group_by("rfm_segment").agg(pl.len(), pl.col("value").sum().round(6)).sort("rfm_segment")
        assert table.rows() == expected.rows()


@pytest.mark.parametrize(
    ("customers", "days", "why"),
    [
        ([1, 2, 3], [0, 5, 9], "none of 3 customers bought again"),
        ([1, 1, 1], [0, 5, 9], "there is one customer"),
        ([1, 2, 2], [4, 4, 4], "all customers came on the last day observed"),
    ],
)
def test_a_log_without_history_is_still_ranked_and_says_why_it_has_no_clv(tmp_path, customers, days, why):
    path = log_of(tmp_path / "log.parquet", customers, days, [10.0, 20.0, 30.0])
    run = engine.score(path, out=tmp_path / "scores")
    found = pl.read_parquet(run.out / "customers")
    assert found["clv"].null_count() == found["p_alive"].null_count() == found.height
    assert found["rfm_score"].null_count() == found["value_rank"].null_count() == 0
    assert why in run.model["transactions"]["reason"]
    assert any(why in words for words in run.manifest["warnings"])
    assert run.manifest["concentration"]["all"]["total"] == 60.0


def test_customers_with_returns_only_are_kept_with_nulls(tmp_path):
    path = log_of(tmp_path / "log.parquet", [1, 1, 2, 3, 3], [0, 9, 4, 2, 8], [10.0, 20.0, -7.0, 5.0, 6.0])
    run = engine.score(path, out=tmp_path / "scores")
    row = pl.read_parquet(run.out / "customers").filter(pl.col("customer_id") == 2).row(0, named=True)
    assert row["value"] == -7.0
    assert row["rfm_segment"] is row["clv"] is row["matrix_segment"] is row["first_purchase"] is None
    assert row["value_rank"] == 3


def test_a_total_of_nothing_has_amounts_instead_of_shares(tmp_path):
    path = log_of(tmp_path / "log.parquet", [1, 1, 2, 2], [0, 9, 4, 5], [10.0, -20.0, 5.0, -5.0])
    run = engine.score(path, out=tmp_path / "scores")
    measured = run.manifest["concentration"]["all"]
    assert measured["total"] == -10.0
    assert measured["top_20_share"] is measured["peak_share"] is None
