"""Nothing in a result depends on the order of rows, the files they come in, memory or threads. All exactly."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.support.logs import write_all
from tests.support.tiny_store import tiny_store
from whalecurve import engine
from whalecurve.engine.publication.publish import outputs_below

WINDOW = engine.Window(as_of=datetime(2024, 12, 31).date())


def frame(rows):
    names = ("customer_id", "order_ts", "amount", "margin", "order_id")
    types = (pl.String, pl.Datetime("us"), pl.Float64, pl.Float64, pl.Int64)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def shop(n, seed):
    """Lines with ties, returns, refunds in full, orders over several days, lines that must be refused."""
    rng = np.random.default_rng(seed)
    amounts = rng.choice([0.1, 0.2, 0.3, 19.99, 1e6 + 0.01], n) * rng.choice([1.0, 1.0, 1.0, -1.0], n)
    customers = [None if c == 0 else f"c{c}" for c in rng.zipf(1.6, n) % 90]
    days = [
        datetime(2024, 1, 1) + timedelta(days=int(d), hours=int(h))
        for d, h in zip(rng.integers(0, 300, n), rng.integers(0, 24, n), strict=True)
    ]
    margins = np.where(rng.random(n) < 0.01, np.nan, amounts * 0.3 - 0.07)
    orders = [None if o % 9 == 0 else int(o) for o in rng.integers(0, n // 2, n)]
    return list(zip(customers, days, amounts.tolist(), margins.tolist(), orders, strict=True))


def result(orders, out, **options):
    """All that a run writes, without what names its files and times."""
    options.setdefault("window", WINDOW)
    run = engine.score(orders, out=out, layout="flat", max_refused=1.0, **options)
    manifest = {
        name: run.manifest[name]
        for name in ("as_of", "rows", "first_day", "last_day", "customers", "concentration", "warnings")
    }
    tables = {
        "customers": pl.read_parquet(out / "customers"),
        "segments": pl.read_parquet(out / "segments.parquet"),
        "concentration": pl.read_parquet(out / "concentration.parquet"),
        "refused": pl.read_parquet(out / "refused.parquet").drop("file", "row").sort(pl.all(), nulls_last=True),
        **{path.stem: pl.read_parquet(path) for path in sorted((out / "measures").iterdir())},
    }
    return tables, json.dumps([manifest, run.model, run.measures])


def split(rows, n_files):
    return [frame(rows[i::n_files]) for i in range(n_files)]


def assert_same(one, other):
    assert one[1] == other[1]
    for name, table in one[0].items():
        assert_frame_equal(table, other[0][name], check_exact=True, check_row_order=True)


@pytest.fixture(scope="module")
def rows():
    return shop(700, seed=3)


@pytest.fixture(scope="module")
def expected(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    tables, said = result(write_all(folder / "orders", frame(rows)), folder / "scores")
    assert tables["customers"]["clv"].null_count() < tables["customers"].height  # models were fitted
    assert tables["refused"].height > 0
    assert {"groups", "periods", "cohorts", "gaps", "stickiness"} < tables.keys()
    return tables, said


@pytest.mark.parametrize("n_files", [1, 7])
def test_shuffled_rows_and_split_files_change_nothing(rows, expected, tmp_path, n_files):
    shuffled = [rows[i] for i in np.random.default_rng(n_files).permutation(len(rows))]
    folder = write_all(tmp_path / "orders", *split(shuffled, n_files))
    assert_same(result(folder, tmp_path / "scores"), expected)


def test_files_in_reverse_order_of_time_change_nothing(rows, expected, tmp_path):
    later_first = sorted(rows, key=lambda row: row[1], reverse=True)
    third = len(rows) // 3
    frames = [frame(later_first[at : at + third]) for at in range(0, len(rows), third)]
    assert_same(result(write_all(tmp_path / "orders", *frames), tmp_path / "scores"), expected)


@pytest.mark.parametrize("is_filed", [False, True])
def test_partitions_of_a_few_lines_and_lines_put_aside_change_nothing(rows, expected, tmp_path, is_filed):
    with tiny_store(is_filed=is_filed):
        assert_same(result(write_all(tmp_path / "orders", frame(rows)), tmp_path / "scores"), expected)


def test_threads_change_nothing(rows, expected, tmp_path):
    by_time = sorted(rows, key=lambda row: row[1])
    folder = write_all(tmp_path / "orders", frame(by_time))
    for jobs in (1, 3, 8):
        assert_same(result(folder, tmp_path / f"scores-{jobs}", jobs=jobs), expected)


def test_wider_types_and_other_columns_in_some_files_change_nothing(rows, expected, tmp_path):
    first, second = split(rows, 2)
    other = second.with_columns(pl.col("order_ts").dt.cast_time_unit("ns"), more=pl.lit("x")).select(pl.all().reverse())
    folder = write_all(tmp_path / "orders", first, other.select(reversed(other.columns)))
    assert_same(result(folder, tmp_path / "scores"), expected)


SCORE_AGAIN = """
import sys
from pathlib import Path
from tests.laws.test_invariance import result
result(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_one_thread_gives_what_all_threads_give(rows, expected, tmp_path):
    folder = write_all(tmp_path / "orders", *split(rows, 4))
    alone = os.environ | {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", SCORE_AGAIN, str(folder), str(tmp_path / "scores")], env=alone, check=True)
    written = pl.read_parquet(tmp_path / "scores" / "customers")
    assert_frame_equal(written, expected[0]["customers"], check_exact=True, check_row_order=True)
    assert json.loads((tmp_path / "scores" / "model.json").read_text()) == json.loads(expected[1])[1]


def test_the_same_run_twice_writes_the_same_bytes(rows, tmp_path):
    folder = write_all(tmp_path / "orders", frame(rows))
    for name in ("one", "two"):
        engine.score(folder, out=tmp_path / name, window=WINDOW, max_refused=1.0)
    written = [file["path"] for file in outputs_below(tmp_path / "one") if file["path"] != "manifest.json"]
    assert len(written) > 5
    for path in written:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path


CUSTOMERS = st.sampled_from(["a", "b", "c", "d", "", None])
TIMES = st.integers(0, 40).map(lambda n: datetime(2024, 3, 1) + timedelta(hours=9 * n))
MONEY = st.sampled_from([0.1, 0.2, 0.3, 1e9 + 0.1, -0.1, -0.2, 0.0])
ROWS = st.lists(st.tuples(CUSTOMERS, TIMES, MONEY, MONEY, st.none() | st.integers(1, 4)), min_size=1, max_size=25)
SMALL = settings(max_examples=15)


@SMALL
@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_summary_of_any_small_log_depends_on_its_rows_alone(tmp_path_factory, rows, random, n_files):
    folder = tmp_path_factory.mktemp("small")
    rows = [*rows, ("a", datetime(2024, 3, 1), 1.0, 1.0, None)]
    whole = engine.scan_orders(write_all(folder / "whole", frame(rows)))
    parts = engine.scan_orders(write_all(folder / "parts", *split(random.sample(rows, len(rows)), n_files)))
    one, other = (engine.customer_summary(orders, WINDOW).collect().sort("customer_id") for orders in (whole, parts))
    assert_frame_equal(one, other, check_exact=True)


def test_customers_who_are_all_alike_are_divided_to_the_last_digit_in_any_order(tmp_path):
    days = [datetime(2024, 3, 1), datetime(2024, 3, 2)]
    rows = [(customer, day, 0.1, 0.1, None) for customer in "abc" for day in days]
    for seed in range(12):  # Polars multiplies by the reciprocal of a column that it knows to be constant
        mixed = Random(seed).sample(rows, len(rows))
        orders = engine.scan_orders(write_all(tmp_path / str(seed), *split(mixed, 2)))
        assert engine.customer_summary(orders, WINDOW).collect()["monetary_value"].to_list() == [0.1] * 3


@settings(SMALL, max_examples=4, phases=[Phase.reuse, Phase.generate])  # a run is too slow to shrink by
@given(ROWS, st.randoms(use_true_random=False), st.integers(2, 4))
def test_the_scores_of_any_small_log_depend_on_its_rows_alone(tmp_path_factory, rows, random, n_files):
    folder = tmp_path_factory.mktemp("small")
    rows = [*rows, ("a", datetime(2024, 3, 1), 1.0, 1.0, None)]
    whole = result(write_all(folder / "whole", frame(rows)), folder / "one")
    shuffled = write_all(folder / "parts", *split(random.sample(rows, len(rows)), n_files))
    with tiny_store():
        assert_same(result(shuffled, folder / "other"), whole)
